"""Texts that slow down expressions and parsers, and a measurement of how the time grows."""

import gc
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import permutations
from time import process_time

PIECES = (
    *"a1 \t\n.-#*_`~<>[](){}|:/!?&;=\"'\\@,^+0",
    "é",
    "\u200b",
    "ab ",
    "a.",
    "a1. ",
    "<a>",
    "<a",
    "</a>",
    "<!--",
    "<|",
    "|>",
    "<|end|>",
    "<@U1",
    "<#C1|",
    "[a](",
    "[a]",
    "[1]",
    "[1, ",
    "](",
    "![",
    "**",
    "**a",
    "``",
    "```",
    "```\n",
    "~~~\n",
    "# a",
    "# ",
    "\n# a #",
    "\n- ",
    "\n1. ",
    "\n> ",
    "| a ",
    "|-",
    "\n\t",
    "---\n",
    "\n---",
    "title: ",
    "http://",
    "https://a",
    "<http://a",
    "://",
    "www.",
    "&amp;",
    "&#",
    "【1】",
)
"""Texts that this program's expressions and parsers look for, and texts that almost match."""

SIGNS = tuple("a \n<[(*`#|.")

FAST = 0.02
"""Shorter times for 20 kB, in seconds, are not compared: they are noise, and fast enough."""

GROWTH = 3.5
"""The allowed factor in time for twice the text: 2 is linear, 4 is quadratic."""

CLEAR = 2.6
"""A factor that needs no second measurement."""


def texts(pieces: Iterable[str] = ()) -> Iterator[Callable[[int], str]]:
    """Functions that make texts of a given length: a repeated piece, or nested pieces.

    ``pieces`` are tried besides those that are tried on everything. What ends in another sign than
    what is repeated makes an expression that hoped for the end of a line go back.
    """
    for one in dict.fromkeys([*pieces, *PIECES]):
        yield partial(_repeated, "", one)
    for opening, closing in PAIRS:
        yield partial(_nested, opening, closing)


def mixed_texts(pieces: Iterable[str] = ()) -> Iterator[Callable[[int], str]]:
    """Functions that make texts of two pieces: one before many of the other, or both in turn."""
    for one, other in permutations(dict.fromkeys([*pieces, *SIGNS]), 2):
        yield partial(_repeated, one, other)
        yield partial(_repeated, "", one + other)


def _repeated(first: str, again: str, size: int) -> str:
    end = "x!"
    return (first + again * (size // len(again) + 1))[: size - len(end)] + end


PAIRS = (
    ("[", "]"),
    ("(", ")"),
    ("<", ">"),
    ("<|", "|>"),
    ("<a>", "</a>"),
    ("<div>", "</div>"),
    ("(a", ")"),
)


def _nested(opening: str, closing: str, size: int) -> str:
    return opening * (size // 2 // len(opening)) + closing * (size // 2 // len(closing))


def seconds(work: Callable[[str], object], text: str, times: int = 1) -> float:
    """The least processor time of ``work`` in several runs.

    As timeit does, it keeps the garbage collector out: after thousands of tests a collection takes
    longer than what is measured.
    """
    taken = []
    collects = gc.isenabled()
    gc.disable()
    try:
        for _ in range(times):
            began = process_time()
            work(text)
            taken.append(process_time() - began)
    finally:
        if collects:
            gc.enable()
    return min(taken)


def is_linear(
    work: Callable[[str], object], make: Callable[[int], str], size: int = 20_000
) -> bool:
    """Whether a text of ``size`` takes about twice as long as half of it, and not four times.

    What is too fast to tell is linear enough; a quadratic growth is found at any size, since the
    time that is too short grows with its square. Shorter texts are tried first, so that the worst
    cases end; and what seems to grow is measured again, since other work disturbs.
    """
    for short in (250, 1_000, 3_000):
        text = make(short)
        slow = short < size and seconds(work, text) > 20 * FAST
        if slow and seconds(work, text, 2) > 20 * FAST:
            return False
    taken = seconds(work, make(size))
    if taken < FAST * (size / 20_000) ** 2 or taken < CLEAR * seconds(work, make(size // 2)):
        return True
    return any(
        seconds(work, make(20_000), 3) < GROWTH * seconds(work, make(10_000), 3) for _ in range(3)
    )
