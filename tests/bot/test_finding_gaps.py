"""What the documents do not answer becomes gaps, which stay the same from week to week."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.experts import card_of
from bot.gaps.finding import GapFinder
from bot.gaps.overview import Overview, TerminalViewer
from domain.causes import Cause
from domain.gaps import RECENT, Closing, Gap, GapState
from domain.questions import AnswerKind, Audience, Fault, Verdict
from domain.ratings import Correction, InputKind, RatingInput
from records.answers import Answers
from records.cards import Cards
from records.channels import Channels
from records.database import Database
from records.forgetting import Forgetting
from records.gaps import Gaps
from records.open_work import open_work
from records.questions import Questions
from records.ratings import Ratings
from records.sources import Sources
from tests.bot.gap_makers import NOW, asked, keep, rate_down, refuse
from tests.knowledge.doubles import WordEmbedder, new_ledger
from tests.records.plans import full_scans

LAPTOP = "How do I get a new laptop?"
PARKING = "Where can visitors park a car?"
EVERYONE = Audience.everyone()
LATER = NOW + timedelta(weeks=1)


def found(database: Database, now: datetime = NOW, team: str = "T1") -> list[set[str]]:
    """The texts of each gap's questions, the first gap first."""
    GapFinder(Gaps(database), WordEmbedder).refresh(team, now)
    return texts(database, team)


def texts(database: Database, team: str = "T1") -> list[set[str]]:
    gaps = Gaps(database)
    return [{one.question.text for one in gaps.questions_of(gap)} for gap in gaps.all(team)]


def test_refused_and_downvoted_questions_are_grouped_by_meaning(database: Database) -> None:
    refuse(database, asked(1, LAPTOP), asked(2, PARKING))
    rate_down(database, asked(3, "How can I get a new laptop?"))
    keep(database, asked(4, "How do I get a very new laptop?"), AnswerKind.ANSWERED)
    groups = found(database)
    assert sorted(map(len, groups)) == [1, 2]
    assert {LAPTOP, "How can I get a new laptop?"} in groups


def test_the_cause_of_a_bad_answer_is_known(database: Database) -> None:
    question = asked(1, LAPTOP)
    answer = keep(database, question, AnswerKind.ANSWERED)
    Ratings(database).correct(Correction(answer.id, "U2", NOW, fault=Fault.WRONG_SOURCE))
    found(database)
    (one,) = Gaps(database).questions("T1")
    assert (one.failed.is_refused, one.failed.cause) == (False, Cause.RETRIEVAL)


def test_answer_that_more_people_call_good_is_none(database: Database) -> None:
    question = asked(1, LAPTOP)
    rate_down(database, question)
    for person in ("U3", "U4"):
        up = RatingInput(question.answer_id, person, InputKind.BUTTON, Verdict.UP, NOW)
        Ratings(database).give(up)
    assert found(database) == []


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.sampled_from([LAPTOP, PARKING, "how do I get a NEW laptop", "Who pays for lunch?"])
    ),
    st.randoms(use_true_random=False),
)
def test_order_of_questions_does_not_matter_and_same_words_are_in_one_gap(
    tmp_path_factory: pytest.TempPathFactory, wanted: list[str], chance: Random
) -> None:
    questions = [asked(n, text) for n, text in enumerate(wanted)]
    results = []
    for name in ("straight", "shuffled"):
        folder = tmp_path_factory.mktemp(name)
        database = new_ledger(folder / "phi3.db")._db
        refuse(database, *questions)
        found(database)
        gaps = Gaps(database)
        results.append({one.question.id: one.gap for one in gaps.questions("T1")})
        database.close()
        chance.shuffle(questions)
    straight, shuffled = results
    assert straight == shuffled
    laptops = {straight[one.id] for one in questions if "laptop" in one.text}
    assert len(laptops) <= 1


def test_new_question_joins_the_old_gap(database: Database) -> None:
    refuse(database, asked(1, LAPTOP), asked(2, PARKING))
    found(database)
    before = set(Gaps(database).all("T1"))
    refuse(database, asked(11, "How do I get a new laptop now?", at=LATER))
    found(database, LATER)
    assert set(Gaps(database).all("T1")) == before
    assert {LAPTOP, "How do I get a new laptop now?"} in texts(database)


def test_gap_stays_the_same_with_another_embedding_model(database: Database) -> None:
    refuse(database, asked(1, LAPTOP))
    found(database)
    before = set(Gaps(database).all("T1"))
    refuse(database, asked(11, "How can I get a new laptop?", at=LATER))
    GapFinder(Gaps(database), lambda: WordEmbedder("another")).refresh("T1", LATER)
    assert set(Gaps(database).all("T1")) == before
    assert {one.model for one in Gaps(database).questions("T1")} == {"another"}


def test_question_that_is_answered_by_now_leaves_its_gap(database: Database) -> None:
    refuse(database, asked(1, LAPTOP), asked(2, "How can I get a new laptop?"))
    found(database)
    question = asked(1, LAPTOP)
    Answers(database).delete(question.id)
    keep(database, question, AnswerKind.ANSWERED)
    assert found(database) == [{"How can I get a new laptop?"}]


def test_question_with_other_words_goes_to_another_gap(database: Database) -> None:
    refuse(database, asked(1, LAPTOP), asked(2, "How can I get a new laptop?"))
    found(database)
    Questions(database).revise(asked(1, LAPTOP).id, PARKING)
    keep(database, asked(1, PARKING), AnswerKind.REFUSED)
    assert sorted(map(sorted, found(database))) == [["How can I get a new laptop?"], [PARKING]]


def test_what_an_expert_answered_is_in_no_gap(database: Database) -> None:
    first, second = asked(1, LAPTOP), asked(2, "How can I get a new laptop?")
    refuse(database, first, second)
    found(database)
    card = replace(card_of(first, "U8"), question=first.text, answer="Ask Ann.", audience=EVERYONE)
    Cards(database).ask(card)
    assert found(database) == [{first.text, second.text}]
    Cards(database).verify(card, NOW)
    # Also before the gaps are found again.
    (left,) = Gaps(database).unanswered(Gaps(database).all("T1")).values()
    assert [one.question.id for one in left] == [second.id]
    assert shown(database) == [second.text]
    assert found(database) == [{second.text}]


def test_answer_that_is_rated_bad_again_opens_a_closed_gap(database: Database) -> None:
    rate_down(database, asked(1, LAPTOP))
    found(database)
    (gap,) = Gaps(database).all("T1")
    Gaps(database).close(gap, Closing.ANSWERED, "U1", "", NOW)
    found(database)
    assert Gaps(database).all("T1")[gap].state is GapState.CLOSED
    down = RatingInput(asked(1, LAPTOP).answer_id, "U5", InputKind.BUTTON, Verdict.DOWN, LATER)
    Ratings(database).give(down)
    found(database, LATER)
    assert Gaps(database).all("T1")[gap].state is GapState.OPEN


def test_questions_of_long_ago_make_no_gap(database: Database) -> None:
    refuse(database, asked(1, LAPTOP, at=NOW - timedelta(weeks=5)))
    assert found(database) == []


def test_closed_gap_is_open_again_only_for_later_questions(database: Database) -> None:
    gaps = Gaps(database)
    refuse(database, asked(1, LAPTOP))
    found(database)
    (gap,) = gaps.all("T1")
    assert gaps.close(gap, Closing.ANSWERED, "U1", "", NOW)
    assert not gaps.close(gap, Closing.ANSWERED, "U2", "", NOW)
    refuse(database, asked(2, "How can I get a new laptop?"))
    found(database)
    assert gaps.all("T1")[gap].state is GapState.CLOSED
    refuse(database, asked(3, "How do we get a new laptop?", at=LATER))
    found(database, LATER)
    again = gaps.all("T1")[gap]
    assert (again.state, again.reopened_at, again.closed_by) == (GapState.OPEN, LATER, "U1")


def test_dismissed_gap_stays_away_until_it_is_asked_much_more(database: Database) -> None:
    gaps = Gaps(database)
    refuse(database, *(asked(n, LAPTOP) for n in range(3)))
    found(database)
    (gap,) = gaps.all("T1")
    assert gaps.dismiss(gap, "U1", NOW)
    for n in range(10, 16):
        assert gaps.all("T1")[gap].state is GapState.DISMISSED
        refuse(database, asked(n, LAPTOP, at=LATER))
        found(database, LATER)
    assert gaps.all("T1")[gap].state is GapState.OPEN


def test_what_is_forgotten_is_in_no_gap(database: Database) -> None:
    refuse(database, asked(1, LAPTOP), asked(2, LAPTOP, person="U2"))
    found(database)
    Forgetting(database).delete_person("U1")
    (left,) = Gaps(database).questions("T1")
    assert left.question.asked_by == "U2"


def test_forgetting_an_admin_keeps_the_gap_without_them(database: Database) -> None:
    refuse(database, asked(1, LAPTOP, person="U2"))
    found(database)
    (gap,) = Gaps(database).all("T1")
    Gaps(database).wait_for(gap, "https://a.example/", "U1", NOW)
    Gaps(database).close(gap, Closing.ANSWERED, "U1", "", NOW)
    assert Forgetting(database).find_person("U1")
    Forgetting(database).delete_person("U1")
    assert Gaps(database).all("T1")[gap].closed_by == ""
    assert Forgetting(database).find_person("U1") is None


def test_workspaces_and_the_terminal_have_gaps_of_their_own(database: Database) -> None:
    refuse(database, asked(1, LAPTOP), asked(2, LAPTOP, team="T2"), asked(3, LAPTOP, team=""))
    for team in ("T1", "T2", ""):
        assert found(database, team=team) == [{LAPTOP}]
    assert Gaps(database).teams() == ["", "T1", "T2"]


def test_teams_are_found_without_reading_every_question(database: Database) -> None:
    assert Gaps(database).teams() == []
    refuse(database, *(asked(n, LAPTOP, team=team) for n, team in enumerate(("T1", "T10", "T2"))))
    assert Gaps(database).teams() == ["T1", "T10", "T2"]
    assert full_scans(database, lambda db: Gaps(db).teams()) == {}
    refuse(database, replace(asked(9, LAPTOP), id="test:1", thread="test:1"))
    assert Gaps(database).teams() == ["", "T1", "T10", "T2"]


def shown(
    database: Database, limit: int = 9, now: datetime = NOW, gaps: Gaps | None = None
) -> list[str]:
    """The names of the gaps that are shown, in their order."""
    overview = Overview(gaps or Gaps(database), Sources(database), Channels(database))
    return [view.name for view in overview.largest("T1", TerminalViewer(["T1"]), limit, now)]


def test_the_largest_open_gaps_are_shown_by_what_nobody_was_told(database: Database) -> None:
    lunch, gym = "Who pays for lunch?", "What does the gym cost?"
    badge, late = "Which badge opens the door?", "When may the night shift leave?"
    refuse(
        database,
        *(asked(n, LAPTOP, person=f"U{n}") for n in range(3)),
        *(asked(10 + n, PARKING, person=f"U{n}") for n in range(2)),
        *(asked(20 + n, lunch) for n in range(2)),
        *(asked(30 + n, gym, person=f"U{n}") for n in range(4)),
        *(asked(40 + n, badge, person=f"U{n}") for n in range(5)),
        asked(50, late),
    )
    found(database)
    gaps = Gaps(database)
    of = {one.question.text: one.gap for one in gaps.questions("T1")}
    gaps.close(of[gym], Closing.ANSWERED, "U9", "", NOW)
    gaps.dismiss(of[badge], "U9", NOW)
    # As many questions of more people come first.
    assert shown(database) == [LAPTOP, PARKING, lunch, late]
    assert shown(database, limit=2) == [LAPTOP, PARKING]
    for person in ("U0", "U1"):
        gaps.told(of[LAPTOP], person, NOW)
    assert shown(database) == [PARKING, lunch, late, LAPTOP]
    assert open_work(database, NOW).open_gaps == 4
    assert shown(database, now=NOW + RECENT) == []
    assert open_work(database, NOW + RECENT).open_gaps == 0
    for person in ("U0", "U1", "U2"):
        gaps.told(of[LAPTOP], person, NOW)
    assert open_work(database, NOW).open_gaps == len(shown(database)) == 3
    card = replace(card_of(asked(50, late), "U8"), question=late, answer="At six.")
    Cards(database).ask(card)
    Cards(database).verify(replace(card, audience=EVERYONE), NOW)
    assert open_work(database, NOW).open_gaps == len(shown(database)) == 2
    assert set(gaps.unanswered([of[PARKING], of[LAPTOP], of[late]])) == {of[PARKING]}


def test_gap_that_loses_its_questions_meanwhile_is_not_shown(database: Database) -> None:
    class Interrupted(Gaps):
        def largest(self, team: str, since: datetime, limit: int) -> list[Gap]:
            chosen = super().largest(team, since, limit)
            Forgetting(database).delete_person("U7")
            return chosen

    refuse(database, asked(1, LAPTOP, person="U7"), asked(2, PARKING))
    found(database)
    assert shown(database, gaps=Interrupted(database)) == [PARKING]
