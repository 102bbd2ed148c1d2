"""A mention becomes a rated answer, through every real part; only Slack is a double."""

from collections.abc import Iterator

import pytest

from cli.reading import read_targets
from cli.targets import Wanted
from domain.errors import ServerUnavailable
from domain.questions import AnswerKind, Verdict
from tests.journeys.conftest import Office
from tests.payloads import click, mention

BRAKES = "# Brakes\n\nBrake pads are changed at one millimetre of lining.\n"


@pytest.mark.slow
def test_mention_is_answered_from_the_documents_and_rated(office: Office) -> None:
    (office.documents / "brakes.md").write_text(BRAKES)
    read_targets(office.container, [str(office.documents)], Wanted())

    office.send.event(mention(text="When are brake pads changed?"))
    answer = office.answered()
    assert (answer.kind, answer.model, answer.adapter) == (AnswerKind.ANSWERED, "tiny-phi3", None)
    assert [passage.title for passage in answer.passages] == ["Brakes"]
    assert answer.timings.generate > 0
    (message,) = office.slack.public()
    assert answer.id in message.words

    office.send.interaction(click(answer.id, "up"))
    office.slack.wait_for(lambda: office.container.ratings.of(answer.id))
    office.send.interaction(click(answer.id, "down"))
    office.slack.wait_for(lambda: office.container.ratings.of(answer.id)[0].verdict is Verdict.DOWN)
    assert [rating.by for rating in office.container.ratings.of(answer.id)] == ["U1"]


@pytest.mark.slow
def test_the_same_question_in_the_same_place_gets_the_same_answer_each_time(
    office: Office,
) -> None:
    (office.documents / "brakes.md").write_text(BRAKES)
    read_targets(office.container, [str(office.documents)], Wanted())
    texts = []
    for n in range(2):
        office.send.event(mention(n, text="When are brake pads changed?"))
        texts.append(office.answered().text)
    assert texts[0] == texts[1]


@pytest.mark.slow
def test_a_question_that_no_document_touches_is_refused(office: Office) -> None:
    (office.documents / "brakes.md").write_text(BRAKES)
    read_targets(office.container, [str(office.documents)], Wanted())

    office.send.event(mention(text="Who won the football world cup?"))
    answer = office.answered()
    assert answer.kind is AnswerKind.REFUSED
    assert "Brakes" in office.slack.public()[0].words


@pytest.mark.slow
def test_without_a_model_server_the_passage_is_quoted(office: Office) -> None:
    (office.documents / "brakes.md").write_text(BRAKES)
    read_targets(office.container, [str(office.documents)], Wanted())
    office.container.server.stream = _nobody  # type: ignore[method-assign]

    office.send.event(mention(text="When are brake pads changed?"))
    assert office.answered().kind is AnswerKind.QUOTED
    assert "one millimetre of lining" in office.slack.public()[0].words


def _nobody(*_: object, **__: object) -> Iterator[str]:
    raise ServerUnavailable("No model server answers.")
