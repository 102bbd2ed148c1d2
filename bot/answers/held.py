"""The addresses that the cited sources of an answer hold: only these may be links in its text."""

import re
from collections.abc import Iterator

from bot.answers.markdown import Holds
from domain.links import is_web, link_to
from domain.questions import Answer

_ADDRESS = re.compile(r"[^\s<>\"'`|\\(){}\[\]]{4,2000}")
_AFTER = ".,;:!?*_~。、！？"
_WEB = re.compile(r"https?://", re.IGNORECASE)


def held_by(answer: Answer, workspace: str = "") -> Holds:
    """Whether an address is that of a cited source, or stands in its text.

    It must be the whole address; with or without its ``https://`` and the last slash.
    """
    held = frozenset(map(_bare, _addresses(answer, workspace)))

    def holds(address: str) -> bool:
        is_plain = address.isprintable() and _WEB.match(address)
        return bool(is_plain) and _bare(address) in held

    return holds


def _addresses(answer: Answer, workspace: str) -> Iterator[str]:
    cited = {citation.passage_id for citation in answer.citations}
    for citation in answer.citations:
        if is_web(citation.source):
            yield citation.source
        if link := link_to(citation.source, citation.where, workspace):
            yield link
        yield from _in_text(citation.quote)
    for passage in answer.passages:
        if passage.id in cited:
            yield from _in_text(passage.text)


def _in_text(text: str) -> Iterator[str]:
    for found in _ADDRESS.findall(text):
        if "." in found or "/" in found:
            yield found.rstrip(_AFTER)


def _bare(address: str) -> str:
    return _WEB.sub("", address).rstrip("/")
