"""Addresses of git repositories: which are read, and what a file of one is called."""

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, unquote, urlsplit

from domain.errors import ForbiddenSource, UnreadableSource

SCHEMES = ("https", "http", "ssh", "file")
_PORTS = {"https": 443, "http": 80, "ssh": 22}
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?|\[[0-9a-f:.]{2,60}\]")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,60}")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~%+@,=-]+)+/?")
_BRANCH = re.compile(r"(?![-/.])[^\x00-\x20~^:?*\[\\\x7f]{1,200}(?<![/.])")


@dataclass(frozen=True, slots=True)
class GitAddress:
    """``branch`` is empty for the one that the repository names. ``host`` is empty for a folder."""

    scheme: str
    user: str
    host: str
    port: int
    path: str
    branch: str

    @classmethod
    def parse(cls, uri: str) -> Self:
        """Reads ``git+https://host/repo.git#branch``. Raises ForbiddenSource, UnreadableSource."""
        whole, _, branch = uri.removeprefix("git+").partition("#")
        try:
            parts = urlsplit(whole)
            scheme, host, port = parts.scheme, parts.hostname or "", parts.port
        except ValueError as e:
            raise UnreadableSource("its address cannot be read") from e
        if not uri.startswith("git+") or scheme not in SCHEMES:
            raise ForbiddenSource("only git+https, git+ssh and git+file addresses are read")
        if parts.password or (parts.username and scheme != "ssh"):
            raise ForbiddenSource("an address with a password in it is not read")
        host = f"[{host}]" if ":" in host else host
        is_host = not host if scheme == "file" else bool(_HOST.fullmatch(host))
        is_user = not parts.username or bool(_USER.fullmatch(parts.username))
        is_path = bool(_PATH.fullmatch(parts.path)) and not parts.query
        if not (is_host and is_user and is_path) or {"..", "."} & set(
            unquote(parts.path).split("/")
        ):
            raise UnreadableSource("its address cannot be read")
        if branch and not is_branch(branch):
            raise UnreadableSource("its branch has no name that git knows")
        default = _PORTS.get(scheme, 0)
        return cls(scheme, parts.username or "", host, port or default, parts.path, branch)

    @property
    def url(self) -> str:
        """The address as git takes it."""
        return f"{self.scheme}://{f'{self.user}@' if self.user else ''}{self._netloc}{self.path}"

    @property
    def _netloc(self) -> str:
        is_usual = self.port == _PORTS.get(self.scheme, 0)
        return self.host if is_usual else f"{self.host}:{self.port}"

    def of_file(self, branch: str, path: bytes) -> str:
        """The name of a file; ``domain.links`` finds the page that shows it.

        It is not the address of that page, which anybody may add: the repository may be read with
        keys that the page is not read with.
        """
        return f"git+{self.url}#{quote(branch, safe='/')}:{quote(path, safe='/')}"


def is_branch(name: str) -> bool:
    return bool(_BRANCH.fullmatch(name)) and ".." not in name and "@{" not in name
