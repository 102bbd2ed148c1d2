"""`phi3 sources`: the collections and sources that the expert answers from."""

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from cli.collection_status import CollectionStatus, moment, statuses
from cli.command import command
from cli.commands.ingest import (
    Confirm,
    DryRun,
    Labels,
    Targets,
    add_targets,
    audience_of,
    print_report,
)
from cli.options import AsJson
from cli.printing import count_of, out, print_json, print_json_list, progress, show_phase, table
from cli.reading import read_again
from cli.removing import remove_target
from cli.shown_sources import shown_sources
from cli.targets import Wanted, interval
from domain.collections import Trouble
from domain.documents import IndexPlace, SourceState
from domain.links import titled

if TYPE_CHECKING:
    from cli.shown_sources import ShownSource
    from domain.documents import Grant, Source

sources = typer.Typer(help="The documents that it answers from.", no_args_is_help=True)

_LISTED = 50
_NAMES = {IndexPlace.LANCEDB: "LanceDB", IndexPlace.WEAVIATE: "Weaviate"}
_FAILED, _FAILED_IN_JSON = 10, 1_000

Known = Annotated[list[str] | None, typer.Argument(metavar="TARGET…")]
Every = Annotated[
    str,
    typer.Option(
        metavar="TIME",
        help="How often it is read again: 15m, 6h or 1d, 5m at least, or never.",
    ),
]
Site = Annotated[
    bool,
    typer.Option("--site", help="Read all pages whose addresses begin with this one."),
]
Depth = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=20,
        help=(
            "How many links a page of a site may be away from the first one, 3 by default; a site "
            "with a map needs none. Implies --site."
        ),
    ),
]


@sources.command()
def add(
    targets: Targets,
    site: Site = False,
    depth: Depth = None,
    every: Every = "",
    audience: Labels = None,
    confirm: Confirm = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Add files, folders, pages, sites or git repositories, and read them.

    This is `phi3 ingest` with a say in how and when they are read again. A known target gets the
    new time, and is read again.
    """
    if every:
        _checked(every)
    wanted = Wanted(audience_of(audience), every, site or depth is not None, depth)
    add_targets(targets, wanted, confirm, dry_run, as_json)


@sources.command("list")
def list_sources(as_json: AsJson = False) -> None:
    """List the collections, and the sources that are in none; with --json every source."""
    with command() as container:
        collections = statuses(container)
        rows = container.sources.all()
        alone = container.collections.alone()
        grants = container.grants.by_source() if as_json else {}
    if as_json:
        shown = [_row(row, grants.get(row.uri, ())) for row in rows]
        print_json({"collections": [each.as_json() for each in collections], "sources": shown})
        return
    if collections:
        _print_collections(collections)
    others = [row for row in rows if row.uri in alone and row.state is not SourceState.REMOVED]
    if others or not collections:
        _print_sources(others)


@sources.command()
def status(as_json: AsJson = False) -> None:
    """What is read now, what waits, and what cannot be read."""
    from bot.ingest.collecting import to_confirm

    with command() as container:
        found = statuses(container)
        unread, count = container.sources.failed(_FAILED_IN_JSON if as_json else _FAILED)
    running = [each for each in found if each.progress]
    waiting = [each for each in found if each.is_waiting and not each.progress]
    troubled = [each for each in found if each.collection.trouble]
    if as_json:
        groups = {"running": running, "waiting": waiting, "troubled": troubled}
        shown: dict[str, object] = {
            name: [each.as_json() for each in group] for name, group in groups.items()
        }
        failures = [{"source": row.uri, "title": row.title, "reason": row.reason} for row in unread]
        print_json({**shown, "failed": failures, "failed_count": count})
        return
    for each in running:
        out.print(f"reading  {each.collection.uri}: {each.how_far()}")
    for each in waiting[:_LISTED]:
        out.print(f"waiting  {each.collection.uri}")
    for each in troubled[:_LISTED]:
        out.print(f"{each.collection.trouble}  {each.collection.uri}: {each.collection.reason}")
        if each.collection.trouble is Trouble.HELD_BACK:
            out.print(f"         to remove them: {to_confirm(each.collection)}")
    hidden = max(len(waiting) - _LISTED, 0) + max(len(troubled) - _LISTED, 0)
    if hidden:
        out.print(f"… and {hidden:,} more (--json lists all)")
    for row in unread:
        out.print(f"failed   {row.uri}: {row.reason}")
    if count > len(unread):
        out.print(f"… and {count - len(unread):,} more that failed (--json names up to 1,000)")
    failed = sum(each.failed for each in found)
    documents = sum(each.documents for each in found)
    coming = [each.collection.next_at for each in found if each.collection.next_at]
    following = f" The next reading is at {moment(min(coming))}." if coming else ""
    out.print(
        f"{count_of(len(found), 'collection')} with {count_of(documents, 'document')}, of which "
        f"{failed:,} could not be read."
        f"{following}"
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
def remove(
    targets: Annotated[list[str], typer.Argument(metavar="TARGET…")],
    as_json: AsJson = False,
) -> None:
    """Remove collections, with the documents that only they have, or single sources.

    Their passages are gone from every later answer. A source that is removed alone is not read
    again with its collection, until `phi3 ingest` names it.
    """
    with command() as container:
        removed = []
        for target in targets:
            removed.append(remove_target(container, target))
            if not as_json:
                out.print(removed[-1].sentence())
    if as_json:
        print_json({"removed": [each.row() for each in removed]})


@sources.command()
def refresh(
    targets: Known = None,
    confirm: Confirm = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Read again what has changed, by default in all collections and sources; failed ones too.

    Collections of Slack are read by the bot, soon after this.
    """
    with command() as container:
        report = read_again(container, targets or [], confirmed=confirm, dry_run=dry_run)
    print_report(report, as_json, dry_run)


@sources.command()
def reindex(as_json: AsJson = False) -> None:
    """After PHI3_EMBEDDER was changed: build its index beside the one that answers, then swap them.

    Until then the old index answers. If this command is stopped, the next call continues. Only
    passages are embedded: `phi3 sources refresh` reads the sources. It ends with a minute of
    waiting, in which other processes change to the new index.
    """
    with command() as container:
        indexes = container.indexes
        is_needed = not indexes.is_current()
        if is_needed:
            with progress() as bars:
                show_phase(bars, "Embedding documents", 0, 0)
                indexes.rebuild(partial(show_phase, bars))
        else:
            indexes.drop_others()
        model, count = container.embedder.model, container.index.count()
    if as_json:
        print_json({"model": model, "passages": count, "rebuilt": is_needed})
    elif is_needed:
        out.print(f"The index of {model} answers now, with {count:,} passages.")
        out.print("Each source is read again when it is due, or at once: phi3 sources refresh")
    else:
        out.print(
            f"The index was built with {model}, as PHI3_EMBEDDER says: there is nothing to do. "
            "phi3 sources refresh reads what changed."
        )


@sources.command()
def move(
    to: Annotated[IndexPlace, typer.Option("--to", help="Where the index is to be.")],
    as_json: AsJson = False,
) -> None:
    """Carry the index over to Weaviate, or back to LanceDB in the home; nothing is embedded again.

    For Weaviate set PHI3_WEAVIATE_URL first, for all processes: the index that answers now goes on
    until the other one is built. If this command is stopped, the next call continues. It ends with
    a minute of waiting, in which other processes change to the new index.
    """
    with command() as container:
        indexes = container.indexes
        is_needed = indexes.place is not to
        if is_needed:
            with progress() as bars:
                show_phase(bars, "Copying documents", 0, 0)
                indexes.move(to, partial(show_phase, bars))
        else:
            indexes.drop_others()
        count = container.index.count()
    if as_json:
        print_json({"index": to, "passages": count, "moved": is_needed})
    elif is_needed:
        out.print(f"The index is in {_NAMES[to]} now, with {count:,} passages.")
    else:
        out.print(f"The index is in {_NAMES[to]} already: there is nothing to do.")


def _checked(every: str) -> None:
    try:
        interval(every)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--every") from error


def _row(row: "Source", grants: "list[Grant] | tuple[Grant, ...]") -> dict[str, object]:
    return {
        "source": row.uri,
        "title": row.title,
        "state": row.state,
        "chunks": row.chunks,
        "audience": sorted(row.audience.labels),
        "grants": [
            {"label": one.label, "by": one.by, "since": one.since.isoformat()} for one in grants
        ],
        "updated_at": row.updated_at.isoformat(),
        "reason": row.reason,
    }


def _print_collections(collections: list[CollectionStatus]) -> None:
    """Two lines for each: most addresses are too long for a table."""
    for each in collections:
        collection = each.collection
        out.print(f"{each.state:<10}{collection.uri}")
        last, following = moment(collection.read_at), moment(collection.next_at)
        facts = [
            f"{collection.kind}, {each.counted()}",
            f"read by {collection.readers.in_words()}",
            f"{each.schedule()}, last {last}, next {following}",
            *([collection.reason] if collection.reason else []),
        ]
        out.print(" " * 10 + "; ".join(facts))
    out.print()


def _print_sources(rows: "list[Source]") -> None:
    """Those that failed come first."""
    ordered = sorted(rows, key=lambda row: not row.reason)
    shown = [
        (row.state, row.chunks, row.uri, row.audience.in_words(), row.reason)
        for row in ordered[:_LISTED]
    ]
    out.print(table(["state", "chunks", "source", "read by", "reason"], shown))
    if len(rows) > _LISTED:
        out.print(f"… and {len(rows) - _LISTED:,} more (--json lists all)")
