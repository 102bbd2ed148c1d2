"""A page of the console, as the navigation and the routes know it."""

from dataclasses import dataclass

from fastapi import APIRouter

from domain.console import ConsoleRole

FORM_BYTES = 1 << 20
"""The most bytes that a form sends, unless its page says otherwise."""


@dataclass(frozen=True, slots=True)
class Page:
    """``path`` is where it is, and how the paths of all its routes begin.

    Only people with ``role`` see it in the navigation. ``most_bytes`` is the largest body of a
    request to it.
    """

    title: str
    path: str
    router: APIRouter
    role: ConsoleRole = ConsoleRole.READER
    most_bytes: int = FORM_BYTES
    is_listed: bool = True
