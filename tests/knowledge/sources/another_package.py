"""A package that brings a connector of its own."""

from pathlib import Path

_NOTES = """
from domain.blocks import Content, Paragraph
from knowledge.sources.base import Entry, Fetched, Listing

class Notes:
    def __init__(self, collection):
        self.name = collection.uri

    def list(self, known, cursor):
        return Listing((Entry(f"{self.name}/1", "7"),))

    def read(self, entry, version):
        return Fetched(Content((Paragraph("Lunch is at noon."),), "Lunch"), "7")
"""


def write_package(packages: Path, *entry_points: str) -> None:
    """Writes it into the folder ``packages``, with these entry points."""
    about = packages / "team_notes-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: team-notes\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("\n".join(("[phi3.connectors]", *entry_points, "")))
    (packages / "team_notes.py").write_text(_NOTES)
