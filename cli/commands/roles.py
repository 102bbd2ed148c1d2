"""The commands that keep running: `phi3 serve`, `bot`, `schedule`, `sync`, and `up` for all."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.logs import log_as_json, log_to_stderr
from cli.processes import end_with_parent

if TYPE_CHECKING:
    from cli.settings import Settings

WithParent = Annotated[
    int, typer.Option("--with-parent", hidden=True, help="End when this process ends.")
]


def serve(with_parent: WithParent = 0) -> None:
    """Run the model server."""
    begin(with_parent)
    from cli.running import serve_model

    serve_model(settings_of_role("serve"))


def bot(with_parent: WithParent = 0) -> None:
    """Run the Slack bot, in Socket Mode or HTTP mode, depending on its tokens."""
    begin(with_parent)
    from cli.running import run_bot

    run_bot(settings_of_role("bot"))


def schedule(with_parent: WithParent = 0) -> None:
    """Run the scheduler, which starts the training each night."""
    begin(with_parent)
    from cli.running import run_schedule

    run_schedule(settings_of_role("schedule"))


def sync(with_parent: WithParent = 0) -> None:
    """Read collections again when they are due, until Ctrl-C; not needed where the bot runs."""
    begin(with_parent)
    from cli.running import run_sync

    run_sync(settings_of_role("sync"))


def up(
    open_: Annotated[bool, typer.Option("--open", help="Open the console in the browser.")] = False,
) -> None:
    """Run every role that this machine is configured for, until Ctrl-C."""
    from cli.running import run_all

    run_all(settings_of_role("up"), opens=open_)


def begin(with_parent: int) -> None:
    """Called before the heavy imports, which take seconds in which the parent may end."""
    log_to_stderr()
    if with_parent:
        end_with_parent(with_parent)


def settings_of_role(role: str) -> "Settings":
    """The settings of this process, which runs a role."""
    from cli.environment import read_settings
    from cli.home import open_home

    settings = read_settings()
    if settings.log_format == "json":
        log_as_json(role)
    open_home(settings.home)
    return settings
