"""The Markdown of an answer as HTML in which nothing runs, with links to its sources only.

HTML, images and addresses that a model writes are shown as text: only the numbers of sources link.
"""

import re
from collections.abc import Callable

from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from domain.numbering import numbered
from domain.questions import Answer
from domain.text import visible

_PARSER = MarkdownIt("commonmark", {"html": False, "maxNesting": 40})
_PARSER.enable(["table", "strikethrough"])
_PARSER.disable(["link", "image", "autolink", "reference", "html_block", "html_inline"])

_MARK = "\ue000{}\ue001"
"""Stands for the number of a source until the rest is HTML; no answer has these characters."""

_MARKED = re.compile("\ue000(\\d+|\\?)\ue001")
_OWN = re.compile("[\ue000\ue001]")

_UNSUPPORTED = Markup('<abbr class="unsupported" title="No passage supports this">[?]</abbr>')
_SOURCE = Markup('<a class="source" href="{}" aria-label="Source {}">[{}]</a>')


def html_of(answer: Answer, source: Callable[[int], str]) -> Markup:
    """The text of an answer; ``source`` gives the address of the page of source n."""
    text = _OWN.sub("\ufffd", answer.text)  # one for one, so that sentences stay where they are
    marked = numbered(text, answer.citations, answer.sentences, mark=_MARK)

    def mark(found: re.Match[str]) -> str:
        n = found[1]
        return str(_UNSUPPORTED if n == "?" else _SOURCE.format(source(int(n)), n, n))

    rendered: str = _PARSER.render(visible(marked))
    return Markup(_MARKED.sub(mark, rendered))  # noqa: S704 - the parser escapes everything


def quoted_in(text: str, quote: str) -> Markup:
    """``text`` with the first ``quote`` in it marked."""
    before, found, after = text.partition(quote) if quote else (text, "", "")
    return escape(before) + (Markup("<mark>{}</mark>").format(found) if found else "") + after
