"""Settings whose values are in files, as `PHI3_SERVER_KEY_FILE=/run/secrets/server-key` says.

So secrets of Docker, Kubernetes and systemd stand in no environment and in no `.env`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

FILE = "_FILE"
"""What follows a setting's name in the variable that names its file."""

_LARGEST = 64 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class FromFiles:
    """Values by the names of their settings. ``wrong`` says of each variable what to do."""

    values: Mapping[str, str]
    wrong: Mapping[str, str]


def read_files(
    names: Iterable[str], environment: Mapping[str, str], in_file: Mapping[str, str | None]
) -> FromFiles:
    """Reads the settings ``names`` whose files are named in the environment or in `.env`.

    A name in the environment, with or without `_FILE`, counts before both in ``in_file``. White
    space around a value does not belong to it: editors end a file with a newline.
    """
    found: dict[str, str] = {}
    wrong: dict[str, str] = {}
    places = [_in_capitals(environment), _in_capitals(in_file)]
    for name in names:
        place = next((each for each in places if name in each or f"{name}{FILE}" in each), {})
        file = (place.get(f"{name}{FILE}") or "").strip()
        if not file:
            continue
        if (place.get(name) or "").strip():
            wrong[f"{name}{FILE}"] = f"{name} is set too: unset one of them"
            continue
        try:
            found[name] = _read(Path(file).expanduser())
        except (OSError, RuntimeError, ValueError) as error:
            wrong[f"{name}{FILE}"] = _why(error)
    return FromFiles(found, wrong)


def _in_capitals(variables: Mapping[str, str | None]) -> dict[str, str | None]:
    return {name.upper(): value for name, value in variables.items()}


def _read(file: Path) -> str:
    with file.open("rb") as opened:
        read = opened.read(_LARGEST + 1)
    if len(read) > _LARGEST:
        raise ValueError("too large")
    value = read.decode("utf-8").strip()
    if not value:
        raise ValueError("empty")
    return value


def _why(error: Exception) -> str:
    match error:
        case FileNotFoundError():
            return "there is no such file: write the path of the file that holds the value"
        case IsADirectoryError():
            return "it is a folder: write the path of the file that holds the value"
        case PermissionError():
            return "the file cannot be read: give this user the right to"
        case UnicodeDecodeError():
            return "the file is not text"
        case ValueError() if str(error) in ("empty", "too large"):
            return f"the file is {error}: it holds the value of this setting and nothing else"
    return "the file cannot be read: check the path"
