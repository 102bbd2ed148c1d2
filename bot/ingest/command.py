"""The one grammar of requests about documents: /phi3-ingest, its form, and `ingest` in a mention.

    COMMAND  = help | status | list [NUMBER]
             | refresh [TARGETS] | remove TARGETS | dry-run TARGETS | [add] TARGETS
    TARGETS  = one or more of
               ADDRESS                        a page
               site ADDRESS [depth NUMBER]    the pages below an address
               git ADDRESS[#BRANCH]           a repository; also git+ADDRESS
               #channel                       a channel of Slack
               this thread                    the thread of the message; also a message's link

Words of courtesy change nothing. With any other word nothing is done, since it might mean the
opposite of what was understood.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum, auto

from bot.history.uris import is_ts
from bot.urls import trimmed

_TOKEN = re.compile(
    r"<[^<>]*+>|https?://[^\s<>|]++|(?:(?!https?://)[^\s<>])++|https?://", re.IGNORECASE
)
_SIGNS = ".,;:!?…&+-–()[]\"'“”’*_`"
_COURTESY = frozenset(
    "add read ingest please pls thanks thank you this that these those the a and also too it them "
    "page pages file files document documents doc docs link links url urls address addresses "
    "here from for to is are new our my me can could would".split()
)
"""Words that do not change what is wanted. Any other word might mean the opposite."""
_KEYWORDS = "help status list refresh remove dry-run add site depth git this thread".split()
_VERB_WORDS = frozenset("help status list refresh remove dry-run".split())
_ADDRESS = re.compile(r"https?://[^\s|]", re.IGNORECASE)
_PERMALINK = re.compile(
    r"https://[\w.-]+\.slack\.com/archives/([A-Z0-9]{2,20})/p(\d{10})(\d{6})(?:\?(\S*))?\Z"
)
_THREAD = re.compile(r"(?:\A|&)thread_ts=(\d{10}\.\d{6})(?:&|\Z)")

DEEPEST = 10
"""The most links that lead from a site's first page to others that are read."""
_LONGEST_WORD = 40


class Verb(Enum):
    ADD = auto()
    REMOVE = auto()
    REFRESH = auto()
    DRY_RUN = auto()
    LIST = auto()
    STATUS = auto()
    HELP = auto()
    FORM = auto()
    """There are no words: a form asks for them."""
    UNKNOWN = auto()
    """The words are not clear, so nothing is done."""


class TargetKind(Enum):
    PAGE = auto()
    SITE = auto()
    GIT = auto()
    CHANNEL = auto()
    THREAD = auto()


@dataclass(frozen=True, slots=True)
class Target:
    """What a command is about.

    ``name`` is the address of a page, a site or a repository; the id of a channel, or its name with
    ``#``; the ``CHANNEL:TS`` of a thread, or nothing for the one of the request.
    """

    kind: TargetKind
    name: str = ""
    depth: int | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """``word`` is the first one that is not known, and ``nearest`` a known one like it."""

    verb: Verb
    targets: tuple[Target, ...] = ()
    page: int = 1
    word: str = ""
    nearest: str = ""


class _Unclear(Exception):
    """The word that is not known."""


def parse(text: str, *, has_files: bool = False) -> Command:
    """What ``text`` asks for; it has Slack's markup, and may come with files."""
    tokens = _TOKEN.findall(text)
    words = [_word(token) for token in tokens]
    if words[:1] == ["ingest"]:
        tokens, words = tokens[1:], words[1:]
    if not any(words):
        return Command(Verb.ADD if has_files else Verb.FORM)
    try:
        return _command(tokens, words, has_files)
    except _Unclear as unclear:
        word = str(unclear)
        if word in _VERB_WORDS:  # then it is what follows that is not known
            known = (*_KEYWORDS, *_COURTESY)
            word = next((one for one in words if one and one not in known), word)
        word = word[:_LONGEST_WORD]
        return Command(Verb.UNKNOWN, word=word, nearest=_nearest(word))


def _command(tokens: Sequence[str], words: Sequence[str], has_files: bool) -> Command:
    match words:
        case ["help"]:
            return Command(Verb.HELP)
        case ["status"]:
            return Command(Verb.STATUS)
        case ["list"]:
            return Command(Verb.LIST)
        case ["list", number] | ["list", "page", number] if _number(number):
            return Command(Verb.LIST, page=_number(number))
        case [("refresh" | "remove" | "dry-run") as verb, *_]:
            targets = tuple(_targets(tokens[1:]))
            if not targets and not has_files and verb != "refresh":
                raise _Unclear(next(iter(words[1:]), verb))
            return Command(_VERBS[verb], targets)
    targets = tuple(_targets(tokens))
    if not targets and not has_files:
        raise _Unclear(next((word for word in words if word not in _COURTESY), words[0]))
    return Command(Verb.ADD, targets)


_VERBS = {"refresh": Verb.REFRESH, "remove": Verb.REMOVE, "dry-run": Verb.DRY_RUN}


def _targets(tokens: Sequence[str]) -> Iterator[Target]:
    """The targets, each once, in order."""
    return iter(dict.fromkeys(_all_targets(tokens)))


def _all_targets(tokens: Sequence[str]) -> Iterator[Target]:
    at = 0
    while at < len(tokens):
        token, word = tokens[at], _word(tokens[at])
        after = tokens[at + 1] if at + 1 < len(tokens) else ""
        address = _address(after)
        at += 1
        if word in ("site", "git") and address:
            at += 1
            if word == "git":
                yield Target(TargetKind.GIT, f"git+{address}")
                continue
            depth = _depth(tokens[at : at + 2])
            at += 0 if depth is None else 2
            yield Target(TargetKind.SITE, address, depth)
        elif word == "this" and _word(after) == "thread":
            at += 1
            yield Target(TargetKind.THREAD)
        elif target := _target(token):
            yield target
        elif word and word not in _COURTESY:
            raise _Unclear(word)


def _target(token: str) -> Target | None:
    inside = _inside(token)
    if token.startswith("<#") and len(inside) > 1:
        return Target(TargetKind.CHANNEL, inside[1:])
    if len(inside) > 1 and inside.startswith("#"):
        name = inside[1:].rstrip(_SIGNS)
        return Target(TargetKind.CHANNEL, f"#{name.casefold()}") if name else None
    if address := _address(token):
        return _thread_at(address) or Target(TargetKind.PAGE, address)
    return None


def _thread_at(address: str) -> Target | None:
    """The thread of a message, by the message's link; None for any other address."""
    found = _PERMALINK.match(address)
    if found is None:
        return None
    channel, seconds, fraction, query = found.groups()
    reply = _THREAD.search(query or "")
    ts = reply.group(1) if reply else f"{seconds}.{fraction}"
    return Target(TargetKind.THREAD, f"{channel}:{ts}") if is_ts(ts) else None


def _address(token: str) -> str:
    """The web address that a token is, without punctuation behind it; empty if it is none."""
    inside = _inside(token)
    if not _ADDRESS.match(inside):
        return ""
    return inside if token.startswith("<") else trimmed(inside)


def _inside(token: str) -> str:
    inside = token[1:-1].partition("|")[0] if token.startswith("<") else token
    return inside.replace("&amp;", "&")


def _depth(tokens: Sequence[str]) -> int | None:
    if len(tokens) < 2 or _word(tokens[0]) != "depth":
        return None
    number = _word(tokens[1])
    if not (number.isdecimal() and len(number) <= 2 and int(number) <= DEEPEST):
        raise _Unclear(f"depth {number}")
    return int(number)


def _number(word: str) -> int:
    return int(word) if word.isdecimal() and len(word) <= 4 else 0


def _word(token: str) -> str:
    return token.casefold().strip(_SIGNS)


def _nearest(word: str) -> str:
    return next(iter(get_close_matches(word, _KEYWORDS, 1, 0.6)), "")
