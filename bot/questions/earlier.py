"""What was said in a thread before a question: read from Slack when it is answered, and not kept.

People's words in a thread are for its readers, and they did not write them for the bot. So they are
in the prompt of the one answer, and shown below it, and nowhere else: what is stored of them is
only that they were there, so that the answer is not trained on, and where the lines stand.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from bot.history.markup import plain
from bot.history.messages import HistoryMessage
from bot.history.names import Names
from bot.history.uris import SlackPlace
from bot.questions.lines import Line
from bot.questions.manners import Manner, folded, has, manner, wants_summary
from bot.questions.meant import Meaning, is_meant
from bot.slack.client import Me, SlackClient
from bot.slack.errors import may_pass
from bot.slack.message_ref import MessageRef, message_ref
from domain.blocks import Where
from domain.errors import MessengerError, MessengerRefused
from domain.given import NOTHING, Given
from domain.links import THREAD
from domain.questions import Answer, AnswerKind, Message, Passage, Question, RatedAnswer
from domain.text import truncate
from records.answers import Answers
from records.forgetting import FORGOTTEN
from records.questions import Questions

NOT_KEPT = (Message("user", "(what people wrote in this thread)"),)
"""Is stored as the history of a question that was answered with people's words.

So it is where a history would stay when what it quotes is forgotten."""

STAND_INS = (NOT_KEPT, FORGOTTEN)
"""What is stored instead of a history: no words for a model, or for a search."""

LINES = 200
"""The most lines of a thread that are looked at: its first, and the latest."""

_PAGES = 5
"""The most pages of 200 messages; of a longer thread the latest lines are not seen."""
_LONGEST = 1_000
"""Characters of a line."""
_EARLIER = 20
"""The most questions of a thread that are recognised in it."""
_JUDGED = 20
"""The latest lines by which it is judged whether a line is meant."""
_PASSAGE = 1_200
"""Characters of a passage of the thread."""
_TITLE = "What was written in this thread"
_RECENT = timedelta(hours=1)
"""How long a direct message goes on from those before it."""
_NAMED = 20
"""The most people of a thread whose names are asked."""


class Earlier:
    """Reads threads. Every method raises MessengerError and DatabaseUnavailable."""

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        names: Names,
        answers: Answers,
        questions: Questions,
        meaning: Meaning | None,
    ) -> None:
        self._slack = slack
        self._me = me
        self._names = names
        self._answers = answers
        self._questions = questions
        self._meaning = meaning

    def lines(self, question: Question) -> list[HistoryMessage]:
        """What was written in the question's thread before it, oldest first; none if it begins one.

        None too if Slack does not let the bot read the thread.
        """
        asked, thread = message_ref(question.id), message_ref(question.place).ts
        if not thread or thread == asked.ts:
            return []
        found, page = list[HistoryMessage](), ""
        for _ in range(_PAGES):
            try:
                read = self._slack.replies(asked.channel, thread, page, steady=False)
            except MessengerRefused as error:
                if may_pass(error):
                    raise
                return []
            found += (one for one in read.messages if one.is_written)
            page = read.next_page
            if not page or (found and float(found[-1].ts) >= float(asked.ts)):
                break
        before = [one for one in found if float(one.ts) < float(asked.ts)]
        return before[:1] + before[1:][1 - LINES :]

    def message(self, question: Question) -> HistoryMessage | None:
        """The message that is asked; None if it is of the bot, or Slack does not show it."""
        at = message_ref(question.id)
        try:
            page = self._slack.replies(at.channel, at.ts, steady=False)
        except MessengerRefused as error:
            if may_pass(error):
                raise
            return None
        found = next((one for one in page.messages if one.ts == at.ts), None)
        return None if found is None or self._is_mine(found) else found

    def is_meant(self, question: Question, before: Sequence[HistoryMessage]) -> bool:
        """Whether a line that mentions nobody goes on from the bot's last answer in its thread."""
        others = dict.fromkeys(one.person for one in before if not self._is_mine(one))
        others.pop(question.asked_by, None)
        names = [
            first
            for person in [*others][-_NAMED:]
            if person and (first := self._name(person).split()[0]) != person
        ]
        lines = [self._line(question, one) for one in before[-_JUDGED:]] or self._stored(question)
        return is_meant(Line(question.asked_by, question.text), lines, names, self._meaning)

    def history(self, question: Question, before: Sequence[HistoryMessage]) -> tuple[Message, ...]:
        """The turns before the question, oldest first, with the bot's own answers among them.

        What a person wrote begins with that person's name. It is the question's own history if
        nobody wrote anything but questions that the bot answered. A question that was asked
        elsewhere, and is answered in this thread for its person alone, comes first. A direct
        message that is in no thread goes on from those of the last hour.
        """
        if not before and is_direct(question):
            return self._answers.history_in(
                _conversation(question), question.asked_at - _RECENT, question.asked_at
            )
        known = {
            message_ref(one.question.id).ts: one
            for one in self._answers.earlier(question.place, question.asked_at, _EARLIER)
        }
        # Thanks say nothing, and would keep the answer out of training.
        said = [one for one in before if manner(one.text) is Manner.OTHER]
        people = [one for one in said if not self._is_mine(one) and one.ts not in known]
        if people:
            seen = {one.ts for one in before}
            unseen = [one for ts, one in known.items() if ts not in seen]
            return (*_turns(unseen), *self._turns(said, known))
        if question.history in STAND_INS:
            return self._answers.history(question.place, question.asked_at)
        return question.history

    def given(self, question: Question, before: Sequence[HistoryMessage]) -> Given:
        """What people wrote in the thread, if the question is about that."""
        line = folded(question.text)
        if not before or not (has(line, "thread") or wants_summary(line)):
            return NOTHING
        passages = tuple(self._passages(question, before))
        return Given(passages, to_summarise=wants_summary(line) and bool(passages))

    def author(self, message: HistoryMessage) -> str:
        if message.is_of_bot and not message.person:
            return message.bot_name or "a program"
        return self._name(message.person)

    def text(self, message: HistoryMessage) -> str:
        """What a person sees, at most 1,000 characters."""
        shown = plain(message.text[: 4 * _LONGEST], self._name)
        return truncate(" ".join(shown.split()), _LONGEST)

    def _passages(self, question: Question, before: Sequence[HistoryMessage]) -> list[Passage]:
        """The lines of people, oldest first, some in each passage."""
        uri = thread_of(question)
        found, lines, first = list[Passage](), list[str](), ""

        def end() -> None:
            if lines:
                where, name = Where(anchor=first), _name_at(uri, first)
                text = "\n".join(lines)
                found.append(
                    Passage(name, uri, _TITLE, text, 0.0, 0.0, question.audience, where, uri)
                )
                lines.clear()

        for one in before:
            if self._is_mine(one) or not (text := self.text(one)):
                continue
            if lines and sum(map(len, lines)) + len(text) > _PASSAGE:
                end()
            first = first if lines else one.ts
            lines.append(f"{self.author(one)}: {text}")
        end()
        return found

    def _turns(
        self, before: Sequence[HistoryMessage], known: dict[str, RatedAnswer]
    ) -> Iterator[Message]:
        for one in before:
            if answered := known.get(one.ts):
                yield from _turns([answered])
            elif not self._is_mine(one) and (text := self.text(one)):
                yield Message("user", f"{self.author(one)}: {text}")

    def _stored(self, question: Question) -> list[Line]:
        """The last question and answer of the thread, where Slack does not show it."""
        earlier = self._answers.earlier(question.place, question.asked_at, 1)
        return [
            line
            for one in earlier
            for line in (
                Line(one.question.asked_by, one.question.text),
                Line("", one.answer.text, is_own=True),
            )
        ]

    def _line(self, question: Question, message: HistoryMessage) -> Line:
        if not self._is_mine(message):
            return Line(message.person, message.text)
        at = str(MessageRef(self._me.team, message_ref(question.id).channel, message.ts))
        answer = self._questions.answer_at(at)
        # What is no answer, such as a question to the expert, is for somebody else.
        is_own = answer is not None or self._questions.is_reply(at)
        refused = answer is not None and answer.is_open
        return Line(message.person, message.text, is_own=is_own, is_refusal=refused)

    def _is_mine(self, message: HistoryMessage) -> bool:
        return message.person == self._me.user

    def _name(self, person: str) -> str:
        """The name, or the id while Slack does not tell: a name is not worth waiting for."""
        with suppress(MessengerError):
            return self._names.of(person) or person
        return person


def thread_of(question: Question) -> str:
    """The name of the question's thread as a source."""
    at = message_ref(question.place)
    return str(SlackPlace(THREAD, at.team, at.channel, at.ts))


def _turns(answered: Sequence[RatedAnswer]) -> Iterator[Message]:
    for one in answered:
        yield Message("user", one.question.text)
        yield Message("assistant", one.answer.text)


def without_lines(answer: Answer, question: Question) -> Answer:
    """The answer without the words of people in the question's thread, as it is stored.

    Their passages and citations stay: they say what the answer is from, and are links.
    """
    uri = thread_of(question)
    lines = {one.id for one in answer.passages if one.id == _name_at(uri, one.where.anchor)}
    if not lines:
        return answer
    passages = (replace(one, text="") if one.id in lines else one for one in answer.passages)
    citations = [
        replace(one, quote="") if one.passage_id in lines else one for one in answer.citations
    ]
    text = answer.text
    if answer.kind in (AnswerKind.QUOTED, AnswerKind.UNSURE):
        # What is said above the quotations; the numbers stood in these.
        text = text.partition("\n")[0]
        citations = [replace(one, ends=()) for one in citations]
    return replace(answer, text=text, passages=tuple(passages), citations=tuple(citations))


def _name_at(uri: str, ts: str) -> str:
    """The id of a passage of a thread that begins with a line; no indexed passage has it."""
    return f"{uri}:{ts}"


def is_direct(question: Question) -> bool:
    return message_ref(question.id).channel.startswith("D")


def _conversation(question: Question) -> str:
    """What the ids of all questions of a conversation begin with."""
    at = message_ref(question.id)
    return str(MessageRef(at.team, at.channel))
