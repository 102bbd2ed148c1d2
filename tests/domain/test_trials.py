"""Which threads the adapter on trial answers, and which votes count."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.questions import Question
from domain.trials import NO_THUMBS, Tally, Thumbs, Vote, counted, is_for_trial, tally
from tests.domain.build import question

NAMES = st.text("abcdefghij:0123456789.", max_size=12)


def asked(id_: str, thread: str = "", by: str = "U1", asked_in: str = "") -> Question:
    return replace(question(), id=id_, thread=thread or id_, asked_by=by, asked_in=asked_in)


@given(thread=NAMES, adapter=NAMES, share=st.floats(0, 1), people=st.lists(NAMES, min_size=2))
def test_every_question_of_a_thread_has_the_same_voice(
    thread: str, adapter: str, share: float, people: list[str]
) -> None:
    in_thread = [
        asked(f"slack:T1:C1:{n}", f"slack:T1:C1:{thread}", by) for n, by in enumerate(people)
    ]
    assert len({is_for_trial(one, adapter, share) for one in in_thread}) == 1


@given(ids=st.lists(NAMES, min_size=2), person=NAMES, share=st.floats(0, 1))
def test_what_is_answered_to_one_person_follows_from_the_person(
    ids: list[str], person: str, share: float
) -> None:
    direct = [asked(f"slack:T1:D1:{one}", by=person) for one in ids]
    private = [asked(f"slack:T1:C1:{one}", by=person, asked_in="slack:T1:C1:1") for one in ids]
    assert len({is_for_trial(one, "night-2", share) for one in [*direct, *private]}) == 1


def test_share_of_the_threads_is_as_wanted_and_another_one_for_each_adapter() -> None:
    threads = [asked(f"slack:T1:C1:{n}.0") for n in range(5_000)]
    first, second = (
        {one.id for one in threads if is_for_trial(one, name, 0.2)} for name in ("a", "b")
    )
    assert 0.18 < len(first) / len(threads) < 0.22
    assert 0.02 < len(first & second) / len(threads) < 0.06
    assert not any(is_for_trial(one, "a", 0.0) for one in threads)


def test_terminal_asks_what_is_on_trial() -> None:
    assert is_for_trial(asked("cli:1"), "a", 0.01)


VOTES = st.lists(
    st.builds(Vote, st.sampled_from("abcdefghijkl"), st.booleans(), st.booleans()), max_size=120
)


@given(votes=VOTES)
def test_from_five_voters_on_nobody_gives_more_than_a_fifth(votes: list[Vote]) -> None:
    counting = counted(votes)
    for side in (True, False):
        given = Counter(vote.by for vote in votes if vote.on_trial is side)
        kept = Counter(vote.by for vote in counting if vote.on_trial is side)
        assert kept <= given
        assert set(kept) == set(given)
        if len(given) >= 5:
            assert 5 * max(kept.values()) <= kept.total()
        elif given:
            assert set(kept.values()) == {1}


@given(votes=VOTES, more=VOTES)
def test_vote_that_counts_is_never_taken_back_by_later_votes(
    votes: list[Vote], more: list[Vote]
) -> None:
    before = counted(votes)
    assert counted(votes + more)[: len(before)] == before


def test_evenly_spread_votes_all_count() -> None:
    votes = [Vote(by, True, True) for _ in range(7) for by in "abcde"]
    assert tally(counted(votes)) == Tally(Thumbs(35, 0), Thumbs())
    assert tally([]) == NO_THUMBS
