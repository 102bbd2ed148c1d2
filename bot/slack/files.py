"""Downloads files that were uploaded to Slack; the bot's token is sent only to Slack's hosts."""

from pathlib import PurePath
from urllib.parse import urlsplit

from bot.slack.client import SlackClient
from domain.errors import (
    ForbiddenSource,
    MessengerRefused,
    MessengerUnavailable,
    UnreadableSource,
    UnsupportedSource,
)
from domain.text import truncate
from knowledge.sources.download import Redirected, download

_LIMIT = 50_000_000
_LONGEST_NAME = 200
_HOSTS = ("slack.com", "slack-files.com")


class SlackFiles:
    """Downloads with the bot's token: at most ``limit`` bytes, within ``seconds`` in total."""

    def __init__(self, slack: SlackClient, *, limit: int = _LIMIT, seconds: float = 60.0) -> None:
        self._slack = slack
        self._limit, self._seconds = limit, seconds

    def download(self, file: str) -> tuple[str, bytes]:
        """The name and content of a file, by its id or ``slack-file:ID``. Raises IngestError."""
        file_id = file.removeprefix("slack-file:")
        try:
            described = self._slack.file(file_id)
        except MessengerRefused as error:
            raise UnreadableSource(
                f"Slack does not let me read the file {file_id} ({error.code}); "
                "invite me to the channel that it was posted in."
            ) from error
        except MessengerUnavailable as error:
            raise UnreadableSource(error.public, error.detail) from error
        name = _shortened(str(described.get("name") or described.get("title") or file_id))
        if described.get("is_external"):
            raise UnsupportedSource(f"{name} is stored outside of Slack: give its address instead.")
        url = str(described.get("url_private_download") or described.get("url_private") or "")
        return name, self._content(name, url, str(described.get("mimetype") or ""))

    def _content(self, name: str, url: str, kind: str) -> bytes:
        if not self._is_slack(url):
            raise ForbiddenSource(f"{name} is not stored at an address of Slack.")
        login = UnreadableSource(
            f"Slack asked for a login instead of giving {name}: "
            "the app needs the scope files:read, and must be installed again for it."
        )

        def refuse_login(content_type: str, _url: str) -> None:
            if content_type.split(";")[0].strip() == "text/html" != kind:
                raise login

        try:
            return download(
                url,
                limit=self._limit,
                seconds=self._seconds,
                headers={"Authorization": f"Bearer {self._slack.token}"},
                redirects=0,
                accept=refuse_login,
            ).content
        except Redirected as error:
            raise login from error

    def _is_slack(self, url: str) -> bool:
        """Whether ``url`` is an https address of Slack, or on the server of the bot's API."""
        try:
            there, api = urlsplit(url), urlsplit(self._slack.url)
        except ValueError:
            return False
        host = there.hostname or ""
        if (there.scheme, there.netloc) == (api.scheme, api.netloc):
            return True
        return there.scheme == "https" and any(
            host == known or host.endswith(f".{known}") for known in _HOSTS
        )


def _shortened(name: str) -> str:
    """``name``, shortened if it is too long, with its extension, which says the kind of file."""
    if len(name) <= _LONGEST_NAME:
        return name
    ending = PurePath(name[-20:]).suffix
    return truncate(name, _LONGEST_NAME - len(ending), "…") + ending
