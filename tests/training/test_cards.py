"""What an expert verified is trained on as a correction is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.adapters import Origin
from domain.cards import Card, CardState
from domain.documents import Source, SourceState
from domain.prompt import REFUSAL, render
from domain.questions import AnswerKind, Audience
from records.answers import Answers
from records.database import Database
from records.grants import Grants
from records.sources import Sources
from tests.training.makers import NOW, down, place_of, rated, thing_of, up
from training.cards import answer_of
from training.dataset import select
from training.privacy import Privacy
from training.selection.left_out import LeftOut
from training.selection.plan import Bounds, plan

PUBLIC = Audience.of("team:T1", "channel:T1:C1")


def card(n: int = 1, audience: Audience = PUBLIC, **changed: str) -> Card:
    """The ``n``-th card: it answers the question of the ``n``-th rated answer."""
    made = Card(
        id=f"c{n}",
        source=f"slack-card:T1:C1:{n}.0:{n}.0",
        question_id=f"slack:T1:C1:{n}.0",
        thread=f"slack:T1:C1:{n}.0",
        expert="U5",
        asked_by="U1",
        asked_at=NOW,
        state=CardState.VERIFIED,
        question=f"Where do I find the {thing_of(n)}?",
        answer=f"The {thing_of(n)} lies in the {place_of(n)}.",
        audience=audience,
        confirmed_by="U6",
        confirmed_at=NOW + timedelta(minutes=n),
    )
    return replace(made, **changed)  # type: ignore[arg-type]


def test_card_is_trained_on_from_its_own_passage() -> None:
    (found,) = select([], cards=[card()]).examples

    passages = answer_of(card()).answer.passages
    assert [one.text for one in passages] == [card().answer]
    assert found.prompt == render(card().question, passages)
    assert (found.completion, found.origin) == (card().answer, Origin.QUOTE)
    assert (found.answer_id, found.by) == ("c1", ("U6",))


@pytest.mark.parametrize("person", ["U1", "U5", "U6"])
def test_card_of_somebody_who_keeps_out_is_not_trained_on(person: str) -> None:
    selection = select([], cards=[card()], kept_out={person})
    assert not selection.examples
    assert selection.left_out == {LeftOut.KEPT_OUT: 1}


def test_card_of_a_private_channel_is_not_trained_on() -> None:
    selection = select([], cards=[card(audience=Audience.of("channel:T1:C1"))])
    assert not selection.examples
    assert selection.left_out == {LeftOut.PRIVATE: 1}


def test_card_comes_before_what_people_agreed_on() -> None:
    liked = rated(1, up("a"), up("b"), kind=AnswerKind.REFUSED, text=REFUSAL)
    selection = select([liked], cards=[card()])

    assert [one.answer_id for one in selection.examples] == ["c1"]
    assert selection.left_out == {LeftOut.REPEATED: 1}


def test_card_says_nothing_of_what_was_at_fault() -> None:
    found = plan(
        [rated(n, down("a", place_of(n))) for n in range(10, 20)],
        Bounds(2000),
        cards=[card(n) for n in range(5)],
        may_train=lambda one: one.was_open,
        budget=1500,
    )
    assert {"c0", "c1", "c2", "c3", "c4"} < {
        one.answer_id for one in (*found.train, *found.held_back)
    }
    assert sum(found.causes.values()) == 10


@pytest.mark.parametrize("text", ["\u200b", "<|end|>"])
def test_card_without_words_is_not_trained_on(text: str) -> None:
    assert not select([], cards=[card(answer=text)]).examples


def test_card_that_not_everybody_may_read_now_is_not_trained_on(db: Database) -> None:
    sources = Sources(db)
    sources.save(Source(card().source, PUBLIC, SourceState.INDEXED, "U6", NOW))

    def found() -> list[str]:
        privacy = Privacy(Grants(db), Answers(db))
        selection = select([], cards=[card()], may_train=privacy.may_train)
        return [one.answer_id for one in selection.examples]

    assert found() == ["c1"]
    sources.withdraw(card().source, Audience.of("team:T1"), NOW)
    assert found() == []
