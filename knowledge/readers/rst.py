"""Reads reStructuredText, also with the directives and roles of Sphinx."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar, cast

from docutils import nodes
from docutils.core import publish_parts
from docutils.parsers.rst import Directive, directives, roles
from docutils.parsers.rst.languages import en
from docutils.utils import SystemMessage

from domain.blocks import Content
from knowledge.readers import text as text_reader
from knowledge.readers.base import File, parsing
from knowledge.readers.clean import clean
from knowledge.readers.decoding import decoded
from knowledge.readers.html import read_text

_SETTINGS = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "_disable_config": True,
    "halt_level": 5,
    "report_level": 5,
    "doctitle_xform": False,
    "embed_stylesheet": False,
    "stylesheet_path": "",
    "math_output": "LaTeX",
    "syntax_highlight": "none",
    "smart_quotes": False,
    "input_encoding": "unicode",
    "initial_header_level": 1,
    "line_length_limit": 100_000,
}
_LONGEST_PARAGRAPH = 10_000  # characters; docutils' time grows with the square of them
_TOO_LONG = "a part of it is too long for reStructuredText: it is read as plain text"
_TARGET = re.compile(r"<[^<>]*+>\s*+$")
_ROLES = (
    "ref doc term any download numref eq keyword option envvar token abbr command dfn file "
    "guilabel kbd mailheader makevar manpage menuselection mimetype newsgroup program regexp "
    "samp class func meth attr mod data exc obj const py:class py:func py:meth py:attr py:mod "
    "py:data py:exc py:obj py:const c:func c:type c:macro cpp:class cpp:func issue pr user "
    "pep rfc index"
).split()
_SHOWN = (
    "versionadded versionchanged versionremoved deprecated seealso centered hlist glossary "
    "tab tabs tab-set tab-item dropdown card details collapse only rst-class py:function "
    "py:class py:method py:attribute py:module function class method attribute describe "
    "option program todo"
).split()
_LEFT_OUT = (
    "toctree literalinclude index currentmodule automodule autoclass autofunction automethod "
    "autoattribute autodata autoexception autodecorator autoproperty autosummary tabularcolumns "
    "sectionauthor codeauthor highlight"
).split()
_CODE = (
    "code-block sourcecode prompt console highlight-block mermaid graphviz uml plantuml code-cell "
    "ipython jupyter-execute testcode testoutput doctest"
).split()
_SAID = ("type", "default")  # options of ``confval``
_NAME = r"(\w{1,40}+(?:[-._+:]\w{1,40}+){0,4}+)"
_DIRECTIVE = re.compile(rf"\.\. (?:\|[^|\n]{{1,200}}\| )?{_NAME}::")
_ROLE = re.compile(rf":{_NAME}:(?=`)|(?<=`):{_NAME}:")
_MOST_NAMES = 5_000  # of directives that no program here knows, as many of roles


def read(file: File) -> Content:
    """What the reStructuredText in ``file`` says. Raises UnreadableSource and EmptySource.

    No other file is read, and no HTML within it.
    """
    text = clean(decoded(file.content, file.charset))
    if max(map(len, text.split("\n\n"))) > _LONGEST_PARAGRAPH:
        return replace(text_reader.read_text(text), notes=(_TOO_LONG,))
    _make_known(text)
    with parsing("reStructuredText file", SystemMessage):
        page = publish_parts(text, writer="html5", settings_overrides=_SETTINGS)["html_body"]
    return read_text(page, file.address)


class _Text(Directive):
    """Its argument in bold, what a setting is by default, and what stands below it."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar[Any] = None  # any, and none is shown

    def run(self) -> list[nodes.Node]:
        found: list[nodes.Node] = []
        if self.arguments and any(map(str.isalpha, self.arguments[0])):
            words = nodes.strong("", self.arguments[0])
            found.append(nodes.paragraph("", "", words))
        said = [f"{name}: {text}" for name in _SAID if (text := self.options.get(name))]
        found += [nodes.paragraph("", each) for each in said]
        within = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, within)
        return [*found, *within.children]


class _Code(Directive):
    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        text = "\n".join(self.content)
        return [nodes.literal_block(text, text)] if text else []


class _Nothing(Directive):
    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        return []


class _AnyOption(dict[str, Any]):
    """Takes every option of a directive as it is."""

    def __missing__(self, name: str) -> Any:
        return directives.unchanged

    def __bool__(self) -> bool:
        return True


def _shown(
    _name: str, rawtext: str, text: str, _line: int, _inliner: Any, *_: Any
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """What a role of Sphinx shows: the words before its target."""
    words = _TARGET.sub("", text).strip().lstrip("~!") or text
    return [nodes.inline(rawtext, words)], []


def _make_known(text: str) -> None:
    """Shows the content of directives, and the words of roles, that only a project's programs know.

    docutils leaves out both, and knows names for all files alone.
    """
    for name in _new(_DIRECTIVE, text, _known_directives):
        directives.register_directive(name, _Text)
    for name in _new(_ROLE, text, _known_roles):
        roles.register_local_role(name, cast(Any, _shown))


def _new(pattern: re.Pattern[str], text: str, known: set[str]) -> Iterator[str]:
    """Each name that ``pattern`` finds and that is not ``known`` yet; it is then."""
    for found in pattern.finditer(text):
        name = next(filter(None, found.groups())).lower()
        if name not in known and len(known) < _MOST_NAMES:
            known.add(name)
            yield name


for _each in (_Text, _Code, _Nothing):
    _each.option_spec = _AnyOption()
_known_directives = {*en.directives, *_SHOWN, *_CODE, *_LEFT_OUT}
_known_roles = {*en.roles, *_ROLES}
for _name in _ROLES:
    roles.register_local_role(_name, cast(Any, _shown))
for _name in _SHOWN:
    directives.register_directive(_name, _Text)
for _name in _CODE:
    directives.register_directive(_name, _Code)
for _name in _LEFT_OUT:
    directives.register_directive(_name, _Nothing)
