"""Where a web address in a person's text ends."""

_PAIRS = (("(", ")"), ("[", "]"), ("{", "}"))
_AFTER = ".,;:!?'\"”’"


def trimmed(url: str) -> str:
    """``url`` without punctuation at its end, and closing brackets that it does not open."""
    unopened = {closing: url.count(closing) - url.count(opening) for opening, closing in _PAIRS}
    end = len(url)
    while end and (url[end - 1] in _AFTER or unopened.get(url[end - 1], 0) > 0):
        if url[end - 1] in unopened:
            unopened[url[end - 1]] -= 1
        end -= 1
    return url[:end]
