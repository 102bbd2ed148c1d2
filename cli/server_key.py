"""The key of our own model server: the setting, or one that is made once and kept in the home."""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from cli.home import open_home
from cli.local_server import is_loopback, own_url
from cli.settings import Settings
from domain.errors import ConfigError

_FILE = "server-key"
_BYTES = 32


def server_key(settings: Settings) -> str | None:
    """The key for the configured model server, or for ours if none is configured.

    Another machine's server gets only `PHI3_SERVER_KEY`; None if that is not set. Raises
    ConfigError.
    """
    given = settings.server_key.get_secret_value()
    if given:
        return given
    return own_key(settings) if _is_ours(settings) else None


def own_key(settings: Settings) -> str:
    """The key of our own server, which is made if it is missing. Raises ConfigError."""
    given = settings.server_key.get_secret_value()
    if given:
        return given
    file = open_home(settings.home) / _FILE
    try:
        if not file.exists():
            _make(file)
        key = file.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as e:
        raise ConfigError(
            f"The model server's key, {_FILE} in the home, cannot be read or made.", str(e)
        ) from e
    if not key:
        raise ConfigError(f"The file {_FILE} in the home is empty: remove it, and a key is made.")
    return key


def _is_ours(settings: Settings) -> bool:
    own = own_url(settings.server_port, settings.server_host)
    url = settings.server_url
    return not url or url == own or is_loopback(urlsplit(url).hostname or "")


def _make(file: Path) -> None:
    """Writes a new key, whole or not at all; if another role was faster, its key stays."""
    new = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    opened = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(opened, "w", encoding="ascii") as written:
            written.write(f"{secrets.token_urlsafe(_BYTES)}\n")
            written.flush()
            os.fsync(written.fileno())
        try:
            os.link(new, file)
        except FileExistsError:
            return
    finally:
        new.unlink()
