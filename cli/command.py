"""The one way into a command: the settings, the home, and every part wired to them.

Here is where the heavy imports begin; a command's module itself stays light.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cli.wiring import Container


@contextmanager
def command(*, model_server: bool = False) -> Iterator["Container"]:
    """The parts that this command needs, closed at its end.

    With ``model_server`` a server answers meanwhile: the one that is configured or runs here, or
    one that is started for this command alone. Raises ConfigError, ServerUnavailable.
    """
    from cli.home import open_home
    from cli.settings import read_settings
    from cli.wiring import Container

    settings = read_settings()
    open_home(settings.home)
    with ExitStack() as stack:
        if model_server:
            from cli.local_server import with_model_server

            settings = stack.enter_context(with_model_server(settings))
        yield stack.enter_context(Container(settings))
