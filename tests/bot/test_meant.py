"""Whether a line in a thread is meant for the bot, on lines of threads that people wrote."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.thread_lines import UNSEEN, Row, read
from bot.questions.learned import learned
from bot.questions.lines import Line
from bot.questions.manners import Manner, manner
from bot.questions.meant import Meaning, is_meant
from bot.questions.signs import signs
from domain.embeddings import Vector
from domain.errors import RetrievalError
from knowledge.embedders.choosing import local_embedder

ROWS = read()
"""3,123 lines of threads of many trades in seven languages, half of them meant, of 26 authors.

Those from whom nothing was learned wrote 542 that are meant and 542 that are not.
"""

ASKED = Line("U1", "<@UBOT> how many days of leave do we get?")
ANSWERED = Line("", "28 days a year.", is_own=True)
REFUSED = Line("", "The documents do not say.", is_own=True, is_refusal=True)


def mistakes(rows: Sequence[Row], meaning: Meaning | None = None) -> tuple[list[str], list[str]]:
    """Which are answered wrongly, and which are missed."""
    judged = [(one, is_meant(one.line, one.before, one.names, meaning)) for one in rows]
    wrong = [one.line.text for one, says in judged if says and not one.is_meant]
    missed = [one.line.text for one, says in judged if one.is_meant and not says]
    return wrong, missed


def test_lines_of_authors_from_whom_nothing_was_learned_are_judged_by_words_alone() -> None:
    wrong, missed = mistakes([one for one in ROWS if one.author in UNSEEN])
    assert len(wrong) <= 41, wrong
    assert len(missed) <= 133, missed


@pytest.mark.slow
def test_lines_of_authors_from_whom_nothing_was_learned_are_judged_by_their_meaning() -> None:
    embedder = local_embedder("")

    def meaning(text: str) -> Vector:
        return embedder.embed_question(text).vector

    wrong, missed = mistakes([one for one in ROWS if one.author in UNSEEN], meaning)
    # Measured: 31 and 110; other processors round otherwise.
    assert len(wrong) <= 33, wrong
    assert len(missed) <= 113, missed


def test_lines_from_which_it_was_learned_are_judged_right() -> None:
    learned_from = [one for one in ROWS if one.author not in UNSEEN]
    wrong, missed = mistakes(learned_from)
    assert len(wrong) <= len(learned_from) / 2 * 0.03, wrong
    assert len(missed) <= len(learned_from) / 2 * 0.1, missed


@pytest.mark.parametrize(
    "text",
    [
        "thanks!",
        "lunch at 12?",
        "who's bringing the cake?",
        "wer fährt morgen?",
        "ok I will call the customer",
        "👍",
        "Maria, did you ask?",
    ],
)
def test_line_that_needs_no_answer_gets_none(text: str) -> None:
    assert not is_meant(Line("U1", text), [ASKED, ANSWERED])


@pytest.mark.parametrize(
    "text",
    [
        "and part-timers?",
        "no, I meant the Berlin office",
        "no, that was changed to 3 days in May",
        "isn't that the old policy",
        "why",
    ],
)
def test_same_person_goes_on(text: str) -> None:
    assert is_meant(Line("U1", text), [ASKED, ANSWERED])
    assert is_meant(Line("U1", text), [ASKED, REFUSED])


def test_nothing_is_meant_where_the_bot_said_nothing() -> None:
    assert not is_meant(Line("U1", "and part-timers?"), [Line("U2", "28 days")])


def test_name_of_somebody_in_the_thread_makes_a_line_theirs() -> None:
    line = Line("U1", "is that so, lena?")
    assert is_meant(line, [ASKED, ANSWERED])
    assert not is_meant(line, [ASKED, ANSWERED], ["Lena"])


def test_name_that_is_a_word_too_keeps_no_question_unheard() -> None:
    assert is_meant(Line("U1", "will it count for part-timers?"), [ASKED, ANSWERED], ["Will"])


def test_question_to_whom_spoke_last_is_for_them() -> None:
    said = [ASKED, ANSWERED, Line("U2", "I have 12 left")]
    assert not is_meant(Line("U1", "until march?"), said)
    assert is_meant(Line("U1", "what happens to days that are not taken by march"), said)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("thanks!", Manner.THANKS),
        ("ok great, thank you so much 🙏", Manner.THANKS),
        ("vielen Dank!", Manner.THANKS),
        ("ありがとうございます", Manner.THANKS),
        ("hi", Manner.GREETING),
        ("Guten Morgen zusammen", Manner.GREETING),
        (":wave:", Manner.NOTHING),
        ("👍", Manner.NOTHING),
        ("thanks, and who approves it?", Manner.OTHER),
        ("How do I get a laptop?", Manner.OTHER),
        ("laptop", Manner.OTHER),
    ],
)
def test_manner_of_a_whole_line(text: str, expected: Manner) -> None:
    assert manner(text) is expected


@pytest.mark.parametrize("text", ["thanks!", "<@U2> is that so?", "Maria, did you ask?", "👍"])
def test_line_that_is_never_meant_costs_no_embedding(text: str) -> None:
    asked = list[str]()

    def meaning(text: str) -> Vector:
        asked.append(text)
        return ()

    assert not is_meant(Line("U1", text), [ASKED, ANSWERED], (), meaning)
    assert not is_meant(Line("U1", "is that so?"), [ASKED], (), meaning)
    assert not asked


def test_words_alone_judge_where_the_meaning_is_not_known() -> None:
    def broken(text: str) -> Vector:
        raise RetrievalError("The embedding model failed.")

    meanings: list[Meaning | None] = [None, broken, lambda text: (), lambda text: [0.1] * 768]
    for meaning in meanings:
        assert is_meant(Line("U1", "and part-timers?"), [ASKED, ANSWERED], (), meaning)
        assert not is_meant(Line("U1", "ok I will tell her"), [ASKED, ANSWERED], (), meaning)


def test_other_words_for_what_was_not_found_are_heard() -> None:
    text = "copiers then, the contract with Ricoh"
    assert is_meant(Line("U1", text), [ASKED, REFUSED])
    assert not is_meant(Line("U1", "ok I will ask the office"), [ASKED, REFUSED])
    assert not is_meant(Line("U2", text), [ASKED, REFUSED])


def test_meaning_decides_where_words_leave_it_open() -> None:
    line, before = Line("U1", "second dog"), [ASKED, ANSWERED]
    weights = learned().with_meaning
    by_signs = weights.sum(signs(line, before), [0.0] * len(weights.vector))
    length = sum(one * one for one in weights.vector)

    def towards(sum_of_all: float) -> Meaning:
        vector = [one * (sum_of_all - by_signs) / length for one in weights.vector]
        return lambda text: vector

    assert is_meant(line, before, (), towards(1.0))
    assert not is_meant(line, before, (), towards(-1.0))


@given(st.text(max_size=3_000), st.text(max_size=200))
def test_every_text_is_judged(text: str, before: str) -> None:
    said = [ASKED, ANSWERED, Line("U2", before)]
    assert is_meant(Line("U1", text), said) in (True, False)
