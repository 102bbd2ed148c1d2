"""The team's documents, of which some change in the middle of the month."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from bench.month.questions import SEED, Asked, Split
from bench.month.values import another, by_kind, holds, order_of, replaced
from domain.questions import Passage

_PLAIN = frozenset((".md", ".txt", ".html"))


@dataclass(frozen=True, slots=True)
class Change:
    """In ``file``, ``new`` stands from the day of the changes on where ``old`` stood."""

    file: str
    old: str
    new: str


def copied(files: Path, folder: Path) -> Path:
    """The documents as they are at first, in a folder of the month's own."""
    if not folder.is_dir():
        half = folder.with_name(f"{folder.name}.half")
        shutil.rmtree(half, ignore_errors=True)
        shutil.copytree(files, half)
        half.rename(folder)
    return folder


def texts_of(files: Path) -> dict[str, str]:
    """The texts of the files that can be changed, by their paths in the folder."""
    return {
        str(path.relative_to(files)): path.read_text("utf-8")
        for path in sorted(files.rglob("*"))
        if path.suffix in _PLAIN
    }


def changes(questions: Split, texts: Mapping[str, str], share: float) -> list[Change]:
    """In a ``share`` of the files of both kinds of questions, a value that answers one of them."""
    rng = Random(SEED)
    known = [one.accepted for one in (*questions.seen, *questions.unseen)]
    found = []
    for some in (questions.unseen, questions.seen):
        files = sorted({one.file for one in some if one.file in texts})
        wanted = max(1, round(share * len(files)))
        made = [
            change
            for file in rng.sample(files, len(files))
            if (change := _change(file, some, known, texts[file], rng))
        ]
        made.sort(key=lambda change: order_of(change.old))
        found += made[:wanted]
    return found


def _change(
    file: str, questions: Sequence[Asked], known: Sequence[str], text: str, rng: Random
) -> Change | None:
    for one in by_kind(questions):
        if one.file == file and holds(text, one.accepted):
            new = another(one.accepted, known, text, rng)
            if new and replaced(text, one.accepted, new) != text:
                return Change(file, one.accepted, new)
    return None


def make(some: Sequence[Change], folder: Path, texts: Mapping[str, str]) -> None:
    """Writes the changed files; done again, it writes the same."""
    for one in some:
        (folder / one.file).write_text(replaced(texts[one.file], one.old, one.new), "utf-8")


def is_outdated(passage: Passage, some: Mapping[str, Change]) -> bool:
    """Whether a passage has what its document no longer says. ``some`` are changes by file."""
    return any(
        passage.source.endswith(file) and holds(passage.text, change.old)
        for file, change in some.items()
    )


def after(questions: Sequence[Asked], some: Sequence[Change]) -> list[Asked]:
    """The questions with the answers that are right once the documents have changed."""
    by_file = {one.file: one for one in some}
    return [
        replace(one, accepted=replaced(one.accepted, change.old, change.new))
        if (change := by_file.get(one.file))
        else one
        for one in questions
    ]
