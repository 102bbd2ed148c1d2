"""The files of a night's report: the page, a picture for Slack, and the data, which are written
first and forgotten last.
"""

import json
import re
from collections.abc import Collection
from pathlib import Path

from filelock import FileLock

from domain.adapters import ChangedAnswer, NightFiles, TrainingRun
from training.report import golden
from training.report.data import Json, change

DATA = "report.json"
PAGE = "report.html"
PICTURE = "comparison.png"

_EARLIER = "report.md"
"""What earlier versions wrote in place of the page."""

_LOCK = ".forgetting"

_ANSWER_ID = re.compile('"answer_id": "([^"]{1,64})"')


def page_of(run: TrainingRun) -> Path | None:
    """A night's page; None if it was not written, or not on this machine."""
    page = Path(run.report) / PAGE
    return page if run.report and page.is_file() else None


def write(folder: Path, read: Json) -> None:
    """Writes the data and the page. Raises OSError."""
    from training.report.page import page

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = _json(read)
    # Only what stands in report.json is found by ``forget``, so nothing is written before it.
    (folder / DATA).write_text(text, "utf-8", errors="replace")
    (folder / PAGE).write_text(page(json.loads(text)), "utf-8", errors="replace")


def read_files(run: TrainingRun) -> NightFiles:
    """What ``write`` has written; empty if it is not, or no longer, there. Raises nothing."""
    if not run.report:
        return NightFiles()
    folder = Path(run.report)
    try:
        read = json.loads((folder / DATA).read_text("utf-8"))
        found = [
            ChangedAnswer(
                str(one["answer_id"]),
                str(one["question"]),
                str(one["live"]["text"]),
                str(one["candidate"]["text"]),
            )
            for one in sorted(read["questions"], key=change, reverse=True)
        ]
        picture = folder / PICTURE
        return NightFiles(
            picture.read_bytes() if picture.is_file() else b"",
            tuple(one for one in found if one.before != one.after),
            golden.summary(read.get("golden", [])),
        )
    except (OSError, ValueError, KeyError, TypeError):
        # It is on another machine, a person was forgotten meanwhile, or the disk failed.
        return NightFiles()


def forget(nights: Path, answer_ids: Collection[str], source: str = "") -> int:
    """Removes questions from the reports of all nights; returns how many reports it changed.

    Removes also what models answered to golden questions from ``source``. Raises OSError.
    """
    if not nights.is_dir():
        return 0
    # Of two at once, the later one would write what the other has just removed.
    with FileLock(nights / _LOCK):
        return sum(_forget(data, answer_ids, source) for data in nights.glob(f"*/{DATA}"))


def _forget(data: Path, answer_ids: Collection[str], source: str) -> bool:
    """Whether the report named any of it."""
    from training.report.page import page

    written = data.read_text("utf-8", "replace")
    is_named = bool(source) and golden.names(written, source)
    if not is_named and not any(answer_id in written for answer_id in answer_ids):
        return False
    data.with_name(_EARLIER).unlink(missing_ok=True)
    shown = data.with_name(PAGE)
    try:
        read = json.loads(written)
        others = [one for one in read["questions"] if one["answer_id"] not in answer_ids]
        left = read | {
            "questions": others,
            "golden": golden.without(read.get("golden", []), source),
        }
        made = page(left)
    except (ValueError, KeyError, TypeError, AttributeError):
        # A report that a killed night left unfinished cannot be completed.
        shown.unlink(missing_ok=True)
        data.unlink()
    else:
        # The data are written last: until then another call still finds the questions there.
        _replace(shown, made)
        _replace(data, _json(left))
    return True


def reported(nights: Path) -> frozenset[str]:
    """The ids of all answers in the reports."""
    found: set[str] = set()
    for data in nights.glob(f"*/{DATA}"):
        found.update(_ANSWER_ID.findall(data.read_text("utf-8", "replace")))
    return frozenset(found)


def _json(read: Json) -> str:
    return json.dumps(read, indent=2, default=str, ensure_ascii=False) + "\n"


def _replace(file: Path, text: str) -> None:
    """Replaces the file in one step: readers see the old text or the new, also after a crash."""
    half = file.with_name(f".half-{file.name}")
    half.write_text(text, "utf-8", errors="replace")
    half.replace(file)
