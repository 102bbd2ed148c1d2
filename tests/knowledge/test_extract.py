from collections.abc import Callable
from io import BytesIO

import docx
import pytest
from fpdf import FPDF
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from domain.errors import EmptySource, IngestError, UnreadableSource, UnsupportedSource
from knowledge.chunk import TITLE
from knowledge.extract import (
    DOCX,
    HTML,
    MARKDOWN,
    PDF,
    TEXT,
    extract,
    media_type,
    media_type_of_response,
)


def pdf(*pages: str, password: str = "") -> bytes:
    made = FPDF()
    made.set_font("helvetica", size=12)
    for page in pages:
        made.add_page()
        if page:
            made.multi_cell(0, text=page)
    content = bytes(made.output())
    if not password:
        return content
    writer, out = PdfWriter(PdfReader(BytesIO(content))), BytesIO()
    writer.encrypt(password, algorithm="RC4-128")
    writer.write(out)
    return out.getvalue()


def word(build: Callable[[docx.document.Document], object]) -> bytes:
    made, out = docx.Document(), BytesIO()
    build(made)
    made.save(out)
    return out.getvalue()


def test_markdown_keeps_its_text_and_is_named_by_its_first_heading() -> None:
    document = extract(b"Hello\n\n## The *Rules*\r\n\r\n- one", MARKDOWN, "/docs/a.md")
    assert document.title == "The Rules"
    assert document.text == "Hello\n\n## The *Rules*\n\n- one"


def test_front_matter_names_the_document_and_is_left_out() -> None:
    document = extract(b"---\ntitle: 'Our Rules'\ntags: x\n---\n# Other\n\nText", MARKDOWN, "a.md")
    assert document.title == "Our Rules"
    assert document.text == "# Other\n\nText"


@pytest.mark.parametrize(
    ("front", "title"),
    [
        ("title: Our Rules", "Our Rules"),
        ('title:  "Our: Rules"  \ntags: x', "Our: Rules"),
        ("a: b\r\ntitle: Rules\r", "Rules"),
        ("title: 'half", "'half"),
        ("title:", "Other"),
    ],
)
def test_title_of_the_front_matter_is_read_as_written(front: str, title: str) -> None:
    assert extract(f"---\n{front}\n---\n# Other".encode(), MARKDOWN, "a.md").title == title


def test_title_is_bounded_wherever_it_comes_from() -> None:
    long = "word " * 100_000
    for content, kind, source in (
        (f"---\ntitle: {long}\n---\nText", MARKDOWN, "a.md"),
        (f"# {long}\n\nText", MARKDOWN, "a.md"),
        (f"<title>{long}</title><p>Text", HTML, "a.html"),
        ("Text", TEXT, f"https://example.org/{'a' * 9_000}.txt"),
    ):
        assert len(extract(content.encode(), kind, source).title) <= TITLE


def test_document_without_heading_is_named_by_its_file_or_address() -> None:
    assert extract(b"hello", TEXT, "/docs/how to.txt").title == "how to"
    assert extract(b"hello", TEXT, "https://example.org/a%20b/rules.md?x=1").title == "rules"
    assert extract(b"hello", TEXT, "https://example.org/").title == "example.org"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_is_read_in_the_usual_encodings(encoding: str) -> None:
    assert extract("Größe: 5 €".encode(encoding), TEXT, "a.txt").text == "Größe: 5 €"


def test_html_becomes_markdown_without_navigation_and_scripts() -> None:
    page = """<html><head><title>Lunch | Wiki</title><style>p{}</style></head><body>
    <nav>Home Login</nav><h1>Lunch</h1><p>At <b>noon</b>.</p><script>alert(1)</script>
    <table><tr><th>Day</th><th>Dish</th></tr><tr><td>Mon</td><td>Soup</td></tr></table>
    <p hidden>secret</p><footer>Imprint</footer></body></html>"""
    document = extract(page.encode(), HTML, "https://example.org/lunch")
    assert document.title == "Lunch"
    assert "# Lunch" in document.text
    assert "**noon**" in document.text
    assert "| Mon | Soup |" in document.text
    for clutter in ("Login", "alert", "Imprint", "p{}", "secret", "Wiki"):
        assert clutter not in document.text


def test_html_without_heading_is_named_by_its_title() -> None:
    page = b"<title>Lunch &amp; more</title><p>At noon</p>"
    assert extract(page, HTML, "x.html").title == "Lunch & more"


def test_pdf_gives_the_text_of_all_pages() -> None:
    document = extract(pdf("First page", "Second page"), PDF, "/docs/report.pdf")
    assert document.title == "report"
    assert "First page" in document.text
    assert "Second page" in document.text


def test_word_file_gives_headings_lists_and_tables() -> None:
    def build(made: docx.document.Document) -> None:
        made.add_heading("Travel", 1)
        made.add_paragraph("Ask first.")
        made.add_paragraph("By train", style="List Bullet")
        made.add_table(1, 2).rows[0].cells[1].text = "cell"

    document = extract(word(build), DOCX, "/docs/t.docx")
    assert document.title == "Travel"
    assert "# Travel" in document.text
    assert "* By train" in document.text
    assert "cell" in document.text


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", TEXT),
        (b"  \n\t ", TEXT),
        (b"---\ntitle: x\n---\n", MARKDOWN),
        (b"<html><nav>Home</nav></html>", HTML),
        (pdf(""), PDF),
        (word(lambda made: None), DOCX),
    ],
)
def test_source_without_text_is_refused(content: bytes, kind: str) -> None:
    with pytest.raises(EmptySource, match=r"empty|no text"):
        extract(content, kind, "a")


@pytest.mark.parametrize(
    ("content", "kind", "says"),
    [
        (bytes(range(256)) * 20, TEXT, "not text"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", MARKDOWN, "not text"),
        (b"%PDF-1.7 nothing more", PDF, "damaged"),
        (pdf("secret", password="pw"), PDF, "password"),
        (b"PK\x03\x04 not a zip", DOCX, "damaged"),
        (b"\xd0\xcf\x11\xe0 an old or locked Word file", DOCX, "damaged"),
    ],
)
def test_broken_source_is_refused_in_one_line(content: bytes, kind: str, says: str) -> None:
    with pytest.raises(UnreadableSource, match=says) as failure:
        extract(content, kind, "a")
    assert "\n" not in str(failure.value)


@given(st.binary(max_size=500), st.sampled_from([TEXT, MARKDOWN, HTML, PDF, DOCX]))
def test_any_bytes_become_a_document_or_one_of_our_errors(content: bytes, kind: str) -> None:
    prefix = {PDF: b"%PDF-1.4\n", DOCX: b"PK\x03\x04"}.get(kind, b"")
    try:
        document = extract(prefix + content, kind, "/docs/name.x")
    except IngestError:
        return
    assert document.text.strip()
    assert document.title
    assert "\0" not in document.text
    document.text.encode()


def test_media_type_is_known_by_the_extension() -> None:
    assert media_type("A.MD") == MARKDOWN
    assert media_type("x.tar.docx") == DOCX
    for name in ("x.png", "Makefile", ".md"):
        with pytest.raises(UnsupportedSource, match="Markdown"):
            media_type(name)


def test_media_type_of_a_response_is_its_header_or_its_address() -> None:
    assert media_type_of_response("text/html; charset=utf-8", "https://e.org/a.pdf") == HTML
    assert media_type_of_response("text/plain", "https://e.org/README.md") == MARKDOWN
    assert media_type_of_response("application/octet-stream", "https://e.org/a.pdf?x") == PDF
    with pytest.raises(UnsupportedSource, match="image/png"):
        media_type_of_response("image/png", "https://e.org/a.md")
