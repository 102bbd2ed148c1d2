"""`phi3 doctor`: every part is looked at, and what fails says what to do."""

from pathlib import Path

import pytest

from cli.checks import Finding, check_all
from cli.settings import Settings
from tests.journeys.local_slack import free_port
from tests.slack_double import BOT_TOKEN, slack_double


def findings(home: Path, **settings: object) -> dict[str, Finding]:
    chosen = Settings(_env_file=None, home=home, server_port=free_port(), **settings)  # type: ignore[arg-type]
    return {finding.part: finding for finding in check_all(chosen)}


def test_a_new_home_lacks_only_the_model_server(tmp_path: Path) -> None:
    found = findings(tmp_path / "home")
    assert [part for part, finding in found.items() if not finding.ok] == ["model server"]
    assert "phi3 serve" in found["model server"].says
    assert found["index"].says == "0 passages of 0 sources"
    assert "not configured" in found["Slack"].says


def test_slack_is_asked_who_the_token_belongs_to(tmp_path: Path) -> None:
    with slack_double() as slack:
        options = {"slack_signing_secret": "x", "slack_api_url": slack.url}
        right = findings(tmp_path, slack_bot_token=BOT_TOKEN, **options)
        wrong = findings(tmp_path, slack_bot_token="xoxb-wrong", **options)
    assert right["Slack"].says == "UBOT of team T1, in http mode"
    assert "SLACK_BOT_TOKEN" in wrong["Slack"].says
    assert not wrong["Slack"].ok


@pytest.mark.parametrize(
    ("setting", "value", "part"),
    [
        ("database_url", "mysql://x/y", "database"),
        ("embedder", "/no/such/folder", "embeddings"),
        ("weaviate_url", "http://127.0.0.1:1", "index"),
    ],
)
def test_what_is_set_wrong_fails_alone_and_is_named(
    setting: str, value: str, part: str, tmp_path: Path
) -> None:
    found = findings(tmp_path, **{setting: value})
    assert not found[part].ok
    assert found["home"].ok
    assert found["Slack"].ok
