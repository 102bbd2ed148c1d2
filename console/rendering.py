"""Renders templates: everything in them is escaped, and an unknown name is an error."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from console.typed import NOTHING, Vain
from domain.links import address_of
from domain.text import visible

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
    )
    made.globals["static"] = static
    made.filters |= {
        "time": in_words,
        "address": address_of,
        "iso": _iso,
        "count": "{:,}".format,
        "seconds": _seconds,
        "share": _share,
    }
    return made


def _harmless(value: Any) -> Any:
    """Text without what hides or reorders it; what was made safe before stays as it is."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def html(template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page of ``templates/``."""
    return HTMLResponse(_environment().get_template(template).render(values), status)


def error_page(
    status: int,
    title: str,
    text: str,
    headers: Mapping[str, str] | None = None,
    vain: Vain = NOTHING,
) -> HTMLResponse:
    """A page that says what went wrong and what to do, and what somebody wrote in vain."""
    page = html("error.html", status, heading=title, text=text, vain=vain)
    page.headers.update(headers or {})
    return page


@cache
def static(name: str) -> str:
    """The path of a file in ``static/``; it changes with the file, so browsers may keep it."""
    return f"/static/{name}?{sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def in_words(at: datetime | None) -> str:
    """``28 November 2026, 10:05 UTC``; a dash for no time."""
    return f"{at.astimezone(UTC):%-d %B %Y, %H:%M} UTC" if at else "–"


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _seconds(length: timedelta | None) -> str:
    return f"{length.total_seconds():,.1f} s" if length is not None else "–"


def _share(part: int, whole: int) -> str:
    """``part`` of ``whole`` in hundredths; a dash if there is nothing."""
    return f"{part / whole:.0%}" if whole else "–"
