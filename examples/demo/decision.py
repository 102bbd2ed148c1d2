"""What the night decided, and what a team does then, in sentences."""

from domain.adapters import Evaluation, Outcome, TrainingRun

_THEN = {
    Outcome.PROMOTED: "It answers from the next question on.",
    Outcome.HELD: "It waits for an admin's `phi3 promote`; the live one stays.",
    Outcome.REJECTED: "The live one stays, and nobody has to do anything: the next night trains "
    "anew, on these ratings and the next day's.",
    Outcome.SKIPPED: "The live one stays, and the next night has more ratings to train on.",
}


def decision(run: TrainingRun) -> str:
    """Whether the new adapter goes live, with the figures and the reason, and what happens then."""
    said = f"{run.outcome.capitalize()}: {run.reason.rstrip('.')}."
    if run.evaluation:
        said = f"{said} {_gain(run.evaluation)}"
    return f"{said} {_THEN.get(run.outcome, '')}".strip()


def _gain(evaluation: Evaluation) -> str:
    live, new = evaluation.live, evaluation.candidate
    return (
        f"On {evaluation.questions} questions that it was not trained on, agreement is "
        f"{new.agreement:.2f}, the live one's {live.agreement:.2f}; the gate expects that a part "
        "of that is luck."
    )
