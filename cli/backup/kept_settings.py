"""The settings in a backup: what was set, without secrets, which are only named."""

import json
from collections.abc import Mapping, Sequence

from pydantic import SecretStr

from cli.environment import as_environment, variable
from cli.settings import Settings
from domain.redaction import without_credentials

_OF_THIS_MACHINE = {"home", "database_url"}
"""They say where a deployment is; a restored one is elsewhere. The URL may have a password too."""


def kept_settings(settings: Settings) -> tuple[dict[str, str], tuple[str, ...]]:
    """The variables that are not at their defaults with their values, and the names of secrets."""
    written = as_environment(settings)
    kept: dict[str, str] = {}
    secrets: list[str] = []
    for field, about in Settings.model_fields.items():
        value, name = getattr(settings, field), variable(field)
        if value == about.get_default() or field in _OF_THIS_MACHINE:
            continue
        text = written[name]
        if isinstance(value, SecretStr) or without_credentials(text) != text:
            secrets.append(name)
        else:
            kept[name] = text
    return kept, tuple(secrets)


def as_env_file(settings: Mapping[str, str], secrets: Sequence[str]) -> str:
    """The text of an `.env` file with these settings; the secrets are to be filled in."""
    lines = ["# The settings of the backup. Secrets are not in it: set them yourself."]
    lines += [f"# {name}=" for name in secrets]
    lines += [f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in settings.items()]
    return "\n".join(lines) + "\n"
