"""What people type into forms, and the page that shows it where the change was not made."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator
from starlette.datastructures import FormData
from starlette.requests import Request

_FIELDS = ("text", "right", "confirmed", "golden", "source", "address", "target")
"""The fields into which people type, on any page."""


def _with_plain_ends(text: object) -> object:
    return text.replace("\r\n", "\n") if isinstance(text, str) else text


Typed = Annotated[str, BeforeValidator(_with_plain_ends)]
"""The text of a form's field, with the ends of lines that the rest of the program knows: browsers
send two characters for each."""


@dataclass(frozen=True, slots=True)
class Vain:
    """The texts of a form that changed nothing, and the path of the page that it stands on."""

    texts: tuple[str, ...] = ()
    page: str = ""


NOTHING = Vain()


def in_vain(request: Request) -> Vain:
    """Of a form that was read already, and that its own session has sent."""
    form: FormData | None = getattr(request, "_form", None)
    if form is None:
        return NOTHING
    given = [form.get(name) for name in _FIELDS]
    texts = tuple(text for text in given if isinstance(text, str) and text.strip())
    return Vain(texts, _page_of(request))


def _page_of(request: Request) -> str:
    """Where the browser says that the form stands; empty if that is elsewhere, or not said."""
    try:
        said = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return ""
    is_here = said.netloc == request.headers.get("host") and said.path.startswith("/")
    if not is_here or said.path.startswith("//"):
        return ""
    return f"{said.path}?{said.query}" if said.query else said.path
