"""Says in one sentence what searching and the adapter are worth, as far as the figures show."""

from training.compare.arms import Arm
from training.compare.figures import Comparison, Figure

FEWEST = 20
"""With fewer questions there is no advice."""


def advice(compared: Comparison) -> str:
    """One sentence. It recommends only what the intervals show."""
    if compared.questions < FEWEST:
        return (
            f"{compared.questions} questions are too few for advice: ask at least {FEWEST}, better "
            "200."
        )
    search = compared.differences[Arm.BASE, Arm.RAG]
    if Arm.BOTH not in compared.arms:
        return f"Searching gives {_gain(search)}: {_alone(search)}; there is no adapter yet."
    tuned, with_adapter = (compared.differences[one, Arm.BOTH] for one in (Arm.RAG, Arm.TUNED))
    said = f"Searching gives {_gain(search)}, the adapter {_gain(tuned, more=True)}"
    if not search.has_sign and with_adapter.has_sign:
        said = (
            f"Searching gives {_gain(search)} without the adapter and {_gain(with_adapter)} with "
            f"it, the adapter {_gain(tuned, more=True)}"
        )
        search = with_adapter
    return f"{said}: {_verdict(search, tuned)}."


def _verdict(search: Figure, tuned: Figure) -> str:
    match _sign(search), _sign(tuned):
        case 1, 1:
            return "keep both"
        case 1, 0:
            return "keep searching; these questions do not show whether the adapter helps"
        case 1, _:
            return "keep searching, and roll the adapter back"
        case 0, 1:
            return "keep the adapter; these questions do not show whether searching helps"
        case 0, 0:
            return "these questions show no difference, so ask more of them"
        case 0, _:
            return "roll the adapter back; these questions do not show whether searching helps"
        case _, 1:
            return "keep the adapter; the search finds what misleads, so look at the documents"
        case _, 0:
            return "the search finds what misleads, so look at the documents"
    return "both make it worse, so look at the documents, and roll the adapter back"


def _alone(search: Figure) -> str:
    match _sign(search):
        case 1:
            return "keep searching"
        case 0:
            return "these questions do not show whether it helps, so ask more of them"
    return "the search finds what misleads, so look at the documents"


def _sign(figure: Figure) -> int:
    return 0 if not figure.has_sign else 1 if figure.mean > 0 else -1


def _gain(figure: Figure, *, more: bool = False) -> str:
    unit = "more" if more else "f1"
    between = f"{_number(figure.low)} to {_number(figure.high)}"
    return f"{_number(figure.mean)} {unit} ({between})"


def _number(value: float) -> str:
    """With its sign, and a minus as wide as the plus; nothing is written as -0.00."""
    return f"{value + 0.0:+.2f}".replace("-0.00", "+0.00").replace("-", "−")
