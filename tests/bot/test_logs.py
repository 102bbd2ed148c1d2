"""The lines of a role's log: the reference that people quote finds them, and nobody's words do."""

import json
import logging
from errno import ENOSPC
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.logs import JsonFormatter, RoleFormatter
from domain.current_work import CurrentWork, working_on
from domain.errors import DatabaseUnavailable, GenerationError, ServerUnavailable
from migrations import upgrade
from records.database import Database
from tests.bot.running_bot import RunningBot
from tests.payloads import click, mention


def record(message: str, **options: Any) -> logging.LogRecord:
    given = {"exc_info": None} | options
    return logging.LogRecord("bot.x", logging.WARNING, "x.py", 1, message, (), **given)


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [json.loads(line) for line in caplog.text.splitlines()]


def test_the_reference_that_a_person_sees_finds_the_lines_of_the_failure(
    running: RunningBot, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.setFormatter(JsonFormatter("bot"))
    running.script.error = GenerationError("It broke.", "at http://user:secret@10.0.0.1/")
    running.send.event(mention())
    running.slack.wait_for(
        lambda: running.slack.public() and "reference" in running.slack.public()[0].words
    )
    [shown] = running.slack.public()
    reference = shown.words.split("reference ")[1].strip("`.) \n")[:17]
    running.slack.wait_for(lambda: any(line.get("ref") == reference for line in lines(caplog)))

    [line] = [line for line in lines(caplog) if line["level"] == "error"]
    assert line["ref"] == reference
    assert (line["role"], line["workspace"]) == ("bot", "T1")
    assert line["job"] > 0
    assert line["time"].endswith("Z")
    assert "GenerationError" in line["error"]
    assert "10.0.0.1" in line["error"]
    assert "secret" not in json.dumps(line)
    assert "Traceback" not in json.dumps(line)


def test_text_lines_end_with_the_reference_before_the_traceback() -> None:
    error = ValueError("It broke.")
    failed = record("Job 3 failed", exc_info=(ValueError, error, None))
    with working_on(CurrentWork("a0123456789abcdef", "T1", 3)):
        text = RoleFormatter().format(failed)
    head, *rest = text.splitlines()
    assert head.endswith("bot.x: Job 3 failed [a0123456789abcdef job 3 T1]")
    assert rest == ["ValueError: It broke."]
    assert RoleFormatter().format(record("Fine")).endswith("bot.x: Fine")


def fill(database: Database) -> None:
    with database.session() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        connection.exec_driver_sql("CREATE TABLE full AS SELECT hex(randomblob(1000000)) AS x")


def test_an_event_on_a_full_disk_is_one_line(tmp_path: Path) -> None:
    database_url = f"sqlite:///{tmp_path / 'full.db'}"
    database = Database(database_url)
    upgrade(database_url)
    with pytest.raises(DatabaseUnavailable) as caught:
        fill(database)
    for error in (caught.value, OSError(ENOSPC, "No space left on device")):
        info = (type(error), error, error.__traceback__)
        for said in ("Question a1 was not taken", f"Failed to run listener (error: {error})"):
            failed = record(said, exc_info=info)
            [line] = RoleFormatter().format(failed).splitlines()
            assert line.count(str(error)) == 1
            [line] = JsonFormatter("bot").format(failed).splitlines()
            assert json.loads(line)["error"] == f"{type(error).__name__}: {error}"
    assert "has no room left on its disk" in str(caught.value)


@pytest.mark.slow
def test_no_line_has_the_words_of_a_question_or_an_answer(
    running: RunningBot, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    caplog.set_level(logging.DEBUG, "domain")
    asked, said = "quetzal", "marzipan"
    running.script.words = [f"{said} ", "with ", "everything."]
    for n, error in enumerate((None, GenerationError("Gone."), ServerUnavailable("Away."))):
        running.script.error = error
        running.send.event(mention(n, text=f"Where is the {asked}?"))
        running.slack.wait_for(lambda: not running.questions.unfinished())
    running.script.error = None
    running.slack.broken["chat.startStream"] = 1
    running.send.event(mention(4, text=f"Where is the {asked}?"))
    running.slack.wait_for(lambda: "Going on without a stream" in caplog.text)
    running.send.interaction(click("a0000000000000000", "down"))
    assert caplog.records
    assert asked not in caplog.text
    assert said not in caplog.text


def test_what_a_thread_works_on_ends_with_its_block() -> None:
    formatter = JsonFormatter("bot")
    with working_on(CurrentWork("a1", "T1", 1)):
        with working_on(CurrentWork(job=2)):
            assert json.loads(formatter.format(record("x")))["job"] == 2
        assert json.loads(formatter.format(record("x")))["ref"] == "a1"
    assert json.loads(formatter.format(record("x"))).keys() == {
        *("time", "level", "role", "logger", "event")
    }


@given(st.text())
def test_any_message_is_one_line_of_json_without_control_characters(text: str) -> None:
    line = JsonFormatter("bot").format(record(text.replace("%", "%%")))
    assert len(line.splitlines()) == 1
    assert line.isascii()
    assert json.loads(line)["level"] == "warning"
