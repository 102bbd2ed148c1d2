from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.report import post_run, report
from bot.slack.client import SlackClient
from domain.adapters import Evaluation, Outcome, Score, TrainingRun
from tests.slack_double import BOT_TOKEN, SlackDouble, texts

NOW = datetime(2026, 11, 23, 2, 40, tzinfo=UTC)
EVALUATION = Evaluation(
    questions=30,
    live=Score(0.41, 0.41, 0.2, 0.7, 0.1, 210.4),
    candidate=Score(0.52, 0.52, 0.3, 0.8, 0.05, 190.6),
    low=0.04,
    high=0.17,
    sure=0.96,
    passed=True,
    reason="better",
)
PROMOTED = TrainingRun(
    id="run-1",
    outcome=Outcome.PROMOTED,
    started_at=NOW,
    heartbeat_at=NOW,
    finished_at=NOW,
    reason="F1 rose.",
    adapter="night-2026-11-23",
    examples=64,
    evaluation=EVALUATION,
)


def test_report_has_the_outcome_the_figures_and_the_rollback_command(slack: SlackDouble) -> None:
    post_run(SlackClient(BOT_TOKEN, slack.url), "C1", PROMOTED)

    (message,) = slack.public()
    assert "A better model answers from now on" in message.words
    assert "night-2026-11-23 learned from 64 examples. F1 rose." in message.words
    assert "right words (F1)           0.410     0.520" in message.words
    assert "between +0.040 and +0.170" in message.words
    assert "phi3 adapters rollback" in message.words


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_a_sentence(outcome: Outcome) -> None:
    run = replace(PROMOTED, outcome=outcome, evaluation=None, adapter=None, reason="<!channel>")
    shown = report(run)

    assert "<" not in shown.text
    assert shown.blocks[0]["type"] == "header"
    assert ("rollback" in "".join(texts(list(shown.blocks)))) == (outcome is Outcome.PROMOTED)
