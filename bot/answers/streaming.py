"""What of an answer can be streamed before its end is known."""

from bot.answers.markdown import joined, pieces
from domain.markdown import code_spans

MOST = 8_000
"""The most characters of a stream: a message allows about 12,000, with the sources at its end."""

_OPENERS = "`[<*~"


class MarkdownStream:
    """Turns the growing text of an answer into pieces of Markdown, which are only added to.

    A stream cannot take back what it has shown. So what may still change is left for later: an
    incomplete word, code or link, and the head of a table. If something changed all the same, the
    stream stands still, and the message is right once it is replaced by the whole answer.
    """

    def __init__(self) -> None:
        self._shown = ""
        self._settled = 0
        self.is_whole = False
        """Whether it has shown all of the text that it was last asked for."""

    def has_more(self, text: str) -> bool:
        """Whether ``text`` says more than what was read of it so far."""
        return _settled(text) > self._settled

    def more(self, text: str, *, is_all: bool = False) -> str:
        """What the stream can show now that it has not shown yet."""
        text = text.replace("\r\n", "\n")
        self._settled = len(text) if is_all else _settled(text)
        settled = text[: self._settled]
        whole = joined(pieces(settled, is_open=not is_all))
        self.is_whole = is_all and whole.startswith(self._shown) and len(whole) <= MOST
        if len(whole) > MOST or not whole.startswith(self._shown):
            return ""
        piece = whole[len(self._shown) :]
        self._shown = whole
        return piece


def _settled(text: str) -> int:
    """The end of what more text does not change."""
    begin = text.rfind("\n") + 1
    spans = code_spans(text)
    if spans and spans[-1].is_block and spans[-1].end >= len(text):
        return begin  # lines of code
    last = text[begin:]
    if last.lstrip(" >")[:1] in ("|", "~"):
        return begin if _is_row(text, begin) else _before_row(text, begin)
    end = begin + last.rfind(" ") + 1
    for sign in _OPENERS:
        end = _before_open(text, begin, end, sign)
    if end == begin:
        return _before_row(text, begin)
    return end


def _before_open(text: str, begin: int, end: int, sign: str) -> int:
    """``end``, or the start of what ``sign`` opened in the last line and nothing has closed."""
    closing = {"[": ")", "<": ">"}.get(sign, sign)
    line = text[begin:end]
    if closing == sign:
        return end if line.count(sign) % 2 == 0 else begin + line.rindex(sign)
    at = line.rfind(sign)
    return end if at < 0 or closing in line[at:] else begin + at


def _is_row(text: str, begin: int) -> bool:
    """Whether the line before ``begin`` is a row of a table whose head is complete."""
    lines = text[:begin].split("\n")[-3:-1]
    return len(lines) == 2 and all("|" in line for line in lines)


def _before_row(text: str, begin: int) -> int:
    """``begin``, or the start of the line before it if that may be the head of a table."""
    before = text.rfind("\n", 0, max(begin - 1, 0)) + 1
    return before if "|" in text[before:begin] and not _is_row(text, begin) else begin
