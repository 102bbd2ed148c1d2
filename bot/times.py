"""How long ago, or in how long, something is, in words."""

from datetime import UTC, datetime


def ago(at: datetime) -> str:
    return f"{_length((datetime.now(UTC) - at).total_seconds())} ago"


def ahead(at: datetime) -> str:
    seconds = (at - datetime.now(UTC)).total_seconds()
    return f"in {_length(seconds)}" if seconds > 0 else "soon"


def _length(seconds: float) -> str:
    for size, word in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{int(seconds / size)} {word}"
    return "a minute" if seconds >= 60 else "less than a minute"
