"""Checks the values of settings, and says what to write if one is wrong.

Each function takes a value and returns it, or raises ValueError with a sentence for people. The
sentence does not repeat the value, which may contain a password.
"""

import re
from collections.abc import Mapping
from datetime import time
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import SecretStr

from domain.errors import ConfigError
from domain.redaction import without_credentials
from domain.weekly import DAYS, Weekly

_HOST = re.compile(r"(?!-)[\w.-]{1,253}(?<!-)")
_MINUTE = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_WEEKLY = re.compile(rf"({'|'.join(DAYS)})[a-z]* +({_MINUTE.pattern})")
_COLLECTION = re.compile(r"[A-Z][A-Za-z0-9]{0,99}")
_BUCKET = re.compile(
    r"s3://[a-z0-9][a-z0-9.-]{1,62}(/(?!\.{1,2}(/|$))[\w.-]{1,100}){0,20}", re.ASCII
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


class Address(str):
    """A URL whose ``repr`` shows no password."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(without_credentials(self))


def in_words(problem: Mapping[str, Any]) -> str:
    """Pydantic's error as a sentence that says what to write."""
    return str(problem["msg"]).removeprefix("Value error, ").replace("Input should", "it should")


def http_url(value: str) -> Address:
    """Empty, or an http(s) URL with a host."""
    if value:
        _split(value, ("http", "https"), "http://host:port")
    return Address(value)


def console_url(value: str) -> str:
    """Empty, or an http(s) URL with only a host and perhaps a port, without a closing slash."""
    if value:
        parts = _split(value, ("http", "https"), "https://phi3.example.com")
        if "@" in parts.netloc or parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("write only scheme, host and port, as in https://phi3.example.com")
    return value.rstrip("/")


def weaviate_url(value: str) -> Address:
    """An http(s) URL with only a host and a port."""
    if value:
        parts = _split(value, ("http", "https"), "http://host:8080")
        if "@" in parts.netloc:
            raise ValueError("put no password into the address; a key goes into PHI3_WEAVIATE_KEY")
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("write it as http://host:8080, with nothing after the port")
    return Address(value)


def weaviate_collection(value: str) -> str:
    """What names of collections begin with; an underscore follows it in those of later ones."""
    if not _COLLECTION.fullmatch(value):
        raise ValueError("write a capital, and up to 99 letters and digits, as in Phi3Passages")
    return value


def database_url(value: str) -> Address:
    """Empty, or a URL that records/ can open."""
    if value:
        from records.database import parse

        try:
            port = parse(value).port
        except ConfigError as error:
            raise ValueError(error.public) from error
        if port is not None and not 1 <= port <= 65535:
            raise ValueError("the port is a number from 1 to 65535")
    return Address(value)


def search_steps(value: frozenset[str]) -> frozenset[str]:
    """Names of steps that a search may do without."""
    from knowledge.query.steps import Step

    if not value <= set(Step):
        raise ValueError(f"write some of {', '.join(Step)}")
    return value


def folder(value: Path) -> Path:
    """The absolute path of a folder that exists or can be created."""
    if _CONTROL.search(str(value)):
        raise ValueError("write the path of a folder; it contains characters that are not allowed")
    try:
        path = value.expanduser().absolute()
    except RuntimeError as error:
        raise ValueError("there is no user of that name; write the whole path") from error
    try:
        is_file = path.exists() and not path.is_dir()
    except OSError as error:  # the name is too long, or this user may not look there
        raise ValueError(f"it cannot be used: {error.strerror}") from error
    if is_file:
        raise ValueError("it is a file; write the path of a folder")
    return path


def file(value: str) -> str:
    """Empty, or the absolute path of a file that exists or can be created."""
    if not value:
        return value
    path = folder(Path(value).parent) / Path(value).name
    try:
        is_folder = path.is_dir()
    except OSError as error:
        raise ValueError(f"it cannot be used: {error.strerror}") from error
    if is_folder:
        raise ValueError("it is a folder; write the path of a file")
    return str(path)


def adapters_address(value: str) -> str:
    """Empty, the absolute path of a folder, or s3://bucket/prefix without a closing slash."""
    if not value:
        return value
    if value.startswith("s3://"):
        if not _BUCKET.fullmatch(value.rstrip("/")):
            raise ValueError(
                "write it as s3://bucket/prefix; endpoint and credentials go into AWS's variables"
            )
        return value.rstrip("/")
    if "://" in value:
        raise ValueError("write a folder's path, or s3://bucket/prefix")
    return str(folder(Path(value)))


def folders(value: object) -> object:
    """The paths of folders, separated by commas."""
    if not isinstance(value, str):
        return value
    return tuple(folder(Path(name.strip())) for name in value.split(",") if name.strip())


def model_name(value: str) -> str:
    """Empty, a name on a model hub, or a path."""
    is_path = value.startswith(("/", ".", "~"))
    if _CONTROL.search(value) or (not is_path and re.search(r"\s|://", value)):
        raise ValueError("write a model's name, as microsoft/Phi-3.5-mini-instruct, or a folder")
    return value


def bot_token(value: SecretStr) -> SecretStr:
    return _token(value, ("xoxb-", "xoxe.xoxb-"), "copy the bot token (xoxb-…) from the app's page")


def app_token(value: SecretStr) -> SecretStr:
    return _token(value, ("xapp-",), "copy the app-level token (xapp-…) from the app's page")


def client_id(value: str) -> str:
    if value and not re.fullmatch(r"\d{1,20}\.\d{1,20}", value):
        raise ValueError("copy the client id (digits, a point, digits) from the app's page")
    return value


def client_secret(value: SecretStr) -> SecretStr:
    return _token(value, ("",), "copy the client secret from the app's page")


def token_keys(value: SecretStr) -> SecretStr:
    """Empty, or keys of 32 bytes in base64, separated by commas."""
    for key in filter(None, value.get_secret_value().split(",")):
        if not re.fullmatch(r"[\w+/-]{43}=", key.strip(), re.ASCII):
            raise ValueError(
                "write what `openssl rand -base64 32` prints; behind a comma the old key"
            )
    return value


def workspaces(value: frozenset[str]) -> frozenset[str]:
    if not all(re.fullmatch(r"T[A-Z0-9]+", each) for each in value):
        raise ValueError("write ids of workspaces separated by commas, as in T012ABC,T034DEF")
    return value


def server_key(value: SecretStr) -> SecretStr:
    """Empty, or what an HTTP header can carry."""
    return _token(
        value,
        ("",),
        "write letters, digits and signs of ASCII only, as `openssl rand -hex 32` does",
    )


def secret(value: SecretStr) -> SecretStr:
    return _token(value, ("",), "copy the signing secret from the app's page")


def host(value: str) -> str:
    """A name or an address, without scheme and port."""
    if not _is_host(value):
        raise ValueError("write only a host's name or address, as in wiki.example.com")
    return value


def hosts(value: frozenset[str]) -> frozenset[str]:
    return frozenset(map(host, value))


def people(value: frozenset[str]) -> frozenset[str]:
    if not all(re.fullmatch(r"\*|[UW][A-Z0-9]+", each) for each in value):
        raise ValueError("write Slack user ids separated by commas, as in U012ABC,U034DEF, or *")
    return value


def user_ids(value: frozenset[str]) -> frozenset[str]:
    if not all(re.fullmatch(r"[UW][A-Z0-9]+", each) for each in value):
        raise ValueError("write Slack user ids separated by commas, as in U012ABC,U034DEF")
    return value


def channel_ids(value: frozenset[str]) -> frozenset[str]:
    if not all(re.fullmatch(r"[CG][A-Z0-9]+", each) for each in value):
        raise ValueError("write ids of channels separated by commas, as in C012ABC,C034DEF")
    return value


def channel(value: str) -> str:
    if value and not re.fullmatch(r"[CGDUW][A-Z0-9]+|#[^\s#]{1,80}", value):
        raise ValueError("write the channel's id, as in C012ABC, or its name, as in #expert")
    return value


def words(value: object) -> object:
    """The words of a text, which are separated by commas or spaces; none if it is empty.

    Separators without a word are no empty list: a list of who is allowed would let all in.
    """
    if not isinstance(value, str):
        return value
    found = frozenset(re.findall(r"[^\s,]+", value))
    if value.strip() and not found:
        raise ValueError("it has commas, but no name between them; name some, or unset it")
    return found


def minute_of_day(value: object) -> time:
    """A local time of day, to the minute."""
    if isinstance(value, str) and _MINUTE.fullmatch(value):
        return time.fromisoformat(value)
    if isinstance(value, time) and value == time(value.hour, value.minute):
        return value
    raise ValueError("write it as HH:MM, as in 02:00; PHI3_TIME_ZONE is its time zone")


def weekly(value: object) -> Weekly | None:
    """A day of the week and a local time, or None."""
    if value is None or isinstance(value, Weekly):
        return value
    found = _WEEKLY.fullmatch(str(value).strip().title())
    if not found:
        raise ValueError("write a day and a time, as in Mon 09:00; PHI3_TIME_ZONE is its time zone")
    return Weekly(DAYS.index(found[1]), time.fromisoformat(found[2]))


def time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("there is no such time zone; write one like Europe/Berlin") from error
    return value


def _split(value: str, schemes: tuple[str, ...], form: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:  # the port is not a number, or an IPv6 address is incomplete
        raise ValueError(f"it cannot be read; write it as {form}") from error
    known = parts.scheme in schemes and _is_host(parts.hostname or "") and port != 0
    if not known or re.search(r"\s", value) or _CONTROL.search(value):
        raise ValueError(f"write it as {form}")
    return parts


def _is_host(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return bool(_HOST.fullmatch(text))
    return True


def _token(value: SecretStr, prefixes: tuple[str, ...], what_to_do: str) -> SecretStr:
    text = value.get_secret_value()
    if text and not (text.startswith(prefixes) and text.isascii() and text.isprintable()):
        raise ValueError(what_to_do)
    if " " in text:
        raise ValueError(what_to_do)
    return value
