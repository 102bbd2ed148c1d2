"""Mixed documents to measure with: the sample handbook's sections in the formats that teams use."""

from collections.abc import Callable, Sequence
from email.message import EmailMessage
from html import escape
from pathlib import Path
from random import Random

import docx
from fpdf import FPDF

from bench import HANDBOOK

_SECTIONS = 8
_THINGS = (
    "valve pump rotor turbine bearing crane hook deck harbour invoice travel badge laptop ticket"
).split()


def write_mixed(folder: Path, count: int) -> None:
    """Writes ``count`` documents of some 200 words, each different, in seven formats by turns."""
    folder.mkdir()
    texts = [file.read_text(encoding="utf-8") for file in sorted(HANDBOOK.glob("*.md"))]
    chance = Random(1)
    for n in range(count):
        sections = [part for part in texts[n % len(texts)].split("\n\n") if part.strip()]
        chance.shuffle(sections)
        about = chance.choice(_THINGS)
        said = [
            f"{section.strip('#* ')} See the {about} {chance.randrange(10**6)}."
            for section in sections[:_SECTIONS]
        ]
        kind, write = _FORMATS[n % len(_FORMATS)]
        write(folder / f"{n:05}.{kind}", f"The {about} of {n}", said)


def _markdown(file: Path, title: str, sections: Sequence[str]) -> None:
    file.write_text("\n\n".join([f"# {title}", *sections]), encoding="utf-8")


def _text(file: Path, title: str, sections: Sequence[str]) -> None:
    file.write_text("\n\n".join([title, *sections]), encoding="utf-8")


def _html(file: Path, title: str, sections: Sequence[str]) -> None:
    paragraphs = "".join(f"<p>{escape(section)}</p>" for section in sections)
    body = f"<h1>{title}</h1>{paragraphs}"
    file.write_text(f"<title>{title}</title><body>{body}</body>", encoding="utf-8")


def _word(file: Path, title: str, sections: Sequence[str]) -> None:
    document = docx.Document()
    document.add_heading(title, 1)
    for section in sections:
        document.add_paragraph(section)
    document.save(str(file))


def _pdf(file: Path, title: str, sections: Sequence[str]) -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Helvetica", size=11)
    for section in (title, *sections):
        text = section.encode("latin-1", "replace").decode("latin-1")
        pdf.multi_cell(0, 6, text, new_x="LMARGIN", new_y="NEXT")
        pdf.ln(3)
    pdf.output(str(file))


def _table(file: Path, title: str, sections: Sequence[str]) -> None:
    rows = [f'{title},{n},"{section[:80]}"' for n, section in enumerate(map(_cell, sections))]
    file.write_text("\n".join(["part,place,note", *rows]), encoding="utf-8")


def _cell(text: str) -> str:
    return " ".join(text.replace('"', "").split())


def _mail(file: Path, title: str, sections: Sequence[str]) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ada@example.com", "bo@example.com", title
    mail.set_content("\n\n".join(sections))
    file.write_bytes(bytes(mail))


_FORMATS: list[tuple[str, Callable[[Path, str, Sequence[str]], None]]] = [
    ("md", _markdown),
    ("html", _html),
    ("txt", _text),
    ("docx", _word),
    ("pdf", _pdf),
    ("csv", _table),
    ("eml", _mail),
]
