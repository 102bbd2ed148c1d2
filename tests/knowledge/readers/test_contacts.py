import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.blocks import Content, Heading, Item, ItemList
from domain.errors import EmptySource
from knowledge.readers.base import File
from knowledge.readers.reading import read
from tests.hostile import is_linear
from tests.knowledge.readers.noise import survives


def content(text: str) -> Content:
    return read(File(text.encode(), "x.vcf"))


def test_a_contact_says_how_to_reach_somebody() -> None:
    found = content(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Petra Lang\r\nORG:Nordwind\\, Ltd;Crane service\r\n"
        "item1.TEL;TYPE=WORK,VOICE:040 1\r\nADR:;;Quay 3;Oslo;;0150;Norway\r\n"
        "NOTE:Leads the dep\r\n ot; on Mondays\\, too.\r\nPHOTO;ENCODING=b:QUJD\r\nEND:VCARD\r\n"
    )
    assert found.title == "Petra Lang"
    assert found.blocks == (
        Heading("Petra Lang", 1),
        ItemList(
            (
                Item("Organization: Nordwind, Ltd, Crane service"),
                Item("Phone (work): 040 1"),
                Item("Address: Quay 3, Oslo, 0150, Norway"),
                Item("Note: Leads the depot; on Mondays, too."),
            )
        ),
    )


def test_old_contacts_encode_letters_and_part_lines() -> None:
    found = content(
        "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=\n"
        "=C3=BCrgen\nTEL;CELL:+49 151\nEND:VCARD\nBEGIN:VCARD\nORG:Kaya Ltd\nEND:VCARD\n"
    )
    assert found.title == ""
    assert found.blocks == (
        Heading("Jürgen Müller", 1),
        ItemList((Item("Phone (cell): +49 151"),)),
        Heading("Kaya Ltd", 1),
        ItemList((Item("Organization: Kaya Ltd"),)),
    )


def test_what_holds_no_contact_is_empty() -> None:
    with pytest.raises(EmptySource):
        content("words")


@given(st.text(alphabet='NTEL:;=\\"\n 0123', max_size=80) | st.text(max_size=60))
@settings(deadline=None, max_examples=50)
def test_any_text_costs_only_itself(text: str) -> None:
    survives(lambda: content(f"BEGIN:VCARD\nN;ENCODING=QUOTED-PRINTABLE:{text}\n{text}\nEND:VCARD"))


@pytest.mark.slow
def test_time_grows_with_the_text() -> None:
    for piece in ("A;", ";", "\\", "=\n", "=C3", "TEL:1\n", "BEGIN:VCARD\nEND:VCARD\n"):
        assert is_linear(
            lambda text: survives(
                lambda: content(f"BEGIN:VCARD\nN;ENCODING=QUOTED-PRINTABLE:{text}\nEND:VCARD")
            ),
            lambda size, piece=piece: piece * (size // len(piece)),  # type: ignore[misc]
        )
