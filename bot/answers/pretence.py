"""What in a model's text pretends to be the bot's own: a list of sources, or the line below it."""

import re
from collections.abc import Sequence

from bot.answers.markdown import Piece
from bot.words import CATALOGUES

_MARKUP = " #*_~>:：-\t"
_HEADINGS = {words.sources.casefold() for words in CATALOGUES.values()} | {
    *("sources used", "source", "references", "reference", "citations", "nearest passages"),
    *("quelle", "fuente", "référence", "références", "参考", "参考文献", "情報源", "संदर्भ"),
}
_LISTED = re.compile(r"(?:[-*+•>|]|\\?\[|\d{1,3}[.)\]]|https?:)")
_REFERENCES = re.compile(
    "|".join(
        re.escape(words.reference).replace(re.escape("{id}"), r"a[0-9a-f]{6,}")
        for words in CATALOGUES.values()
    ),
    re.IGNORECASE,
)


def without_pretence(shown: Sequence[Piece]) -> list[Piece]:
    """The pieces of an answer without sources and references that the model made up.

    The bot shows its own below. If an answer has nothing else, as one about references, it is left.
    """
    shown = [piece for piece in shown if not _REFERENCES.search(piece.text)]
    kept: list[Piece] = []
    in_list = False
    for piece in shown:
        first, _, rest = piece.text.partition("\n")
        is_heading = first.strip(_MARKUP).casefold() in _HEADINGS
        if is_heading or (in_list and _LISTED.match(piece.text)):
            in_list = in_list or not rest.strip() or bool(_LISTED.match(rest))
            continue
        in_list = False
        kept.append(piece)
    return kept or shown
