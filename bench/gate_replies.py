"""Trains two nights of SmolLM2 and asks both the same questions: how much do their replies differ?

    python -m bench.gate_replies FOLDER

Each night has 50 rows about the sample handbook; the second has three of them replaced by new ones,
as the night after has them. Both are asked 75 other questions, each with the piece of a document
that has the answer. It takes ten minutes on two idle cores; what is finished in FOLDER is not done
again. The marks are written to `gate_replies.json`, with which `bench.gate` simulates.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import stdev
from time import sleep

from bench import HANDBOOK
from bench.gate import REPLIES
from domain.adapters import Example, Origin
from domain.prompt import render
from domain.questions import Audience, Passage
from training.evaluation import ScoredAnswer, ask_all
from training.recipe import Recipe

_AROUND = 300
"""How many characters of the document are shown before and after the answer."""

_TRAINED, _REPLACED = 50, 3
RECIPE = Recipe(r=8, alpha=16)


def rows() -> list[Example]:
    """The questions about the handbook, each with the piece of its document that answers it."""
    found = []
    lines = (HANDBOOK.parent / "questions.jsonl").read_text("utf-8").splitlines()
    for row in map(json.loads, lines):
        if not row["evidence"] or row.get("history") or not isinstance(row["evidence"], str):
            continue
        passage = _passage(row["file"], row["evidence"])
        if passage is not None:
            prompt = render(row["question"], (passage,))
            example = Example(
                row["id"],
                row["question"],
                prompt,
                row["answer"],
                Origin.CORRECTION,
                row["id"],
                (passage,),
            )
            found.append(example)
    return found


def _passage(file: str, evidence: str) -> Passage | None:
    stem = Path(file).stem
    for source in (HANDBOOK / f"{stem}.md", HANDBOOK.parent / "sources" / f"{stem}.md"):
        text = source.read_text("utf-8") if source.is_file() else ""
        if (at := text.find(evidence)) >= 0:
            shown = text[max(0, at - _AROUND) : at + len(evidence) + _AROUND]
            return Passage(stem, stem, stem, shown, 1, 1, Audience.everyone())
    return None


def nights() -> dict[str, Sequence[Example]]:
    """The rows that each night trains on."""
    train = rows()[0::2]
    return {"first": train[:_TRAINED], "next": train[_REPLACED : _TRAINED + _REPLACED]}


def _train(folder: Path, home: Path, name: str) -> Path:
    from serving.default_model import SMOLLM2
    from serving.models import resolve
    from training import qlora
    from training.publish import publish

    if not (folder / name / "manifest.json").is_file():
        train = nights()[name]
        ids = [row.answer_id for row in train]
        base = resolve(SMOLLM2, home)

        def write(to: Path) -> None:
            qlora.train(train, RECIPE, base, to)

        publish(folder, name, SMOLLM2, RECIPE, ids, write)
    return folder / name


def _ask(home: Path, name: str, adapter: Path, asked: Sequence[Example]) -> list[ScoredAnswer]:
    from serving.client import ServerClient
    from serving.default_model import SMOLLM2
    from serving.engine import Engine
    from serving.models import load, resolve
    from serving.server import create_app, serving

    network, tokenizer = load(resolve(SMOLLM2, home))
    engine = Engine(network, tokenizer, SMOLLM2, folders=(adapter.parent,))
    with serving(create_app(engine)) as url:
        client = ServerClient(url, SMOLLM2, timeout=120)
        while not client.healthy():
            sleep(0.2)
        client.load_adapter(name, str(adapter))
        replies = ask_all(client, asked, name, max_tokens=64)
        client.close()
    return replies


def main() -> None:
    folder = Path(sys.argv[1])
    asked = rows()[1::2]
    marks = []
    for name in nights():
        answers = folder / f"{name}.json"
        if not answers.is_file():
            adapter = _train(folder, folder / "home", name)
            replies = _ask(folder / "home", name, adapter, asked)
            answers.write_text(json.dumps([asdict(one) for one in replies]), "utf-8")
        read = [ScoredAnswer(**one) for one in json.loads(answers.read_text("utf-8"))]
        marks.append([_marks(one) for one in read])
    per_question = [list(both) for both in zip(*marks, strict=True)]
    REPLIES.write_text(json.dumps({"marks": per_question}) + "\n", "utf-8")
    rises = [after[0] - before[0] for before, after in per_question]
    print(f"{len(rises)} questions; the differences in agreement: {stdev(rises):.2f}")


def _marks(one: ScoredAnswer) -> tuple[float, ...]:
    return (
        round(one.agreement, 2),
        float(one.contains),
        float(one.cited),
        float(one.wrongly_refused),
    )


if __name__ == "__main__":
    main()
