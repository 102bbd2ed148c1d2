"""`phi3 ingest` and `phi3 sources`: what the expert has read."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson
from domain.errors import IngestError

if TYPE_CHECKING:
    from domain.documents import IngestReport

sources = typer.Typer(help="What the expert has read.", no_args_is_help=True)

Targets = Annotated[list[str], typer.Argument(metavar="PATH_OR_URL…")]


def ingest(targets: Targets, as_json: AsJson = False) -> None:
    """Read files, folders and web pages; again: only what changed."""
    from cli.settings import read_settings
    from cli.wiring import Container

    with Container(read_settings()) as container:
        report = container.ingest(targets)
    _report(report, as_json)


@sources.command("list")
def list_sources(as_json: AsJson = False) -> None:
    """Every source and how far it got."""
    from cli.printing import out, print_json, table
    from cli.settings import read_settings
    from cli.wiring import Container

    with Container(read_settings()) as container:
        rows = container.sources.all()
    if as_json:
        print_json(
            {
                "sources": [
                    {
                        "source": row.uri,
                        "title": row.title,
                        "state": row.state,
                        "chunks": row.chunks,
                        "audience": sorted(row.audience.labels),
                        "updated_at": row.updated_at.isoformat(),
                        "reason": row.reason,
                    }
                    for row in rows
                ]
            }
        )
        return
    out.print(
        table(
            ["state", "chunks", "source", "reason"],
            [(row.state, row.chunks, row.uri, row.reason) for row in rows],
        )
    )


@sources.command()
def remove(uris: Annotated[list[str], typer.Argument(metavar="SOURCE…")]) -> None:
    """Forget sources: their passages are gone from every later answer."""
    from cli.printing import out
    from cli.settings import read_settings
    from cli.wiring import Container

    with Container(read_settings()) as container:
        for uri in uris:
            out.print(f"{container.ingestor.remove(uri)} passages of {uri} removed", markup=False)


@sources.command()
def refresh(
    uris: Annotated[list[str] | None, typer.Argument(metavar="SOURCE…")] = None,
    as_json: AsJson = False,
) -> None:
    """Read sources again, all of them by default; failed ones too."""
    from cli.settings import read_settings
    from cli.wiring import Container

    with Container(read_settings()) as container:
        report = container.refresh(uris or [])
    _report(report, as_json)


def _report(report: "IngestReport", as_json: bool) -> None:
    from cli.printing import out, print_json

    if as_json:
        print_json({**asdict(report), "seconds": round(report.seconds, 2)})
    else:
        out.print(report.sentence(), markup=False)
    if report.failed:
        raise IngestError(f"{len(report.failed)} of the sources could not be read; see above")
