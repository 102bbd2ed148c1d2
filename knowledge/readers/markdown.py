"""Reads Markdown as GitHub and most wikis understand it, with the HTML that may stand in it."""

import re
from collections import defaultdict
from collections.abc import Sequence
from html import escape

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.html_block import html_block
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from domain.blocks import Block, Content, Paragraph
from domain.errors import EmptySource
from knowledge.readers.base import File, parsing
from knowledge.readers.clean import clean, line
from knowledge.readers.decoding import decoded
from knowledge.readers.html import read_text

_DEEPEST = 50  # quotes and lists in each other
_FRONT = re.compile(r"(---|\+\+\+)[ \t]*+\n")
_END = re.compile(r"\n(?:---|\.\.\.)[ \t]*+(?=\n|\Z)")
_END_OF_TOML = re.compile(r"\n\+\+\+[ \t]*+(?=\n|\Z)")
_FIELD = re.compile(r"([A-Za-z][\w -]{0,40}?)\s*+[:=][ \t]*+(.*+)")
_LONGEST_FRONT = 20_000  # characters
_SAID_FIELDS = frozenset(
    "author authors owner owners contact date created updated modified version status tags "
    "keywords categories category description summary audience department team".split()
)
_UNSET = ("", "|", ">", "|-", ">-", "[]", "null", "~")
_OWN_ID = re.compile(r"\{#([\w.:-]{1,200})\}[ \t]*+$")
_NOT_IN_SLUGS = re.compile(r"[^\w\- ]++")
_TAG = re.compile(r"<(/?)([A-Za-z][\w-]*+)([^<>]*+)>")
_IS_EMPTY = re.compile(r"(?:^[^=]*|[\s\"'}])/\s*$")  # an address may end with a slash too
_VOID = frozenset(
    "area base br col embed frame hr img input link meta param source track wbr".split()
)
_ENDLESS = frozenset(
    "br hr wbr p li dd dt td th tr tbody thead tfoot colgroup option optgroup rp rt".split()
)
_PLACEHOLDERS = frozenset(
    "area base col data dir embed frame img input label link meta object param path source text "
    "time track".split()
)
_FILTERED = frozenset("iframe script style template textarea".split())  # by GitHub, most of them
_HOLDING = _FILTERED | frozenset("audio canvas map noscript pre select svg video".split())
_HELD = {
    "tag": (
        re.compile(r"<(?:pre|script|style|textarea)(?=[\s>]|$)[^<>]*>?", re.IGNORECASE),
        re.compile(r"</(?:pre|script|style|textarea)>", re.IGNORECASE),
    ),
    "comment": (re.compile("<!--"), re.compile("-->")),
}
"""What CommonMark ends by its end alone."""
_TAGS = frozenset(
    "a abbr acronym address article aside audio b base bdi bdo big blockquote body br button "
    "canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir "
    "div dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 "
    "h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label legend li link main "
    "map mark math menu meta meter nav nobr noscript object ol optgroup option output p param "
    "picture pre progress q rp rt ruby s samp script search section select small source span "
    "strike strong style sub summary sup svg table tbody td template textarea tfoot th thead "
    "time tr track tt u ul var video wbr path g rect circle line polyline polygon text "
    "defs use".split()
)


def read(file: File) -> Content:
    """What the Markdown in ``file`` says. Raises UnreadableSource and EmptySource.

    The title is the front matter's, or that of the only heading of the first level.
    """
    title, said, text = _parted(clean(decoded(file.content, file.charset)))
    with parsing("Markdown file"):
        page = _MARKDOWN.render(text)
    front: tuple[Block, ...] = (Paragraph(said),) if said else ()
    try:
        found = read_text(page, file.address)
    except EmptySource:
        if not front:
            raise
        found = Content(())
    return Content((*front, *found.blocks), title or found.title, found.notes)


def _parted(text: str) -> tuple[str, str, str]:
    """The title and the other fields of the front matter that say something, and what follows."""
    opening = _FRONT.match(text)
    if not opening:
        return "", "", text
    closing = (_END if opening[1] == "---" else _END_OF_TOML).search(
        text, opening.end() - 1, _LONGEST_FRONT
    )
    if closing is None:
        return "", "", text
    end = closing.start()
    fields = _fields(text[opening.end() : end + 1].split("\n"))
    said = [f"{name.capitalize()}: {fields[name]}." for name in fields if name in _SAID_FIELDS]
    _, _, rest = text[end + 1 :].partition("\n")
    return fields.get("title", ""), line(" ".join(said)), rest


def _fields(lines: Sequence[str]) -> dict[str, str]:
    """The fields that stand at the left; what is indented or listed below one belongs to it."""
    found: dict[str, list[str]] = {}
    name = ""
    for each in lines:
        field = _FIELD.fullmatch(each)
        if field:
            name = field[1].lower()
            found[name] = [] if field[2].strip() in _UNSET else [_unquoted(field[2].strip())]
        elif name and each.startswith((" ", "\t", "-")) and each.strip():
            found[name].append(_unquoted(each.strip().removeprefix("- ").strip()))
    return {
        name: (" " if name in ("title", "description", "summary") else ", ").join(values)
        for name, values in found.items()
        if values
    }


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    if value.startswith("[") and value.endswith("]"):
        return ", ".join(part.strip().strip("'\"") for part in value[1:-1].split(","))
    return value


def _add_anchors(state: StateCore) -> None:
    """Gives each heading the id that GitHub gives it, or the one that it names itself."""
    used: dict[str, int] = defaultdict(int)
    for opening, inline in zip(state.tokens, state.tokens[1:], strict=False):
        if opening.type != "heading_open" or inline.children is None:
            continue
        last = inline.children[-1] if inline.children else None
        own = _OWN_ID.search(last.content) if last is not None and last.type == "text" else None
        if last is not None and own:
            last.content = last.content[: own.start()].rstrip()
            opening.attrSet("id", own[1])
            continue
        words = "".join(
            each.content for each in inline.children if each.type in ("text", "code_inline")
        )
        slug = _NOT_IN_SLUGS.sub("", words.strip().lower()).replace(" ", "-")
        count = used[slug]
        used[slug] += 1
        if slug:
            opening.attrSet("id", f"{slug}-{count}" if count else slug)


def _html_block(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """HTML as CommonMark cuts it, but what nobody closes is words, and holds nothing below it."""
    begin = state.bMarks[first] + state.tShift[first]
    text = state.src[begin : state.eMarks[first]]
    for name, (opening, closing) in _HELD.items():
        if found := opening.match(text):
            key = f"last {name}"
            last = state.env[key] if key in state.env else _last(closing, state.src)
            state.env[key] = last
            if last < begin or found[0].endswith("/>"):
                return False
    return html_block(state, first, end, silent)


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((found.start() for found in pattern.finditer(text)), default=-1)


def _settle_tags(state: StateCore) -> None:
    """Leaves HTML as it is, and makes text of what only looks like it, as in ``<your name>``."""
    _settle([each for each in state.tokens if each.type == "html_block"], is_inline=False)
    for paragraph in state.tokens:
        within = paragraph.children or []
        _settle([each for each in within if each.type == "html_inline"], is_inline=True)


def _settle(tokens: Sequence[Token], *, is_inline: bool) -> None:
    tags = [list(_TAG.finditer(token.content)) for token in tokens]
    closed = _closed([tag for found in tags for tag in found])
    for token, found in zip(tokens, tags, strict=True):
        pieces: list[str] = []
        end = 0
        for tag in found:
            pieces += [token.content[end : tag.start()], _written(tag, tag in closed, is_inline)]
            end = tag.end()
        token.content = "".join((*pieces, token.content[end:]))


def _closed(tags: Sequence[re.Match[str]]) -> set[re.Match[str]]:
    """Those of ``tags`` that a later one of them closes."""
    found: set[re.Match[str]] = set()
    waiting: dict[str, list[re.Match[str]]] = defaultdict(list)
    for tag in tags:
        name = tag[2].lower()
        if not tag[1]:
            waiting[name].append(tag)
        elif waiting[name]:
            found.add(waiting[name].pop())
    return found


def _written(tag: re.Match[str], is_closed: bool, is_inline: bool) -> str:
    """``tag`` as the HTML that it is, or as text where it is a word or would hide what follows."""
    name = tag[2].lower()
    if name not in _TAGS:
        return escape(tag[0])
    if tag[3] and name not in _VOID and _IS_EMPTY.search(tag[3]):
        return f"<{tag[2]}{tag[3].rstrip()[:-1]}></{tag[2]}>"
    if is_inline and name in _FILTERED:
        return escape(tag[0])
    if is_closed or tag[1]:
        return tag[0]
    is_bare = not tag[3].strip(" /\n")
    is_word = is_bare and (name in _PLACEHOLDERS or (is_inline and name not in _ENDLESS))
    return escape(tag[0]) if is_word or name in _HOLDING else tag[0]


def _made() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"maxNesting": _DEEPEST}).enable(["table", "strikethrough"])
    made.use(deflist_plugin).use(footnote_plugin).use(tasklists_plugin)
    made.block.ruler.at(
        "html_block", _html_block, {"alt": ["paragraph", "reference", "blockquote"]}
    )
    made.core.ruler.push("anchors", _add_anchors)
    made.core.ruler.push("tags", _settle_tags)
    return made


_MARKDOWN = _made()
