"""The numbers and marks that Word writes in front of the items of its lists."""

import re
from dataclasses import dataclass

from knowledge.readers.numerals import numeral
from knowledge.readers.office import W, number, value
from knowledge.readers.zipped import Element

BULLET = "-"
_LEVELS = 9
_LEVEL_IN_TEXT = re.compile(r"%([1-9])")
_LONGEST = 40  # characters of a mark


@dataclass(frozen=True, slots=True)
class _Level:
    """``restart``: it counts anew behind items of so many levels at the top; None: of all above."""

    form: str = "decimal"
    text: str = ""
    start: int = 1
    is_legal: bool = False
    restart: int | None = None

    def restarts_behind(self, above: int, own: int) -> bool:
        """Whether it counts anew behind an item of a level ``above`` its own, from 0."""
        return above < (own if self.restart is None else self.restart)


class Numbering:
    """Counts the items of each list in reading order. ``root`` is the part that defines them."""

    def __init__(self, root: Element | None) -> None:
        self._lists: dict[str, tuple[str, dict[int, _Level], dict[int, int]]] = {}
        self._counts: dict[str, list[int | None]] = {}
        self._begun: set[str] = set()
        if root is None:
            return
        abstract = {
            each.get(f"{W}abstractNumId", ""): each for each in root.iter(f"{W}abstractNum")
        }
        styles = {
            name: each
            for each in abstract.values()
            if (name := value(each.find(f"{W}styleLink"))) is not None
        }
        read: dict[str, dict[int, _Level]] = {}
        for each in root.iterfind(f"{W}num"):
            name = value(each.find(f"{W}abstractNumId")) or ""
            definition = abstract.get(name)
            link = value(definition.find(f"{W}numStyleLink")) if definition is not None else None
            if link in styles:
                definition = styles[link]
                name = definition.get(f"{W}abstractNumId", "")
            if definition is not None and name not in read:
                read[name] = self._levels(definition)
            levels, starts = dict(read.get(name, {})), {}
            for override in each.iterfind(f"{W}lvlOverride"):
                depth = number(override.get(f"{W}ilvl"))
                if (own := override.find(f"{W}lvl")) is not None:
                    levels[depth] = _level(own)
                if (start := value(override.find(f"{W}startOverride"))) is not None:
                    starts[depth] = number(start, 1)
            self._lists[each.get(f"{W}numId", "")] = (name, levels, starts)

    def _levels(self, definition: Element) -> dict[int, _Level]:
        return {
            number(each.get(f"{W}ilvl")): _level(each) for each in definition.iterfind(f"{W}lvl")
        }

    def __contains__(self, list_id: str) -> bool:
        return list_id in self._lists

    def mark(self, list_id: str, depth: int) -> str:
        """The mark of the next item of a list: ``-``, ``2.`` or ``4.1``; empty where none shows."""
        if list_id not in self._lists:
            return BULLET
        name, levels, starts = self._lists[list_id]
        depth = min(max(depth, 0), _LEVELS - 1)
        level = levels.get(depth, _Level())
        if level.form == "bullet":
            return BULLET
        counts = self._counts.setdefault(name, [None] * _LEVELS)
        if list_id not in self._begun:
            self._begun.add(list_id)
            for n, start in starts.items():
                if 0 <= n < _LEVELS:
                    counts[n] = start - 1
        before = counts[depth]
        counts[depth] = level.start if before is None else before + 1
        for deeper in range(depth + 1, _LEVELS):
            if levels.get(deeper, _Level()).restarts_behind(depth, deeper):
                counts[deeper] = None
        if level.form == "none":
            return ""
        return self._written(level, levels, counts)

    def _written(self, level: _Level, levels: dict[int, _Level], counts: list[int | None]) -> str:
        def count(match: re.Match[str]) -> str:
            depth = int(match[1]) - 1
            of = levels.get(depth, _Level())
            reached = counts[depth]
            form = "decimal" if level.is_legal else of.form
            return numeral(of.start if reached is None else reached, form)

        return _LEVEL_IN_TEXT.sub(count, level.text[:_LONGEST]).strip()


def _level(element: Element) -> _Level:
    legal = element.find(f"{W}isLgl")
    restart = value(element.find(f"{W}lvlRestart"))
    return _Level(
        form=value(element.find(f"{W}numFmt")) or "decimal",
        text=value(element.find(f"{W}lvlText")) or "",
        start=number(value(element.find(f"{W}start")), 1),
        is_legal=legal is not None and legal.get(f"{W}val", "1") not in ("0", "false"),
        restart=None if restart is None else number(restart),
    )
