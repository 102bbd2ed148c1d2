"""The commands of the pages do what the pages show, on homes that are made here."""

import json
from pathlib import Path

import pytest

from tests.cli.model_server import ModelServer
from tests.docs.conftest import FirstSteps
from tests.docs.homes import add_trouble, page, read_shell
from tests.docs.transcripts import differences
from tests.test_docs import shown

pytestmark = pytest.mark.slow

NOT_RUN = ("up", "bot", "serve", "schedule", "sync", "console", "cluster", "train", "doctor")
"""They run on, need other machines, or take minutes; other tests run them."""


def test_the_first_ten_minutes_go_as_their_page_says(first_steps: FirstSteps) -> None:
    assert not first_steps.wrong, "\n".join(first_steps.wrong)


def test_each_symptom_looks_as_its_page_says(
    first_steps: FirstSteps, model: ModelServer, tmp_path: Path
) -> None:
    shell = read_shell(tmp_path, first_steps.home, model.url)
    add_trouble(tmp_path)
    shell.run("phi3 ingest rooms")
    wrong = differences(page("troubleshooting.md"), shell)
    assert not wrong, "\n".join(wrong)


def test_every_other_command_of_the_pages_works_or_says_in_a_line_why_not(
    first_steps: FirstSteps, model: ModelServer, tmp_path: Path
) -> None:
    """The pages name files and ids of their own, which are not all here."""
    shell = read_shell(tmp_path, first_steps.home, model.url)
    row = {"id": "1", "question": "How long is the paint warranty?", "answer": "3 years"}
    for name in ("questions", "golden", "rated", "others"):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(row) + "\n")
    worked = set()
    for line in sorted(shown()):
        command = line.partition("  #")[0].strip()
        if command.split()[1] in NOT_RUN or "://" in command or "+https" in command:
            continue
        result = shell.run(command.replace("/mnt/", f"{tmp_path}/"))
        if result.status == 0:
            worked.add(command)
        else:
            assert result.output.rstrip().splitlines()[-1].startswith("phi3: "), result
    assert worked >= {
        "phi3 ask --batch rated.jsonl",
        "phi3 compare questions.jsonl --plot plot.svg",
        "phi3 golden add --file golden.jsonl",
        "phi3 sources refresh examples/handbook --dry-run",
        "phi3 backup --to /mnt/backups --keep 14",
    }
