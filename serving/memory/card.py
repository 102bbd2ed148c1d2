"""How much memory there is: a GPU's, or without one the machine's."""

import ctypes
import os
import re
from dataclasses import dataclass
from pathlib import Path

from serving.default_model import open_driver
from serving.memory.sizes import GB

_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
_SIZE = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*(GB|GiB|G)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Card:
    """What holds the models: a GPU with its own memory, or a machine without one."""

    bytes: int
    is_gpu: bool

    @property
    def in_words(self) -> str:
        what = "GPU" if self.is_gpu else "machine without a GPU"
        return f"{what} of {self.bytes / GB:.0f} GB"


def this_card() -> Card:
    """The first GPU here that the driver shows; else this machine, or its container's share."""
    if bytes_ := _gpu_bytes():
        return Card(bytes_, is_gpu=True)
    return Card(_machine_bytes(), is_gpu=False)


def card_named(size: str) -> Card:
    """A GPU of a size such as ``24GB``. Raises ValueError."""
    found = _SIZE.fullmatch(size.strip())
    if found is None or not float(found[1]):
        raise ValueError(f"{size} is no size of a card: write it as 24GB")
    return Card(round(float(found[1]) * GB), is_gpu=True)


def _gpu_bytes() -> int:
    """Torch would tell the same, but takes seconds to import, and several hundred megabytes."""
    driver = open_driver()
    if driver is None:
        return 0
    device, size = ctypes.c_int(), ctypes.c_size_t()
    if driver.cuDeviceGet(ctypes.byref(device), 0):
        return 0
    if driver.cuDeviceTotalMem_v2(ctypes.byref(size), device):
        return 0
    return size.value


def _machine_bytes() -> int:
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([whole, *_container_limits()])


def _container_limits() -> list[int]:
    found = []
    for file in _LIMITS:
        try:
            found.append(int(Path(file).read_text("ascii")))
        except (OSError, ValueError):  # there is no such limit
            continue
    return found
