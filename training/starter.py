"""The rows that come with the program: manners of answering, on passages of many trades.

The starter adapter of SmolLM2 is trained on them, and every night replays a share of them, so that
what people rate never makes a model forget how to answer briefly or to refuse.
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from domain.adapters import Example, Origin
from domain.prompt import REFUSAL, render
from domain.questions import Audience, Message, Passage

ROWS = Path(__file__).with_name("starter.jsonl")

_NEAR = "near"


def rows_hash() -> str:
    """The SHA-256 of the rows, in hexadecimal; it names the adapter that was trained on them."""
    return sha256(ROWS.read_bytes()).hexdigest()


def starter_examples(*, near: bool = False) -> list[Example]:
    """The rows as examples, in the order of the file.

    ``near``: also those whose passage is about the question's subject and does not answer it. A
    model of less than a billion parameters does not tell them apart from answerable ones, and would
    only refuse more of these.
    """
    lines = [json.loads(line) for line in ROWS.read_text("utf-8").splitlines()]
    passages = {line["passage"]: _passage(line) for line in lines if "passage" in line}
    rows = (line for line in lines if "question" in line)
    return list(_examples((row for row in rows if near or row.get("refuse") != _NEAR), passages))


def _examples(rows: Iterator[dict[str, Any]], passages: dict[str, Passage]) -> Iterator[Example]:
    for row in rows:
        shown = tuple(passages[key] for key in row["shown"])
        history = [
            Message("assistant" if n % 2 else "user", text)
            for n, text in enumerate(row.get("history", []))
        ]
        key = sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:16]
        yield Example(
            answer_id=f"starter:{key}",
            question=row["question"],
            prompt=render(row["question"], shown, history),
            completion=row.get("answer", REFUSAL),
            origin=Origin.STARTER,
            group=f"starter:{key}",
            passages=shown,
        )


def _passage(line: dict[str, Any]) -> Passage:
    key, everyone = line["passage"], Audience.everyone()
    return Passage(key, f"starter:{key}", line["title"], line["text"], 1.0, 1.0, everyone)
