"""QLoRA with TRL: examples in, the files of a LoRA adapter out.

Always from the base model, never on top of another adapter. The loss is that of the answer's
tokens alone, and each row counts the same, however long its answer is.
"""

import gc
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from logging import ERROR, getLogger
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any
from warnings import catch_warnings, filterwarnings

import torch
from datasets.exceptions import DatasetsError
from jinja2 import TemplateError
from peft import LoraConfig
from peft.helpers import disable_input_dtype_casting
from peft.utils.error import PeftError
from safetensors import SafetensorError
from transformers import PreTrainedModel, PreTrainedTokenizerFast, TrainerCallback
from transformers.trainer_callback import PrinterCallback
from trl.trainer.sft_config import SFTConfig

from domain.adapters import Example
from domain.errors import DatasetInvalid, TrainingFailed
from serving.models import ModelFiles, computes_bfloat16, load, stop_tokens
from training.progress import ProgressListener, TrainingProgress, ignore
from training.recipe import Recipe
from training.rows import Row, dataset, fitting
from training.trainer import AnswerTrainer

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
"""What the libraries raise when a training fails, MemoryError aside."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training did. ``dropped`` rows did not fit; ``tokens`` counts all epochs."""

    rows: int
    dropped: int
    trainable: int
    tokens: int
    seconds: float
    losses: tuple[float, ...]

    @property
    def tokens_per_second(self) -> float:
        return self.tokens / self.seconds if self.seconds else 0.0


def train(
    examples: Sequence[Example],
    recipe: Recipe,
    base: ModelFiles,
    folder: Path,
    progress: ProgressListener = ignore,
) -> Trained:
    """Trains an adapter and writes its files into ``folder``, which exists.

    ``progress`` is called after each step; what it raises ends the training and is passed on.
    Raises DatasetInvalid where no row fits, TrainingFailed where the trainer stops.
    """
    listener = _StepCallback(progress)
    with _failures(listener), _quiet(), TemporaryDirectory(dir=folder) as scratch:
        model, tokenizer = load(base, quantised=recipe.quantised)
        rows = fitting(examples, tokenizer, stop_tokens(model, tokenizer), recipe.max_length)
        if not rows:
            raise DatasetInvalid(f"No example fits into {recipe.max_length} tokens.")
        expected = lora_parameters(model, recipe.r)
        trainer = _trainer(model, tokenizer, rows, recipe, scratch, listener)
        trainable = _check_trainable(trainer.model, expected)
        began = perf_counter()
        with disable_input_dtype_casting(trainer.model):
            trainer.train()
        seconds = perf_counter() - began
        if not all(map(math.isfinite, listener.losses)):
            raise TrainingFailed("The training's loss was not a number: lower the learning rate.")
        trainer.model.save_pretrained(str(folder))
        (folder / "README.md").unlink(missing_ok=True)  # a model card to be filled in for the hub
        del trainer, model
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return Trained(
        rows=len(rows),
        dropped=len(examples) - len(rows),
        trainable=trainable,
        tokens=sum(len(row.ids) for row in rows) * recipe.epochs,
        seconds=seconds,
        losses=tuple(listener.losses),
    )


def lora_parameters(model: PreTrainedModel, r: int) -> int:
    """How many weights rank-``r`` adapters of all linear layers have, the output layer's aside."""
    head = model.get_output_embeddings()  # type: ignore[no-untyped-call]
    linear = (m for m in model.modules() if isinstance(m, torch.nn.Linear) and m is not head)
    return sum(r * (layer.in_features + layer.out_features) for layer in linear)


class _StepCallback(TrainerCallback):
    """Passes the steps on, and remembers what the listener itself raised."""

    def __init__(self, progress: ProgressListener) -> None:
        self._progress = progress
        self.losses: list[float] = []
        self.raised: BaseException | None = None

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        del args, control
        if not logs or "loss" not in logs:
            return
        self.losses.append(float(logs["loss"]))
        try:
            self._progress(
                TrainingProgress("Training", state.global_step, state.max_steps, self.losses[-1])
            )
        except BaseException as e:
            self.raised = e
            raise


@contextmanager
def _failures(listener: _StepCallback) -> Iterator[None]:
    try:
        yield
    except MemoryError as e:
        raise TrainingFailed("The training ran out of memory; lower max_length.") from e
    except torch.OutOfMemoryError as e:
        raise TrainingFailed("The training ran out of GPU memory; lower max_length.") from e
    except FAILURES as e:
        if e is listener.raised:
            raise
        raise TrainingFailed("The training stopped.", f"{type(e).__name__}: {e}") from e


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps back what the libraries say about each other, which no user can act on."""
    # On a CPU: that a kernel for inference, which a model hub has, is not installed.
    getLogger("bitsandbytes.backends.cpu.ops").setLevel(ERROR)
    with catch_warnings():
        filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
        yield


def _trainer(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    rows: Sequence[Row],
    recipe: Recipe,
    scratch: str,
    listener: _StepCallback,
) -> Any:
    on_gpu = model.device.type == "cuda"
    narrow = computes_bfloat16(model.device.type)
    # Rows together gain nothing on a CPU, where they only take memory.
    together = recipe.batch if on_gpu else 1
    trainer = AnswerTrainer(
        model=model,
        args=SFTConfig(
            output_dir=scratch,
            per_device_train_batch_size=together,
            gradient_accumulation_steps=recipe.batch // together,
            learning_rate=recipe.rate(model.num_parameters()),
            num_train_epochs=recipe.epochs,
            warmup_steps=recipe.warmup,
            lr_scheduler_type="cosine",
            max_grad_norm=1.0,
            bf16=narrow,
            use_cpu=not on_gpu,
            activation_checkpointing=False,
            train_sampling_strategy="group_by_length" if on_gpu else "random",
            dataset_kwargs={"skip_prepare_dataset": True},
            max_length=None,
            # Torch keeps some 20 MB of a CPU's memory for each new length that it meets.
            pad_to_multiple_of=64,
            seed=recipe.seed,
            logging_steps=1,
            logging_nan_inf_filter=False,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            dataloader_pin_memory=on_gpu,
        ),
        train_dataset=dataset(rows),
        processing_class=tokenizer,
        peft_config=LoraConfig(
            r=recipe.r,
            lora_alpha=recipe.alpha,
            lora_dropout=recipe.dropout,
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        ),
        callbacks=[listener],
    )
    trainer.remove_callback(PrinterCallback)
    if not narrow:  # TRL makes the adapter of a quantised model bfloat16, whatever computes it
        for weight in model.parameters():
            if weight.requires_grad:
                weight.data = weight.data.float()
    return trainer


def _check_trainable(model: torch.nn.Module, expected: int) -> int:
    """Raises TrainingFailed unless every linear layer is trained.

    A list of layer names that fits another architecture matches few of them, without a word.
    """
    found = sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
    if found != expected:
        raise TrainingFailed(
            f"{found} weights would be trained, but all linear layers have {expected}: "
            "the model's layers are not the ones expected."
        )
    return found
