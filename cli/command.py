"""What each command begins with: the settings, the home, and all parts wired to them.

The heavy imports happen here, so that importing a command's module is fast.
"""

import gc
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cli.wiring import Container


@contextmanager
def command(*, model_server: bool = False, brief: bool = False) -> Iterator["Container"]:
    """The parts that this command needs; they are closed at its end.

    With ``model_server`` there is a model server: the configured one, one that runs on this
    machine, or one that is started for this command. With ``brief`` the command ends after one
    question, so that garbage is not collected. Raises ConfigError and ServerUnavailable.
    """
    with ExitStack() as stack:
        if brief:
            stack.enter_context(_nothing_collected())
        from cli.environment import read_settings
        from cli.home import open_home
        from cli.wiring import Container

        settings = read_settings()
        open_home(settings.home)
        if model_server:
            from cli.local_server import with_model_server

            with Container(settings) as known:
                known.database.check()  # a model takes long to load
            settings = stack.enter_context(with_model_server(settings))
        yield stack.enter_context(Container(settings))


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """What is imported stays, so to look for garbage in it takes time and finds hardly any."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
