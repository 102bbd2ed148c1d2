"""Pages of answers on both databases: each wanted answer comes once, newest first."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.questions import AnswerKind, Sentence, Verdict
from domain.ratings import Correction, InputKind, RatingInput
from records import answer_pages
from records.answer_pages import AnswerFilter, AnswerPages, Place
from records.answers import Answers
from records.database import Database
from records.forgetting import Forgetting
from records.ratings import Ratings
from tests.records.makers import NOW, answer, question
from tests.records.plans import full_scans


def keep(db: Database, count: int) -> list[str]:
    """So many answers, newest first: three of the same time each; the odd ones are refused."""
    answers, ids = Answers(db), list[str]()
    for n in range(count):
        at = NOW - timedelta(minutes=n // 3)
        asked = replace(question(n), id=f"slack:T1:C{n % 2}:{n:03}.1", asked_at=at)
        answers.ask(asked)
        kind = AnswerKind.REFUSED if n % 2 else AnswerKind.ANSWERED
        made = replace(answer(asked, kind), created_at=at, sentences=(Sentence(0, 4, n != 4),))
        answers.record(replace(made, adapter="night-1" if n == 6 else None))
        ids.append(made.id)
    return sorted(ids, key=lambda one: (answers.get(one).created_at, one), reverse=True)


def all_of(db: Database, wanted: AnswerFilter, limit: int) -> list[str]:
    found, after = list[str](), None
    while True:
        page = AnswerPages(db).page(wanted, after, limit)
        found += [one.answer.id for one in page.rows]
        if page.next is None:
            return found
        after = Place.read(str(page.next))


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_pages_follow_each_other_without_gaps(
    db: Database, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(answer_pages, "LOOKED_AT", 7)
    ids = keep(db, 23)
    assert all_of(db, AnswerFilter(), limit) == ids
    refused = all_of(db, AnswerFilter(kind=AnswerKind.REFUSED), limit)
    assert refused == [one for one in ids if Answers(db).get(one).refused]
    assert all_of(db, AnswerFilter(place="T1/C1"), limit) == refused


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_several_filters_find_what_has_all_marks(
    db: Database, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(answer_pages, "LOOKED_AT", 4)
    ids = keep(db, 23)
    for n, one in enumerate(ids):
        if n % 5 == 0:
            Ratings(db).give(RatingInput(one, "U7", InputKind.BUTTON, Verdict.DOWN, NOW))
    down = AnswerFilter(kind=AnswerKind.REFUSED, verdict=Verdict.DOWN, place="T1/C1")
    wanted = [one for one in ids[::5] if Answers(db).get(one).refused]
    assert all_of(db, down, limit) == wanted != []
    assert all_of(db, replace(down, place="T1/C0"), limit) == []


def test_marks_say_what_people_say_now(db: Database) -> None:
    [one] = keep(db, 1)
    ratings, wanted = Ratings(db), AnswerFilter(verdict=Verdict.DOWN)
    up = RatingInput(one, "U7", InputKind.THUMB_UP, Verdict.UP, NOW)
    ratings.give(up)
    ratings.correct(Correction(one, "U7", NOW, "31 days"))
    assert all_of(db, wanted, 9) == [one]
    ratings.take_back(one, "U7", NOW)
    assert all_of(db, wanted, 9) == []
    assert all_of(db, AnswerFilter(verdict=Verdict.UP), 9) == [one]
    Forgetting(db).delete_person("U7")
    assert all_of(db, AnswerFilter(verdict=Verdict.UP), 9) == []


def test_an_index_finds_every_filter(db: Database) -> None:
    keep(db, 9)
    after = Place(NOW, "")

    def work(db: Database) -> None:
        pages = AnswerPages(db)
        for wanted in (
            AnswerFilter(),
            AnswerFilter(kind=AnswerKind.REFUSED),
            AnswerFilter(adapter="night-1", place="T1/C0"),
            AnswerFilter(source="/docs/leave.md", kind=AnswerKind.ANSWERED),
        ):
            pages.page(wanted, after, 9)

    found = [each for tables in full_scans(db, work).values() for each in tables]
    assert [each for each in found if "anon" not in each] == []  # those that were just found


def test_each_filter_finds_its_own(db: Database) -> None:
    keep(db, 9)
    [unsupported] = all_of(db, AnswerFilter(is_unsupported=True), 9)
    [adapted] = all_of(db, AnswerFilter(adapter="night-1"), 9)
    assert Answers(db).get(adapted).adapter == "night-1"
    assert all_of(db, AnswerFilter(verdict=Verdict.DOWN), 9) == []
    down = RatingInput(unsupported, "U7", InputKind.BUTTON, Verdict.DOWN, NOW)
    Ratings(db).give(down)
    assert all_of(db, AnswerFilter(verdict=Verdict.DOWN), 9) == [unsupported]
    Ratings(db).give(replace(down, at=NOW + timedelta(seconds=1), stands=False))
    assert all_of(db, AnswerFilter(verdict=Verdict.DOWN), 9) == []


def test_a_source_is_found_by_its_whole_address(db: Database) -> None:
    keep(db, 2)
    passage = Answers(db).recent(1)[0].answer.passages[0]
    asked = replace(question(50), id="slack:T1:C1:50.1")
    Answers(db).ask(asked)
    odd = replace(passage, source='file:ü%_"x".md')
    Answers(db).record(replace(answer(asked), passages=(odd,)))
    assert all_of(db, AnswerFilter(source=odd.source), 9) == [asked.answer_id]
    assert all_of(db, AnswerFilter(source='file:ü__"x".md'), 9) == []
    assert len(all_of(db, AnswerFilter(source=passage.source), 9)) == 2
