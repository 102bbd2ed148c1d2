from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from domain.cards import Card, CardState
from domain.errors import AlreadyChanged, NotFound
from domain.jobs import JobKind, JobState
from domain.questions import Audience
from records.answers import Answers
from records.cards import Cards, keep_verified
from records.database import Database
from records.forgetting import Forgetting
from records.jobs import Jobs
from records.questions import Questions
from records.retention import Retention
from tests.records.makers import NOW, answer, later, question

THREAD = "slack:T1:C1:1.0"


@pytest.fixture
def cards(db: Database) -> Cards:
    Answers(db).ask(question(1))
    return Cards(db)


def card(n: int = 1, expert: str = "U5") -> Card:
    return Card(
        f"c{n}",
        f"slack-card:T1:C1:1.0:{n}.0",
        f"slack:T1:C1:{n}.0",
        THREAD,
        expert,
        "U1",
        later(n),
    )


def confirmed(cards: Cards, answer: str = "It hangs at the gate.", by: str = "U5") -> Card:
    """A card that is verified; returns it as it is stored."""
    cards.ask(card())
    wanted = replace(
        card(),
        question="Where is the key?",
        answer=answer,
        audience=Audience.of("team:T1"),
        lines="2.0 3.0",
        confirmed_by=by,
    )
    cards.verify(wanted, later(10))
    found = cards.find("c1")
    assert found
    return found


def jobs_of(db: Database) -> list[str]:
    return [job.key for job in Jobs(db).in_states([JobState.WAITING], JobKind.CARD)]


def test_expert_is_asked_once_by_one_job(cards: Cards, db: Database) -> None:
    with ThreadPoolExecutor(4) as pool:
        asked = list(pool.map(lambda _: cards.ask(card()), range(8)))

    assert sum(asked) == 1
    assert jobs_of(db) == ["c1"]
    assert cards.of_question(card().question_id) == card()


def test_line_of_an_expert_is_for_what_they_were_asked_last(cards: Cards, db: Database) -> None:
    for each in (card(1), card(3), card(2), card(4, expert="U6")):
        cards.ask(each)
    assert not cards.wrote(THREAD, "U7", NOW)
    assert not cards.wrote("slack:T1:C1:9.0", "U5", NOW)
    assert cards.wrote(THREAD, "U5", NOW)

    states = [found.state for n in range(1, 5) if (found := cards.find(f"c{n}"))]
    assert states == [CardState.ASKED, CardState.ASKED, CardState.DRAFT, CardState.ASKED]
    assert sorted(jobs_of(db)) == ["c1", "c2", "c3", "c3", "c4"]


def test_same_words_confirmed_twice_are_confirmed_once(cards: Cards, db: Database) -> None:
    first = confirmed(cards)
    assert not cards.verify(replace(first, confirmed_at=None), later(20))
    assert cards.find("c1") == first
    assert cards.verify(replace(first, link="https://a.example/"), later(30), first.version)

    again = cards.find("c1")
    assert again == replace(first, link="https://a.example/", confirmed_at=later(30))
    assert list(cards.verified()) == cards.verified_of({first.source, "/other"}) == [again]
    assert len(jobs_of(db)) == 3


def test_nothing_replaces_what_was_confirmed_or_withdrawn_meanwhile(cards: Cards) -> None:
    first = confirmed(cards)
    other = replace(first, answer="It hangs at the gate of Ulm.")
    with pytest.raises(AlreadyChanged):  # seen before anything was confirmed
        cards.verify(other, later(20), "")
    assert cards.verify(other, later(20), first.version)
    with pytest.raises(AlreadyChanged):
        cards.verify(replace(first, answer="In the safe."), later(30), first.version)

    second = cards.find("c1")
    assert second
    assert cards.withdraw("c1", later(40))
    with pytest.raises(AlreadyChanged):
        cards.verify(replace(first, answer="In the safe."), later(50), second.version)
    withdrawn = cards.find("c1")
    assert withdrawn
    assert (withdrawn.state, withdrawn.answer) == (CardState.WITHDRAWN, "")
    assert cards.verify(other, later(60), withdrawn.version)


def test_unknown_card_is_neither_confirmed_nor_withdrawn(cards: Cards) -> None:
    with pytest.raises(NotFound):
        cards.verify(card(), NOW)
    with pytest.raises(NotFound):
        cards.withdraw("c1", NOW)


def test_withdrawn_card_has_no_words(cards: Cards) -> None:
    confirmed(cards)
    assert cards.withdraw("c1", NOW)
    assert not cards.withdraw("c1", NOW)

    found = cards.find("c1")
    assert found
    assert (found.question, found.answer, found.lines) == ("", "", "")
    assert not list(cards.verified())


@pytest.mark.parametrize(
    ("place", "ts", "is_withdrawn"),
    [
        ("slack:T1:C1:", "3.0", True),
        ("slack:T1:C1:", "4.0", False),
        ("slack:T1:C2:", "3.0", False),
        ("slack:T2:C1:", "3.0", False),
    ],
)
def test_card_goes_with_a_message_that_it_came_from(
    cards: Cards, place: str, ts: str, is_withdrawn: bool
) -> None:
    confirmed(cards)
    assert cards.unwrote(place, ts, THREAD, NOW) is is_withdrawn
    found = cards.find("c1")
    assert found
    assert (found.state is CardState.WITHDRAWN) is is_withdrawn


def test_draft_is_looked_at_again_when_a_line_of_its_thread_is_deleted(
    cards: Cards, db: Database
) -> None:
    cards.ask(card())
    cards.wrote(THREAD, "U5", NOW)
    assert not cards.unwrote("slack:T1:C1:", "2.0", "slack:T1:C1:9.0", NOW)
    assert cards.unwrote("slack:T1:C1:", "2.0", THREAD, NOW)
    assert len(jobs_of(db)) == 3


def test_forgotten_source_takes_its_card_and_jobs_along(cards: Cards, db: Database) -> None:
    known, forgetting = confirmed(cards), Forgetting(db)
    stored = forgetting.find_source(known.source)
    assert stored
    assert stored.answers == {"c1"}
    assert stored.texts == {"Where is the key?", "It hangs at the gate."}
    assert forgetting.delete_source(known.source, stored).cards == 1
    assert cards.find("c1") is None
    assert not jobs_of(db)
    assert forgetting.find_source(known.source) is None


def test_answer_to_a_forgotten_person_stays_without_their_name(cards: Cards, db: Database) -> None:
    confirmed(cards)
    cards.ask(card(2))
    forgetting = Forgetting(db)
    assert forgetting.find_person("U1")
    assert forgetting.delete_person("U1").cards == 1

    assert cards.find("c2") is None
    found = cards.find("c1")
    assert found
    assert (found.asked_by, found.answer) == ("", "It hangs at the gate.")
    assert forgetting.find_person("U1") is None


def test_what_a_forgotten_expert_was_asked_is_deleted(cards: Cards, db: Database) -> None:
    cards.ask(card(1, expert="U6"))
    cards.ask(card(2))
    forgetting = Forgetting(db)
    assert forgetting.find_person("U6")
    forgetting.delete_person("U6")

    assert cards.find("c1") is None
    assert cards.find("c2")
    assert forgetting.find_person("U6") is None


def test_who_asked_is_kept_no_longer_than_the_question(cards: Cards, db: Database) -> None:
    confirmed(cards)
    cards.ask(card(2))
    Questions(db).drop(card(2).question_id)
    Retention(db).delete_questions(later(100), lambda _: None)

    assert cards.find("c2") is None
    found = cards.find("c1")
    assert found
    assert (found.state, found.asked_by) == (CardState.VERIFIED, "")


def test_who_asked_is_forgotten_with_the_answer(cards: Cards, db: Database) -> None:
    confirmed(cards)
    Answers(db).record(answer(question(1)))
    Forgetting(db).delete_answer(question(1).answer_id)

    found = cards.find("c1")
    assert found
    assert (found.state, found.asked_by) == (CardState.VERIFIED, "")


def test_answer_that_is_confirmed_is_kept_before_another(cards: Cards, db: Database) -> None:
    theirs = confirmed(cards)
    other = replace(theirs, answer="At the gate.", lines="", confirmed_by="U9")
    with pytest.raises(AlreadyChanged, match="U5 confirmed"), db.session() as connection:
        keep_verified(connection, other, later(20))
    assert cards.find("c1") == theirs
    cards.withdraw("c1", later(30))
    with db.session() as connection:
        keep_verified(connection, other, later(40))
    kept = cards.find("c1")
    assert kept
    assert kept.answer == other.answer
