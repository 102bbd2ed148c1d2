"""What the people who rated an answer say together: that it is right, or what is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.adapters import Origin
from domain.citations import supported
from domain.control_tokens import strip_control_tokens
from domain.prompt import REFUSAL
from domain.protocols import CUT
from domain.questions import Answer, AnswerKind, Fault, Question, RatedAnswer, Rating, Verdict
from domain.text import is_blank
from domain.word_for_word import stands_in
from training.selection.agreement import Said, groups
from training.selection.left_out import LeftOut

IsExpert = Callable[[str, Question], bool]
"""Whether a person is known as one who knows what the channel of a question is about."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """The text to train on, and the people who say it.

    ``is_certain``: an expert wrote it, or it stands word for word in a passage that was shown.
    """

    text: str
    origin: Origin
    by: frozenset[str]
    is_certain: bool = False


def nobody_is_expert(_person: str, _question: Question) -> bool:
    return False


def counting(rated: RatedAnswer) -> list[Rating]:
    """Each person's latest rating, of those who have decided, oldest first.

    Whoever wrote a correction and said later that the answer is good has no vote until then.
    """
    latest = {one.by: one for one in sorted(rated.ratings, key=lambda one: one.rated_at)}
    return [one for one in latest.values() if not one.undecided]


def opinion(rated: RatedAnswer, is_expert: IsExpert = nobody_is_expert) -> Opinion | LeftOut:
    """What most people say of an answer, or why it is not known.

    A correction that others contradict, by their 👍 or by another correction, waits until a second
    person writes the same; not if an expert wrote it, or if it stands word for word in a passage
    that was shown.
    """
    ratings = counting(rated)
    if not ratings:
        return LeftOut.UNCLEAR
    ups = frozenset(
        one.by for one in ratings if one.verdict is Verdict.UP and not correction_of(one)
    )
    if 2 * len(ups) > len(ratings):
        if rated.answer.text.endswith(CUT):
            return LeftOut.CUT
        text = _own_text(rated.answer)
        return Opinion(text, Origin.THUMB_UP, ups) if text else LeftOut.UNGROUNDED
    written = [
        Said(text, one.by, one.rated_at.timestamp())
        for one in ratings
        if (text := correction_of(one))
    ]
    if not written:
        return LeftOut.UNDECIDED
    return _corrected(rated, written, ups, is_expert)


def correction_of(rating: Rating) -> str:
    """What should have been answered; empty if the person does not say it.

    If the bot should not have answered, that is the refusal, whatever else the person wrote.
    """
    if rating.verdict is Verdict.DOWN and rating.fault is Fault.UNWANTED:
        return REFUSAL
    return trainable(rating.correction)


def trainable(text: str) -> str:
    """``text`` without control tokens; empty if nothing visible is left."""
    plain = strip_control_tokens(text).strip()
    return "" if is_blank(plain) else plain


def _corrected(
    rated: RatedAnswer, written: Sequence[Said], ups: frozenset[str], is_expert: IsExpert
) -> Opinion | LeftOut:
    """The correction of most people; of those that as many gave, a certain one, or else none."""
    question, shown = rated.question, [one.text for one in rated.answer.passages]
    found = groups(written, question.text)
    most = len({one.by for one in found[0]})
    first = [group for group in found if len({one.by for one in group}) == most]

    def is_certain(group: Sequence[Said]) -> bool:
        return stands_in(group[-1].text, shown) or any(is_expert(one.by, question) for one in group)

    certain = next((group for group in first if is_certain(group)), None)
    chosen = certain or first[0]
    text, by = chosen[-1].text, frozenset(one.by for one in chosen)
    if certain is None and (len(first) > 1 or (len(by) == 1 and ups)):
        return LeftOut.WAITING
    is_quote = stands_in(text, shown)
    origin = Origin.QUOTE if is_quote else Origin.CORRECTION
    return Opinion(text, origin, by, is_certain=certain is not None)


def _own_text(answer: Answer) -> str:
    """The part of a liked answer to train on; empty if passages were quoted without a model.

    People may like an answer and not notice that a part of it is invented, so sentences that no
    passage supports are left out.
    """
    match answer.kind:
        case AnswerKind.ANSWERED:
            text = trainable(answer.text)
            sentences = answer.sentences if text == answer.text else ()
            return supported(text, answer.passages, sentences)
        case AnswerKind.REFUSED:
            return REFUSAL
        case AnswerKind.QUOTED | AnswerKind.UNSURE:
            return ""
