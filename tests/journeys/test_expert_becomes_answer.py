"""What an expert writes is found as an answer, and trained on, through every real part."""

from dataclasses import replace

import pytest

from cli.asking import question_of
from domain.questions import Audience
from tests.bot.cards.thread import ANSWER, Channel
from tests.bot.running_bot import RunningBot, Script
from tests.journeys.conftest import Office
from training.dataset import select
from training.privacy import Privacy


def channel_of(office: Office) -> Channel:
    made = office.container
    running = RunningBot(
        *(office.slack, Script(), made.bot, made.questions, made.answers, made.ratings),
        *(made.sources, made.jobs, made.database, replace(office.send, slack=office.slack)),
    )
    return Channel(running, made.index)


@pytest.mark.slow
def test_confirmed_answer_is_found_and_trained_on_until_it_is_withdrawn(office: Office) -> None:
    channel, container = channel_of(office), office.container
    card = channel.kept()

    def found(*labels: str) -> list[str]:
        asked = question_of("Where is the roof's key?", audience=Audience.of(*labels))
        return [passage.text for passage in container.searcher.search(asked).passages]

    def trained_on() -> list[str]:
        may_train = Privacy(container.grants, container.answers).may_train
        chosen = select([], cards=container.cards.verified(), may_train=may_train)
        return [example.answer_id for example in chosen.examples]

    assert found("team:T1") == [ANSWER]
    assert found("person:T1:U9", "channel:T1:C2") == []
    assert trained_on() == [card.id]

    channel.withdraw(card)
    assert found("team:T1", "channel:T1:C1") == []
    assert trained_on() == []
