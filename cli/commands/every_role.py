"""The commands that run for months, each as an app of its own: all commands take 3 MB more."""

from collections.abc import Callable

import typer

from cli.commands import console, roles

ROLES: tuple[Callable[..., None], ...] = (
    *(roles.up, roles.bot, roles.serve, roles.schedule, roles.sync, console.console),
)


def alone(name: str) -> typer.Typer | None:
    """The app that has only the role ``name``; None if no role is named so."""
    role = next((one for one in ROLES if one.__name__ == name), None)
    if role is None:
        return None
    app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command()(role)
    app.callback()(_nothing)
    return app


def _nothing() -> None:
    """With one command and no callback, Typer would not expect the command's name."""
