"""Reads calendars (iCalendar): what happens when and where."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from domain.blocks import Block, Content, Heading, Item, ItemList, Paragraph
from domain.errors import EmptySource
from knowledge.readers.base import File
from knowledge.readers.letters import Person
from knowledge.readers.property_lines import Property, properties

_ENTRIES = ("VEVENT", "VTODO", "VJOURNAL")
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?")
_SHOWN = {
    "DTSTART": "Start",
    "DTEND": "End",
    "DUE": "Due",
    "DURATION": "Duration",
    "RRULE": "Repeats",
    "LOCATION": "Location",
    "ORGANIZER": "Organizer",
    "ATTENDEE": "Attendees",
    "STATUS": "Status",
    "CATEGORIES": "Categories",
    "URL": "URL",
}
_RULES = {"INTERVAL": "every {}", "BYDAY": "on {}", "BYMONTHDAY": "on day {}", "COUNT": "{} times"}
_UNTOLD = ("CONFIRMED",)  # what is so of nearly all
_UNTITLED = "Untitled"


@dataclass(slots=True)
class _Entry:
    """An event or a task."""

    properties: dict[str, list[Property]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return next((each.text for each in self.properties.get(name, ())), "")


def read(file: File) -> Content:
    """Each event and task under its name. Raises UnreadableSource and EmptySource."""
    name = ""
    entries: list[_Entry] = []
    within: list[str] = []
    for each in properties(file):
        if each.name == "BEGIN":
            within.append(each.text.upper())
            if within[-1] in _ENTRIES:
                entries.append(_Entry())
        elif each.name == "END":
            within = within[:-1]
        elif within and within[-1] in _ENTRIES:
            entries[-1].properties.setdefault(each.name, []).append(each)
        elif each.name == "X-WR-CALNAME":
            name = each.text
    blocks = tuple(block for entry in entries for block in _blocks(entry))
    if not blocks:
        raise EmptySource("it holds no events")
    return Content(blocks, name or (entries[0].text("SUMMARY") if len(entries) == 1 else ""))


def _blocks(entry: _Entry) -> Iterator[Block]:
    items = tuple(
        Item(f"{label}: {text}")
        for name, label in _SHOWN.items()
        if (text := ", ".join(filter(None, map(_shown, entry.properties.get(name, ())))))
        and text not in _UNTOLD
    )
    words = [said for each in entry.properties.get("DESCRIPTION", ()) for said in each.lines]
    title = entry.text("SUMMARY")
    if title or items or words:
        yield Heading(title or _UNTITLED, 1)
    if items:
        yield ItemList(items)
    yield from map(Paragraph, words)


def _shown(found: Property) -> str:
    if found.name in ("DTSTART", "DTEND", "DUE"):
        return _moment(found)
    if found.name in ("ORGANIZER", "ATTENDEE"):
        address = re.sub("^mailto:", "", found.text, flags=re.IGNORECASE)
        return Person(found.parameters.get("CN", ""), address).shown
    if found.name == "RRULE":
        return _rule(found)
    return found.text


def _rule(found: Property) -> str:
    """As in ``weekly; every 2; on MO, WE; until 2026-06-01``."""
    said: list[str] = []
    for part in found.pieces:
        name, _, value = part.partition("=")
        if name == "FREQ":
            said.append(value.lower())
        elif name == "UNTIL":
            said.append(f"until {value[:4]}-{value[4:6]}-{value[6:8]}")
        elif name in _RULES:
            said.append(_RULES[name].format(value.replace(",", ", ")))
    return "; ".join(said)


def _moment(found: Property) -> str:
    """As in ``2026-03-01 13:00 (Europe/Berlin)``; the last day of what lasts whole days."""
    read = _MOMENT.fullmatch(found.raw)
    if read is None:
        return found.text
    year, month, day, hour, minute, utc = read.groups()
    if hour:
        zone = "UTC" if utc else found.parameters.get("TZID", "")
        return f"{year}-{month}-{day} {hour}:{minute}" + (f" ({zone})" if zone else "")
    try:
        # An end is the day after the last one.
        last = date(int(year), int(month), int(day)) - timedelta(days=found.name == "DTEND")
    except (ValueError, OverflowError):
        return found.text
    return last.isoformat()
