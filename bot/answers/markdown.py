"""The Markdown of a model as Slack may show it: of known kinds only, with links to sources only.

The text is parsed and written again. Structure stays as it was written: headings, lists, quotes,
tables, emphasis and code. Code is always written in the form that every parser reads as code.
Prose makes no mention, and no link whose address no source holds; HTML, images and definitions of
links are prose.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from string import ascii_letters, digits

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from bot.answers.safe import escape_code, escape_markdown
from domain.markdown import code_spans, span_at
from domain.text import visible

Holds = Callable[[str], bool]
"""Whether a source holds an address."""

DEEPEST = 40
"""Lists and quotes in each other; what goes deeper is shown as plain text."""
HEADING = 150
"""The most characters of a heading: Slack makes a header of it."""
ROWS, COLUMNS = 100, 20
"""The most rows and columns of a table in Slack."""

OWN_BLOCKS = 16
"""The most headings, rules and tables of a message, of whose 50 blocks each takes up to two."""

_PARSER = MarkdownIt("commonmark", {"maxNesting": DEEPEST}).enable(["table", "strikethrough"])
_PARSER.disable(["reference", "html_block", "html_inline", "lheading", "text_join"])
# Addresses are compared with those of the sources as they are written.
_PARSER.normalizeLink = str  # type: ignore[method-assign,assignment]
_PARSER.validateLink = bool  # type: ignore[method-assign,assignment]

_TICKS = re.compile(r"`+")
_LANGUAGE = re.compile(r"[\w+#.-]{1,20}\Z")
_URL = re.compile(r"https?://[^\s<>\"`|\\]{1,2000}", re.IGNORECASE)
_AFTER_URL = ".,;:!?)]}'*_~。、！？"
_LOOKS_LIKE_ADDRESS = re.compile(r"\w\.[^\W\d_]{2}|://")
_WORD = ascii_letters + digits + "-_"
_IN_LABEL = str.maketrans({sign: f"\\{sign}" for sign in "*_~`[]\\"})
_BEGINS_BLOCK = re.compile(r"[#>|~`=+*-]|\d")
_KEEPS_BACKSLASH = frozenset("*_`~#+-!|[](){}\\")


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph, list, table or the like. ``gap`` stands between it and the one before."""

    text: str
    gap: str = "\n\n"


def nothing_held(_: str) -> bool:
    """Where no source is known: every link is shown as its words."""
    return False


def pieces(text: str, holds: Holds = nothing_held, *, is_open: bool = False) -> list[Piece]:
    """What ``text`` shows, in order.

    ``is_open``: more of it will come, so that a fence without an end stays without one.
    """
    text = visible(text)
    tokens = _PARSER.parse(text)
    if any(token.level >= DEEPEST - 1 for token in tokens):
        return [Piece(escape_markdown(line)) for line in text.split("\n") if line.strip()]
    return _Writer(text, holds, is_open=is_open).pieces(SyntaxTreeNode(tokens).children)


def joined(shown: Sequence[Piece]) -> str:
    """The pieces as one text."""
    return "".join(piece.gap + piece.text if n else piece.text for n, piece in enumerate(shown))


def in_simple_markup(shown: Sequence[Piece]) -> list[Piece]:
    """The pieces with tables as code and headings in bold, where only these two are shown."""
    return [replace(piece, text=_simple(piece.text)) for piece in shown]


def _simple(text: str) -> str:
    if text.startswith("| "):
        return f"```\n{text}\n```"
    title = text.lstrip("#").strip()
    is_heading = text.startswith("#") and "\n" not in text and "*" not in title
    return f"**{title}**" if is_heading else text


def fitting(shown: Sequence[Piece], room: int) -> tuple[list[Piece], bool]:
    """As many pieces as have ``room`` characters, and whether these are all.

    Only a first piece that is longer than all the room is cut within. Headings, rules and tables
    are also counted: of each Slack makes a block of its own.
    """
    kept: list[Piece] = []
    own = OWN_BLOCKS
    for piece in shown:
        room -= len(piece.text) + len(piece.gap)
        own -= piece.text.startswith(("#", "---", "| "))
        if room < 0 or own < 0:
            if not kept:
                kept = [Piece(_cut(piece.text, room + len(piece.text)))]
            return kept, False
        kept.append(piece)
    return kept, True


def grouped(shown: Sequence[Piece], most: int) -> list[str]:
    """The pieces as texts of at most ``most`` characters; a longer piece is one of its own."""
    groups: list[list[Piece]] = []
    size = 0
    for piece in shown:
        size += len(piece.gap) + len(piece.text)
        if not groups or size > most:
            groups.append([])
            size = len(piece.text)
        groups[-1].append(piece)
    return [joined(group) for group in groups]


def _cut(text: str, room: int) -> str:
    """The beginning of a piece that is itself well formed."""
    fence = _TICKS.match(text)
    if fence and len(fence[0]) >= 3 and "\n" in text:
        room -= len(fence[0]) + 1
        kept = text[: max(text.rfind("\n", 0, room), text.index("\n"))]
        return f"{kept}\n{fence[0]}"
    end = max(text.rfind("\n", 0, room), text.rfind(". ", 0, room) + 1)
    end = end if end > 0 else text.rfind(" ", 0, room)
    end = end if end > 0 else len(text[: max(room, 0)].rstrip(_WORD)) or max(room, 0)
    around = span_at(code_spans(text), end)
    return text[: around.start if around and around.start < end else end].rstrip()


class _Writer:
    """Writes parsed Markdown again."""

    def __init__(self, text: str, holds: Holds, *, is_open: bool) -> None:
        self._lines = text.split("\n")
        self._holds = holds
        self._is_open = is_open

    def pieces(self, nodes: Sequence[SyntaxTreeNode]) -> list[Piece]:
        found: list[Piece] = []
        before = ""
        for node in nodes:
            if written := self._block(node):
                apart = {"table", "hr"} & {node.type, before} or self._has_gap(node)
                found.append(Piece(written, "\n\n" if apart else "\n"))
                before = node.type
        return found

    def _has_gap(self, node: SyntaxTreeNode) -> bool:
        """Whether a line without text, or with the mark of a quote alone, stands before it."""
        at = node.map[0] if node.map else 0
        return at == 0 or not self._lines[at - 1].strip(" \t>")

    def _block(self, node: SyntaxTreeNode) -> str:
        match node.type:
            case "paragraph":
                return self._inline(node).strip()
            case "heading":
                return self._heading(node)
            case "fence" | "code_block":
                return self._fence(node)
            case "bullet_list" | "ordered_list":
                return self._list(node)
            case "blockquote":
                quoted = joined(self.pieces(node.children))
                return "\n".join(f"> {line}".rstrip() for line in quoted.split("\n"))
            case "table":
                return self._table(node)
            case "hr":
                return "---"
            case other:
                raise AssertionError(other)

    def _heading(self, node: SyntaxTreeNode) -> str:
        title = self._inline(node).replace("\n", " ").strip()
        return f"{node.markup} {title}" if title and len(title) <= HEADING else title

    def _fence(self, node: SyntaxTreeNode) -> str:
        words = node.info.split()
        language = words[0] if words and _LANGUAGE.match(words[0]) else ""
        return _fenced(node.content, language, is_open=self._is_unfinished(node))

    def _is_unfinished(self, node: SyntaxTreeNode) -> bool:
        if not self._is_open or node.type != "fence" or not node.map:
            return False
        start, end = node.map
        return end - start < len(node.content.splitlines()) + 2 and end >= len(self._lines) - 1

    def _list(self, node: SyntaxTreeNode) -> str:
        written = ""
        for n, item in enumerate(node.children):
            mark = f"{item.info}{item.markup} "
            inner = joined(self.pieces(item.children)).replace("\n", "\n" + " " * len(mark))
            gap = "" if not n else "\n\n" if self._has_gap(item) else "\n"
            written += gap + (mark + inner).rstrip()
        return re.sub(r"\n +\n", "\n\n", written)

    def _table(self, node: SyntaxTreeNode) -> str:
        rows = [row.children for part in node.children for row in part.children]
        cells = [[self._cell(cell) for cell in row] for row in rows]
        if len(cells[0]) > COLUMNS:
            start, end = node.map or (0, 0)
            return _fenced("\n".join(self._lines[start:end]))
        aligned = [_ALIGNED.get(str(cell.attrs.get("style", "")), "---") for cell in rows[0]]
        written = [_row(cells[0]), _row(aligned), *map(_row, cells[1:ROWS])]
        if len(cells) > ROWS:
            written += ["", f"… {len(cells) - ROWS:,}"]
        return "\n".join(written)

    def _cell(self, cell: SyntaxTreeNode) -> str:
        return self._inline(cell).replace("\n", " ").replace("|", "\\|").strip()

    def _inline(self, node: SyntaxTreeNode) -> str:
        return "".join(self._spans(node.children[0].children if node.children else []))

    def _spans(self, nodes: Sequence[SyntaxTreeNode], *, in_link: bool = False) -> Iterator[str]:
        prose = ""
        for node in nodes:
            if node.type in ("text", "text_special"):
                prose += node.content if node.type == "text" else _unescaped(node, prose)
                continue
            yield self._prose(prose, in_link=in_link)
            prose = ""
            match node.type:
                case "code_inline":
                    yield _code(node.content, node.markup)
                case "softbreak":
                    yield "\n"
                case "hardbreak":
                    yield "  \n"
                case "link" | "image":
                    yield self._link(node, in_link=in_link)
                case _:
                    inner = "".join(self._spans(node.children, in_link=in_link))
                    yield f"{node.markup}{inner}{node.markup}"
        yield self._prose(prose, in_link=in_link)

    def _prose(self, text: str, *, in_link: bool) -> str:
        """Text with the addresses in it that a source holds as links."""
        written, done = "", 0
        for found in _URL.finditer(text):
            url = found[0].rstrip(_AFTER_URL)
            if not in_link and self._holds(url):
                written += escape_markdown(text[done : found.start()]) + _linked(url)
                done = found.start() + len(url)
        return written + escape_markdown(text[done:])

    def _link(self, node: SyntaxTreeNode, *, in_link: bool) -> str:
        is_image = node.type == "image"
        url = str(node.attrs.get("src" if is_image else "href", ""))
        label = "".join(self._spans(node.children, in_link=True)).replace("\n", " ").strip()
        if in_link or not self._holds(url):
            return f"\u2060{label}" if _BEGINS_BLOCK.match(label) else label
        if not label or _LOOKS_LIKE_ADDRESS.search(label.replace("\u2060", "")):
            return _linked(url)
        return f"[{label}]({_address(url)})"


_ALIGNED = {
    "text-align:left": ":---",
    "text-align:center": ":---:",
    "text-align:right": "---:",
}


def _fenced(code: str, language: str = "", *, is_open: bool = False) -> str:
    code = escape_code(code)
    longest = max(map(len, _TICKS.findall(code)), default=0)
    marks = "`" * max(3, longest + 1)
    code = code if code.endswith("\n") or not code else f"{code}\n"
    return f"{marks}{language}\n{code}" + ("" if is_open else marks)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _unescaped(node: SyntaxTreeNode, before: str) -> str:
    """What was written with a backslash or as an entity: the backslash stays where it is needed."""
    sign = node.content
    line = before.rpartition("\n")[2]
    needs = sign in _KEEPS_BACKSLASH or (sign == "." and line.strip().isdigit())
    return f"\\{sign}" if needs and len(sign) == 1 else sign


def _code(content: str, marks: str) -> str:
    code = escape_code(content)
    is_padded = code.startswith("`") or code.endswith("`") or (code[:1] == code[-1:] == " ")
    pad = " " if is_padded and code.strip() else ""
    return f"{marks}{pad}{code}{pad}{marks}"


def _linked(url: str) -> str:
    return f"[{url.translate(_IN_LABEL)}]({_address(url)})"


def _address(url: str) -> str:
    url = url.replace("(", "%28").replace(")", "%29")
    return re.sub(r"&(?=#?\w+;)", "&amp;", url)
