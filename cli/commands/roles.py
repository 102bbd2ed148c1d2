"""The roles that stay up: `phi3 serve`, `bot`, `schedule`, and `up` for all of them."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cli.settings import Settings

WithParent = Annotated[
    bool, typer.Option("--with-parent", hidden=True, help="End when the starting process ends.")
]


def serve(with_parent: WithParent = False) -> None:
    """Run the model server, on loopback."""
    from cli.running import serve_model

    serve_model(_begin(with_parent))


def bot(with_parent: WithParent = False) -> None:
    """Run the Slack bot, in Socket Mode or HTTP mode, as its tokens say."""
    from cli.running import run_bot

    run_bot(_begin(with_parent))


def schedule(with_parent: WithParent = False) -> None:
    """Run the scheduler, which begins each night."""
    from cli.running import run_schedule

    run_schedule(_begin(with_parent))


def up() -> None:
    """Run every role that this machine is configured for, until Ctrl-C."""
    from cli.printing import say
    from cli.settings import read_settings
    from cli.supervisor import run_roles
    from cli.wiring import Container

    settings = read_settings()
    with Container(settings) as container:
        container.database.check()  # once, before every role would make a new one
    roles = ["schedule"]
    if not settings.server_url:
        roles.insert(0, "serve")
    if settings.slack_mode:
        roles.append("bot")
    else:
        say("No Slack tokens are set, so the bot stays out (README: into a real workspace).")
    run_roles(roles)


def _begin(with_parent: bool) -> "Settings":
    from cli.logs import log_to_stderr
    from cli.processes import end_with_parent
    from cli.settings import read_settings

    log_to_stderr()
    if with_parent:
        end_with_parent()
    return read_settings()
