"""Code that reads text from outside takes twice as long for twice as much text, of any kind."""

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from bot.blocks import text_message
from bot.events import Request
from bot.ingesting import uris_of
from domain.blocks import Code, Content, Paragraph
from domain.citations import cite, numbered, supported
from domain.errors import Phi3Error
from domain.fitting import fit
from domain.markers import without_markers
from domain.prompt import render
from domain.questions import Audience, Message
from domain.tokens import Estimates, Reach
from knowledge.chunk import chunk
from tests.domain.build import passage, question
from tests.hostile import is_linear, mixed_texts, texts

ROOT = Path(__file__).parents[1]
PACKAGES = "bot cli domain knowledge records serving training".split()
EVERYONE = Audience.everyone()


def sources() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for file in sorted((ROOT / package).glob("**/*.py")):
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            yield name, ast.parse(file.read_text())


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


def patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Every compiled pattern of a module, and every literal pattern within a function."""
    for name, tree in sources():
        found = calls_of_re(tree)
        for call in found:
            if isinstance(call.args[0], ast.Constant) and call.func.attr != "compile":  # type: ignore[attr-defined]
                yield f"{name}:{call.lineno}", re.compile(str(call.args[0].value))
        if any(call.func.attr == "compile" for call in found):  # type: ignore[attr-defined]
            for attribute, value in vars(import_module(name)).items():
                if isinstance(value, re.Pattern):
                    yield f"{name}.{attribute}", value


def literals(pattern: str) -> list[str]:
    """The words and signs in ``pattern`` itself."""
    plain = re.sub(r"\(\?[-\w]*[:=!<]*|\\[AZbBdDsSwW]|\[\^?|[(){}*+?|^$]|\\", " ", pattern)
    return [each for each in dict.fromkeys(plain.split()) if len(each) < 12][:12]


PATTERNS = dict(patterns())


def functions() -> Iterator[tuple[str, Callable[[str], object]]]:
    """Every public function of the packages that takes a text first, and needs nothing else."""
    for name, tree in sources():
        if name.startswith("cli"):
            continue
        public = [
            node.name
            for node in tree.body
            if isinstance(node, ast.FunctionDef)
            and not node.name.startswith("_")
            and node.args.args
            and node.args.args[0].arg in ("text", "markdown", "value")
            and len(node.args.args) - len(node.args.defaults) <= 1
        ]
        for each in public:
            function = getattr(import_module(name), each)
            if isinstance(function, FunctionType):
                yield f"{name}.{each}", partial(called, function)


def called(function: Callable[[str], Any], text: str) -> None:
    # Some functions refuse text that they cannot parse; that must be fast too.
    with suppress(ValueError, LookupError, TypeError, RecursionError, Phi3Error):
        result = function(text)
        if inspect.isgenerator(result):
            list(result)


PASSAGES = [passage("One a 1 ab. Two [1] says no."), passage("a b. b c. 1 2.", n=2)]

WHOLE: dict[str, Callable[[str], object]] = {
    "chunk": lambda text: chunk(Content((Paragraph(text), Code(text))), "s", text, Reach(512)),
    "text_message": text_message,
    "uris_of": lambda text: uris_of(Request("C1", "U1", text)),
    "cite": lambda text: numbered(text, cite(text, PASSAGES, text)),
    "cite from a hostile passage": lambda text: cite("One a 1. Two ab.", [passage(text)], "ab 1"),
    "supported": lambda text: supported(text, PASSAGES),
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
WHOLE |= dict(functions())


def scan(pattern: re.Pattern[Any], text: str) -> None:
    searched = text.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else text
    pattern.match(searched)
    for _ in pattern.finditer(searched):
        pass


def is_linear_on_all(pattern: re.Pattern[Any]) -> bool:
    wording = pattern.pattern
    own = literals(wording.decode("latin-1") if isinstance(wording, bytes) else wording)
    makers = (*texts(own), *mixed_texts(own))
    return all(is_linear(partial(scan, pattern), make) for make in makers)


@pytest.mark.parametrize("name", PATTERNS)
def test_regular_expression_is_linear(name: str) -> None:
    assert is_linear_on_all(PATTERNS[name])


@pytest.mark.slow
@pytest.mark.parametrize(
    "pattern", [r"<(http://[^>|\s]+)[^>]*>", r"!?\[([^\]]*)\]\([^)]*\)", r"\s*\[\d{1,2}\]"]
)
def test_measure_finds_an_expression_that_is_not(pattern: str) -> None:
    assert not is_linear_on_all(re.compile(pattern))


def test_every_expression_is_found() -> None:
    """An expression that is built when it is used would not be measured."""
    built = {
        name
        for name, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any(not isinstance(call.args[0], ast.Constant) for call in calls_of_re(node))
    }
    assert built == {"domain.control_tokens"}  # measured as a function


@pytest.mark.parametrize("name", WHOLE)
def test_function_is_linear(name: str) -> None:
    for make in texts():
        assert is_linear(WHOLE[name], make), make(80)
