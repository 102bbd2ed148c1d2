"""The roles that stay up: `phi3 serve`, `bot`, `schedule`, and `up` for all of them."""

from typing import Annotated

import typer

WithParent = Annotated[
    bool, typer.Option("--with-parent", hidden=True, help="End when the starting process ends.")
]


def serve(with_parent: WithParent = False) -> None:
    """Run the model server, on loopback."""
    from cli.settings import read_settings
    from cli.wiring import serve_model

    _begin(with_parent)
    serve_model(read_settings())


def bot(with_parent: WithParent = False) -> None:
    """Run the Slack bot, in Socket Mode or HTTP mode, as its tokens say."""
    from cli.settings import read_settings
    from cli.wiring import House

    _begin(with_parent)
    with House(read_settings()) as house:
        house.run_bot()


def schedule(with_parent: WithParent = False) -> None:
    """Run the scheduler, which begins each night."""
    from cli.settings import read_settings
    from cli.wiring import House

    _begin(with_parent)
    with House(read_settings()) as house:
        house.run_schedule()


def up() -> None:
    """Run every role that this machine is configured for, until Ctrl-C."""
    from cli.printing import say
    from cli.settings import read_settings
    from cli.supervisor import run_roles

    settings = read_settings()
    roles = ["schedule"]
    if not settings.server_url:
        roles.insert(0, "serve")
    if settings.slack_mode:
        roles.append("bot")
    else:
        say("No Slack tokens are set, so the bot stays out (README: into a real workspace).")
    run_roles(roles)


def _begin(with_parent: bool) -> None:
    from cli.logs import log_to_stderr
    from cli.processes import end_with_parent

    log_to_stderr()
    if with_parent:
        end_with_parent()
