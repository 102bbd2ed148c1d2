"""Small Word and PowerPoint files, built of the XML that a test is about."""

import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO

_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_CORE = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "p": "http://schemas.openxmlformats.org/presentationml/2006/main",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
        "dgm": "http://schemas.openxmlformats.org/drawingml/2006/diagram",
        "r": _RELATIONS,
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "v": "urn:schemas-microsoft-com:vml",
        "dc": "http://purl.org/dc/elements/1.1/",
        "cp": "http://schemas.openxmlformats.org/package/2006/metadata/core-properties",
    }.items()
)


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


def relations(*each: tuple[str, str, str]) -> str:
    """Of (id, kind, target); a target with ``://`` or ``mailto:`` is an address."""
    rows = "".join(
        f'<Relationship Id="{name}" Type="{_RELATIONS}/{kind}" Target="{target}"'
        + (' TargetMode="External"/>' if "://" in target or "mailto:" in target else "/>")
        for name, kind, target in each
    )
    return f'<Relationships xmlns="{_PACKAGE}">{rows}</Relationships>'


def xml(root: str, content: str) -> str:
    return f"<{root} {NAMESPACES}>{content}</{root}>"


def office(main: str, parts: Mapping[str, str | bytes], title: str = "") -> bytes:
    """A package with ``parts``, of which ``main`` is what it opens with."""
    root = relations(("m", "officeDocument", main)).replace(
        "</Relationships>",
        f'<Relationship Id="c" Type="{_CORE}" Target="docProps/core.xml"/></Relationships>',
    )
    core = xml("cp:coreProperties", f"<dc:title>{title}</dc:title>")
    return packed(
        {"[Content_Types].xml": _TYPES, "_rels/.rels": root, "docProps/core.xml": core, **parts}
    )


def word(
    body: str,
    styles: str = "",
    numbering: str = "",
    parts: Mapping[str, str | bytes] | None = None,
    links: tuple[tuple[str, str, str], ...] = (),
    title: str = "",
) -> bytes:
    """A Word file. ``parts`` are further ones, and ``links`` the relations of its document."""
    own = relations(("s", "styles", "styles.xml"), ("n", "numbering", "numbering.xml"), *links)
    return office(
        "word/document.xml",
        {
            "word/document.xml": xml("w:document", f"<w:body>{body}</w:body>"),
            "word/styles.xml": xml("w:styles", styles),
            "word/numbering.xml": xml("w:numbering", numbering),
            "word/_rels/document.xml.rels": own,
            **(parts or {}),
        },
        title,
    )


def style(name: str, based_on: str = "", inside: str = "", kind: str = "paragraph") -> str:
    """A style; its id is its name without blanks."""
    based = f'<w:basedOn w:val="{based_on}"/>' if based_on else ""
    return (
        f'<w:style w:type="{kind}" w:styleId="{name.replace(" ", "")}">'
        f'<w:name w:val="{name}"/>{based}{inside}</w:style>'
    )


def paragraph(inside: str, style: str = "", properties: str = "") -> str:
    """``inside`` is text, or XML where it begins with a bracket."""
    styled = f'<w:pStyle w:val="{style}"/>' if style else ""
    run = inside if inside.startswith("<") else text(inside)
    return f"<w:p><w:pPr>{styled}{properties}</w:pPr>{run}</w:p>"


def text(words: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>'


def run(inside: str) -> str:
    return f"<w:r>{inside}</w:r>"


def drawing(inside: str) -> str:
    return run(f"<w:drawing><wp:inline>{inside}</wp:inline></w:drawing>")


def field(instruction: str, shown: str, data: str = "") -> str:
    """What Word computes: instructions, and the result that it shows."""
    begin, separate, end = (
        run(f'<w:fldChar w:fldCharType="{kind}">{inside}</w:fldChar>')
        for kind, inside in (("begin", data), ("separate", ""), ("end", ""))
    )
    return f"{begin}{run(f'<w:instrText>{instruction}</w:instrText>')}{separate}{shown}{end}"


def cell(inside: str, properties: str = "") -> str:
    content = inside if inside.startswith(("<w:p", "<w:tbl")) else paragraph(inside)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    made = "".join(each if each.startswith("<w:") else cell(each) for each in cells)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{made}</w:tr>"


def table(*rows: str) -> str:
    return f"<w:tbl><w:tblPr/>{''.join(rows)}</w:tbl>"


def repacked(content: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    """A file with each part changed; those for which ``change`` gives None are left out."""
    with zipfile.ZipFile(BytesIO(content)) as old:
        parts = {name: change(name, old.read(name)) for name in old.namelist()}
    return packed({name: new for name, new in parts.items() if new is not None})


def slides(
    *trees: str,
    parts: Mapping[str, str | bytes] | None = None,
    links: Mapping[int, tuple[tuple[str, str, str], ...]] | None = None,
    hidden: tuple[int, ...] = (),
    title: str = "",
) -> bytes:
    """A PowerPoint file; each tree is what stands on a slide, and ``links`` are by its number."""
    made: dict[str, str | bytes] = {}
    for n, tree in enumerate(trees, 1):
        show = ' show="0"' if n in hidden else ""
        slide = xml("p:sld", f"<p:cSld><p:spTree>{tree}</p:spTree></p:cSld>")
        made[f"ppt/slides/slide{n}.xml"] = slide.replace("<p:sld ", f"<p:sld{show} ", 1)
        made[f"ppt/slides/_rels/slide{n}.xml.rels"] = relations(*(links or {}).get(n, ()))
    ids = "".join(f'<p:sldId r:id="s{n}"/>' for n in range(1, len(trees) + 1))
    own = [(f"s{n}", "slide", f"slides/slide{n}.xml") for n in range(1, len(trees) + 1)]
    main = {
        "ppt/presentation.xml": xml("p:presentation", f"<p:sldIdLst>{ids}</p:sldIdLst>"),
        "ppt/_rels/presentation.xml.rels": relations(*own),
    }
    return office("ppt/presentation.xml", {**main, **made, **(parts or {})}, title)


def shape(
    *lines: str, kind: str = "", at: tuple[int, int, int, int] | None = None, name: str = ""
) -> str:
    """A shape with text. A line that begins with a bracket is XML. ``kind`` is its place's."""
    text_body = "".join(
        each if each.startswith("<a:p") else f"<a:p><a:r><a:t>{each}</a:t></a:r></a:p>"
        for each in lines
    )
    place = ""
    if at is not None:
        left, top, width, height = at
        size = f'<a:off x="{left}" y="{top}"/><a:ext cx="{width}" cy="{height}"/>'
        place = f"<a:xfrm>{size}</a:xfrm>"
    holder = f'<p:ph type="{kind}"/>' if kind else ""
    return (
        f"<p:sp><p:nvSpPr><p:cNvPr id='2' name='x' {name}/><p:nvPr>{holder}</p:nvPr></p:nvSpPr>"
        f"<p:spPr>{place}</p:spPr><p:txBody>{text_body}</p:txBody></p:sp>"
    )
