"""`phi3 ingest`: adds what a person names to the documents that the expert answers from."""

from contextlib import nullcontext
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cli.collection_status import moment
from cli.command import command
from cli.options import AsJson
from cli.printing import out, print_json
from cli.reading import read_targets
from cli.targets import Wanted
from domain.collections import Trouble
from domain.errors import IngestError
from domain.labels import EVERYONE

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from cli.wiring import Container
    from domain.collections import Collection
    from domain.documents import IngestReport
    from domain.questions import Audience

_NAMED = 10
_NAMED_CHANGES = 20

Targets = Annotated[list[str], typer.Argument(metavar="TARGET…")]

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

DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="Change nothing; say what would be added, changed and removed, and who could read it.",
    ),
]


def ingest(
    targets: Targets,
    audience: Labels = None,
    confirm: Confirm = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Read files, folders, web pages and git repositories (git+https://…), each for its readers.

    Each target is then read again by itself, and only what has changed: files and folders every 15
    minutes, repositories every hour, pages every 6 hours. `phi3 sources add` sets another time, and
    reads whole sites.
    """
    add_targets(targets, Wanted(audience_of(audience)), confirm, dry_run, as_json)


def add_targets(
    targets: list[str],
    wanted: Wanted,
    confirm: bool,
    dry_run: bool,
    as_json: bool,
    where: "Callable[[Container], AbstractContextManager[None]]" = lambda _: nullcontext(),
) -> None:
    """Adds and reads the targets, and reports that; ``where`` is entered while they are read."""
    with command() as container, where(container):
        report, collections = read_targets(
            container, targets, wanted, confirmed=confirm, dry_run=dry_run
        )
        stored = [container.collections.find(each.uri) for each in collections]
    if not as_json:
        _say_who_reads(report, collections, wanted.audience, dry_run=dry_run)
        _say_when_again([each for each in stored if each and not dry_run])
    print_report(report, as_json, dry_run, audience=_labels(collections, wanted.audience))


def audience_of(labels: list[str] | None) -> "Audience | None":
    """The readers that the option named. Raises BadParameter."""
    from domain.questions import Audience

    return Audience.of(*map(_label, labels)) if labels else None


def print_report(
    report: "IngestReport", as_json: bool, dry_run: bool = False, **besides: object
) -> None:
    """Prints a report; raises IngestError, so that the command fails, if something failed."""
    if as_json:
        shown = asdict(report)
        for name in ("cursor", "held_back", "not_before", *(() if dry_run else ("would",))):
            del shown[name]
        print_json({**shown, "seconds": round(report.seconds, 2), **besides})
    else:
        _print_changes(report)
        out.print(
            f"Nothing was changed. It would be: {report.sentence()}"
            if dry_run
            else report.sentence()
        )
    if report.failed:
        raise IngestError(f"{len(report.failed):,} of the sources could not be read; see above")


def _print_changes(report: "IngestReport") -> None:
    for change in report.would[:_NAMED_CHANGES]:
        out.print(f"{change.outcome:>8}  {change.source}")
    if len(report.would) > _NAMED_CHANGES:
        out.print(f"… and {len(report.would) - _NAMED_CHANGES:,} more (--json lists all)")


def _say_who_reads(
    report: "IngestReport",
    collections: "list[Collection]",
    wanted: "Audience | None",
    *,
    dry_run: bool,
) -> None:
    from domain.questions import Audience

    can = "could" if dry_run else "can"
    if wanted:
        out.print(f"It {can} be read by {wanted.in_words()}, and by those who could before.")
        return
    narrow = [each for each in collections if EVERYONE not in each.readers.labels]
    is_new = report.added or any(change.outcome == "added" for change in report.would)
    if is_new and (len(narrow) < len(collections) or not collections):
        out.print(f"Everyone {can} read the new sources.")
    for each in narrow[:_NAMED]:
        out.print(f"New sources in {each.uri} {can} be read only by {each.readers.in_words()}.")
    for one in report.kept_narrow[:_NAMED]:
        readers = Audience.of(*one.labels).in_words()
        out.print(f"{one.source} {can} still be read only by {readers}.")
    if report.kept_narrow:
        more = len(report.kept_narrow) - _NAMED
        besides = f"So can {more:,} more sources. " if more > 0 else ""
        out.print(f"{besides}To open them to everyone, ingest them with --audience everyone.")


def _say_when_again(collections: "list[Collection]") -> None:
    """Those that could not be read, and when the next reading is due."""
    failing = [each for each in collections if each.trouble is Trouble.FAILING and each.next_at]
    for each in failing[:_NAMED]:
        out.print(f"{each.uri} is tried again by itself, at {moment(each.next_at)}.")


def _labels(collections: "list[Collection]", wanted: "Audience | None") -> list[str]:
    if wanted:
        return sorted(wanted.labels)
    given = {label for each in collections for label in each.readers.labels}
    return sorted(given or {EVERYONE})


def _label(text: str) -> str:
    from domain.labels import is_label

    if not is_label(text):
        raise typer.BadParameter(
            f"{text!r} is no audience: write everyone, team:T, channel:T:C or person:T:U, with the "
            "ids of the workspace and of the channel or person in capitals.",
            param_hint="--audience",
        )
    return text
