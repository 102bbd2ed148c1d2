"""What is known of a page as a whole before its elements are read one by one."""

import re

from selectolax.lexbor import LexborNode

from knowledge.readers.clean import line
from knowledge.readers.html_clutter import is_clutter
from knowledge.readers.html_tree import (
    absolute,
    attributes,
    children,
    descendants,
    is_hidden,
    is_main,
    measured,
)

_NOTE_TEXT = 2_000  # characters of a footnote
_NOTE_LABEL = re.compile(r"\[?[\w*†‡§]{1,4}(?::\d{1,3})?\]?")
_NOTE_NAMES = ("footnote", "noteref", "reference")
_ASIDE = frozenset("article aside details dialog section".split())
_ASIDE_ROLES = ("complementary", "dialog", "tabpanel", "article", "region")
_FRAME = 20  # a main part with less than this part of the text is a frame for scripts to fill


class Page:
    """One page: its elements by id, their measures, and where its relative links lead from."""

    def __init__(self, root: LexborNode, address: str) -> None:
        self.root = root
        self.measures = measured(root)
        self.labels: dict[str, str] = {}
        """By the id of a panel, what the tab that shows it says."""
        self.moved: set[int] = set()
        """Elements that were read where something refers to them, by their ``mem_id``."""
        self._ids: dict[str, LexborNode] = {}
        self._base = address
        self._title = self._shared_title = ""
        tabs: list[tuple[str, str]] = []
        for node in descendants(root):
            if not node.is_element_node:
                continue
            given = attributes(node)
            if named := given.get("id"):
                self._ids.setdefault(named, node)
            if node.tag == "base" and given.get("href"):
                self._base = absolute(address, given["href"])
            elif node.tag == "title" and not self._title:
                self._title = line(node.text())
            elif node.tag == "meta" and given.get("property") == "og:title":
                self._shared_title = line(given.get("content", ""))
            if given.get("role") == "tab":
                panel = given.get("aria-controls") or given.get("href", "").removeprefix("#")
                tabs.append((panel, line(node.text())))
        for panel, label in tabs:
            shown = self._ids.get(panel)
            if shown is not None and not self.measures[shown.mem_id].headings:
                self.labels[panel] = label

    @property
    def title(self) -> str:
        """The page's own title: that of its only heading of the first level, where it has one."""
        highest = [
            node
            for node in self.root.css("h1")
            if not is_hidden(attributes(node)) and node.text().strip()
        ]
        if highest:
            first = line(highest[0].text())
            if len(highest) == 1 or first.lower() in self._title.lower():
                return first
        return self._title or self._shared_title

    def absolute(self, target: str) -> str:
        return absolute(self._base, target)

    def note(self, node: LexborNode, given: dict[str, str]) -> tuple[str, LexborNode] | None:
        """The label and the element of the footnote that the link ``node`` refers to."""
        href = given.get("href", "")
        target = self._ids.get(href[1:]) if href.startswith("#") else None
        if target is None or self.measures[target.mem_id].text > _NOTE_TEXT:
            return None
        is_raised = node.parent is not None and node.parent.tag == "sup"
        is_named = any(name in given.get("class", "") for name in _NOTE_NAMES)
        if not (is_raised or is_named or given.get("role") == "doc-noteref"):
            return None
        label = line(node.text())
        if not _NOTE_LABEL.fullmatch(label) or _holds(target, node):
            return None
        return label.strip("[]").partition(":")[0], target

    def parts(self) -> list[LexborNode]:
        """The elements that hold what the page says, in order: its main parts, or its body."""
        body = next((child for child in children(self.root) if child.tag == "body"), self.root)
        whole = self.measures[body.mem_id]
        if not whole.mains:
            return [body]
        found: list[LexborNode] = []
        self._find_parts(body, found)
        told = sum(self.measures[part.mem_id].text for part in found)
        return found if told * _FRAME > whole.text else [body]

    def _find_parts(self, node: LexborNode, found: list[LexborNode]) -> None:
        for child in children(node):
            if not child.is_element_node:
                continue
            tag, given = child.tag or "", attributes(child)
            measure = self.measures[child.mem_id]
            if is_main(tag, given):
                if not is_hidden(given) or measure.mains > 1:
                    found.append(child)
            elif measure.mains:
                self._find_parts(child, found)
            elif (
                measure.text
                and (tag in _ASIDE or given.get("role") in _ASIDE_ROLES)
                and not is_clutter(child, tag, given, measure, is_within=False)
            ):
                found.append(child)


def _holds(outer: LexborNode, inner: LexborNode) -> bool:
    node: LexborNode | None = inner
    while node is not None:
        if node.mem_id == outer.mem_id:
            return True
        node = node.parent
    return False
