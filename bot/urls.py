"""Finds web addresses in a person's text."""

import re

LONGEST_URL = 2_000
"""The most characters of an address: every browser and server allows as many."""

_URL = re.compile(r"<(https?://[^<>|\s]++)[^<>]*+>|(https?://[^\s<>|]++)", re.IGNORECASE)
_PAIRS = (("(", ")"), ("[", "]"), ("{", "}"))
_AFTER = ".,;:!?'\"”’"


def urls(text: str) -> list[str]:
    """The http(s) addresses in ``text``, in order, with or without Slack's markup."""
    return [
        marked.replace("&amp;", "&") or _without_punctuation(bare.replace("&amp;", "&"))
        for marked, bare in _URL.findall(text)
    ]


def without_urls(text: str) -> str:
    """``text`` with a space instead of each address."""
    return _URL.sub(" ", text)


def _without_punctuation(url: str) -> str:
    """``url`` without punctuation at its end, and closing brackets that it does not open."""
    unopened = {closing: url.count(closing) - url.count(opening) for opening, closing in _PAIRS}
    end = len(url)
    while end and (url[end - 1] in _AFTER or unopened.get(url[end - 1], 0) > 0):
        if url[end - 1] in unopened:
            unopened[url[end - 1]] -= 1
        end -= 1
    return url[:end]
