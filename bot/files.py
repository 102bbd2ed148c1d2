"""Files that were uploaded to Slack: only Slack's own hosts ever see the bot's token."""

from urllib.parse import urlsplit

import httpx

from bot.slack_client import SlackClient
from domain.errors import (
    ForbiddenSource,
    MessengerRefused,
    MessengerUnavailable,
    UnreadableSource,
    UnsupportedSource,
)

_LIMIT = 50 * 1024 * 1024
_HOSTS = ("slack.com", "slack-files.com")


class SlackFiles:
    """Downloads with the bot's token."""

    def __init__(self, slack: SlackClient, *, limit: int = _LIMIT) -> None:
        self._slack = slack
        self._limit = limit

    def download(self, file: str) -> tuple[str, bytes]:
        """Name and content of a file, by its id or its ``slack-file:ID``. Raises IngestError."""
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
        name = str(described.get("name") or described.get("title") or file_id)
        if described.get("is_external"):
            raise UnsupportedSource(f"{name} lies outside Slack: give its address instead.")
        url = str(described.get("url_private_download") or described.get("url_private") or "")
        return name, self._content(name, url, str(described.get("mimetype") or ""))

    def _content(self, name: str, url: str, kind: str) -> bytes:
        if not self._is_slack(url):
            raise ForbiddenSource(f"{name} is not kept at an address of Slack's.")
        headers = {"Authorization": f"Bearer {self._slack.token}"}
        try:
            with httpx.stream("GET", url, headers=headers, timeout=60) as response:
                served = response.headers.get("content-type", "").split(";")[0]
                if response.is_redirect or (served == "text/html" != kind):
                    raise UnreadableSource(
                        f"Slack asked for a login instead of giving {name}: "
                        "the app needs the scope files:read, and must be installed again for it."
                    )
                response.raise_for_status()
                return self._read(name, response)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise UnreadableSource(f"Slack did not give {name}.", str(error)) from error

    def _read(self, name: str, response: httpx.Response) -> bytes:
        content = bytearray()
        for piece in response.iter_bytes():
            content += piece
            if len(content) > self._limit:
                raise UnreadableSource(f"{name} is larger than {self._limit >> 20} MiB.")
        return bytes(content)

    def _is_slack(self, url: str) -> bool:
        """Whether ``url`` is of Slack, by https, or of the API that the bot was given."""
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
