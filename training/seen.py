"""What a night keeps of the answers to its held-back questions: numbers, and no text."""

from collections.abc import Sequence
from hashlib import sha256

from domain.adapters import ComparedNight, Example
from training.evaluation import ScoredAnswer


def compared(
    run: str,
    live: str | None,
    candidate: str,
    asked: Sequence[Example],
    replies: Sequence[Sequence[ScoredAnswer]],
) -> ComparedNight:
    """What to keep of the replies of the live model and the candidate to ``asked``."""
    return ComparedNight(
        run,
        live,
        candidate,
        {
            _hash(row.answer_id): new.agreement - old.agreement
            for row, old, new in zip(asked, *replies, strict=True)
        },
    )


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]
