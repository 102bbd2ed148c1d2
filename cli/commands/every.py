"""All commands of `phi3`."""

from collections.abc import Callable

import typer

from cli.commands import (
    backups,
    cluster,
    comparing,
    gaps,
    golden,
    ingest,
    jobs,
    maintenance,
    nights,
    privacy,
    questions,
    sources,
    training,
)
from cli.commands.every_role import ROLES

app = typer.Typer(
    help="A Slack expert that answers from your documents and learns from your thumbs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_COMMANDS: tuple[Callable[..., None], ...] = (
    *ROLES,
    *(ingest.ingest, questions.search, questions.ask, questions.rate),
    *(training.train, training.promote, training.hold, training.rollback),
    *(
        questions.evaluate,
        comparing.compare,
        maintenance.doctor,
        maintenance.memory,
        maintenance.alive,
    ),
    *(maintenance.manifest, gaps.gaps, nights.nights),
    *(backups.backup, backups.restore),
)
for command in _COMMANDS:
    app.command()(command)
app.add_typer(sources.sources, name="sources")
app.add_typer(jobs.jobs, name="jobs")
app.add_typer(cluster.cluster, name="cluster")
app.add_typer(training.adapters, name="adapters")
app.add_typer(golden.golden, name="golden")
app.add_typer(privacy.forget, name="forget")
app.add_typer(maintenance.db, name="db")
