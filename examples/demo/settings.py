"""The demo's own settings and home: it neither uses nor changes a real installation.

It does not read `.env`, and of the environment only PHI3_MODEL, to choose another base model. All
its state is under `.phi3/demo`.
"""

import shutil
from pathlib import Path

from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource

from cli.home import open_home
from cli.local_server import free_port
from cli.settings import Settings

HOME = Path(__file__).parents[2] / ".phi3" / "demo"


class DemoSettings(Settings):
    """Settings that ignore `.env` and, but for the model, the environment."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        model = {name: value for name, value in env_settings().items() if name == "model"}
        return init_settings, InitSettingsSource(settings_cls, model)


def settings(home: Path = HOME) -> Settings:
    """The demo's own home and port, and the model that the environment names."""
    # Not the usual port: a model server that runs there belongs to a real installation.
    return DemoSettings(home=home, server_port=free_port())


def empty(home: Path) -> None:
    """Deletes everything of an earlier demo except converted models."""
    for each in open_home(home).glob("*"):
        if each.name != "models":
            shutil.rmtree(each) if each.is_dir() else each.unlink()
