"""Code that reads text from outside takes twice as long for twice as much text, of any kind."""

import ast
import inspect
import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from bot.answers.blocks import text_message
from bot.answers.markdown import joined, pieces
from bot.answers.streaming import MarkdownStream
from bot.history.markup import plain
from bot.ingest.command import parse
from domain.blocks import Code, Content, Paragraph
from domain.citations import cite, supported
from domain.errors import Phi3Error
from domain.fitting import fit
from domain.markers import without_markers
from domain.numbering import numbered
from domain.prompt import render
from domain.questions import Audience, Message
from domain.tokens import Estimates, Reach
from knowledge.chunk import chunk
from knowledge.query.unknown_names import has_unknown_name
from tests.domain.build import passage, question
from tests.hostile import is_linear, mixed_texts, texts
from tests.knowledge.query.test_spelling import Words

ROOT = Path(__file__).parents[1]
MODELS = "knowledge.embedders.packaged_e5"
"""It reads the first few hundred characters of a text, each with all others."""
PACKAGES = "bot cli domain knowledge records serving training".split()
EVERYONE = Audience.everyone()


def sources() -> Iterator[tuple[str, str]]:
    for package in PACKAGES:
        for file in sorted((ROOT / package).glob("**/*.py")):
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            yield name, file.read_text()


SOURCES = dict(sources())


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(SOURCES[name])


def calls_of_re(tree: ast.AST) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr != "escape"
    ]


def patterns(name: str) -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Every compiled pattern of a module, and every literal pattern within a function."""
    for call in calls_of_re(tree(name)):
        if isinstance(call.args[0], ast.Constant) and call.func.attr != "compile":  # type: ignore[attr-defined]
            yield f"{name}:{call.lineno}", re.compile(call.args[0].value)
    for attribute, value in vars(import_module(name)).items():
        if not attribute.startswith("__"):
            yield from held_patterns(f"{name}.{attribute}", value)


def held_patterns(name: str, value: object) -> Iterator[tuple[str, re.Pattern[Any]]]:
    """``value``, or those that it holds: collections hold patterns, and functions in defaults."""
    if isinstance(value, re.Pattern):
        yield name, value
    elif isinstance(value, Mapping):
        yield from held_patterns(name, [*value, *value.values()])
    elif isinstance(value, list | tuple | set | frozenset):
        for n, each in enumerate(value):
            yield from held_patterns(f"{name}.{n}", each)


def literals(pattern: str) -> list[str]:
    """The words and signs in ``pattern`` itself."""
    plain = re.sub(r"\(\?[-\w]*[:=!<]*|\\[AZbBdDsSwW]|\[\^?|[(){}*+?|^$]|\\", " ", pattern)
    return [each for each in dict.fromkeys(plain.split()) if len(each) < 12][:12]


# Modules are imported and parsed by the tests, which take long, and not when these are collected.
WITH_PATTERNS = [name for name, text in SOURCES.items() if re.search(r"\bre\.(?!escape)", text)]


def functions() -> Iterator[str]:
    """Every public function of the packages that takes a text first, and needs nothing else."""
    for name, text in SOURCES.items():
        if name.startswith(("cli", MODELS)):
            continue
        if not re.search(r"def \w+\(\s*(text|markdown|value): ", text):
            continue
        public = [
            node.name
            for node in tree(name).body
            if isinstance(node, ast.FunctionDef)
            and not node.name.startswith("_")
            and node.args.args
            and node.args.args[0].arg in ("text", "markdown", "value")
            and ast.unparse(node.args.args[0].annotation or node) == "str"
            and len(node.args.args) - len(node.args.defaults) <= 1
        ]
        yield from (f"{name}.{each}" for each in public)


def called(function: Callable[[str], Any], text: str) -> None:
    # Some functions refuse text that they cannot parse; that must be fast too.
    with suppress(ValueError, LookupError, TypeError, RecursionError, Phi3Error):
        result = function(text)
        if inspect.isgenerator(result):
            list(result)


PASSAGES = [passage("One a 1 ab. Two [1] says no."), passage("a b. b c. 1 2.", n=2)]

WHOLE: dict[str, Callable[[str], object]] = {
    "chunk": lambda text: chunk(Content((Paragraph(text), Code(text))), text, Reach(512)),
    "text_message": text_message,
    "pieces": lambda text: joined(pieces(text, "http://a".__eq__)),
    "more": lambda text: [MarkdownStream().more(text), MarkdownStream().more(text, is_all=True)],
    "parse": parse,
    "plain": lambda text: plain(text, str),
    "cite": lambda text: numbered(text, cite(text, PASSAGES, text)),
    "cite from a hostile passage": lambda text: cite("One a 1. Two ab.", [passage(text)], "ab 1"),
    "supported": lambda text: supported(text, PASSAGES),
    "has_unknown_name": lambda text: has_unknown_name(text, Words({"word": 1})),
    "without_markers": lambda text: without_markers(text, [passage(text)]),
    "render": lambda text: render(text, [passage(text, title=text)], [Message("user", text)]),
    "fit": lambda text: fit(
        question("How?", history=(Message("user", text),)),
        [passage(text, title=text)],
        Estimates(),
        budget=3000,
        max_tokens=160,
    ),
}


def function(name: str) -> Callable[[str], object]:
    module, _, own = name.rpartition(".")
    return WHOLE.get(name) or partial(called, getattr(import_module(module), own))


def scan(pattern: re.Pattern[Any], text: str) -> None:
    searched = text.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else text
    pattern.match(searched)
    for _ in pattern.finditer(searched):
        pass


def told_apart(pattern: re.Pattern[Any], characters: Iterable[str]) -> dict[int, int]:
    """A representative for each character: ``pattern`` cannot tell the two apart."""
    if has_reference(pattern):
        return {}
    numbers = set(numbers_in(parser.parse(pattern.pattern, pattern.flags)))
    edges = sorted({edge for n in numbers for edge in (n, n + 1)})
    first: dict[tuple[object, ...], int] = {}
    kinds = (str.isalnum, str.isdigit, str.isspace, str.isascii, "\n_".__contains__)
    return {
        ord(each): first.setdefault(
            (bisect_right(edges, ord(each)), *(has(each) for has in kinds)), ord(each)
        )
        for each in characters
    }


def has_reference(pattern: re.Pattern[Any]) -> bool:
    return "GROUPREF" in str(parser.parse(pattern.pattern, pattern.flags))


def numbers_in(parsed: Any) -> Iterator[int]:
    """The codes of a pattern's characters, in both cases; and its counts, which do no harm."""
    if type(parsed) is int and 0 <= parsed < sys.maxunicode:
        yield parsed
        yield from (ord(chr(parsed).swapcase()[0]), ord(chr(parsed).casefold()[0]))
    elif isinstance(parsed, list | tuple | parser.SubPattern):
        for n in range(len(parsed)):
            yield from numbers_in(parsed[n])


def is_linear_on_all(pattern: re.Pattern[Any]) -> bool:
    """Whether ``pattern`` is linear on texts made for it; of those it cannot tell apart, on one."""
    wording = pattern.pattern
    own = literals(wording.decode("latin-1") if isinstance(wording, bytes) else wording)
    short = {make(80): make for make in (*texts(own), *mixed_texts(own))}
    same = told_apart(pattern, set().union(*short))
    different = {text.translate(same): make for text, make in short.items()}
    return all(is_linear(partial(scan, pattern), make) for make in different.values())


@pytest.mark.slow
@pytest.mark.timeout(1800)  # some modules have many expressions
@pytest.mark.parametrize("name", WITH_PATTERNS)
def test_regular_expressions_are_linear(name: str) -> None:
    for where, pattern in patterns(name):
        assert is_linear_on_all(pattern), where


@pytest.mark.slow
@pytest.mark.parametrize(
    "pattern", [r"<(http://[^>|\s]+)[^>]*>", r"!?\[([^\]]*)\]\([^)]*\)", r"\s*\[\d{1,2}\]"]
)
def test_measure_finds_an_expression_that_is_not(pattern: str) -> None:
    assert not is_linear_on_all(re.compile(pattern))


@pytest.mark.slow
def test_every_expression_is_found() -> None:
    """An expression that is built when it is used would not be measured."""
    built = {
        name
        for name in WITH_PATTERNS
        for node in ast.walk(tree(name))
        if isinstance(node, ast.FunctionDef)
        and any(not isinstance(call.args[0], ast.Constant) for call in calls_of_re(node))
    }
    # The one is measured as a function, the other reads only the beginning of a line.
    assert built == {"domain.control_tokens", "bot.questions.manners"}


@pytest.mark.slow
@pytest.mark.parametrize("name", [*WHOLE, *functions()])
def test_function_is_linear(name: str) -> None:
    measured = function(name)
    for make in texts():
        assert is_linear(measured, make), make(80)
