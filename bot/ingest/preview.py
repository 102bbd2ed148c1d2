"""/phi3-ingest dry-run: says what would be added, changed and removed, and who could read it."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from bot.answers.blocks import text_message
from bot.answers.render import name_of
from bot.ingest.collecting import CollectionReader
from bot.ingest.wanted import Wanted
from bot.jobs.workers import Workers
from bot.slack.client import SlackClient
from bot.slack.events import Request
from domain.collections import Collection
from domain.documents import IngestReport
from domain.errors import IngestError, MessengerRefused, Phi3Error, public_text
from domain.questions import Audience
from domain.text import truncate
from records.sources import Sources

log = logging.getLogger(__name__)

_NAMED = 10
_WORDS = {"added": "added", "updated": "changed", "removed": "removed", "failed": "not be read"}


class Previews:
    """Looks in the background, and tells only the person who asked. A crash ends a look."""

    def __init__(
        self, slack: SlackClient, reader: CollectionReader, sources: Sources, workers: Workers
    ) -> None:
        self._slack = slack
        self._reader = reader
        self._sources = sources
        self._workers = workers

    def start(self, wanted: Sequence[Wanted], request: Request, audience: Audience) -> str:
        """``audience`` is what the person may read here: nothing else is named."""
        if request.files:
            return "A dry run works for addresses and channels, not for files, so I did nothing."
        for one in wanted:
            self._workers.submit(
                partial(self._show, one, request, audience),
                partial(log.warning, "A dry run was not shown: %s"),
            )
        return (
            "I am looking at what would change. Only you will see the result, and nothing is "
            "changed."
        )

    def _show(self, wanted: Wanted, request: Request, audience: Audience) -> None:
        try:
            text = self._look(wanted, request, audience)
        except (IngestError, MessengerRefused) as error:
            text = f"{wanted.name} cannot be read: {truncate(public_text(error), 300)}"
        except Phi3Error as error:
            log.exception("A dry run failed")
            text = f"I could not look at {wanted.name}: {public_text(error)}"
        message = text_message(text)
        try:
            self._slack.post_ephemeral(
                request.channel, request.person, message.text, message.blocks, request.shown_in
            )
        except MessengerRefused:  # the bot is not in the channel of the command
            self._slack.post(request.person, message.text, message.blocks)

    def _look(self, wanted: Wanted, request: Request, audience: Audience) -> str:
        known = self._reader.collections.find(wanted.uri)
        looked_at = known or Collection(
            wanted.uri,
            wanted.kind,
            wanted.readers(request.person),
            request.person,
            datetime.now(UTC),
            title=wanted.title,
            options=wanted.options,
        )
        report = self._reader.dry_run(looked_at)
        lines = [f"{wanted.name}: nothing was changed.", *self._changes(report, audience)]
        if report.unchanged:
            lines.append(f"{report.unchanged:,} would stay as they are.")
        if report.skipped:
            lines.append(f"{len(report.skipped):,} would be left out.")
        lines += [truncate(one.reason, 300) for one in report.failed if one.source == wanted.uri]
        lines.append(f"Who could ask about it: {wanted.conversation.readers_in_words.strip(',')}.")
        return "\n".join(lines)

    def _changes(self, report: IngestReport, audience: Audience) -> list[str]:
        lines = []
        for outcome, word in _WORDS.items():
            changed = [one.source for one in report.would if one.outcome == outcome]
            if not changed:
                continue
            shown = [name for uri in changed[: 5 * _NAMED] if (name := self._name(uri, audience))]
            named = ", ".join(shown[:_NAMED])
            more = ", …" if named and len(changed) > len(shown[:_NAMED]) else ""
            lines.append(
                f"{len(changed):,} would {_would(word)}{f': {named}{more}' if named else ''}."
            )
        return lines or ["Nothing would change."]

    def _name(self, uri: str, audience: Audience) -> str:
        """The name of a document; empty if it is known and the person may not read it."""
        known = self._sources.find(uri)
        if known and not audience.may_read(known.audience):
            return ""
        return truncate((known.title if known else "") or name_of(uri), 100)


def _would(word: str) -> str:
    return word if word.startswith("not") else f"be {word}"
