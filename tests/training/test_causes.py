from dataclasses import replace

import pytest

from domain.causes import Cause
from domain.questions import Audience, Fault
from tests.training.makers import down, rated, up
from training.causes import STRICTLY, Causes, RetrievalCase

FACT = "Records of boats are kept for 10 years."
ASKED = "How long are records of boats kept?"


@pytest.mark.parametrize(
    ("correction", "cause"),
    [
        ("10 years", Cause.MODEL),
        ("2 years", Cause.DOCUMENT),
        ("Records of boats are not kept.", Cause.DOCUMENT),
        ("Ask the harbour master on the quay.", Cause.RETRIEVAL),
    ],
)
def test_correction_says_what_was_at_fault(correction: str, cause: Cause) -> None:
    causes = Causes()
    causes.add(rated(1, down(correction=correction), question=ASKED, fact=FACT))
    assert list(causes.of_answers().values()) == [cause]


def test_number_of_another_matter_denies_nothing() -> None:
    causes = Causes()
    causes.add(rated(1, down(correction="2 years"), question="What is the warranty?", fact=FACT))
    assert causes.counts() == {Cause.RETRIEVAL: 1}


def test_retrieval_case_says_what_should_have_been_found() -> None:
    named = replace(down(correction="In the harbour office."), source="/docs/harbour.md")
    one = rated(1, named, question=ASKED, fact=FACT)
    causes = Causes()
    for each in (one, rated(2, up()), rated(3, down(correction="2 years"), question=ASKED)):
        causes.add(each)
    wanted = RetrievalCase(one.answer.id, ASKED, "In the harbour office.", "/docs/harbour.md")
    assert causes.retrieval_cases()[0] == wanted


def test_words_of_private_questions_are_no_retrieval_case() -> None:
    private = Audience.of("person:T1:U1")
    bad = replace(down("a", "In the harbour office."), fault=Fault.WRONG_SOURCE)
    one = rated(1, bad, question=ASKED, audience=private)
    causes = Causes()
    causes.add(one)
    assert causes.retrieval_cases() == [RetrievalCase(one.answer.id, "", "", "")]


def test_only_the_latest_corrections_are_compared_strictly() -> None:
    causes = Causes()
    for n in range(STRICTLY + 1):
        causes.add(rated(n, down(correction="2 years kept"), question=ASKED, fact=FACT))
    assert causes.counts() == {Cause.DOCUMENT: STRICTLY, Cause.MODEL: 1}
