"""`phi3 ask --batch`: each row gets a line; a second run asks only rows without an answer."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import sleep

import pytest

from cli.asking import each_in_order, person
from cli.command import command
from cli.commands.ingest import ingest
from cli.commands.questions import ask, search
from domain.adapters import Adapter, AdapterState
from domain.errors import ConfigError, IndexUnavailable, Phi3Error
from domain.questions import Question
from knowledge.query.explained import Explained
from knowledge.query.search import Searcher
from tests.cli.model_server import ModelServer, model_server

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


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
def batch(tmp_path: Path) -> Path:
    file = tmp_path / "questions.jsonl"
    write(file, {day: f"What does the canteen have on {day}?" for day in DAYS})
    return file


def write(file: Path, questions: dict[str, str]) -> None:
    rows = ({"id": name, "question": text} for name, text in questions.items())
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def run(batch: Path, capfd: pytest.CaptureFixture[str]) -> tuple[list[dict[str, object]], str]:
    """The printed rows, and the error line."""
    capfd.readouterr()
    failed = ""
    try:
        ask(batch=batch)
    except Phi3Error as error:
        failed = str(error)
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()], failed


@pytest.mark.slow
def test_a_row_that_fails_has_its_error_and_the_others_their_answers(
    server: ModelServer, batch: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    server.failing = {"have on Tuesday": 500, "have on Friday": 400}
    rows, failed = run(batch, capfd)
    assert [row["id"] for row in rows] == list(DAYS)
    assert [row["id"] for row in rows if "error" in row] == ["Tuesday", "Friday"]
    assert all(set(row) == {"id", "error"} for row in rows if "error" in row)
    assert all("Pike" in str(row["text"]) for row in rows if "error" not in row)
    assert failed.startswith("2 of 6 rows failed")


@pytest.mark.slow
def test_second_run_asks_only_rows_without_an_answer(
    server: ModelServer, batch: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    server.failing = {"have on Tuesday": 500}
    first, _ = run(batch, capfd)
    server.failing, server.asked, server.reply = {}, [], "There is pike."
    second, failed = run(batch, capfd)
    assert len(server.asked) == 1
    assert failed == ""
    answers = {row["id"]: row for row in first if "error" not in row}
    assert [row for row in second if row["id"] in answers] == list(answers.values())
    assert "There is pike" in str(second[1]["text"])


@pytest.mark.slow
def test_row_that_only_quoted_passages_is_asked_again(
    server: ModelServer, batch: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    server.failing = {"have on": 503}
    first, _ = run(batch, capfd)
    assert all("not answering" in str(row["text"]) for row in first)
    server.failing = {}
    second, _ = run(batch, capfd)
    assert all("Pike" in str(row["text"]) for row in second)
    assert run(batch, capfd)[0] == second


@pytest.mark.slow
def test_another_live_adapter_gives_new_answers_and_a_rollback_the_old_ones(
    server: ModelServer, batch: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before, _ = run(batch, capfd)
    with command() as container:
        at = datetime.now(UTC)
        night = Adapter("night-1", "double", "/x", "0" * 64, AdapterState.TRAINED, "night-1", at)
        container.adapters.add(night)
        container.adapters.promote("night-1", at)
    server.asked, server.reply = [], "There is pike."
    after, _ = run(batch, capfd)
    assert len(server.asked) == len(DAYS)
    assert {row["adapter"] for row in after} == {"night-1"}
    with command() as container:
        container.adapters.rollback(datetime.now(UTC))
    assert run(batch, capfd)[0] == before


@pytest.mark.slow
@pytest.mark.parametrize("change", ["document", "setting", "question", "history"])
def test_change_of_anything_an_answer_depends_on_makes_a_new_question(
    change: str,
    server: ModelServer,
    batch: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run(batch, capfd)
    server.asked = []
    match change:
        case "document":
            (tmp_path / "more.md").write_text("# More\n\nOn Sunday the canteen has nothing.\n")
            ingest([str(tmp_path / "more.md")])
        case "setting":
            monkeypatch.setenv("PHI3_PASSAGES", "2")
        case "question":
            write(batch, {day: f"And what does the canteen have on {day}?" for day in DAYS})
        case "history":
            turns = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
            rows = [
                json.loads(line) | {"history": turns} for line in batch.read_text().splitlines()
            ]
            batch.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    run(batch, capfd)
    assert len(server.asked) == len(DAYS)


@pytest.mark.slow
def test_two_rows_with_one_id_are_refused_before_anything_is_asked(
    server: ModelServer, batch: Path
) -> None:
    with batch.open("a") as file:
        file.write('{"id": "Friday", "question": "Again?"}\n')
    with pytest.raises(ConfigError, match=r"line 7: .*Friday.* line 5"):
        ask(batch=batch)
    assert server.asked == []


@pytest.mark.slow
def test_a_row_that_cannot_be_searched_has_its_error(
    server: ModelServer,
    batch: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    explain = Searcher.explain

    def failing(self: Searcher, question: Question, k: int | None = None) -> Explained:
        if "Monday" in question.text:
            raise IndexUnavailable("The index is away.")
        return explain(self, question, k)

    monkeypatch.setattr(Searcher, "explain", failing)
    capfd.readouterr()
    with pytest.raises(Phi3Error, match="1 of 6"):
        search(batch=batch)
    rows = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [row["id"] for row in rows if "error" in row] == ["Monday"]
    assert len(rows) == len(DAYS)


def test_results_come_in_order_each_as_soon_as_it_is_there() -> None:
    started: list[int] = []
    coming = each_in_order(range(50), lambda n: started.append(n) or n, 4)  # type: ignore[func-returns-value]
    assert [each.result() for each in coming] == list(range(50))


@pytest.mark.slow
def test_stopping_early_waits_only_for_rows_that_have_begun() -> None:
    started: list[int] = []

    def work(n: int) -> int:
        started.append(n)
        sleep(0.01)  # all of them would take 100 s
        return n

    coming = each_in_order(range(10_000), work, 1)
    next(coming)
    coming.close()  # type: ignore[attr-defined]
    assert len(started) < 10_000


def test_user_without_a_name_has_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr("cli.asking.getuser", nameless)
    monkeypatch.setattr("os.getuid", lambda: 4711)
    assert person() == "cli:uid-4711"
