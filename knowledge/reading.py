"""Reads documents in separate processes, with limits of time, memory and size.

If a bad file ends or breaks its process, the next file is read in a new one.
"""

import atexit
import json
import signal
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec
from tempfile import TemporaryFile
from threading import Lock
from typing import Any

from domain import errors
from domain.blocks import Where
from domain.documents import Chunk
from domain.errors import IngestError, UnreadableSource
from domain.questions import Audience
from domain.tokens import Reach
from knowledge.document import ReadDocument
from knowledge.readers.base import File, Outline

_OCR = find_spec("rapidocr_onnxruntime") is not None

SECONDS = 180.0 if _OCR else 60.0
"""The longest time for one document. The largest real documents in the tests take 2 s.

Text recognition, where its engine is installed, begins no page after 40 s, but one page took up to
96 s on two busy cores.
"""

MEMORY = 2_500_000_000 if _OCR else 1_000_000_000
"""The most bytes of memory for a process; it needs about 100 MB without a document.

Text recognition, where its engine is installed, was measured to reserve 1.7 GB.
"""

_LARGEST_ANSWER = 200_000_000  # bytes of JSON
_ENDING_SECONDS = 5.0
_DOCUMENTS = 500  # after this many a process is replaced: parsers may leak memory
_START = "import sys; sys.path[:] = sys.argv[2:]; from knowledge.read_worker import main; "
_START += "main(int(sys.argv[1]))"


class Readers:
    """Processes that read documents, and are reused. Several threads may use it at once."""

    def __init__(self, *, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds = seconds
        self._memory = memory
        self._idle: list[_Worker] = []
        self._lock = Lock()

    def read(self, file: File, source: str, reach: Reach) -> ReadDocument:
        """What ``file`` holds, its chunks no longer than ``reach``. Raises IngestError."""
        answer = self._ask(
            file, {"source": source, "tokens": reach.tokens, "tokenizer": reach.tokenizer}
        )
        return ReadDocument(
            str(answer["title"]),
            [
                Chunk(str(name), "", str(title), str(text), Audience.of(), Where(*where), place)
                for place, (name, title, text, where) in enumerate(answer["chunks"])
            ],
            tuple(map(str, answer["notes"])),
        )

    def outline(self, file: File) -> Outline:
        """What a page says to programs; nothing of another file. Raises IngestError."""
        answer = self._ask(file, {"wanted": "outline"})
        links, *others = answer["outline"]
        return Outline(tuple(map(str, links)), *map(str, others))

    def _ask(self, file: File, request: dict[str, object]) -> dict[str, Any]:
        try:
            worker = self._idle_one() or _Worker(self._memory)
        except OSError as e:
            raise UnreadableSource("no process could be started to read it", str(e)) from e
        try:
            answer = worker.ask(file, request, self._seconds)
        except (OSError, ValueError, MemoryError) as e:
            raise UnreadableSource(*worker.reason(self._seconds)) from e
        finally:
            self._keep(worker)
        if "error" in answer:
            raise _error(answer)
        return answer

    def close(self) -> None:
        """Ends the processes that are not reading; a later call starts new ones."""
        with self._lock:
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.close()

    def _idle_one(self) -> "_Worker | None":
        """An idle process that still runs: the system may kill idle ones when memory is short."""
        with self._lock:
            while self._idle:
                if (worker := self._idle.pop()).is_running:
                    return worker
                worker.close()
        return None

    def _keep(self, worker: "_Worker") -> None:
        if not worker.is_usable:
            worker.close()
            return
        with self._lock:
            self._idle.append(worker)


class _Worker:
    """A process that runs `knowledge.read_worker`."""

    def __init__(self, memory: int) -> None:
        self._errors = TemporaryFile()  # noqa: SIM115 - closed with the process
        self._asked = 0
        self._is_open = True
        # It gets no environment variables: a process that parses untrusted files needs no secrets.
        self._process = subprocess.Popen(  # noqa: S603 - this very program
            [
                sys.executable,
                *(["-B"] if sys.dont_write_bytecode else []),
                *("-X", "utf8", "-c", _START, str(memory), *sys.path),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={},
        )

    @property
    def is_usable(self) -> bool:
        return self._is_open and self._asked < _DOCUMENTS

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def ask(self, file: File, wanted: dict[str, object], seconds: float) -> dict[str, Any]:
        """Returns the worker's answer. Raises OSError and ValueError if it gave none."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._asked += 1
        self._is_open = False
        request = {
            "name": file.name,
            "charset": file.charset,
            "kind": file.kind,
            "address": file.address,
            "length": len(file.content),
            "seconds": seconds,
            **wanted,
        }
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.write(file.content)
        self._process.stdin.flush()
        length = int.from_bytes(self._process.stdout.read(8), "big")
        if not 0 < length <= _LARGEST_ANSWER:
            raise ValueError(f"an answer of {length} bytes")
        answer = dict(json.loads(self._process.stdout.read(length)))
        self._is_open = not answer.pop("is_last")
        return answer

    def reason(self, seconds: float) -> tuple[str, str]:
        """Why it gave no answer: for people, and for the log."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_ENDING_SECONDS)
        status = self._process.poll()
        self._errors.seek(0)
        last = self._errors.read()[-500:].decode(errors="replace")
        if status == -signal.SIGALRM:
            return f"it took longer than {seconds:g} seconds to read", last
        return "the program that reads it stopped", f"exit status {status}: {last}"

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._errors):
            with suppress(OSError):  # the rest of what was being written is lost
                if pipe:
                    pipe.close()


def _error(answer: dict[str, Any]) -> IngestError:
    kind = getattr(errors, str(answer["error"]), UnreadableSource)
    is_known = isinstance(kind, type) and issubclass(kind, IngestError)
    made = kind if is_known else UnreadableSource
    return made(str(answer["message"]), str(answer["detail"]))


shared = Readers()
"""The readers of this process: every ingest uses them, and they end with the process."""

atexit.register(shared.close)
