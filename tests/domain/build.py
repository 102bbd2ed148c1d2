"""Short ways to make the domain's values in tests."""

from datetime import UTC, datetime

from domain.questions import Audience, Message, Passage, Question

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def passage(
    text: str, *, title: str = "Handbook", source: str = "handbook.md", n: int = 1
) -> Passage:
    return Passage(f"p{n}", source, title, text, 1 / n, 0.8, Audience.everyone())


def question(
    text: str = "How long is the warranty?", *, history: tuple[Message, ...] = ()
) -> Question:
    return Question(
        "slack:T1:C1:17.1", text, "U1", NOON, Audience.everyone(), history, "slack:T1:C1:17.1"
    )
