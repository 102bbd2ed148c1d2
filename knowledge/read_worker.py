"""The process that reads documents, so that a broken or hostile document ends only this process.

`knowledge.reading` starts it. It reads one document after the other from its standard input, and
answers in JSON, which unlike pickle cannot run code in the process that reads it. The kernel kills
it if a document takes too long, also while a parser in C does not return to Python.
"""

import json
import os
import resource
import signal
import sys
from dataclasses import astuple
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

from domain.errors import IngestError
from domain.tokens import Reach
from knowledge.document import read_document
from knowledge.readers.base import File

PLACES = ("page", "slide", "sheet", "anchor")
"""The fields of Where, in the order in which they are sent."""

_WATCH_SECONDS = 1.0


def main(memory: int) -> None:
    """Reads documents until standard input ends. ``memory`` is the process's limit, in bytes."""
    parent = os.getppid()
    # The parent handles Ctrl-C and the stop of a service: it may want to finish first.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    Thread(target=_watch, args=(parent,), daemon=True).start()
    # Output of a parser must not be mixed with the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while line := sys.stdin.buffer.readline():
        request = json.loads(line)
        signal.setitimer(signal.ITIMER_REAL, request["seconds"])
        content = sys.stdin.buffer.read(request["length"])
        said = (request[key] for key in ("name", "charset", "kind", "address"))
        file = File(content, *said)
        answer = _answer(file, request, memory)
        # The memory may not be freed, and the next document would have less: end the process.
        is_last = _memory_in_use() > memory / 2
        packed = json.dumps(answer | {"is_last": is_last}).encode()
        signal.setitimer(signal.ITIMER_REAL, 0)
        answers.write(len(packed).to_bytes(8, "big") + packed)
        answers.flush()


def _answer(file: File, request: dict[str, Any], memory: int) -> dict[str, object]:
    try:
        if request.get("wanted") == "outline":
            from knowledge.readers.page_outline import outline  # imports the parser of pages

            return {"outline": astuple(outline(file))}
        reach = Reach(request["tokens"], request["tokenizer"])
        document = read_document(file, request["source"], reach)
    except IngestError as e:
        return _error(type(e).__name__, e.public, e.detail)
    except MemoryError:
        return _error(
            "UnreadableSource",
            f"it takes more than {memory // 1_000_000:,} MB of memory to read",
        )
    return {
        "title": document.title,
        "notes": document.notes,
        "chunks": [
            [one.id, one.title, one.text, [getattr(one.where, name) for name in PLACES]]
            for one in document.chunks
        ],
    }


def _error(name: str, message: str, detail: str = "") -> dict[str, object]:
    return {"error": name, "message": message, "detail": detail}


def _memory_in_use() -> int:
    """The bytes that count towards the process's limit; 0 if the system does not say."""
    try:
        pages = Path("/proc/self/statm").read_text().split()[0]
    except OSError:
        return 0
    return int(pages) * resource.getpagesize()


def _watch(parent: int) -> None:
    """Ends this process when the parent has ended, even if that was killed."""
    while os.getppid() == parent:
        sleep(_WATCH_SECONDS)
    os._exit(1)
