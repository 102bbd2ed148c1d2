"""The one message that shows an answer, from its first words to its sources."""

import logging
from collections.abc import Callable, Sequence
from time import monotonic, sleep

from bot.answers.blocks import SlackBlock, SlackMessage, text_message
from bot.answers.streaming import MarkdownStream
from bot.jobs.runner import Interrupted
from bot.slack.client import SlackClient
from bot.slack.errors import is_closed, is_stopped, is_too_much, may_pass
from bot.slack.message_ref import MessageRef
from domain.errors import MessengerError, MessengerRefused, MessengerUnavailable
from domain.text import truncate

log = logging.getLogger(__name__)

_PACE = 1.2
"""Seconds between two updates: chat.update allows about one per second for a channel."""
_STREAM_PACE = 0.4
_PROGRESS = 10_000
"""The most characters of an unfinished answer that are shown without a stream."""

_LATE = 4.0
"""Seconds after a lost response in which the message may still appear."""

_GONE = {"message_not_found", "cant_update_message", "edit_window_closed"}


class Reply:
    """Streams if Slack can; else posts once and updates at most about once a second.

    ``piece`` raises only what ends the question: Interrupted if ``may_write`` denies it, and
    MessengerRefused if a person pressed Stop or the place is closed for good. No answer is lost
    because its progress could not be shown. ``finish`` raises MessengerError, and Interrupted.
    ``began`` is called with the message's place as soon as there is one. Only one thread at a time
    may use it.

    If Slack's response to a post was lost, the message may exist: it is looked for before another
    one is posted, and once more after that, since Slack may be late. Only one message stays, and no
    stream is left running.
    """

    def __init__(
        self,
        slack: SlackClient,
        ref: MessageRef,
        person: str,
        mark: str,
        began: Callable[[MessageRef], None],
        find: Callable[[], Sequence[str]],
        may_write: Callable[[], bool],
        *,
        unsure: bool,
        may_run: bool,
        is_lost: bool,
        was_killed: bool,
    ) -> None:
        """``ref`` is the thread to answer in, or with a ``ts`` the message to continue.

        ``mark`` is what the message carries; ``find`` returns the ts of the messages that were
        posted already, the best first. ``may_write`` is asked before each call that writes.
        ``unsure``: an earlier attempt may have posted a message. ``may_run``: the message to
        continue may be a stream that still runs. ``is_lost``: Slack has not answered just now to
        the call that was to post a message. ``was_killed``: the process of the earlier attempt was
        killed, perhaps while it waited for Slack.
        """
        self._slack = slack
        self._ref = ref
        self._mark = mark
        self._began = began
        self._find = find
        self._may_write = may_write
        self._unsure = unsure and not ref.ts
        self._lost_at = monotonic() if is_lost else None
        self._may_have_others = unsure
        self._may_have_strays = is_lost or (was_killed and self._unsure)
        self._may_run = may_run and bool(ref.ts)
        self._text = ""
        self._shown = MarkdownStream()
        self._due = 0.0
        # An existing message cannot become a stream.
        self._stream = None if ref.ts else slack.stream(ref.channel, ref.thread, ref.team, person)

    @property
    def may_have_strays(self) -> bool:
        """Whether Slack may still post a message that nobody waits for any more."""
        return self._may_have_strays

    @property
    def ref(self) -> MessageRef:
        return self._ref

    def piece(self, text: str) -> None:
        """Shows the next piece of the answer, now or with a later one."""
        self._text += text
        if monotonic() < self._due:
            return
        try:
            if not self._look(wait=False):
                self._due = monotonic() + _PACE
            elif self._stream:
                self._append()
            else:
                self._show(truncate(self._text, _PROGRESS).rstrip() + " …")
        except MessengerError as error:
            if is_stopped(error) or is_closed(error):
                raise
            slower = isinstance(error, MessengerRefused) and may_pass(error)
            wait = error.wait if isinstance(error, MessengerRefused) else 0.0
            self._due = monotonic() + max(_PACE, wait)
            if isinstance(error, MessengerUnavailable) and not (self._ref.ts or self._unsure):
                self._lose()
            # If Slack got pieces too fast, they are sent again with the next one.
            if not (slower and self._ref.ts):
                self._leave_stream(error)

    def finish(self, message: SlackMessage, tail: Sequence[SlackBlock] = ()) -> None:
        """Shows the final ``message``; a stream ends with the blocks ``tail``."""
        whole = self._end_stream(tail)
        try:
            self._put(message)
        except MessengerRefused as error:
            if is_too_much(error):
                log.warning("Slack refused the blocks of a message: %s", error)
                self._put_simpler(message)
            elif is_stopped(error) or may_pass(error) or not whole:
                raise
            else:
                log.warning("The streamed answer stays without its numbers: %s", error)
        self._remove_others()

    def _put_simpler(self, message: SlackMessage) -> None:
        """Shows a message whose blocks Slack refused in simpler ones, or without any."""
        bare = SlackMessage(truncate(message.text, 3_000))
        try:
            self._put(message.simpler or bare)
        except MessengerRefused as error:
            if not is_too_much(error) or not message.simpler:
                raise
            self._put(bare)

    def _end_stream(self, tail: Sequence[SlackBlock]) -> bool:
        """Ends the stream with ``tail``; returns whether the whole answer was streamed."""
        stream, self._stream = self._stream, None
        if not stream or not self._ref.ts:
            return False
        self._check()
        try:
            rest = self._shown.more(self._text, is_all=True)
            self._slack.stop(stream, rest, tail, mark=self._mark)
            self._may_run = False
        except MessengerError as error:
            if is_stopped(error):
                raise
            log.info("A stream ended early: %s", error)
            return False
        return self._shown.is_whole

    def _append(self) -> None:
        if not self._stream or not self._shown.has_more(self._text):
            return
        begins = not self._ref.ts
        method = "chat.startStream" if begins else "chat.appendStream"
        if not self._slack.has_room(method, self._ref.channel):
            if begins:  # There are too many new streams: it is posted and updated instead.
                self._stream = None
            self._due = monotonic() + _STREAM_PACE
            return
        words = self._shown.more(self._text)
        if not words:
            return
        self._check()
        ts = self._slack.append(self._stream, words)
        self._may_run = True
        self._due = monotonic() + _STREAM_PACE
        self._now_at(ts)

    def _leave_stream(self, error: MessengerError) -> None:
        if not self._stream:
            return
        log.info("Going on without a stream: %s", error)
        self._stream = None
        if self._ref.ts:
            # Slack does not update a message while it is streamed.
            try:
                self._end_running(steady=False)
            except MessengerError as later:
                if is_stopped(later):
                    raise
                log.info("A stream is ended later: %s", later)

    def _show(self, text: str) -> None:
        message = text_message(text)
        if self._ref.ts:
            self._update(message, steady=False)
        else:
            self._post(message, steady=False)
        self._due = monotonic() + _PACE

    def _put(self, message: SlackMessage) -> None:
        self._look(wait=True)
        if not self._ref.ts:
            return self._post(message)
        self._end_running()
        try:
            self._update(message)
        except MessengerRefused as error:
            if error.code not in _GONE:
                raise
            self._replace(message)

    def _replace(self, message: SlackMessage) -> None:
        """Posts the message anew; the one that cannot be changed any more is deleted."""
        old = self._ref.ts
        self._post(message)
        try:
            self._slack.delete(self._ref.channel, old)
        except MessengerError as error:
            log.warning("A part of an answer stays above it: %s", error)

    def _update(self, message: SlackMessage, *, steady: bool = True) -> None:
        self._check()
        ref = self._ref
        self._slack.update(
            ref.channel, ref.ts, message.text, message.blocks, mark=self._mark, steady=steady
        )

    def _post(self, message: SlackMessage, *, steady: bool = True) -> None:
        self._check()
        ref = self._ref
        try:
            ts = self._slack.post(
                ref.channel,
                message.text,
                message.blocks,
                ref.thread,
                mark=self._mark,
                steady=steady,
            )
        except MessengerUnavailable:
            self._lose()
            # It may have been posted, and may still appear: the next attempt looks for it.
            if not (found := self._find()):
                raise
            self._settle()
            ts = found[0]
        self._now_at(ts)

    def _check(self) -> None:
        if not self._may_write():
            raise Interrupted("Nothing more may be written for this question.")

    def _lose(self) -> None:
        """Notes that a message may have been posted whose ts is not known."""
        self._unsure = self._may_have_others = self._may_have_strays = True
        self._lost_at = monotonic()

    def _settle(self) -> None:
        """The message that may have been posted was found."""
        self._lost_at, self._may_have_strays = None, False

    def _look(self, *, wait: bool) -> bool:
        """If a message may have been posted, looks for it and continues with it.

        Returns whether that is settled: if Slack may only be late, with ``wait`` it is waited for.
        """
        if not self._unsure:
            return True
        found = self._find()
        late = 0.0 if self._lost_at is None else self._lost_at + _LATE - monotonic()
        if not found and late > 0:
            if not wait:
                return False
            sleep(late)
            found = self._find()
        if found:
            self._settle()
            self._stream, self._may_run = None, True
            self._now_at(found[0])
        self._unsure = False
        return True

    def _remove_others(self) -> None:
        """If a response was lost: deletes what appeared after it was looked for."""
        if not self._may_have_others:
            return
        for ts in self._find():
            if ts != self._ref.ts:
                self._slack.end_stream(self._ref.channel, ts)
                self._slack.delete(self._ref.channel, ts)
                self._settle()
        self._may_have_others = False

    def _end_running(self, *, steady: bool = True) -> None:
        if self._may_run:
            self._slack.end_stream(self._ref.channel, self._ref.ts, steady=steady)
            self._may_run = False

    def _now_at(self, ts: str) -> None:
        if ts != self._ref.ts:
            self._ref = self._ref.at(ts)
            self._began(self._ref)
