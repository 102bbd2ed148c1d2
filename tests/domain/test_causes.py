from dataclasses import replace

import pytest

from domain.adapters import Origin
from domain.causes import Cause, cause_of
from domain.prompt import REFUSAL
from domain.questions import Fault
from tests.training.makers import down, rated, up
from training.dataset import examples, select


@pytest.mark.parametrize(
    ("fault", "correction", "cause"),
    [
        (Fault.WRONG_SOURCE, "", Cause.RETRIEVAL),
        (Fault.OUTDATED, "The brake lies here.", Cause.DOCUMENT),
        (Fault.INCOMPLETE, "", Cause.DOCUMENT),
        (Fault.UNWANTED, "Ask somebody else entirely.", Cause.MODEL),
        (Fault.WRONG, "", Cause.MODEL),
        (Fault.WRONG, "The brake lies here.", Cause.MODEL),
        (Fault.WRONG, "Seven dragons carry umbrellas.", Cause.RETRIEVAL),
        (None, "The brake lies here.", Cause.MODEL),
        (None, "Seven dragons carry umbrellas.", Cause.RETRIEVAL),
        (None, "", None),
    ],
)
def test_what_people_chose_says_the_cause_and_else_their_correction(
    fault: Fault | None, correction: str, cause: Cause | None
) -> None:
    said = replace(down("a", correction), fault=fault)
    assert cause_of(rated(1, said, fact="The brake lies here.")) is cause


def test_most_people_decide_and_who_likes_the_answer_says_no_cause() -> None:
    old, source = (replace(down(), fault=fault) for fault in (Fault.OUTDATED, Fault.WRONG_SOURCE))
    said = replace(source, by="a"), replace(old, by="b"), replace(old, by="c")
    assert cause_of(rated(1, *said)) is Cause.DOCUMENT
    assert cause_of(rated(1, replace(up("a"), fault=Fault.OUTDATED))) is None


def test_causes_are_counted_over_all_rated_answers() -> None:
    bad = [rated(n, replace(down(), fault=Fault.OUTDATED)) for n in range(3)]
    assert select([*bad, rated(4)]).causes == {Cause.DOCUMENT: 3}


def test_answer_that_should_not_have_been_given_trains_to_refuse() -> None:
    said = replace(down("a", "Ask the office."), fault=Fault.UNWANTED)
    [found] = examples([rated(1, said)])
    assert (found.completion, found.origin) == (REFUSAL, Origin.CORRECTION)
    assert not examples([rated(1, replace(up("a"), fault=Fault.UNWANTED), down("b"))])
