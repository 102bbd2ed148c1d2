"""A small team: five documents, each with eight facts that are asked about."""

import json
from pathlib import Path

from bench.month.questions import Asked

FILES, FACTS = 5, 8


def asked(file: int, fact: int) -> Asked:
    number = 100 * (file + 1) + fact
    words = f"How many litres does tank {chr(65 + file)}{fact} hold?"
    return Asked(f"{file}-{fact}", words, str(number), f"tanks-{file}.txt")


def questions() -> list[Asked]:
    return [asked(file, fact) for file in range(FILES) for fact in range(FACTS)]


def texts() -> dict[str, str]:
    return {
        f"tanks-{file}.txt": "\n".join(
            f"Tank {chr(65 + file)}{fact} holds {asked(file, fact).accepted} litres."
            for fact in range(FACTS)
        )
        for file in range(FILES)
    }


def team(folder: Path) -> tuple[Path, Path]:
    """The folder of the documents, and the file of the questions."""
    files = folder / "files"
    files.mkdir()
    for name, text in texts().items():
        (files / name).write_text(text, "utf-8")
    rows = [
        {"id": one.id, "question": one.text, "file": one.file, "evidence": one.accepted}
        for one in questions()
    ]
    written = folder / "questions.jsonl"
    written.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return files, written
