"""Which model answers if none is set. Every role asks, so nothing that takes long is imported."""

import ctypes
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PHI3 = "microsoft/Phi-3.5-mini-instruct"
SMOLLM2 = "SmolLM2-135M-Instruct"

_DRIVER = "libcuda.so.1"


def default_model() -> str:
    """Phi-3.5-mini if there is a GPU, else the small SmolLM2 from a Python package."""
    return PHI3 if _torch_computes_on_gpus() and _gpus() else SMOLLM2


def name_of(model: str) -> str:
    """The name of a model that is set as a name, a hub id or a folder: its adapters keep it."""
    folder = Path(model).expanduser()
    return folder.resolve().name if folder.is_dir() else model


def _torch_computes_on_gpus() -> bool:
    try:
        return not version("torch").endswith("+cpu")
    except PackageNotFoundError:
        return False


def _gpus() -> int:
    """How many GPUs NVIDIA's driver shows to this process.

    Torch asks the same. It takes seconds to import, and several hundred megabytes.
    """
    driver = open_driver()
    count = ctypes.c_int()
    if driver is None or driver.cuDeviceGetCount(ctypes.byref(count)):
        return 0
    return count.value


def open_driver() -> ctypes.CDLL | None:
    """NVIDIA's driver, ready to be asked; None if there is none that works."""
    try:
        driver = ctypes.CDLL(_DRIVER)
    except OSError:
        return None
    return None if driver.cuInit(0) else driver
