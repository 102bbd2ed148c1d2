"""The settings as the environment, a `.env` file here, and the files that they name hold them.

This is the only place that reads them, and writes them for another process.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError

from cli import setting_values as values
from cli.setting_files import FILE, read_files
from cli.settings import ENV_FILE, Settings
from domain.errors import ConfigError


@dataclass(frozen=True, slots=True)
class SettingsRead:
    """The settings that could be read; a wrong one is replaced by its default.

    ``wrong`` says for each wrong variable what to write; it also lists ``PHI3_`` variables that do
    not exist.
    """

    settings: Settings
    wrong: Mapping[str, str]


def read_settings() -> Settings:
    """The settings of this process. Raises ConfigError, which names the settings that are wrong."""
    read = check_settings()
    if read.wrong:
        raise ConfigError("; ".join(f"{name}: {why}" for name, why in read.wrong.items()))
    return read.settings


def check_settings() -> SettingsRead:
    """The settings of this process, and everything that is wrong with them.

    Raises ConfigError if `.env` cannot be read, or if a default cannot be used here.
    """
    try:
        in_file = dotenv_values(ENV_FILE) if Path(ENV_FILE).is_file() else {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("The file .env here cannot be read.", str(error)) from error
    wrong = _unknown([*in_file, *os.environ])
    from_files = read_files(_names(), os.environ, in_file)
    wrong |= from_files.wrong
    given: dict[str, Any] = {_field(name): value for name, value in from_files.values.items()}
    replaced = set[str]()
    while True:
        try:
            return SettingsRead(Settings(**given), wrong)
        except ValidationError as error:
            for problem in error.errors(include_url=False, include_input=False):
                field = _field(str(problem["loc"][0]))
                name = variable(field)
                read = name in from_files.values
                why = values.in_words(problem)
                if field in replaced:
                    raise ConfigError(
                        f"{name}: what it is by default cannot be used: {why}"
                    ) from error
                wrong[f"{name}{FILE}" if read else name] = why
                given[field] = Settings.model_fields[field].default
                replaced.add(field)


def as_environment(settings: Settings) -> dict[str, str]:
    """Environment variables with which another process reads exactly these settings."""
    ours = {variable(name): _written(getattr(settings, name)) for name in Settings.model_fields}
    return {name: text for name, text in os.environ.items() if not _is_ours(name)} | ours


def hide_from_bolt() -> None:
    """Bolt would read these from the environment itself, and then keep tokens in files."""
    for field in ("slack_client_id", "slack_client_secret"):
        os.environ.pop(variable(field), None)


def variable(field: str) -> str:
    """The environment variable of a field."""
    alias = Settings.model_fields[field].validation_alias
    return str(alias) if alias else f"PHI3_{field.upper()}"


def _field(where: str) -> str:
    """The field that an error is about; it gives the field's name or the variable's."""
    return next(name for name in Settings.model_fields if where in (name, variable(name)))


def _names() -> list[str]:
    """The variables of all settings."""
    return [variable(name) for name in Settings.model_fields]


def _unknown(names: Iterable[str]) -> dict[str, str]:
    known = _names()
    wrong = {}
    for name in dict.fromkeys(names):
        shouted = name.upper()
        if (
            shouted.removesuffix(FILE) in known
            or not shouted.startswith("PHI3_")
            or shouted.startswith("PHI3_TEST_")
        ):
            continue
        nearest = get_close_matches(shouted, known, n=1, cutoff=0.0)
        wrong[name] = f"there is no such setting; {nearest[0]} is the nearest: rename or unset it"
    return wrong


def _is_ours(name: str) -> bool:
    return name.upper().startswith(("PHI3_", "SLACK_"))


def _written(value: object) -> str:
    match value:
        case None:
            return ""
        case SecretStr():
            return value.get_secret_value()
        case frozenset():
            return ",".join(sorted(map(str, value)))
        case tuple():
            return ",".join(map(str, value))
        case time():
            return f"{value:%H:%M}"
    return str(value)
