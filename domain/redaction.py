"""Takes passwords and keys out of the addresses that stand in a text."""

import re
from urllib.parse import unquote

# A name and a password may stand before the @ of an address. They end at its first slash, or, since
# some drivers take a password with slashes as it is, at the last @ before a space. A port is left.
_LOGIN = re.compile(r"(?<=://)(?:[^\s/?#]{1,300}|[^\s:/@]{0,100}:(?!\d{1,5}/)[^\s]{0,300})@")
_PARAMETER = re.compile(
    r"(?i)\b((?:\w{0,30}(?:password|passwd|passphrase|secret|token|key)|pwd)=)(?!=)[^\s&;,'\"]+"
)
_SLACK = re.compile(r"\bx(?:ox[a-z]|app)-[\w-]+")


def without_credentials(text: str) -> str:
    """``text`` with ``***`` for every login in an address, every password or key that is given as
    ``name=value``, and every token of Slack's. The work is linear in the text's length.
    """
    text = _LOGIN.sub("***@", text)
    return _SLACK.sub("***", _PARAMETER.sub(r"\1***", text))


def split_login(url: str) -> tuple[str, tuple[str, str] | None]:
    """``url`` without the name and password before its host, and those two; None where it has none.

    A client that is given them apart has no address with a password that it could name.
    """
    scheme, separator, rest = url.partition("://")
    end = min((n for sign in "/?#" if (n := rest.find(sign)) >= 0), default=len(rest))
    login, at, host = rest[:end].rpartition("@")
    if not at:
        return url, None
    name, _, password = login.partition(":")
    return f"{scheme}{separator}{host}{rest[end:]}", (unquote(name), unquote(password))
