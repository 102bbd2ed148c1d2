"""A disk of its own for the home, that can be full, and slow. Only on Linux, and only for root."""

import fcntl
import os
import subprocess
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

_BYTES = 4 << 30
"""Its size; what is not written of it takes no room. `phi3 doctor` wants 2 GiB free."""

_KEPT = 64 << 10
"""The bytes that are left on a full disk: less than any write needs."""

_FREEZE, _THAW = 0xC0045877, 0xC0045878  # FIFREEZE and FITHAW of linux/fs.h
_STANDS, _GOES = 0.4, 0.1
"""Seconds that a slow disk takes no write, and then takes some."""


class Disk:
    """An ext4 file system in a file. Mounted until `close`."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError if it cannot be mounted."""
        self._image = folder / "disk.img"
        self.root = folder / "disk"
        self._filler = self.root / "filler"
        self._slow = Event()
        self._slowing: Thread | None = None
        self._unmount()  # from a run that was killed
        if is_new := not self._image.exists():
            with self._image.open("wb") as image:
                image.truncate(_BYTES)
            _call("mkfs.ext4", "-q", "-F", "-m", "0", str(self._image))
        self.root.mkdir(exist_ok=True)
        try:
            _call("mount", "-o", "loop", str(self._image), str(self.root))
        except OSError:
            if is_new:
                self._image.unlink()
            raise
        self.empty()

    def fill(self) -> None:
        """Takes all room that is left; programs that write get ENOSPC."""
        with self._filler.open("wb") as filler:
            free = os.statvfs(self.root).f_bavail * os.statvfs(self.root).f_frsize
            # The file system needs some blocks to note which blocks are taken.
            for wanted in (max(free - _KEPT, 0), 1 << 20, 64 << 10, 4 << 10):
                with suppress(OSError):
                    while True:
                        end = filler.seek(0, os.SEEK_END)
                        os.posix_fallocate(filler.fileno(), end, wanted)

    def empty(self) -> None:
        self._filler.unlink(missing_ok=True)

    def slow_down(self) -> None:
        """Lets each write and each fsync wait for most of the time."""
        self._slow.clear()
        self._slowing = Thread(target=self._stutter)
        self._slowing.start()

    def speed_up(self) -> None:
        self._slow.set()
        if self._slowing:
            self._slowing.join()
            self._slowing = None

    def close(self) -> None:
        self.speed_up()
        self.empty()
        self._unmount()

    def _stutter(self) -> None:
        at = os.open(self.root, os.O_RDONLY)
        try:
            while not self._slow.is_set():
                fcntl.ioctl(at, _FREEZE, 0)
                try:
                    self._slow.wait(_STANDS)
                finally:
                    fcntl.ioctl(at, _THAW, 0)
                self._slow.wait(_GOES)
        finally:
            os.close(at)

    def _unmount(self) -> None:
        if self.root.is_mount():
            with suppress(OSError):  # it is not frozen
                at = os.open(self.root, os.O_RDONLY)
                try:
                    fcntl.ioctl(at, _THAW, 0)
                finally:
                    os.close(at)
            _call("umount", str(self.root))


def _call(*command: str) -> None:
    """Raises OSError if the command is missing, or fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"{command[0]}: {done.stderr.strip()}")
