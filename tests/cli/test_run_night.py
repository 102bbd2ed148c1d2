"""A night reports itself in Slack, also if no bot runs."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from subprocess import Popen

import pytest
from pydantic import SecretStr

from cli.run_night import _is_here, tell_channel
from cli.settings import Settings
from cli.wiring import Container
from domain.adapters import Outcome, TrainingRun
from domain.jobs import JobState
from tests.bot.running_bot import end_leases
from tests.bot.test_report import EVALUATION
from tests.slack_double import APP_TOKEN, BOT_TOKEN, SlackDouble, slack_double
from training.report.picture import draw


@pytest.fixture
def slack() -> Iterator[SlackDouble]:
    with slack_double() as double:
        yield double


def settings(home: Path, slack: SlackDouble, channel: str) -> Settings:
    return Settings(
        _env_file=None,
        home=home,
        server_url="http://127.0.0.1:9/v1",
        slack_bot_token=SecretStr(BOT_TOKEN),
        slack_app_token=SecretStr(APP_TOKEN),
        slack_api_url=slack.url,
        report_channel=channel,
    )


def ended(container: Container, home: Path) -> TrainingRun:
    now = datetime.now(UTC)
    run = container.runs.begin("night-1", now)
    folder = home / "nights" / "night-1"
    folder.mkdir(parents=True)
    draw(EVALUATION, [2.0, 1.0], folder / "comparison.png")
    (folder / "report.json").write_text('{"questions": []}')
    run = replace(
        run,
        outcome=Outcome.REJECTED,
        finished_at=now,
        evaluation=EVALUATION,
        report=str(folder),
        reason="it is no better",
    )
    container.runs.finish(run)
    return run


@pytest.mark.slow
def test_night_is_reported_once_with_its_picture(slack: SlackDouble, tmp_path: Path) -> None:
    with Container(settings(tmp_path, slack, "C1")) as container:
        run = ended(container, tmp_path)
        tell_channel(container, run)
        tell_channel(container, run)
        container.bot.reporting.look()
        assert container.bot.resume() == 0
    (message,) = slack.public()
    assert "not good enough" in message.words
    (picture,) = [one for one in message.blocks if one["type"] == "image"]
    assert slack.uploads[picture["slack_file"]["id"]].startswith(b"\x89PNG")


@pytest.mark.slow
def test_bot_reports_a_night_whose_process_could_not(slack: SlackDouble, tmp_path: Path) -> None:
    with Container(settings(tmp_path, slack, "C1")) as container:
        run = ended(container, tmp_path)
        slack.refusals["chat.postMessage"] = "fatal_error"
        tell_channel(container, run)
        assert not slack.public()
        slack.refusals.clear()
        assert container.bot.resume() == 1
        slack.wait_for(lambda: container.jobs.in_states([JobState.DONE]))
    assert len(slack.public()) == 1


@pytest.mark.slow
@pytest.mark.parametrize(("channel", "found"), [("#general", "C1"), ("U1", "D1")])
def test_night_is_reported_to_a_channel_by_name_or_to_a_person(
    slack: SlackDouble, tmp_path: Path, channel: str, found: str
) -> None:
    with Container(settings(tmp_path, slack, channel)) as container:
        tell_channel(container, ended(container, tmp_path))
        container.bot.reporting.refresh()
    (message,) = slack.public()
    assert (message.channel, message.updates) == (found, 2)


@pytest.mark.slow
def test_report_whose_process_is_killed_while_it_posts_is_posted_once(
    slack: SlackDouble, tmp_path: Path
) -> None:
    """Slack has posted it, and the process dies before it hears of that."""
    with Container(settings(tmp_path, slack, "C1")) as container:
        ended(container, tmp_path)
        slack.late["chat.postMessage"] = 3.0
        program = "from tests.cli.test_run_night import report; import sys; report(*sys.argv[1:])"
        process = Popen([sys.executable, "-c", program, str(tmp_path), slack.url])
        slack.wait_for(lambda: slack.count("chat.postMessage"), 60)
        process.kill()
        process.wait()
        slack.wait_for(slack.public)

        end_leases(container.database)
        container.bot.reporting.look()
        assert container.bot.resume() == 1
        slack.wait_for(lambda: container.jobs.in_states([JobState.DONE]))
    assert len(slack.public()) == 1


@pytest.mark.parametrize(
    ("host", "url", "is_here"),
    [
        ("127.0.0.1", "http://127.0.0.1:8041/v1", True),  # one that was started for a command
        ("10.0.0.7", "http://10.0.0.7:8040/v1", True),
        ("127.0.0.1", "http://10.0.0.7:8040/v1", False),
        ("127.0.0.1", "http://server:8040/v1", False),
    ],
)
def test_night_shares_the_memory_of_a_server_on_its_own_machine(
    host: str, url: str, is_here: bool
) -> None:
    assert _is_here(Settings(_env_file=None, server_host=host, server_url=url)) is is_here


def report(home: str, url: str) -> None:
    """The night's process, which is killed."""
    double = SlackDouble(url=url)
    with Container(settings(Path(home), double, "C1")) as container:
        (run,) = container.runs.latest()
        tell_channel(container, run)


def test_night_is_not_reported_without_a_channel(slack: SlackDouble, tmp_path: Path) -> None:
    with Container(settings(tmp_path, slack, "")) as container:
        tell_channel(container, ended(container, tmp_path))
    assert not slack.calls
