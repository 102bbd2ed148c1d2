"""`phi3 doctor`, `memory`, `alive`, `manifest` and `db upgrade`: setup and maintenance."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from cli.alive import Role, check_alive
from cli.options import AsJson
from cli.printing import out, print_json, table

db = typer.Typer(help="The database.", no_args_is_help=True)


def doctor(as_json: AsJson = False) -> None:
    """Check every part that this machine is configured for, and say what to do."""
    from cli.checks import check_all

    findings = check_all()
    if as_json:
        print_json({"findings": [asdict(finding) for finding in findings]})
    else:
        rows = [("ok" if each.ok else "FAILS", each.part, each.says) for each in findings]
        out.print(table(["", "part", ""], rows))
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def memory(
    card: Annotated[
        list[str] | None,
        typer.Option(help="A GPU's size, as 24GB; several may be given. Default: this machine."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show how much memory the model server and a night need, and how they share it."""
    from cli.environment import read_settings
    from cli.memory import HEADINGS, memory_plan, rows
    from cli.memory import as_json as parts
    from serving.memory.card import Card, card_named

    try:
        cards: list[Card | None] = [card_named(size) for size in card or ()]
    except ValueError as e:
        raise typer.BadParameter(f"{e}", param_hint="--card") from e
    settings = read_settings()
    plans = [memory_plan(settings, each) for each in cards or [None]]
    if as_json:
        print_json({"plans": [parts(plan) for plan in plans]})
    else:
        out.print(table(HEADINGS, rows(plans)))


def alive(role: Annotated[Role, typer.Argument(help="Which one.")]) -> None:
    """Exit with 0 if that role works on this machine, for probes; else with 1 and a line."""
    from cli.environment import read_settings

    settings = read_settings()
    if role is Role.SERVE:
        from cli.local_server import check_lives

        check_lives(settings)
    elif role is Role.CONSOLE:
        from cli.run_console import check_answers

        check_answers(settings)
    else:
        check_alive(settings.home, role)


def manifest(
    url: Annotated[
        str, typer.Option(help="HTTP mode: the https address at which Slack reaches the bot.")
    ] = "",
    install_url: Annotated[
        str,
        typer.Option(help="For several workspaces: the https address at which they install it."),
    ] = "",
) -> None:
    """Print the app manifest to paste at api.slack.com/apps; Socket Mode unless --url is given."""
    from bot.slack.manifest import manifest as app_manifest

    print(json.dumps(app_manifest(url, install_url), indent=2, ensure_ascii=False))


@db.command()
def upgrade(as_json: AsJson = False) -> None:
    """Bring the database to this version's tables."""
    import migrations
    from cli.environment import read_settings
    from cli.home import open_home

    settings = read_settings()
    open_home(settings.home)
    migrations.upgrade(settings.database)
    version = migrations.current(settings.database)
    if as_json:
        print_json({"version": version})
    else:
        out.print(f"The database is at {version}.")
