"""What a night's report shows."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answers.blocks import SlackMessage
from bot.nights.report import AdaptersNow, Decided, Night, report
from domain.adapters import (
    AdapterChange,
    ChangedAnswer,
    ChangeKind,
    Evaluation,
    Outcome,
    Score,
    TrainingRun,
)
from domain.trials import Trial
from tests.slack_double import texts
from tests.slack_limits import wrong_blocks

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
    left_out={"not for everyone": 12, "cut off before the end": 3},
)
LIVE = AdaptersNow("night-2026-11-23")
TRIAL = Trial("night-2", LIVE.live, 0.2, NOW, NOW)
HELD = AdaptersNow("night-2026-11-23", is_on_hold=True)


def words(shown: SlackMessage) -> str:
    return "".join(texts(list(shown.blocks)))


def actions(shown: SlackMessage) -> list[str]:
    return [
        element["text"]["text"]
        for block in shown.blocks
        if block["type"] == "actions"
        for element in block["elements"]
    ]


def test_report_has_the_outcome_the_rows_the_figures_and_what_the_buttons_do() -> None:
    shown = report(Night(PROMOTED, LIVE))
    assert "A better model answers from now on" in words(shown)
    assert "night-2026-11-23 learned from 64 examples." in words(shown)
    assert "Left out: 12 not for everyone; 3 cut off before the end." in words(shown)
    assert "right words (F1)       0.410   0.520" in words(shown)
    assert "questions tonight: agreement" in words(shown)
    assert "between +0.040 and +0.170" in words(shown)
    assert actions(shown) == ["Approve", "Hold", "Roll back"]
    assert "Hold: no later night promotes" in words(shown)


@pytest.mark.parametrize(
    ("outcome", "now", "expected"),
    [
        (Outcome.PROMOTED, AdaptersNow(None), []),
        (Outcome.PROMOTED, replace(LIVE, is_approved=True), ["Hold", "Roll back"]),
        (Outcome.PROMOTED, HELD, ["Approve", "Lift the hold", "Roll back"]),
        (Outcome.HELD, AdaptersNow("night-1", is_on_hold=True), ["Approve", "Lift the hold"]),
        (Outcome.HELD, replace(LIVE, is_approved=True, trial=TRIAL), []),
        (Outcome.HELD, AdaptersNow("night-1"), ["Approve", "Hold"]),
        (Outcome.REJECTED, AdaptersNow("night-1"), []),
    ],
)  # fmt: skip
def test_buttons_offer_only_what_can_be_done_now(
    outcome: Outcome, now: AdaptersNow, expected: list[str]
) -> None:
    assert actions(report(Night(replace(PROMOTED, outcome=outcome), now))) == expected


def test_report_says_how_golden_questions_were_answered() -> None:
    said = "Of 2 golden questions the live model answers 1 right, the candidate 2."
    shown = report(Night(PROMOTED, LIVE, golden=f"{said} The search finds nothing for “<!here>”."))
    assert said in words(shown)
    assert not wrong_blocks(list(shown.blocks))
    assert "golden" not in words(report(Night(PROMOTED, LIVE)))


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_a_sentence(outcome: Outcome) -> None:
    run = replace(PROMOTED, outcome=outcome, evaluation=None, adapter=None, reason="<!channel>")
    shown = report(Night(run, AdaptersNow(None)))
    assert "<" not in shown.text
    assert shown.blocks[0]["type"] == "header"
    assert not wrong_blocks(list(shown.blocks))


def test_report_says_who_did_what_and_when() -> None:
    change = AdapterChange(ChangeKind.ROLLBACK, None, "U1", NOW, "1")
    shown = report(Night(PROMOTED, AdaptersNow(None), decided=[Decided(change, "Ann")]))
    assert (
        "Ann rolled back: the model as it was installed answers · 23 November 2026, 02:40 UTC"
        in words(shown)
    )


@settings(deadline=None)
@given(st.text(max_size=4_000), st.text(max_size=4_000), st.text(max_size=2_000))
def test_report_stays_within_slacks_limits(question: str, answer: str, reason: str) -> None:
    changed = [ChangedAnswer("a1", question, answer, question)] * 5
    run = replace(PROMOTED, reason=reason, left_out={reason: 1, question: 2})
    change = AdapterChange(ChangeKind.APPROVE, "night", "U1", NOW, "1")
    shown = report(Night(run, LIVE, changed, True, "F1", [Decided(change, "Ann")] * 5))
    assert not wrong_blocks(list(shown.blocks))
