import pytest

from bot.slack.client import SlackClient
from bot.slack.files import SlackFiles
from domain.errors import ForbiddenSource, UnreadableSource, UnsupportedSource
from tests.slack_double import BOT_TOKEN, SlackDouble


@pytest.fixture
def files(slack: SlackDouble) -> SlackFiles:
    there = slack.url.replace("/api/", "/files/")
    slack.files |= {
        "F1": {"name": "a.md", "mimetype": "text/markdown", "url_private": f"{there}a.md"},
        "F2": {"name": "b.pdf", "mimetype": "application/pdf", "url_private": f"{there}missing"},
        "F3": {"name": "c.html", "mimetype": "text/html", "url_private": f"{there}c.html"},
        "F4": {"name": "d.md", "url_private": "https://slack.com.evil.example/d.md"},
        "F5": {"name": "e", "is_external": True, "url_private": "https://docs.google.com/e"},
        "F6": {"name": "f.md", "url_private": "http://files.slack.com/f.md"},
        "F7": {"name": "g.md"},
        "F8": {"name": "h.md", "url_private": "https://[::1"},
    }
    slack.contents |= {"a.md": ("text/plain", b"# A"), "c.html": ("text/html", b"<p>C</p>")}
    return SlackFiles(SlackClient(BOT_TOKEN, slack.url), limit=100)


def test_file_is_downloaded_with_the_token(files: SlackFiles) -> None:
    assert files.download("slack-file:F1") == ("a.md", b"# A")
    assert files.download("F3") == ("c.html", b"<p>C</p>")


def test_login_page_is_not_read_as_a_document(files: SlackFiles) -> None:
    with pytest.raises(UnreadableSource, match="asked for a login"):
        files.download("F2")


@pytest.mark.parametrize("file_id", ["F4", "F6", "F7", "F8"])
def test_token_is_sent_only_to_slacks_hosts(files: SlackFiles, file_id: str) -> None:
    with pytest.raises(ForbiddenSource):
        files.download(file_id)


def test_name_is_shortened_and_keeps_its_ending(files: SlackFiles, slack: SlackDouble) -> None:
    slack.files["F1"]["name"] = "a" * 5_000 + ".md"
    name, _ = files.download("F1")
    assert len(name) <= 200
    assert name.endswith("….md")


def test_file_outside_slack_is_asked_for_by_its_address(files: SlackFiles) -> None:
    with pytest.raises(UnsupportedSource, match="give its address"):
        files.download("F5")


def test_file_that_the_bot_may_not_see_says_what_to_do(files: SlackFiles) -> None:
    with pytest.raises(UnreadableSource, match="invite me"):
        files.download("F404")


def test_file_that_is_too_large_is_not_read_to_its_end(
    files: SlackFiles, slack: SlackDouble
) -> None:
    slack.contents["a.md"] = ("text/plain", b"x" * 1000)
    with pytest.raises(UnreadableSource, match="larger than"):
        files.download("F1")
