"""Renders the handbook's PDF, Word and HTML documents from the Markdown in ``sources/``.

``python examples/make_handbook.py [FOLDER]`` writes them into FOLDER, or else into ``handbook/``.
The same sources give the same documents: every date inside is fixed.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Literal
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
from docx.oxml import OxmlElement
from fpdf import FPDF
from fpdf.enums import XPos, YPos

HERE = Path(__file__).parent
EDITION = datetime(2026, 6, 8, 9, 0, tzinfo=UTC)
COMPANY = "Fernhill Cycles"
PDFS = ("battery-handling", "paint-shop", "workshop-safety")
WORD = ("demo-and-hire", "parental-leave", "travel-and-expenses")
PAGES = ("bike-range", "branches", "workshop-prices")

Kind = Literal["title", "heading", "bullet", "number", "row", "text"]
_MARKS: tuple[tuple[str, Kind], ...] = (
    (r"# ", "title"),
    (r"## ", "heading"),
    (r"- ", "bullet"),
    (r"\d+\. ", "number"),
    (r"\| ", "row"),
)


@dataclass(frozen=True, slots=True)
class Block:
    """One line of the Markdown: a paragraph, a heading, an item of a list, a row of a table."""

    kind: Kind
    text: str

    @property
    def cells(self) -> list[str]:
        return [cell.strip() for cell in self.text.strip("| ").split("|")]


def blocks(markdown: str) -> Iterator[Block]:
    """Parses the small part of Markdown that the sources use; each line is one block."""
    for line in markdown.splitlines():
        if not line or re.fullmatch(r"[|\-]+", line):
            continue
        for mark, kind in _MARKS:
            if found := re.match(mark, line):
                text = line if kind == "row" else line[found.end() :]
                yield Block(kind, text)
                break
        else:
            yield Block("text", line)


class _Page(FPDF):
    def __init__(self, title: str) -> None:
        super().__init__(format="A4")
        self.title_line = title
        self.set_title(title)
        self.set_author(COMPANY)
        self.set_creation_date(EDITION)
        self.set_margins(22, 20, 22)
        self.set_auto_page_break(True, margin=28)

    def footer(self) -> None:
        self.set_y(-16)
        self.set_font("Helvetica", size=8)
        self.cell(0, 6, f"{COMPANY} · {self.title_line} · page {self.page_no()}", align="C")

    def write_line(self, text: str, *, size: float, bold: bool = False, indent: float = 0) -> None:
        self.set_font("Helvetica", style="B" if bold else "", size=size)
        self.set_x(self.l_margin + indent)
        self.multi_cell(0, size * 0.55, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1.5)


def pdf(markdown: str) -> bytes:
    parts = list(blocks(markdown))
    page = _Page(next(part.text for part in parts if part.kind == "title"))
    page.add_page()
    number = 0
    for part in parts:
        number = number + 1 if part.kind == "number" else 0
        match part.kind:
            case "title":
                page.write_line(part.text, size=20, bold=True)
            case "heading":
                page.ln(2)
                page.write_line(part.text, size=13, bold=True)
            case "bullet":
                page.write_line(f"- {part.text}", size=11.5, indent=4)
            case "number":
                page.write_line(f"{number}. {part.text}", size=11.5, indent=4)
            case "row":
                page.write_line("   ".join(part.cells), size=11.5)
            case "text":
                page.write_line(part.text, size=11.5)
    return bytes(page.output())


def word(markdown: str) -> bytes:
    document = docx.Document()
    styles = {
        "title": "Heading 1",
        "heading": "Heading 2",
        "bullet": "List Bullet",
        "number": "List Number",
    }
    properties = document.core_properties
    properties.author = properties.last_modified_by = COMPANY
    properties.created = properties.modified = EDITION.replace(tzinfo=None)
    properties.comments = ""
    for kind, group in groupby(blocks(markdown), key=lambda part: part.kind):
        parts = list(group)
        if kind == "title":
            properties.title = parts[0].text
        if kind == "row":
            table = document.add_table(rows=0, cols=len(parts[0].cells), style="Light Grid")
            for part in parts:
                for cell, text in zip(table.add_row().cells, part.cells, strict=True):
                    cell.text = text
            continue
        for part in parts:
            document.add_paragraph(part.text, style=styles.get(kind))
    for header in document.element.xpath("//w:tbl/w:tr[1]"):
        header.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    file = BytesIO()
    document.save(file)
    return _with_fixed_dates(file)


def _with_fixed_dates(archive: BytesIO) -> bytes:
    """The same ZIP archive with the date EDITION on each member; python-docx writes today's."""
    dated = BytesIO()
    with ZipFile(archive) as old, ZipFile(dated, "w", ZIP_DEFLATED) as new:
        for member in old.infolist():
            entry = ZipInfo(member.filename, EDITION.timetuple()[:6])
            entry.compress_type = ZIP_DEFLATED
            new.writestr(entry, old.read(member))
    return dated.getvalue()


_SITE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title} | {company}</title>
<meta name="generator" content="make_handbook.py">
<style>nav a {{ margin-right: 1em }} footer {{ font-size: small }}</style>
<script>window.menu = {{ open: false }};</script>
</head>
<body>
<header>
<a href="/">{company}</a>
<nav aria-label="Main">
<a href="/bikes">Bikes</a> <a href="/repairs">Repairs</a> <a href="/hire">Hire</a>
<a href="/branches">Branches</a> <a href="/club">Club</a> <a href="/staff">Staff login</a>
</nav>
<form role="search" action="/search">
<input name="q" placeholder="Search the site"><button>Go</button>
</form>
</header>
<div class="cookies" role="dialog">
We use two cookies, both for the basket. <button>Fine</button>
</div>
<main>
<article>
{body}
</article>
</main>
<aside>
<p>Spotted a mistake? Tell the web team.</p>
<p>Read next: <a href="/stories/hill">Up the hill with a piano</a></p>
</aside>
<footer>
<p>{company} · <a href="/privacy">Privacy</a> · <a href="/terms">Terms</a></p>
<p>Sign up for the newsletter: four times a year, no more.</p>
</footer>
</body>
</html>
"""


def page(markdown: str) -> bytes:
    """A web page with the navigation, notices and footer that such pages usually have."""
    body: list[str] = []
    title = ""
    for kind, group in groupby(blocks(markdown), key=lambda part: part.kind):
        parts = list(group)
        match kind:
            case "title":
                title = parts[0].text
                body.append(f"<h1>{escape(title)}</h1>")
            case "row":
                body += ["<table>", *_rows(parts), "</table>"]
            case "bullet" | "number":
                tag = "ul" if kind == "bullet" else "ol"
                items = [f"<li>{escape(part.text, quote=False)}</li>" for part in parts]
                body += [f"<{tag}>", *items, f"</{tag}>"]
            case _:
                tag = "h2" if kind == "heading" else "p"
                body += [f"<{tag}>{escape(part.text, quote=False)}</{tag}>" for part in parts]
    return _SITE.format(title=escape(title), company=COMPANY, body="\n".join(body)).encode()


def _rows(parts: list[Block]) -> Iterator[str]:
    for n, part in enumerate(parts):
        tag = "td" if n else "th"
        cells = "".join(f"<{tag}>{escape(cell, quote=False)}</{tag}>" for cell in part.cells)
        yield f"<tr>{cells}</tr>"


def make(folder: Path) -> list[Path]:
    """Writes the nine rendered documents into ``folder`` and returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for names, suffix, render in (
        (PDFS, ".pdf", pdf),
        (WORD, ".docx", word),
        (PAGES, ".html", page),
    ):
        for name in names:
            markdown = (HERE / "sources" / f"{name}.md").read_text(encoding="utf-8")
            path = folder / f"{name}{suffix}"
            path.write_bytes(render(markdown))
            written.append(path)
    return written


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "handbook")
