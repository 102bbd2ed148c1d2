import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, select

from domain.errors import AlreadyChanged, NotFound
from domain.questions import Answer, Audience, Fault, RatedAnswer, Rating, Verdict
from domain.rated_briefly import RatedBriefly
from domain.ratings import Correction, InputKind, RatingInput, reaction_kind
from records.answers import Answers
from records.database import Database
from records.forgetting import Forgetting
from records.ratings import Ratings
from records.tables import rating_inputs
from tests.records.makers import answer, later, question, rating


@pytest.fixture
def ratings(db: Database) -> Ratings:
    return Ratings(db)


@pytest.fixture
def answered(db: Database) -> Answer:
    return keep(db, 1)


def keep(db: Database, n: int) -> Answer:
    Answers(db).ask(question(n))
    return Answers(db).record(answer(question(n)))


def after(earlier: Rating, **changes: object) -> Rating:
    return replace(earlier, rated_at=earlier.rated_at + timedelta(minutes=1), **changes)  # type: ignore[arg-type]


def rated(ratings: Ratings, given: Rating) -> Rating:
    """What is stored once it was given."""
    stored = ratings.rate(given)
    assert stored is not None
    return stored


def test_rating_is_kept(ratings: Ratings, answered: Answer) -> None:
    given = rated(ratings, rating(answered))
    assert given == rating(answered)
    assert ratings.of(answered.id) == (given,)
    assert ratings.last_rated_at() == given.rated_at


def test_rating_an_unknown_answer_is_refused(ratings: Ratings) -> None:
    with pytest.raises(NotFound):
        ratings.rate(rating(answer(question())))
    assert ratings.last_rated_at() is None


def test_second_rating_by_same_person_replaces_first(ratings: Ratings, answered: Answer) -> None:
    up = rated(ratings, rating(answered, reason="clear"))
    down = rated(ratings, after(up, verdict=Verdict.DOWN, reason="wrong", correction="31"))
    assert ratings.of(answered.id) == (down,)


def test_empty_texts_do_not_erase_those_of_the_same_verdict(
    ratings: Ratings, answered: Answer
) -> None:
    first = rated(ratings, rating(answered, verdict=Verdict.DOWN, reason="wrong", correction="31"))
    again = rated(ratings, after(first, reason="", correction=""))
    assert (again.reason, again.correction) == ("wrong", "31")
    corrected = rated(ratings, after(again, reason="", correction="32"))
    assert (corrected.reason, corrected.correction) == ("wrong", "32")


def test_texts_outlive_a_later_thumb_up_and_say_so(ratings: Ratings, answered: Answer) -> None:
    first = rated(ratings, rating(answered, verdict=Verdict.DOWN, reason="wrong", correction="31"))
    changed = after(first, verdict=Verdict.UP, reason="", correction="")
    assert ratings.rate(changed) == replace(
        changed, reason="wrong", correction="31", undecided=True
    )
    again = after(changed, verdict=Verdict.DOWN)
    assert ratings.rate(again) == replace(again, reason="wrong", correction="31")


def test_earlier_rating_that_arrives_later_changes_nothing(
    ratings: Ratings, answered: Answer
) -> None:
    earlier = rating(answered, verdict=Verdict.UP)
    later = ratings.rate(after(earlier, verdict=Verdict.DOWN))
    assert ratings.rate(earlier) == later
    assert ratings.of(answered.id) == (later,)


def test_the_same_rating_twice_is_one(ratings: Ratings, answered: Answer) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ratings.rate, [rating(answered)] * 16))
    assert ratings.of(answered.id) == (rating(answered),)


def thumb(
    answered: Answer, verdict: Verdict, minutes: float, *, stands: bool = True
) -> RatingInput:
    """A reaction of U2 that was added, or removed, that many minutes after the answer."""
    at = answered.created_at + timedelta(minutes=minutes)
    return RatingInput(answered.id, "U2", reaction_kind(verdict), verdict, at, stands)


def press(answered: Answer, verdict: Verdict, minutes: float) -> RatingInput:
    return replace(thumb(answered, verdict, minutes), kind=InputKind.BUTTON)


def verdict_of(ratings: Ratings, answered: Answer) -> Verdict | None:
    return next((one.verdict for one in ratings.of(answered.id) if one.by == "U2"), None)


def test_taking_back_a_thumb_down_lets_the_thumb_up_count_that_still_stands(
    ratings: Ratings, answered: Answer
) -> None:
    ratings.give(thumb(answered, Verdict.UP, 1))
    ratings.give(thumb(answered, Verdict.DOWN, 2))
    assert verdict_of(ratings, answered) is Verdict.DOWN
    ratings.give(thumb(answered, Verdict.DOWN, 3, stands=False))
    assert verdict_of(ratings, answered) is Verdict.UP


def test_taking_back_a_reaction_leaves_the_press_of_the_button(
    ratings: Ratings, answered: Answer
) -> None:
    ratings.give(press(answered, Verdict.UP, 1))
    ratings.give(thumb(answered, Verdict.UP, 2))
    ratings.give(thumb(answered, Verdict.UP, 3, stands=False))
    assert verdict_of(ratings, answered) is Verdict.UP


def test_older_event_that_is_sent_again_restores_nothing_that_was_taken_back(
    ratings: Ratings, answered: Answer
) -> None:
    given = thumb(answered, Verdict.UP, 1)
    ratings.give(thumb(answered, Verdict.UP, 2, stands=False))
    assert ratings.give(given) is None
    assert ratings.give(thumb(answered, Verdict.UP, 3)) is not None
    ratings.give(thumb(answered, Verdict.UP, 2, stands=False))
    assert verdict_of(ratings, answered) is Verdict.UP


def test_taking_back_in_an_unknown_answer_is_refused(ratings: Ratings, answered: Answer) -> None:
    with pytest.raises(NotFound):
        ratings.give(replace(thumb(answered, Verdict.UP, 1, stands=False), answer_id="a404"))


def inputs() -> st.SearchStrategy[list[tuple[InputKind, Verdict, int, bool]]]:
    """Kinds, verdicts, times and whether they were given: reactions can be taken back."""
    minutes = st.integers(0, 3)
    buttons = st.tuples(st.just(InputKind.BUTTON), st.sampled_from(Verdict), minutes, st.just(True))
    thumbs = st.builds(
        lambda verdict, tone, at, stands: (reaction_kind(verdict, tone), verdict, at, stands),
        st.sampled_from(Verdict),
        st.sampled_from((None, 2)),
        minutes,
        st.booleans(),
    )
    return st.lists(buttons | thumbs, max_size=6)


@pytest.mark.slow
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(given=inputs(), chance=st.randoms(use_true_random=False))
def test_inputs_give_the_same_verdict_in_any_order_and_however_often_they_are_sent(
    db: Database, given: list[tuple[InputKind, Verdict, int, bool]], chance: Random
) -> None:
    ratings, answered = Ratings(db), keep(db, 1)
    with db.session() as connection:
        connection.execute(delete(rating_inputs))
    for person, sent in (("U2", given), ("U3", chance.sample(given * 2, 2 * len(given)))):
        for kind, verdict, minute, stands in sent:
            at = later(minute)
            ratings.give(RatingInput(answered.id, person, kind, verdict, at, stands))
    found = {one.by: (one.verdict, one.rated_at) for one in ratings.of(answered.id)}
    assert found.get("U2") == found.get("U3")
    assert found.get("U2") == expected(given)


def expected(
    given: list[tuple[InputKind, Verdict, int, bool]],
) -> tuple[Verdict, datetime] | None:
    """The verdict by the words of the rule: the latest of what stands last of each kind."""
    last: dict[InputKind, tuple[int, bool, bool]] = {}
    for kind, verdict, minute, stands in given:
        one = (minute, not stands, verdict is Verdict.DOWN)
        last[kind] = max(last.get(kind, one), one)
    standing = [(minute, down) for minute, taken, down in last.values() if not taken]
    if not standing:
        return None
    minute, down = max(standing)
    return (Verdict.DOWN if down else Verdict.UP, later(minute))


@pytest.mark.slow
def test_processes_that_write_inputs_of_one_person_at_once_lose_none(
    url: str, db: Database
) -> None:
    answered = keep(db, 1)
    code = (
        "import sys; from datetime import timedelta; from records.database import Database; "
        "from domain.questions import Verdict; from domain.ratings import *; "
        "from records.ratings import Ratings; from tests.records.makers import later; "
        "db = Database(sys.argv[1])\n"
        "kinds = InputKind.BUTTON, InputKind.THUMB_UP, InputKind.THUMB_DOWN\n"
        "for n in range(int(sys.argv[2]), 120, 2):\n"
        "    kind = kinds[n % 3]; up = kind is not InputKind.THUMB_DOWN\n"
        "    Ratings(db).give(RatingInput(sys.argv[3], 'U2', kind, "
        "Verdict.UP if up else Verdict.DOWN, later(n), stands=kind is InputKind.BUTTON))"
    )

    def write(start: int) -> str:
        command = [sys.executable, "-c", code, url, str(start), answered.id]
        return subprocess.run(command, capture_output=True, text=True, check=False).stderr

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(write, range(2))) == ["", ""]
    with db.reading() as connection:
        rows = connection.execute(select(rating_inputs.c.kind, rating_inputs.c.at)).all()
    assert {(row.kind, row.at) for row in rows} == {
        (InputKind.BUTTON, later(117)),
        (InputKind.THUMB_UP, later(118)),
        (InputKind.THUMB_DOWN, later(119)),
    }
    assert [(one.verdict, one.rated_at) for one in Ratings(db).of(answered.id)] == [
        (Verdict.UP, later(117))
    ]


def wrote(answered: Answer, minutes: float, text: str = "31 days", **more: Any) -> Correction:
    at = answered.created_at + timedelta(minutes=minutes)
    return Correction(answered.id, "U2", at, text, **more)


def test_form_is_a_rating_that_no_button_or_reaction_erases(
    ratings: Ratings, answered: Answer
) -> None:
    ratings.give(press(answered, Verdict.DOWN, 1))
    said = ratings.correct(wrote(answered, 1, fault=Fault.OUTDATED, source="/leave.md"))
    assert said is not None
    assert (said.verdict, said.correction, said.fault, said.source, said.undecided) == (
        Verdict.DOWN, "31 days", Fault.OUTDATED, "/leave.md", False,
    )  # fmt: skip
    up = ratings.give(press(answered, Verdict.UP, 2))
    assert up is not None
    assert (up.verdict, up.correction, up.undecided) == (Verdict.UP, "31 days", True)
    down = ratings.give(press(answered, Verdict.DOWN, 3))
    assert down is not None
    assert (down.correction, down.undecided) == ("31 days", False)


def test_form_counts_after_all_that_has_arrived_and_once(
    ratings: Ratings, answered: Answer
) -> None:
    ratings.give(press(answered, Verdict.UP, 5))
    said = ratings.correct(wrote(answered, 1))
    assert said is not None
    assert (said.verdict, said.undecided) == (Verdict.DOWN, False)
    assert ratings.correct(wrote(answered, 1)) == said
    ratings.give(press(answered, Verdict.UP, 6))
    again = ratings.correct(wrote(answered, 1))
    assert again is not None
    assert (again.verdict, again.undecided) == (Verdict.DOWN, False)


def test_empty_texts_of_a_form_replace_what_is_stored_unless_it_is_to_be_completed(
    ratings: Ratings, answered: Answer
) -> None:
    ratings.correct(wrote(answered, 1, fault=Fault.WRONG))
    said = ratings.correct(wrote(answered, 2, "", source="/leave.md"), complete=True)
    assert said is not None
    assert (said.correction, said.fault, said.source) == ("31 days", Fault.WRONG, "/leave.md")
    said = ratings.correct(wrote(answered, 3, "", source="/leave.md"))
    assert said is not None
    assert (said.correction, said.fault, said.source) == ("", None, "/leave.md")


def test_correction_of_an_answer_that_was_replaced_is_refused_and_changes_nothing(
    ratings: Ratings, answered: Answer
) -> None:
    before = ratings.correct(wrote(answered, 1), made_at=answered.created_at)
    with pytest.raises(AlreadyChanged):
        ratings.correct(wrote(answered, 2, "32 days"), made_at=later(-1))
    assert ratings.of(answered.id) == (before,)


def test_correction_that_is_taken_back_is_gone_and_the_thumbs_stay(
    ratings: Ratings, answered: Answer
) -> None:
    ratings.give(thumb(answered, Verdict.UP, 1))
    ratings.correct(wrote(answered, 2))
    before = ratings.correction(answered.id, "U2")
    assert before is not None
    assert before.text == "31 days"
    said = ratings.take_back(answered.id, "U2", answered.created_at)
    assert said is not None
    assert (said.verdict, said.correction) == (Verdict.UP, "")
    assert ratings.correction(answered.id, "U2") is None
    again = ratings.correct(wrote(answered, 2, "32 days"))
    assert again is not None
    assert (again.verdict, again.correction) == (Verdict.DOWN, "32 days")


def test_taking_back_what_was_never_written_changes_nothing(
    ratings: Ratings, answered: Answer
) -> None:
    given = ratings.give(press(answered, Verdict.DOWN, 1))
    assert ratings.take_back(answered.id, "U2", later(60)) == given


def test_input_that_waits_counts_only_once_that_is_decided(
    ratings: Ratings, answered: Answer
) -> None:
    waits = replace(press(answered, Verdict.DOWN, 1), waiting=True)
    assert ratings.give(waits) is None
    assert ratings.waiting() == [(answered.id, "U2")]
    assert (list(ratings.rated()), ratings.last_rated_at()) == ([], None)
    said = ratings.decide(answered.id, "U2", counts=True)
    assert said is not None
    assert ratings.give(waits) == said
    assert ratings.waiting() == []
    assert ratings.last_rated_at() == waits.at


def test_input_that_does_not_count_is_deleted_with_what_was_written(
    ratings: Ratings, answered: Answer
) -> None:
    ratings.correct(wrote(answered, 1), waiting=True)
    assert ratings.of(answered.id) == ()
    assert ratings.decide(answered.id, "U2", counts=False) is None
    assert ratings.correction(answered.id, "U2") is None
    assert ratings.waiting() == []


def test_rated_answers_come_oldest_first_each_with_all_its_ratings(
    db: Database, ratings: Ratings
) -> None:
    third, first, _unrated = keep(db, 3), keep(db, 1), keep(db, 2)
    late, *two = rating(third, by="U1"), rating(first, by="U3"), rating(first, by="U2")
    for one in (late, *two):
        ratings.rate(one)
    assert list(ratings.rated()) == [
        RatedAnswer(question(1), first, (two[1], two[0])),
        RatedAnswer(question(3), third, (late,)),
    ]


def test_rated_answers_are_told_briefly_oldest_first(db: Database, ratings: Ratings) -> None:
    public = Audience.of("channel:T1:C1", public=True)
    for n, audience in ((1, public), (3, Audience.of("team:T1")), (4, Audience.of("person:T1:U1"))):
        Answers(db).ask(replace(question(n), audience=audience))
    first, third, private = (Answers(db).record(answer(question(n))) for n in (1, 3, 4))
    keep(db, 2)
    for each in (
        rating(third, "U3", Verdict.DOWN, correction="10 years"),
        rating(third, "U2"),
        rating(first, "U1", Verdict.DOWN, reason="wrong"),
        rating(private),
    ):
        ratings.rate(each)
    ratings.give(replace(press(third, Verdict.DOWN, 1), by="U8", waiting=True))
    ratings.correct(replace(wrote(private, 1, text=""), by="U4", fault=Fault.UNWANTED))
    assert list(ratings.briefly()) == [
        RatedBriefly(first.id, "U1", True, ("U1",), is_bad=True),
        RatedBriefly(third.id, "U1", True, ("U2", "U3"), frozenset({"U3"}), is_bad=True),
        RatedBriefly(private.id, "U1", False, ("U2", "U4"), frozenset({"U4"}), is_bad=True),
    ]


def test_only_the_wanted_rated_answers_are_read(db: Database, ratings: Ratings) -> None:
    kept = [keep(db, n) for n in range(4)]
    for one in kept[:3]:
        ratings.rate(rating(one))
    wanted = [kept[0].id, kept[2].id, kept[3].id]
    assert [one.answer for one in ratings.rated(wanted)] == [kept[0], kept[2]]


def test_rated_answers_are_read_in_pages(
    db: Database, ratings: Ratings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("records.ratings._PAGE", 10)
    for n in range(25):
        ratings.rate(rating(keep(db, n)))
    asked: list[str] = []
    event.listen(db._engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    assert [one.question for one in ratings.rated()] == [question(n) for n in range(25)]
    assert len([statement for statement in asked if statement.startswith("SELECT")]) == 1 + 3 * 3


def test_writers_continue_while_rated_answers_are_read(db: Database, ratings: Ratings) -> None:
    for n in range(3):
        ratings.rate(rating(keep(db, n)))
    reading = ratings.rated()
    next(reading)
    Forgetting(db).delete_person("U1")
    assert list(ratings.rated()) == []


def test_no_read_keeps_the_write_ahead_log_from_shrinking(
    sqlite: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("records.ratings._PAGE", 1)
    with closing(Database(sqlite)) as db:
        for n in range(3):
            Ratings(db).rate(rating(keep(db, n)))
        reading = Ratings(db).rated()
        next(reading)
        with closing(sqlite3.connect(sqlite.removeprefix("sqlite:///"))) as other:
            [(busy, _, _)] = other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert not busy
        assert len(list(reading)) == 2
