"""Gives the console what its pages need of the other packages."""

from functools import partial
from typing import TYPE_CHECKING

import httpx

from cli.alive import Role, check_alive
from console.needs.today import RoleState, TodayNeeds
from console.parts import Address, Parts
from domain.errors import Phi3Error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cli.wiring import Container


_SECONDS = 2.0


def console_parts(container: "Container", address: Address) -> Parts:
    """Raises DatabaseUnavailable."""
    return Parts(
        database=container.database,
        address=address,
        today=TodayNeeds(lambda: list(_roles(container)), container.settings.time_zone),
        admins_read_all=container.settings.console_admins_read_all,
    )


def _roles(container: "Container") -> "Iterator[RoleState]":
    """The model server, and what of the rest `phi3 up` runs here and marks that it does."""
    yield _state("serve", lambda: _check_server(container))
    home = container.settings.home
    wanted = [Role.SCHEDULE, Role.BOT] if container.settings.slack_mode else [Role.SCHEDULE]
    for role in wanted:
        yield _state(role, partial(check_alive, home, role))


def _check_server(container: "Container") -> None:
    """As `ServerClient.healthy`, without that library, which takes 25 MB and a second to load."""
    root = container.settings.server_url.removesuffix("/").removesuffix("/v1")
    try:
        well = httpx.get(f"{root}/health", timeout=_SECONDS).is_success
    except (httpx.HTTPError, httpx.InvalidURL):
        well = False
    if not well:
        raise Phi3Error("No model answers; until then the best passages are quoted.")


def _state(name: str, check: "Callable[[], None]") -> RoleState:
    try:
        check()
    except Phi3Error as error:
        return RoleState(name, False, error.public)
    return RoleState(name, True, "")
