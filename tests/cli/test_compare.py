"""`phi3 compare` through a model server: the table, the plot, the advice, and how it fails."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from time import sleep

import pytest
from typer.testing import CliRunner, Result

from cli.command import command
from cli.commands.every import app
from cli.commands.ingest import ingest
from domain.adapters import Adapter, AdapterState
from domain.errors import Phi3Error
from domain.prompt import CLOSED_BOOK_VERSION, PROMPT_VERSION
from tests.cli.model_server import ModelServer, model_server
from tests.lora import build_adapter
from tests.serving.conftest import running
from tests.tiny_phi3 import build_tiny_phi3
from tests.training.nights import keep, rows

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
ARMS = ["base", "RAG", "fine-tuned", "RAG + fine-tuned"]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    """A model server, a home, and a document that answers the questions."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHI3_HOME", str(tmp_path / "home"))
    document = tmp_path / "canteen.md"
    document.write_text("# Canteen\n\n" + "\n\n".join(f"On {day} there is pike." for day in DAYS))
    with model_server() as double:
        monkeypatch.setenv("PHI3_SERVER_URL", double.url)
        ingest([str(document)])
        yield double


@pytest.fixture
def questions(tmp_path: Path) -> str:
    return write(tmp_path, *(asked(day) for day in DAYS))


def asked(day: str, answer: str = "pike") -> dict[str, object]:
    return {"question": f"What does the canteen have on {day}?", "answer": answer}


def write(folder: Path, *rows: Mapping[str, object]) -> str:
    file = folder / "questions.jsonl"
    file.write_text("".join(json.dumps({"id": str(n), **row}) + "\n" for n, row in enumerate(rows)))
    return str(file)


def phi3(*words: str) -> Result:
    return CliRunner().invoke(app, ["compare", *words])


def compared(*words: str) -> dict[str, object]:
    done = phi3(*words, "--json")
    assert done.exit_code == 0, (done.output, done.exception)
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def failed(*words: str) -> str:
    done = phi3(*words)
    assert isinstance(done.exception, Phi3Error), done.exception
    assert "\n" not in str(done.exception)
    return str(done.exception)


def make_adapter(name: str, folder: str = "/x") -> None:
    with command() as container:
        at = datetime.now(UTC)
        container.adapters.add(Adapter(name, "m", folder, "0" * 64, AdapterState.TRAINED, name, at))


@pytest.mark.slow
def test_four_arms_are_asked_and_nothing_is_recorded(server: ModelServer, questions: str) -> None:
    make_adapter("night-1")
    found = compared(questions, "--adapter", "night-1")
    assert (found["questions"], found["adapter"], found["is_starter"]) == (6, "night-1", False)
    assert found["prompts"] == {"base": CLOSED_BOOK_VERSION, "RAG": PROMPT_VERSION}
    assert CLOSED_BOOK_VERSION != PROMPT_VERSION
    arms = found["arms"]
    assert isinstance(arms, dict)
    assert list(arms) == ARMS
    assert all(arms[arm]["f1"] == {"mean": 1.0, "low": 1.0, "high": 1.0} for arm in ARMS)
    assert str(found["advice"]).startswith("6 questions are too few for advice")
    assert len(server.asked) == 4 + 24  # the first question is not counted
    with_passages = [prompt for prompt in server.asked if "there is pike" in prompt]
    assert len(with_passages) == 2 + 12
    with command() as container:
        assert container.answers.recent() == []


@pytest.mark.slow
def test_table_and_plot_show_all_arms_and_the_starter_is_named(
    server: ModelServer, questions: str, tmp_path: Path
) -> None:
    done = phi3(questions, "--plot", "plot.svg")
    assert done.exit_code == 0, done.exception
    assert "No adapter of a night is live, so starter-" in done.stderr
    assert all(f"\n{arm} " in done.stdout for arm in ARMS)
    assert "too few for advice" in done.stdout
    assert "wrong of answered" in (tmp_path / "plot.svg").read_text()


@pytest.mark.slow
def test_without_any_adapter_only_searching_is_compared(
    server: ModelServer, questions: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHI3_MODEL", "another-model")
    found = compared(questions)
    assert found["adapter"] is None
    assert list(found["arms"]) == ARMS[:2]  # type: ignore[call-overload]
    assert "There is no adapter yet" in phi3(questions).stderr


@pytest.mark.slow
def test_rated_questions_are_those_that_no_night_trains_on(server: ModelServer) -> None:
    assert "rate more answers" in failed("--rated")
    with command() as container:
        keep(container.database, rows(24))
        held_back = json.loads(CliRunner().invoke(app, ["train", "--dry-run", "--json"]).stdout)
    server.asked = []
    found = compared("--rated")
    assert found["questions"] == len(held_back["held_back"]) > 0
    assert len(server.asked) > 2 * len(held_back["held_back"])


@pytest.mark.slow
def test_rows_without_an_answer_are_left_out(server: ModelServer, tmp_path: Path) -> None:
    file = write(tmp_path, asked("Monday"), {"question": "Why?"}, asked("Friday", " "))
    assert compared(file)["questions"] == 1
    assert "no question with an answer" in failed(write(tmp_path, {"question": "Why?"}))
    many = write(tmp_path, *(asked(str(n)) for n in range(10_000)))
    assert "has 10,000 questions; at most 1,000" in failed(many)
    long = write(tmp_path, asked("Monday"), asked("w" * 40_000))
    assert "questions.jsonl, 1: The question has 40," in failed(long)


@pytest.mark.slow
def test_failures_are_one_line(server: ModelServer, questions: str, tmp_path: Path) -> None:
    assert "night-9" in failed(questions, "--adapter", "night-9")
    assert "folder does not exist" in failed(questions, "--plot", "none/plot.png")
    (tmp_path / "plot.png").mkdir()
    server.asked = []
    server.failing = {"on Thursday": 500}
    failed(questions)
    assert len(server.asked) == 4 + 3 * 4 + 1
    server.failing = {}
    assert "cannot be written" in failed(questions, "--plot", "plot.png")


@pytest.mark.parametrize(
    "words", [[], ["q.jsonl", "--rated"], ["q.jsonl", "--plot", "plot.gif"], ["a", "b"]]
)
def test_wrong_usage_leaves_no_trace(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHI3_HOME", str(tmp_path / "home"))
    done = phi3(*words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert not (tmp_path / "home").exists()


@pytest.mark.slow
def test_control_c_ends_it_while_it_waits_for_an_answer(
    server: ModelServer, questions: str
) -> None:
    server.asked = []
    with subprocess.Popen(
        [sys.executable, "-m", "cli.app", "compare", questions],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        while not server.asked:
            sleep(0.05)
        with server.lock:  # no answer comes any more
            sleep(0.3)
            process.send_signal(signal.SIGINT)
            told, errors = process.communicate(timeout=240)
    assert process.returncode not in (0, -signal.SIGKILL)
    assert "Traceback" not in errors
    assert told == ""


@pytest.mark.slow
def test_real_server_loads_the_adapter_and_loses_it_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = build_tiny_phi3(tmp_path / "tiny-phi3")
    folder = build_adapter(tmp_path / "night-1", model, manifest_base=model.name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHI3_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PHI3_MAX_TOKENS", "8")
    make_adapter("night-1", str(folder))
    file = write(tmp_path, asked("Monday"), asked("Friday"))
    with running(model) as real:
        monkeypatch.setenv("PHI3_SERVER_URL", real.url)
        found = compared(file, "--adapter", "night-1")
        assert real.client.models() == (model.name,)
    arms = found["arms"]
    assert isinstance(arms, dict)
    assert list(arms) == ARMS
    assert arms["base"] != arms["fine-tuned"]
    assert found["model"] == model.name
