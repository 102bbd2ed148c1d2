"""Builds the parts that take questions and answer them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.admission.admitting import Admitting
from bot.answers.closed import DirectMessages
from bot.answers.delivery import Delivery
from bot.cards.unasking import Unasking
from bot.core import Core
from bot.home.choosing import Choosing
from bot.private.moving import Moving
from bot.questions.asking import Asking
from bot.questions.earlier import Earlier
from bot.questions.edits import Edits
from bot.questions.later_answers import LaterAnswers
from bot.questions.manners import manner
from bot.questions.meant import Meaning
from bot.questions.places import Places
from bot.questions.taking import Taking
from bot.questions.unasked import Unasked
from bot.words import words_for
from domain.admission import Access
from domain.answering import Answerer
from domain.questions import Question
from knowledge.attachments import Attached


@dataclass(frozen=True, slots=True)
class QuestionParts:
    admitting: Admitting
    taking: Taking
    asking: Asking
    edits: Edits
    later: LaterAnswers


def build_questions(
    core: Core,
    answerer: Answerer,
    choosing: Choosing,
    expert: Callable[[str, str], str],
    attached: Callable[[Sequence[str], Question], Attached],
    access: Access,
    meaning: Meaning | None,
) -> QuestionParts:
    """``expert`` names whom a button asks; ``attached`` reads the files of a question."""
    _read_words()
    slack, me, people, records = core.slack, core.me, core.people, core.records
    questions, answers = records.questions, records.answers
    places = Places(core.conversations, people, choosing.settings, me.team)
    edits = Edits(me, questions, records.jobs, core.soon)
    delivery = Delivery(slack, me, questions, records.sources, records.cards, expert)
    earlier = Earlier(slack, me, core.brisk_names, answers, questions, meaning)
    direct = DirectMessages(slack)
    moving = Moving(slack, me, places, questions, answers, records.grants, delivery)
    admitting = Admitting(slack, me, access, records.quotas, delivery, direct)
    taking = Taking(
        me,
        questions,
        answers,
        choosing,
        admitting,
        delivery,
        core.runner,
        core.leases,
        core.threads.signs,
        core.threads.arrivals.count,
    )
    asking = Asking(
        core,
        places,
        answerer,
        earlier,
        attached,
        delivery,
        direct,
        edits,
        Unasked(me, people, earlier, answerer, questions, answers),
        admitting,
        moving,
        Unasking(slack, records.cards, delivery.remove),
        taking.was_sign_lost,
    )
    later = LaterAnswers(
        slack, me, places, people, core.readers, answerer, answers, questions, records.cards
    )
    return QuestionParts(admitting, taking, asking, edits, later)


def _read_words() -> None:
    """Reads the lists of words that a question needs first.

    Otherwise the first questions that come together would each read them, and wait for that.
    """
    manner("hello")
    words_for("Where is it?")
