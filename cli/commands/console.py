"""`phi3 console`: runs the console, and prints links that sign in to it."""

from typing import Annotated

import typer

from cli.commands.roles import WithParent, begin, settings_of_role
from cli.extras import lacks_console
from domain.console import ConsoleRole

As = Annotated[ConsoleRole, typer.Option("--role", help="What the link signs in as.")]
Link = Annotated[bool, typer.Option("--link", help="Only print another sign-in link.")]
Open = Annotated[bool, typer.Option("--open", help="Open the link in the browser.")]


def console(
    role: As = ConsoleRole.ADMIN,
    link: Link = False,
    open_: Open = False,
    with_parent: WithParent = 0,
) -> None:
    """Run the console, the web page to look after the expert and to try it without Slack."""
    begin(with_parent)
    if lacking := lacks_console():
        raise lacking
    from cli.run_console import print_link, run_console

    if link:
        print_link(settings_of_role("console"), role, opens=open_)
    else:
        run_console(settings_of_role("console"), role, opens=open_, parent=with_parent)
