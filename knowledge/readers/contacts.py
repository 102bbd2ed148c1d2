"""Reads contacts (vCard): who somebody is, and how to reach them."""

from collections.abc import Iterator

from domain.blocks import Block, Content, Heading, Item, ItemList
from domain.errors import EmptySource
from knowledge.readers.base import File
from knowledge.readers.property_lines import Property, properties

_SHOWN = {
    "NICKNAME": "Nickname",
    "ORG": "Organization",
    "TITLE": "Title",
    "ROLE": "Role",
    "TEL": "Phone",
    "EMAIL": "Mail",
    "ADR": "Address",
    "URL": "URL",
    "BDAY": "Birthday",
    "CATEGORIES": "Categories",
    "NOTE": "Note",
}
_TYPES = ("home", "work", "cell", "mobile", "fax", "pager", "main")


def read(file: File) -> Content:
    """Each contact under its name. Raises UnreadableSource and EmptySource."""
    blocks: list[Block] = []
    contact: list[Property] = []
    count = 0
    for each in properties(file):
        if (each.name, each.text.upper()) == ("BEGIN", "VCARD"):
            contact = []
        elif (each.name, each.text.upper()) == ("END", "VCARD"):
            blocks += _blocks(contact)
            contact = []
            count += 1
        else:
            contact.append(each)
    if not blocks:
        raise EmptySource("it holds no contacts")
    name = blocks[0].text if count == 1 and isinstance(blocks[0], Heading) else ""
    return Content(tuple(blocks), name)


def _blocks(contact: list[Property]) -> Iterator[Block]:
    items = [
        Item(f"{label}{_type(each)}: {text}")
        for name, label in _SHOWN.items()
        for each in contact
        if each.name == name and (text := ", ".join(each.pieces) if name != "NOTE" else each.text)
    ]
    if name := _name(contact):
        yield Heading(name, 1)
    if items:
        yield ItemList(tuple(items))


def _name(contact: list[Property]) -> str:
    """How a contact is called: as the file says it, by its parts, or by its organization."""
    said = {each.name: each for each in reversed(contact)}
    if "FN" in said and said["FN"].text:
        return said["FN"].text
    last, *first = said["N"].pieces[:2] if "N" in said and said["N"].pieces else ("",)
    return " ".join((*first, last)) or (", ".join(said["ORG"].pieces) if "ORG" in said else "")


def _type(found: Property) -> str:
    """As in `` (work)``; vCard 2.1 names it without saying that it is the type."""
    words = ",".join((found.parameters.get("TYPE", ""), *found.parameters)).lower().split(",")
    types = [each for each in _TYPES if each in words]
    return f" ({', '.join(types)})" if types else ""
