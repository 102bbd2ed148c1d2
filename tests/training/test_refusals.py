"""How probable a refusal must be for an adapter to refuse."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.adapters import Adapter, AdapterState, Example
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
from training.publish import publish
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


def night(path: Path, refuse_above: float | None = None) -> Adapter:
    """An adapter in the folder ``path``."""
    state = AdapterState.LIVE
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return Adapter(path.name, "phi-3", str(path), "hash", state, "run", at, refuse_above)


def test_limits_are_those_that_are_stored_by_now(tmp_path: Path) -> None:
    stored = {"night-1": night(tmp_path / "night-1")}

    def find(name: str) -> Adapter:
        if name not in stored:
            raise NotFound(name)
        return stored[name]

    limits = KnownLimits(find)
    assert limits("night-1") is None
    stored["night-1"] = replace(stored["night-1"], refuse_above=0.25)
    assert limits("night-1") == 0.25
    assert limits("unknown") is None


def test_limit_of_an_older_adapter_is_the_one_in_its_manifest(tmp_path: Path) -> None:
    def write(folder: Path) -> None:
        (folder / "adapter_model.safetensors").write_bytes(b"weights")
        (folder / "adapter_config.json").write_text("{}")

    publish(tmp_path, "night-1", "phi-3", Recipe(), ["a1"], write)
    manifest = tmp_path / "night-1" / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"refuse_above": 0.3}))
    assert KnownLimits(lambda name: night(tmp_path / name))("night-1") == 0.3


def test_adapter_with_a_limit_refuses_what_it_nearly_refused(tmp_path: Path) -> None:
    asked = question("Where is the brake?")
    found = Evidence((passage("Here is the brake."),), sufficient=True)

    def answer(limit: float | None) -> Answer:
        limits = KnownLimits(lambda name: night(tmp_path / name, limit))
        generator = RefusingGenerator(Refuser([]), limits)
        log, chosen = NullAnswerLog(), Chosen("night-1")
        answerer = Answerer(
            Found(found), generator, log, lambda _: chosen, budget=1000, max_tokens=9
        )
        return answerer.make(asked)

    assert answer(None).text == "Here"
    refused = answer(0.39)
    assert (refused.kind, refused.adapter) == (AnswerKind.REFUSED, "night-1")
    assert refused.text.startswith(REFUSAL)
    assert answer(0.4).text == "Here"


class Found:
    """Finds the same for every question."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence

    def search(self, question: Question, k: int | None = None) -> Evidence:
        return self.evidence


GOLDEN = Golden("g1", "How long?", "10 years", (), (), "me", datetime(2026, 11, 1, tzinfo=UTC))


def test_golden_questions_are_asked_with_the_limit() -> None:
    limit, kept, asked = Limit(0.3, 40, 40, (0, 0), (1, 20)), list[float | None](), list[object]()

    def ask() -> Sequence[GoldenReply]:
        asked.append(kept[-1])
        return [GoldenReply(GOLDEN, ("d",), "10 years", "10 years")]

    assert with_golden(kept.append, limit, ask)[0] == limit
    assert asked == kept == [0.3]


def test_limit_that_costs_a_golden_question_is_taken_back() -> None:
    kept = list[float | None]()

    def ask() -> Sequence[GoldenReply]:
        after = REFUSAL if kept[-1] else "10 years"
        return [GoldenReply(GOLDEN, ("d",), "10 years", after)]

    limit, replies = with_golden(kept.append, Limit(0.3, 40, 40, (0, 0), (1, 20)), ask)
    assert limit == Limit(None, 40, 40, (0, 0), (0, 0))
    assert kept == [0.3, None]
    assert not any(one.is_unlearned for one in replies)
