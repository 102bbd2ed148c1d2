import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.readers.skipping import reason, reason_for_folder


@pytest.mark.parametrize(
    "path",
    [
        "web/node_modules/left-pad/README.md",
        "app/__pycache__/a.py",
        "repo/.git/config",
        "__MACOSX/a/._notes.docx",
        "._notes.docx",
        "package-lock.json",
        "a/poetry.lock",
        "Cargo.lock",
        "notes.md~",
        ".notes.md.swp",
        "#notes.md#",
        ".#notes.md",
        "notes.bak",
        "~$report.docx",
        ".~lock.report.odt#",
        "~WRL0001.tmp",
        "jquery.min.js",
        "main.chunk.css",
        "Thumbs.db",
        ".DS_Store",
        "desktop.ini",
        "film.mp4.part",
        "@eaDir/report.pdf",
    ],
)
def test_what_programs_keep_for_themselves_is_no_document(path: str) -> None:
    assert reason(path.split("/"))


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "LICENSE",
        "lock.md",
        "gitlab/guide.md",
        "backups/plan.docx",
        "cache/report.pdf",
        "#general.md",
        "Report ~ final.docx",
        "package.json",
        "minutes.js",
        "node_modules.md",
        "",
    ],
)
def test_documents_are_none_of_these(path: str) -> None:
    assert reason(path.split("/")) == ""


def test_folders_are_told_by_name() -> None:
    assert reason_for_folder("node_modules") == "installed packages"
    assert reason_for_folder("docs") == ""


@given(st.lists(st.text()))
def test_any_name_has_an_answer(parts: list[str]) -> None:
    assert isinstance(reason(parts), str)
