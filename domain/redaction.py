"""Removes passwords and keys from addresses in a text."""

import re
from urllib.parse import unquote

# An address may have a name and a password before its @. They end at its first slash; but since
# some drivers accept slashes in a password, they may also end at the last @ before a space. A port
# is not removed.
_LOGIN = re.compile(r"(?<=://)(?:[^\s/?#]{1,300}|[^\s:/@]{0,100}:(?!\d{1,5}/)[^\s]{0,300})@")
_PARAMETER = re.compile(
    r"(?i)\b((?:\w{0,30}(?:password|passwd|passphrase|secret|token|ticket|key)|pwd)=)(?!=)[^\s&;,'\"]+"
)
_SLACK = re.compile(r"\bx(?:ox[a-z]|app)-[\w-]+")


def without_credentials(text: str) -> str:
    """``text`` with ``***`` in place of logins in addresses, passwords and keys of the form
    ``name=value``, and Slack's tokens. The time is linear in the text's length.
    """
    text = _LOGIN.sub("***@", text)
    return _SLACK.sub("***", _PARAMETER.sub(r"\1***", text))


def split_login(url: str) -> tuple[str, tuple[str, str] | None]:
    """Returns ``url`` without its name and password, and these two, or None if it has none.

    A client that gets them separately cannot show the password in its messages.
    """
    scheme, separator, rest = url.partition("://")
    end = min((n for sign in "/?#" if (n := rest.find(sign)) >= 0), default=len(rest))
    login, at, host = rest[:end].rpartition("@")
    if not at:
        return url, None
    name, _, password = login.partition(":")
    return f"{scheme}{separator}{host}{rest[end:]}", (unquote(name), unquote(password))
