import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.blocks import Content, Heading, Item, ItemList, Paragraph
from domain.errors import EmptySource
from knowledge.readers.base import File
from knowledge.readers.reading import read
from tests.hostile import is_linear
from tests.knowledge.readers.noise import survives

EVENT = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
DTSTART:19700329T020000
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
DTSTART;TZID=Europe/Berlin:20260301T130000
DTEND:20260301T130000Z
SUMMARY;LANGUAGE=en:On-call handover\\, hall 3
LOCATION:Room Zugspitze\\; 4th floor
ORGANIZER;CN="Lang, Petra":mailto:petra@e.org
RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;UNTIL=20260601T000000Z
STATUS:CONFIRMED
DESCRIPTION:Bring the pager.\\nThe contact for this wee
 k is Petrov.
BEGIN:VALARM
DESCRIPTION:Reminder
END:VALARM
END:VEVENT
END:VCALENDAR
"""


def content(text: str) -> Content:
    return read(File(text.encode(), "x.ics"))


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_an_event_says_what_happens_when_and_where(ends: str) -> None:
    found = content(EVENT.replace("\n", ends))
    assert found.title == "On-call handover, hall 3"
    assert found.blocks == (
        Heading("On-call handover, hall 3", 1),
        ItemList(
            (
                Item("Start: 2026-03-01 13:00 (Europe/Berlin)"),
                Item("End: 2026-03-01 13:00 (UTC)"),
                Item("Repeats: weekly; every 2; on MO, WE; until 2026-06-01"),
                Item("Location: Room Zugspitze; 4th floor"),
                Item("Organizer: Lang, Petra (petra@e.org)"),
            )
        ),
        Paragraph("Bring the pager."),
        Paragraph("The contact for this week is Petrov."),
    )


def test_a_calendar_holds_many_entries_and_whole_days_end_on_their_last() -> None:
    found = content(
        "BEGIN:VCALENDAR\nX-WR-CALNAME:Harbour\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260301\n"
        "DTEND;VALUE=DATE:20260303\nEND:VEVENT\nBEGIN:VTODO\nSUMMARY:Oil\nEND:VTODO\n"
    )
    assert found.title == "Harbour"
    assert found.blocks == (
        Heading("Untitled", 1),
        ItemList((Item("Start: 2026-03-01"), Item("End: 2026-03-02"))),
        Heading("Oil", 1),
    )


def test_a_letter_may_be_folded_in_its_middle() -> None:
    folded = "SUMMARY:Kräne".encode().replace(b"\xc3\xa4", b"\xc3\r\n \xa4")
    made = b"BEGIN:VEVENT\r\n" + folded + b"\r\nEND:VEVENT\r\n"
    assert read(File(made, "x.ics")).title == "Kräne"


def test_what_holds_no_event_is_empty() -> None:
    with pytest.raises(EmptySource):
        content("BEGIN:VCALENDAR\nEND:VCALENDAR\n")


@given(st.text(alphabet='BEGIN:VT;=\\"\n 0123', max_size=80) | st.text(max_size=60))
@settings(deadline=None, max_examples=50)
def test_any_text_costs_only_itself(text: str) -> None:
    survives(lambda: content(f"BEGIN:VEVENT\nDTSTART:{text}\nRRULE:{text}\n{text}"))


@pytest.mark.slow
def test_time_grows_with_the_text() -> None:
    for piece in ("A;", '"', "\\", "\n ", "BEGIN:VEVENT\n", "BEGIN:X\n", "ATTENDEE:a\n", ";=", "="):
        assert is_linear(
            lambda text: survives(lambda: content(f"BEGIN:VEVENT\n{text}")),
            lambda size, piece=piece: piece * (size // len(piece)),  # type: ignore[misc]
        )
