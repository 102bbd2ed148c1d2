"""What a page says to programs: its links, the address it is known by, and what they may do."""

from selectolax.lexbor import LexborNode

from knowledge.readers import kinds
from knowledge.readers.base import File, Outline, parsing
from knowledge.readers.html import content_of, text_of
from knowledge.readers.html_tree import absolute, attributes, parsed
from knowledge.readers.page_checks import problem, refresh_target
from knowledge.readers.recognition import recognized

MOST_LINKS = 5_000
"""Links of one page that are looked at."""

_LONGEST_LINK = 2_000
_ROBOTS = ("robots", "phi3-expert")


def outline(file: File) -> Outline:
    """The outline of a page; an empty one of any other file. Raises IngestError."""
    if not file.content or recognized(file) != kinds.HTML:
        return Outline()
    text = text_of(file)
    with parsing("page"):
        root = parsed(text)
        return Outline(
            _links(root, file.address),
            _canonical(root, file.address),
            refresh_target(root, file.address),
            problem(root, content_of(root, file.address), text, file.address),
            _robots(root),
        )


def _links(root: LexborNode, address: str) -> tuple[str, ...]:
    base = root.css_first("base[href]")
    start = absolute(address, attributes(base)["href"]) if base is not None else ""
    found: dict[str, None] = {}
    for link in root.css("a[href], area[href]"):
        given = attributes(link)
        if len(given["href"]) > _LONGEST_LINK or "nofollow" in given.get("rel", "").lower().split():
            continue
        target = absolute(start or address, given["href"]).partition("#")[0]
        if target.startswith(("http://", "https://")):
            found[target] = None
        if len(found) >= MOST_LINKS:
            break
    return tuple(found)


def _canonical(root: LexborNode, address: str) -> str:
    for link in root.css("link[rel][href]"):
        given = attributes(link)
        if "canonical" in given["rel"].lower().split() and len(given["href"]) <= _LONGEST_LINK:
            return absolute(address, given["href"])
    return ""


def _robots(root: LexborNode) -> str:
    found = [
        given.get("content", "")[:_LONGEST_LINK]
        for meta in root.css("meta[name]")
        if (given := attributes(meta))["name"].strip().lower() in _ROBOTS
    ]
    return ",".join(found[:10]).lower()
