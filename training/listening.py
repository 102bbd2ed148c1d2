"""Tells a listener of each step of a training, and says in one line why a training failed."""

from collections.abc import Iterator
from contextlib import contextmanager
from logging import ERROR, getLogger
from typing import Any
from warnings import catch_warnings, filterwarnings

import torch
from datasets.exceptions import DatasetsError
from jinja2 import TemplateError
from peft.utils.error import PeftError
from safetensors import SafetensorError
from transformers import TrainerCallback

from domain.errors import TrainingFailed
from training.progress import ProgressListener, Stage, TrainingProgress

FAILURES = (
    RuntimeError,
    ValueError,
    TypeError,
    OSError,
    ArithmeticError,
    LookupError,
    ImportError,
    PeftError,
    DatasetsError,
    SafetensorError,
    TemplateError,
)
"""What the libraries raise when a training fails, besides MemoryError."""

WHAT_HELPS = (
    "Set PHI3_NIGHT_TAKES=model, so that the model server gives its memory back meanwhile, or "
    "lower PHI3_MEMORY_SHARE, PHI3_PROMPT_BUDGET or PHI3_MAX_TOKENS, or set PHI3_TRAINING=qlora; "
    "`phi3 memory` shows what is needed."
)


class Steps(TrainerCallback):
    """Calls the listener after each step, and remembers the error that it raised."""

    def __init__(self, progress: ProgressListener) -> None:
        self._progress = progress
        self.stage: Stage = "Training"
        self.raised: BaseException | None = None

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        del args, control
        if not logs or "loss" not in logs:
            return
        try:
            self._progress(
                TrainingProgress(
                    self.stage, state.global_step, state.max_steps, float(logs["loss"])
                )
            )
        except BaseException as e:
            self.raised = e
            raise


@contextmanager
def failures(listener: Steps) -> Iterator[None]:
    try:
        yield
    except MemoryError as e:
        raise TrainingFailed(f"The training ran out of memory. {WHAT_HELPS}") from e
    except torch.OutOfMemoryError as e:
        raise TrainingFailed(f"The training ran out of GPU memory. {WHAT_HELPS}") from e
    except FAILURES as e:
        if e is listener.raised:
            raise
        raise TrainingFailed("The training stopped.", f"{type(e).__name__}: {e}") from e


@contextmanager
def quiet() -> Iterator[None]:
    """Hides the libraries' warnings about each other, which a user can do nothing about."""
    # On a CPU: a warning that a kernel for inference from the model hub is not installed.
    getLogger("bitsandbytes.backends.cpu.ops").setLevel(ERROR)
    with catch_warnings():
        filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
        yield
