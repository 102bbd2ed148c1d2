"""What somebody typed into a form whose change was not made: the page that says so shows it."""

from starlette.datastructures import FormData
from starlette.requests import Request

_FIELDS = ("text", "right", "confirmed", "golden", "source", "address", "target")
"""The fields into which people type, on any page."""


def typed(request: Request) -> list[str]:
    """The texts of a form that was read already, and that its own session has sent."""
    form: FormData | None = getattr(request, "_form", None)
    if form is None:
        return []
    given = [form.get(name) for name in _FIELDS]
    return [text for text in given if isinstance(text, str) and text.strip()]
