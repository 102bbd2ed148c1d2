"""`phi3 ingest` and `phi3 sources`: the documents that the expert answers from."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cli.command import command
from cli.options import AsJson
from cli.printing import out, print_json, print_json_list, table
from cli.reading import read_again, read_sources
from cli.shown_sources import shown_sources
from domain.errors import IngestError
from domain.links import titled

if TYPE_CHECKING:
    from cli.shown_sources import ShownSource
    from domain.documents import IngestReport
    from domain.questions import Audience

sources = typer.Typer(help="The documents that it answers from.", no_args_is_help=True)

_NAMED = 10

Targets = Annotated[list[str], typer.Argument(metavar="PATH_OR_URL…")]


Labels = Annotated[
    list[str] | None,
    typer.Option(
        "--audience",
        metavar="LABEL",
        help=(
            "Who else may read it: everyone, team:T, channel:T:C or person:T:U with Slack's ids. "
            "By default everyone may read new sources, and nothing changes for known ones."
        ),
    ),
]


Confirm = Annotated[
    bool,
    typer.Option(
        "--confirm", help="Remove what is gone from a folder, even if it is more than a third."
    ),
]


def ingest(
    targets: Targets, audience: Labels = None, confirm: Confirm = False, as_json: AsJson = False
) -> None:
    """Read files, folders and web pages; the next time, only what has changed."""
    from domain.questions import Audience

    wanted = Audience.of(*map(_label, audience)) if audience else None
    readers = wanted or Audience.everyone()
    with command() as container:
        report = read_sources(container, targets, wanted, confirmed=confirm)
    if not as_json:
        _say_who_reads(report, wanted)
    _report(report, as_json, audience=sorted(readers.labels))


def _say_who_reads(report: "IngestReport", wanted: "Audience | None") -> None:
    from domain.questions import Audience

    if wanted:
        out.print(f"It can be read by {wanted.in_words()}, and by those who could before.")
        return
    out.print("Everyone can read the new sources.")
    for one in report.kept_narrow[:_NAMED]:
        readers = Audience.of(*one.labels).in_words()
        out.print(f"{one.source} can still be read only by {readers}.")
    if report.kept_narrow:
        more = len(report.kept_narrow) - _NAMED
        besides = f"So can {more} more sources. " if more > 0 else ""
        out.print(f"{besides}To open them to everyone, ingest them with --audience everyone.")


def _label(text: str) -> str:
    from domain.labels import is_label

    if not is_label(text):
        raise typer.BadParameter(
            f"{text!r} is no audience: write everyone, team:T, channel:T:C or person:T:U, with the "
            "ids of the workspace and of the channel or person in capitals.",
            param_hint="--audience",
        )
    return text


@sources.command("list")
def list_sources(as_json: AsJson = False) -> None:
    """List every source and its state."""
    with command() as container:
        rows = container.sources.all()
        grants = container.grants.by_source()
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
                        "grants": [
                            {"label": one.label, "by": one.by, "since": one.since.isoformat()}
                            for one in grants.get(row.uri, ())
                        ],
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
            ["state", "chunks", "source", "read by", "reason"],
            [(row.state, row.chunks, row.uri, row.audience.in_words(), row.reason) for row in rows],
        )
    )


@sources.command()
def show(
    uris: Annotated[list[str] | None, typer.Argument(metavar="SOURCE…")] = None,
    as_json: AsJson = False,
) -> None:
    """What was read of sources, all of them by default: each passage, and who may read it."""
    with command() as container:
        shown = shown_sources(container, uris or [])
        if as_json:
            print_json_list("sources", map(asdict, shown))
            return
        for source in shown:
            _print_source(source)


def _print_source(source: "ShownSource") -> None:
    from domain.questions import Audience

    readers = Audience.of(*source.audiences).in_words()
    out.print(source.source, style="bold")
    out.print("\n".join([f"{source.state}, read by {readers}", *source.notes]))
    for passage in source.passages:
        out.print(f"\n{titled(passage.title, passage.where or '')}", style="bold")
        out.print(passage.text)
    out.print()


@sources.command()
def remove(uris: Annotated[list[str], typer.Argument(metavar="SOURCE…")]) -> None:
    """Forget sources: their passages are gone from every later answer."""
    with command() as container:
        for uri in uris:
            out.print(f"{container.ingestor.remove(uri)} passages of {uri} removed")


@sources.command()
def refresh(
    uris: Annotated[list[str] | None, typer.Argument(metavar="SOURCE…")] = None,
    as_json: AsJson = False,
) -> None:
    """Read sources again, all of them by default; failed ones too."""
    with command() as container:
        report = read_again(container, uris or [])
    _report(report, as_json)


def _report(report: "IngestReport", as_json: bool, **besides: object) -> None:
    if as_json:
        print_json({**asdict(report), "seconds": round(report.seconds, 2), **besides})
    else:
        out.print(report.sentence())
    if report.failed:
        raise IngestError(f"{len(report.failed)} of the sources could not be read; see above")
