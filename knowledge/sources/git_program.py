"""Runs git on a bare repository: without settings, questions, hooks or variables from outside.

There is a limit for the time that all runs take, and one for the size of the repository's folder.
"""

import fcntl
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from time import monotonic

from domain.errors import UnreadableSource
from knowledge.sources.unpacking import too_large

_LOOK = 0.25  # seconds between two looks at the size of the folder
_MOST_OUTPUT = 200_000_000  # bytes
_ALWAYS = (
    *("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.askPass="),
    *("-c", "credential.helper=", "-c", "gc.auto=0", "-c", "maintenance.auto=false"),
    *("-c", "protocol.allow=never", "-c", "http.followRedirects=false"),
    *("-c", "submodule.recurse=false", "-c", "fetch.recurseSubmodules=false"),
    *("-c", "transfer.bundleURI=false", "-c", "advice.detachedHead=false"),
)
_VERSION = re.compile(r"\b(\d{1,4})\.(\d{1,4})\b")
_LOGIN = "it does not exist, or its server asks for a login"
_REASONS = (
    (
        re.compile(
            r"could not read Username|Authentication failed|terminal prompts disabled|"
            r"returned error: 40[134]|Permission denied|Host key verification failed|"
            r"repository .{0,500} not found|does not appear to be a git repository|does not exist"
        ),
        _LOGIN,
    ),
    (re.compile(r"couldn't find remote ref"), "it has no such branch"),
    (
        re.compile(r"returned error: 30\d|unable to update url base"),
        "its server leads to another address: give that one, often it ends in .git",
    ),
    (re.compile(r"dubious ownership"), "its folder belongs to another user"),
    (re.compile(r"No space left"), "the disk is full"),
    (
        re.compile(r"Could not resolve|Failed to connect|Connection refused|timed out|unable to"),
        "its server cannot be reached",
    ),
)


class GitProgram:
    """Runs git in ``folder``, ``seconds`` in total, until it has ``most`` bytes.

    ``network`` are the settings with which a run may reach the repository's server, and ``ssh`` is
    the command for that. Raises UnreadableSource if there is no git.
    """

    def __init__(
        self,
        folder: Path,
        *,
        network: Sequence[str],
        ssh: str = "",
        seconds: float,
        most: int,
    ) -> None:
        program = shutil.which("git")
        if program is None:
            raise UnreadableSource("the program git is not installed on this machine")
        self._program, self._folder = program, folder
        self._network, self._seconds, self._most = tuple(network), seconds, most
        self._left = seconds
        self._environment = {
            "PATH": os.pathsep.join([str(Path(program).parent), os.defpath]),
            "HOME": str(folder),
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_SSH_VARIANT": "ssh",
            "GIT_SSH_COMMAND": ssh or "false",
        }
        self._lock: int | None = None

    @property
    def version(self) -> tuple[int, ...]:
        """As in ``(2, 39)``; ``(0,)`` if it is not told."""
        said = _VERSION.search(self.run("version").decode(errors="replace"))
        return (int(said[1]), int(said[2])) if said else (0,)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else changes the folder meanwhile, not even a git whose parent was killed."""
        self._folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder.with_name(f"{self._folder.name}.lock")
        self._lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._remove_leftovers()
            yield
        except BlockingIOError as e:
            raise UnreadableSource("it is being read already") from e
        finally:
            os.close(self._lock)
            self._lock = None

    def run(self, *arguments: str, given: bytes = b"", online: bool = False) -> bytes:
        """What git prints. Raises UnreadableSource if it fails, or goes beyond a limit."""
        settings = (*_ALWAYS, *(self._network if online else ()))
        command = [self._program, f"--git-dir={self._folder}", *settings, *arguments]
        with TemporaryFile() as out, TemporaryFile() as said, TemporaryFile() as input_file:
            input_file.write(given)
            input_file.seek(0)
            try:
                process = subprocess.Popen(  # noqa: S603 - git, without a shell
                    command,
                    stdin=input_file,
                    stdout=out,
                    stderr=said,
                    env=self._environment,
                    start_new_session=True,
                    pass_fds=() if self._lock is None else (self._lock,),
                )
            except OSError as e:
                raise UnreadableSource("the program git cannot be started", str(e)) from e
            began = monotonic()
            try:
                self._wait(process, out.fileno(), began + self._left)
            finally:
                _end(process)
                self._left -= monotonic() - began
            said.seek(0)
            if process.returncode:
                raise UnreadableSource(*_reason(said.read(20_000).decode(errors="replace")))
            out.seek(0)
            return out.read()

    def _wait(self, process: subprocess.Popen[bytes], out: int, until: float) -> None:
        while True:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LOOK)
                return
            if monotonic() > until:
                raise UnreadableSource(f"git took longer than {self._seconds:g} seconds")
            if os.fstat(out).st_size > _MOST_OUTPUT or _size(self._folder) > self._most:
                raise too_large(self._most)

    def _remove_leftovers(self) -> None:
        """Removes what a git that was killed left: it would refuse to go on, or fill the disk."""
        for pattern in ("*.lock", "refs/**/*.lock", "objects/pack/tmp_*", "objects/**/tmp_obj_*"):
            for path in self._folder.glob(pattern):
                path.unlink(missing_ok=True)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends git and the programs that it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _size(folder: Path) -> int:
    size = 0
    for path, _, files in os.walk(folder):
        for name in files:
            with suppress(OSError):
                size += (Path(path) / name).lstat().st_size
    return size


def _reason(said: str) -> tuple[str, str]:
    """The reason for people, and the detail for the log."""
    detail = " ".join(said.split())[-500:]
    for pattern, reason in _REASONS:
        if pattern.search(said):
            return reason, detail
    return "git cannot read it", detail
