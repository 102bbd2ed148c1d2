"""How probable a refusal must be for an adapter to refuse."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.adapters import Example
from domain.answering import Answerer
from domain.errors import NotFound
from domain.golden import Golden
from domain.prompt import REFUSAL
from domain.questions import Answer, AnswerKind, Evidence, Message, Question
from domain.trials import Chosen
from domain.unrecorded import NullAnswerLog
from serving.likely_tokens import LikelyToken
from serving.refusing import RefusingGenerator
from tests.domain.build import passage, question
from tests.training.makers import example
from training.golden import GoldenReply
from training.publish import publish, read_manifest, set_refuse_above, verify
from training.recipe import Recipe
from training.refusal_limits import KnownLimits
from training.refusals import SHARE, Limit, find_limit, limit_of, with_golden

scores = st.lists(st.floats(0, 1), max_size=120)


@given(scores, scores)
def test_at_most_a_twentieth_of_the_answerable_questions_is_refused(
    answered: list[float], unanswered: list[float]
) -> None:
    found = limit_of(answered, unanswered)
    if found.above is None:
        assert found.more == (0, 0)
    else:
        refused = sum(one > found.above for one in answered)
        assert refused == found.refused[0] + found.more[0]
        # The bound of the next question, which counts as one more that is refused.
        assert refused + 1 <= SHARE * (len(answered) + 1) + 1e-9 + (refused == 0)
        assert refused <= SHARE * len(answered)


def test_of_questions_like_those_it_was_set_on_it_refuses_a_twentieth_on_average() -> None:
    """Each of 2,000 scores is in turn the next question, after 39 others."""
    order = [(n * 617) % 2003 / 2003 for n in range(1, 2001)]
    refused = 0
    for n in range(0, 2000, 40):
        some = order[n : n + 40]
        for next_one in range(40):
            known = [one for at, one in enumerate(some) if at != next_one]
            above = limit_of(known, [0.9999] * 20).above
            assert above is not None
            refused += some[next_one] > above
    assert refused / 2000 == pytest.approx(SHARE, abs=0.0001)


def test_few_questions_set_no_limit() -> None:
    others = [0.9] * 20
    assert limit_of([0.1] * 18, others).above is None
    assert limit_of([0.1] * 19, others).above == 0.1


def test_model_that_refuses_too_much_by_itself_gets_no_limit() -> None:
    found = limit_of([0.1] * 36 + [1.0] * 4, [1.0] * 20 + [0.5] * 20)
    assert (found.above, found.refused, found.more) == (None, (4, 20), (0, 0))


def test_a_limit_that_tells_nothing_apart_is_not_set() -> None:
    same = [n / 100 for n in range(100)]
    assert limit_of(same, same).above is None


def test_the_limit_is_told_with_what_it_costs_and_brings() -> None:
    answered = [0.2] * 58 + [0.5, 1.0]
    assert str(limit_of(answered, [0.3] * 12 + [1.0] * 3 + [0.1] * 5)) == (
        "It refuses where the probability of a refusal is above 0.2: so 2 of 60 answerable "
        "questions, 1 without this, and 15 of 20 whose passages hold no answer, 3 without this."
    )


class Refuser:
    """Finds the refusal probable where the passages do not hold the answer."""

    model = "refuser"

    def __init__(self, rows: Sequence[Example], *, tells: bool = True) -> None:
        self.answerable, self.tells = {row.prompt for row in rows}, tells

    def stream(
        self, messages: Sequence[Message], *, adapter: str | None, max_tokens: int
    ) -> Iterator[str]:
        pieces = self.stream_likely(messages, adapter=adapter, max_tokens=max_tokens)
        yield from (text for text, _ in pieces)

    def stream_likely(
        self, messages: Sequence[Message], *, adapter: str | None, max_tokens: int, begun: str = ""
    ) -> Iterator[tuple[str, Sequence[LikelyToken]]]:
        probable = 0.1 if tuple(messages) in self.answerable else 0.4
        like = (("Here", 0.5), ("The", probable)) if not begun else ((" documents", 1.0),)
        yield like[0][0], [LikelyToken(like[0][0], like)] if self.tells else ()


def test_limit_is_found_on_questions_with_and_without_their_passages() -> None:
    rows = [example(n) for n in range(40)]
    found = find_limit(Refuser(rows), rows, "night", at_once=2)
    assert found == Limit(0.1, 40, 40, (0, 0), (0, 40))


def test_model_to_which_a_refusal_never_occurs_gets_no_limit() -> None:
    found = limit_of([0.0] * 40, [0.0] * 40)
    assert (found.above, found.answered) == (None, 40)


def test_questions_whose_right_answer_is_the_refusal_do_not_count() -> None:
    rows = [replace(example(n), completion=REFUSAL) for n in range(40)]
    assert find_limit(Refuser(rows), rows, "night", at_once=2) is None


def test_server_that_gives_no_probabilities_sets_no_limit() -> None:
    rows = [example(n) for n in range(40)]
    assert find_limit(Refuser(rows, tells=False), rows, "night", at_once=2) is None


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    def write(folder: Path) -> None:
        (folder / "adapter_model.safetensors").write_bytes(b"weights")
        (folder / "adapter_config.json").write_text("{}")

    publish(tmp_path, "night-1", "phi-3", Recipe(), ["a1"], write)
    return tmp_path / "night-1"


def test_limit_stands_in_the_manifest_and_changes_nothing_else(adapter: Path) -> None:
    before = verify(adapter)
    set_refuse_above(adapter, 0.25)
    assert verify(adapter) == replace(before, refuse_above=0.25)
    assert {one.name for one in adapter.iterdir()} == {
        "adapter_model.safetensors",
        "adapter_config.json",
        "manifest.json",
    }
    assert (adapter / "manifest.json").stat().st_mode & 0o777 == 0o600


def test_limits_are_read_from_manifests_and_again_if_they_change(adapter: Path) -> None:
    def folder_of(name: str) -> str:
        if name != adapter.name:
            raise NotFound(name)
        return str(adapter)

    limits = KnownLimits(folder_of)
    assert limits("night-1") is None
    set_refuse_above(adapter, 0.25)
    assert limits("night-1") == 0.25
    set_refuse_above(adapter, 0.5)
    assert limits("night-1") == 0.5
    assert limits("unknown") is None
    (adapter / "manifest.json").write_text("{")
    assert limits("night-1") is None


def test_adapter_with_a_limit_in_its_manifest_refuses_what_it_nearly_refused(adapter: Path) -> None:
    asked = question("Where is the brake?")
    found = Evidence((passage("Here is the brake."),), sufficient=True)
    limits = KnownLimits(lambda _: str(adapter))

    def answer() -> Answer:
        generator = RefusingGenerator(Refuser([]), limits)
        log, chosen = NullAnswerLog(), Chosen("night-1")
        answerer = Answerer(
            Found(found), generator, log, lambda _: chosen, budget=1000, max_tokens=9
        )
        return answerer.make(asked)

    assert answer().text == "Here"
    set_refuse_above(adapter, 0.39)
    refused = answer()
    assert (refused.kind, refused.adapter) == (AnswerKind.REFUSED, "night-1")
    assert refused.text.startswith(REFUSAL)
    set_refuse_above(adapter, 0.4)
    assert answer().text == "Here"


class Found:
    """Finds the same for every question."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence

    def search(self, question: Question, k: int | None = None) -> Evidence:
        return self.evidence


GOLDEN = Golden("g1", "How long?", "10 years", (), (), "me", datetime(2026, 11, 1, tzinfo=UTC))


def test_golden_questions_are_asked_with_the_limit(adapter: Path) -> None:
    limit, asked = Limit(0.3, 40, 40, (0, 0), (1, 20)), list[float | None]()

    def ask() -> Sequence[GoldenReply]:
        asked.append(read_manifest(adapter).refuse_above)
        return [GoldenReply(GOLDEN, ("d",), "10 years", "10 years")]

    assert with_golden(adapter, limit, ask)[0] == limit
    assert asked == [0.3]
    assert read_manifest(adapter).refuse_above == 0.3


def test_limit_that_costs_a_golden_question_is_taken_back(adapter: Path) -> None:
    def ask() -> Sequence[GoldenReply]:
        after = REFUSAL if read_manifest(adapter).refuse_above else "10 years"
        return [GoldenReply(GOLDEN, ("d",), "10 years", after)]

    limit, replies = with_golden(adapter, Limit(0.3, 40, 40, (0, 0), (1, 20)), ask)
    assert limit == Limit(None, 40, 40, (0, 0), (0, 0))
    assert read_manifest(adapter).refuse_above is None
    assert not any(one.is_unlearned for one in replies)
