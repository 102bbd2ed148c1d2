from pathlib import Path

from bench.month.clock import most_rows
from bench.month.documents import after, changes, copied, is_outdated, make, texts_of
from bench.month.questions import fitting, schedule, split
from bench.month.size import Size
from bench.month.values import holds
from domain.questions import Audience, Passage
from tests.bench.month.makers import questions, team, texts


def passage(source: str, text: str) -> Passage:
    return Passage("1", source, "", text, 1.0, 1.0, Audience.everyone())


def test_no_unseen_question_is_about_a_file_that_people_ask_about() -> None:
    found = split(questions(), 6)
    assert len(found.unseen) == 6
    assert not {one.file for one in found.unseen} & {one.file for one in found.seen}


def test_a_small_team_has_a_smaller_month() -> None:
    found, size = fitting(questions(), Size())
    assert (len(found.unseen), size.unseen) == (8, 8)
    assert size.a_day == 2


def test_a_night_has_room_for_more_rows_than_it_needs() -> None:
    assert most_rows(Size()) > Size().min_examples


def test_changed_documents_have_the_new_value_and_so_have_the_right_answers(tmp_path: Path) -> None:
    files, _ = team(tmp_path)
    folder = copied(files, tmp_path / "copy")
    found = split(questions(), 6)
    some = changes(found, texts_of(files), 0.5)
    make(some, folder, texts_of(files))
    make(some, folder, texts_of(files))
    now = texts_of(folder)
    assert {one.file for one in some} == {name for name in now if now[name] != texts()[name]}
    assert any(one.file in {asked.file for asked in found.unseen} for one in some)
    for before, one in zip(questions(), after(questions(), some), strict=True):
        assert holds(now[one.file], one.accepted)
        is_changed = (before.file, before.accepted) in {(each.file, each.old) for each in some}
        assert (one.accepted != before.accepted) == is_changed
    assert texts_of(files) == texts()


def test_only_passages_with_the_old_value_are_outdated() -> None:
    [one, *_] = changes(split(questions(), 6), texts(), 0.5)
    by_file = {one.file: one}
    assert is_outdated(passage(f"/team/{one.file}", f"It holds {one.old} litres."), by_file)
    assert not is_outdated(passage(f"/team/{one.file}", f"It holds {one.new} litres."), by_file)
    assert not is_outdated(passage("/team/other.txt", f"It holds {one.old} litres."), by_file)


def test_each_question_is_new_on_one_day_and_some_are_asked_again() -> None:
    seen = questions()[:20]
    again, changed = seen[:2], seen[5:7]
    days = schedule(seen, 10, 2, again, changed, 5)
    when = {one.id: [n for n, day in enumerate(days, 1) if one in day] for one in seen}
    assert [len(when[one.id]) for one in again] == [3, 3]
    for one in changed:
        first, *later = when[one.id]
        assert len(later) == (first < 5)
        assert all(day >= 5 for day in later)
    others = [one for one in seen if one not in again and one not in changed]
    assert all(len(when[one.id]) == 1 for one in others)


def test_the_schedule_is_a_split_when_nothing_is_asked_again() -> None:
    days = schedule(questions()[:20], 10, 2, [], [], 5)
    assert [len(day) for day in days] == [2] * 10
