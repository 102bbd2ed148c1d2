"""Turns buttons, reactions and the form behind 👎 into ratings."""

import logging
from collections.abc import Callable
from functools import partial
from threading import Event

from bot.jobs.workers import Workers
from bot.ratings.counting import Counting
from bot.ratings.form import SubmittedForm, form
from bot.ratings.learning import Learning
from bot.ratings.rating_notes import RatingNotes
from bot.slack.client import Me, SlackClient
from bot.slack.events import ButtonClick, Reaction
from bot.slack.message_ref import MessageRef, message_ref
from bot.words import ENGLISH, Words, words_of
from domain.errors import MessengerError, NotFound, Phi3Error, RecordsError
from domain.questions import Answer, Rating, Verdict
from domain.ratings import Correction, InputKind, RatingInput
from records.answers import Answers
from records.questions import Questions
from records.ratings import Ratings

log = logging.getLogger(__name__)

_MOMENT = 1.0
"""Seconds: Slack mostly says sooner who can read the answer, and then the event is acknowledged
when it counts."""


class NotStoredYet(Phi3Error):
    """Which answer the message shows may be stored soon: Slack is to send the event again."""


class Feedback:
    """Stores what people say of answers: each input by itself, and what they write.

    It is stored before the click is acknowledged to Slack, and waits until ``checks`` have found
    that the person can read the answer. ``forms`` must be opened within three seconds, so they wait
    for nothing.
    """

    def __init__(
        self,
        slack: SlackClient,
        me: Me,
        counting: Counting,
        questions: Questions,
        answers: Answers,
        ratings: Ratings,
        notes: RatingNotes,
        learning: Learning,
        forms: Workers,
        checks: Workers,
    ) -> None:
        self._slack = slack
        self._me = me
        self._counting = counting
        self._questions = questions
        self._answers = answers
        self._ratings = ratings
        self._notes = notes
        self._learning = learning
        self._forms = forms
        self._checks = checks

    def words_of(self, answer_id: str) -> Words:
        """The words in the language of the question; English if the answer is not known."""
        try:
            return words_of(self._answers.question_of(answer_id))
        except RecordsError:
            return ENGLISH

    def may_learn(self, answer_id: str, person: str) -> bool:
        """Whether a night may learn from what the person says; not while nobody knows that."""
        try:
            return self._learning.may_learn(answer_id, person)
        except RecordsError:
            return False

    def clicked(self, click: ButtonClick) -> None:
        """A thumb was pressed. Raises DatabaseUnavailable."""
        if not self._is_here(click):
            return
        key = click.answer_id, click.person
        given = RatingInput(*key, InputKind.BUTTON, click.verdict, click.at, waiting=True)
        self._ratings.give(given)
        if click.verdict is Verdict.DOWN:
            self._forms.submit(partial(self._open_form, click), _no_form)
        self._decide(*key, partial(self._thank_for, given, click.channel, click.thread))

    def explaining(self, click: ButtonClick) -> None:
        """The button below the thanks was pressed: opens the form, without a new rating."""
        if self._is_here(click):
            self._forms.submit(partial(self._open_form, click), _no_form)

    def filled(self, form: SubmittedForm) -> None:
        """The form was submitted.

        Raises NotFound, DatabaseUnavailable, and AlreadyChanged if the answer was made anew since
        the form was opened.
        """
        key = form.answer_id, form.person
        wrote = Correction(
            *key, form.opened_at, form.correction, fault=form.fault, source=form.source
        )
        self._ratings.correct(
            wrote, waiting=True, complete=not form.was_filled, made_at=form.made_at
        )
        question = self._answers.question_of(form.answer_id)
        at = message_ref(question.thread)
        channel, thread = at.channel, at.ts

        def say(rating: Rating | None) -> None:
            if rating and wrote.says_something:
                words = self.words_of(form.answer_id)
                self._notes.written(form.answer_id, channel, form.person, thread, words)

        self._decide(*key, say)

    def took_back(self, click: ButtonClick) -> None:
        """The button that deletes what the person wrote was pressed. Raises DatabaseUnavailable."""
        if self._is_here(click):
            rating = self._ratings.take_back(click.answer_id, click.person, click.at)
            words = self.words_of(click.answer_id)
            self._notes.taken_back(rating, click.channel, click.person, click.thread, words)

    def reacted(self, reaction: Reaction) -> None:
        """A thumb was added to a message, perhaps not to an answer.

        Raises DatabaseUnavailable and NotStoredYet.
        """
        answer = self._answer_at(reaction)
        if not answer:
            return
        given = RatingInput(
            answer.id,
            reaction.person,
            reaction.kind,
            reaction.verdict,
            reaction.at,
            waiting=True,
        )
        self._ratings.give(given)
        thread = message_ref(self._answers.question_of(answer.id).thread).ts
        thank = partial(self._thank_for, given, reaction.channel, thread)
        self._decide(answer.id, reaction.person, thank)

    def unreacted(self, reaction: Reaction) -> None:
        """A thumb was removed: what else the person said counts again.

        Raises DatabaseUnavailable and NotStoredYet.
        """
        if answer := self._answer_at(reaction):
            key = answer.id, reaction.person
            self._ratings.give(
                RatingInput(*key, reaction.kind, reaction.verdict, reaction.at, stands=False)
            )

    def _answer_at(self, reaction: Reaction) -> Answer | None:
        """An answer's message stands in Slack before it is stored which one it is: while it is
        streamed, or if Slack's response was lost.
        """
        at = MessageRef(self._me.team, reaction.channel, reaction.ts)
        answer = self._questions.answer_at(str(at))
        if answer is None and reaction.author == self._me.user:
            place = MessageRef(self._me.team, reaction.channel)
            if self._questions.is_open_in(str(place)):
                raise NotStoredYet("The message may show an answer that is not stored yet.")
        return answer

    def _is_here(self, click: ButtonClick) -> bool:
        """Whether the click came from the answer's conversation; if not, tells the person.

        A message that was shared to another channel has its buttons there too.
        """
        where = click.channel, click.person, click.thread
        try:
            asked_at = message_ref(self._answers.question_of(click.answer_id).thread)
        except NotFound:
            self._notes.unknown(*where)
            return False
        if (asked_at.team, asked_at.channel) == (self._me.team, click.channel):
            return True
        self._notes.not_here(*where, self.words_of(click.answer_id))
        return False

    def _decide(self, answer_id: str, person: str, then: Callable[[Rating | None], object]) -> None:
        """Finds out whether what was stored counts, and waits a moment for that."""
        done = Event()

        def decide() -> None:
            try:
                then(self._counting.decide(answer_id, person))
            finally:
                done.set()

        self._checks.submit(decide, _waits)
        done.wait(_MOMENT)

    def _thank_for(
        self, given: RatingInput, channel: str, thread: str, rating: Rating | None
    ) -> None:
        """Thanks for an input, unless it does not count, or came late: what counts is another."""
        is_it = rating and (rating.verdict, rating.rated_at) == (given.verdict, given.at)
        opens_form = given.kind is InputKind.BUTTON and given.verdict is Verdict.DOWN
        if rating and is_it and not opens_form:
            words = self.words_of(rating.answer_id)
            may_learn = self.may_learn(rating.answer_id, rating.by)
            self._notes.rated(rating, channel, thread, words, may_learn=may_learn)

    def _open_form(self, click: ButtonClick) -> None:
        words = self.words_of(click.answer_id)
        try:
            known = self._ratings.correction(click.answer_id, click.person)
            made_at = self._answers.get(click.answer_id).created_at
            view = form(click.answer_id, click.at, made_at, known, words)
            self._slack.open_view(click.trigger, view)
        except Phi3Error as error:
            # A trigger_id is valid for three seconds; Slack or the database may be away, too.
            log.info("No form for %s: %s", click.answer_id, error)
            self._notes.no_form(click.answer_id, click.channel, click.person, click.thread, words)


def _no_form(error: Exception) -> None:
    log.warning("No form could be opened: %s", error, exc_info=error)


def _waits(error: Exception) -> None:
    if isinstance(error, MessengerError):
        log.info("A rating is kept and waits, since Slack does not say who rated: %s", error)
    else:
        log.error("A rating is kept and waits", exc_info=error)
