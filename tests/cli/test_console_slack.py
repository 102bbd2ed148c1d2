"""Who may sign in to the console with Slack, and as what."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from cli.console_slack import slack_sign_in
from cli.settings import Settings
from cli.wiring import Container
from console.channels import EVERYBODY
from domain.console import ConsoleRole
from domain.errors import ConfigError, MessengerRefused, MessengerUnavailable
from tests.slack_double import BOT_TOKEN, TEAM, SlackDouble, slack_double


@pytest.fixture
def slack() -> Iterator[SlackDouble]:
    with slack_double() as double:
        double.people["U1"] = {"is_admin": True}
        for guest in ("U3", "U4"):
            double.people[guest] = {"is_restricted": True}
        yield double


def settings(home: Path, slack: SlackDouble, **changed: object) -> Settings:
    given: dict[str, object] = {
        "home": home,
        "slack_bot_token": SecretStr(BOT_TOKEN),
        "slack_api_url": slack.url,
        "console_slack_client_id": "11.22",
        "console_slack_client_secret": SecretStr("s3cret"),
        "console_readers": "U2,U3",
        "console_editors": "U5",
        **changed,
    }
    return Settings(_env_file=None, **given)  # type: ignore[arg-type]


def roles(chosen: Settings, team: str = TEAM) -> dict[str, ConsoleRole | None]:
    with Container(chosen) as container:
        sign_in = slack_sign_in(container)
        assert sign_in
        return {person: sign_in.admit(team, person) for person in ("U1", "U2", "U3", "U5", "U6")}


def test_the_settings_and_slack_say_who_may_and_guests_may_not(
    tmp_path: Path, slack: SlackDouble
) -> None:
    assert roles(settings(tmp_path, slack)) == {
        "U1": ConsoleRole.ADMIN,
        "U2": ConsoleRole.READER,
        "U3": None,
        "U5": ConsoleRole.EDITOR,
        "U6": None,
    }


def test_admins_that_the_settings_name_are_the_only_ones(
    tmp_path: Path, slack: SlackDouble
) -> None:
    found = roles(settings(tmp_path, slack, admins="U6"))
    assert (found["U1"], found["U6"]) == (None, ConsoleRole.ADMIN)


def test_only_members_read_a_private_channel_and_guests_only_what_they_are_in(
    tmp_path: Path, slack: SlackDouble
) -> None:
    slack.members |= {"CPRIVATE": ["U2"], "C1": []}
    with Container(settings(tmp_path, slack)) as container:
        sign_in = slack_sign_in(container)
        assert sign_in
        assert sign_in.can_read("U2", "CPRIVATE")
        assert not sign_in.can_read("U5", "CPRIVATE")
        assert sign_in.can_read("U5", "C1")
        assert not sign_in.can_read("U3", "C1")
        assert not sign_in.can_read("U2", "D1")
        assert sign_in.can_read(EVERYBODY, "C1")
        assert not sign_in.can_read(EVERYBODY, "CPRIVATE")
        assert not sign_in.can_read(EVERYBODY, "C0")
        with pytest.raises(MessengerRefused):
            sign_in.can_read("U2", "C0")


def test_who_left_the_workspace_may_not_whatever_the_settings_name(
    tmp_path: Path, slack: SlackDouble
) -> None:
    slack.people |= {person: {"deleted": True} for person in ("U2", "U5", "U6")}
    found = roles(settings(tmp_path, slack, admins="U6"))
    assert (found["U2"], found["U5"], found["U6"]) == (None, None, None)
    with Container(settings(tmp_path, slack)) as container:
        sign_in = slack_sign_in(container)
        assert sign_in
        assert not sign_in.can_read("U2", "C1")


def test_nobody_of_another_workspace_may(tmp_path: Path, slack: SlackDouble) -> None:
    assert set(roles(settings(tmp_path, slack), "T2").values()) == {None}


@pytest.mark.slow
def test_while_slack_does_not_answer_nobody_may(tmp_path: Path, slack: SlackDouble) -> None:
    with Container(settings(tmp_path, slack, slack_api_url="http://127.0.0.1:9/")) as container:
        sign_in = slack_sign_in(container)
        assert sign_in
        with pytest.raises(MessengerUnavailable):
            sign_in.admit(TEAM, "U2")


@pytest.mark.parametrize(
    "missing",
    [
        {"slack_bot_token": SecretStr("")},
        {"console_slack_client_id": ""},
        {"console_slack_client_secret": SecretStr("")},
    ],
    ids=lambda missing: next(iter(missing)),
)
def test_a_missing_setting_is_named(
    tmp_path: Path, slack: SlackDouble, missing: dict[str, object]
) -> None:
    with Container(settings(tmp_path, slack, **missing)) as container, pytest.raises(ConfigError):
        slack_sign_in(container)


def test_without_the_settings_nobody_signs_in_with_slack(
    tmp_path: Path, slack: SlackDouble
) -> None:
    nothing = {"console_slack_client_id": "", "console_slack_client_secret": SecretStr("")}
    with Container(settings(tmp_path, slack, **nothing)) as container:
        assert slack_sign_in(container) is None
