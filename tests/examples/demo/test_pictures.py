"""What the demo draws fits 80 columns, shows what was measured, and is plain text in a pipe."""

import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from domain.adapters import Evaluation, Outcome, Score, TrainingRun
from examples.demo.decision import decision
from examples.demo.pictures import compared, curve, table
from tests.bot.test_report import EVALUATION, PROMOTED


def printed(*what: object) -> str:
    stream = io.StringIO()
    Console(file=stream, width=80).print(*what, sep="\n")
    return stream.getvalue()


def heights(losses: list[float]) -> list[int]:
    """How high each column of the curve is, in eighths of a line."""
    rows = [line.partition("│")[2] for line in curve(losses)]
    return [
        sum(" ▁▂▃▄▅▆▇█".index(cell) for cell in column)
        for column in list(zip(*rows, strict=True))[::3]
    ]


def test_a_loss_that_falls_is_a_curve_that_falls() -> None:
    found = heights([2.0 - n / 50 for n in range(90)])
    assert found == sorted(found, reverse=True)
    assert found[0] > 2 * found[-1]


def test_a_loss_that_rises_is_a_curve_that_rises() -> None:
    assert heights([0.1, 0.2, 0.4, 0.8]) == [6, 12, 24, 48]


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=400))
def test_a_curve_fits_the_terminal_whatever_the_losses(losses: list[float]) -> None:
    lines = curve(losses)
    assert len(lines) == 6
    assert all(len(line) <= 80 for line in lines)
    assert all(0 <= height <= 48 for height in heights(losses))


def test_the_better_model_has_the_longer_bar() -> None:
    live, new = (line for line in printed(compared(EVALUATION)).splitlines()[:2])
    assert "41%" in live
    assert "52%" in new
    assert live.count("█") < new.count("█")


def test_figures_of_zero_and_one_are_drawn_too() -> None:
    nothing, everything = Score(0, 0, 0, 0, 0, 0), Score(1, 1, 1, 1, 1, 9)
    drawn = printed(compared(replace(EVALUATION, live=nothing, candidate=everything)))
    assert drawn.count("·") == drawn.count("█") > 0


def test_long_texts_and_markup_keep_a_table_within_the_terminal() -> None:
    row = ("[red]how\x1b[31m long?", "no, " * 200, "Wörter " * 40)
    drawn = printed(table(("asked", "answered", "right"), [row], lines=True))
    assert all(len(line) <= 80 for line in drawn.splitlines())
    assert "[red]how" in drawn
    assert "\x1b" not in drawn


def run(outcome: Outcome, reason: str, evaluation: Evaluation | None = EVALUATION) -> TrainingRun:
    return replace(PROMOTED, outcome=outcome, reason=reason, evaluation=evaluation)


@pytest.mark.parametrize(
    ("outcome", "begins", "says"),
    [
        (Outcome.PROMOTED, "Promoted: it is better.", "It answers from the next question on."),
        (Outcome.REJECTED, "Rejected: it is better.", "nobody has to do anything"),
        (Outcome.HELD, "Held: it is better.", "phi3 promote"),
    ],
)
def test_the_decision_has_its_reason_its_figures_and_what_happens_then(
    outcome: Outcome, begins: str, says: str
) -> None:
    said = decision(run(outcome, "it is better"))
    assert said.startswith(begins)
    assert (
        "On 30 questions that it was not trained on, agreement is 0.52, the live one's 0.41" in said
    )
    assert says in said


def test_a_skipped_night_is_said_without_figures() -> None:
    said = decision(run(Outcome.SKIPPED, "3 to train on, 40 are needed.", None))
    assert said.startswith("Skipped: 3 to train on, 40 are needed. The live one stays")
    assert "agreement" not in said
