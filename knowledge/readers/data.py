"""Reads data that programs exchange: JSON, JSON Lines and YAML."""

import json
from collections.abc import Iterator
from itertools import islice

import yaml

from domain.blocks import Block, Code, Content, Heading
from domain.errors import EmptySource, UnreadableSource
from knowledge.readers import kinds
from knowledge.readers.base import File
from knowledge.readers.clean import lines
from knowledge.readers.decoding import decoded
from knowledge.readers.values import DEEPEST, Value, Writer, name_of, title_of

_DOCUMENTS = 10_000  # of one YAML file that are read
_TOO_DEEP = f"it holds data within data, more than {DEEPEST} levels deep: such a file is not read"


def read(file: File) -> Content:
    """Lists of objects as tables of records, and the rest under headings with its names.

    What does not parse is shown as the text that it is.
    """
    text = decoded(file.content, file.charset)
    broken: list[str] = []
    if file.kind == kinds.JSON_LINES:
        text, broken = _whole_lines(text)
    if not text.strip():
        raise EmptySource("it is empty")
    try:
        documents = _documents(text, file.kind)
    except RecursionError as e:
        raise UnreadableSource(_TOO_DEEP) from e
    except (ValueError, yaml.YAMLError, OverflowError):
        return Content((Code(lines(text)),), notes=("it does not parse: it is read as text",))
    writer = Writer()
    blocks: list[Block] = []
    names = [name_of(value) if len(documents) > 1 else "" for value in documents]
    for number, value in enumerate(documents):
        name = names[number] if any(names) else ""
        name = name or (f"Document {number + 1}" if any(names) else "")
        blocks += [Heading(name, 1)] if name else []
        blocks += writer.blocks(value, 2 if name else 1)
    if not blocks:
        raise EmptySource("it holds no values")
    notes = ("it holds too many values: only the first are read",) if writer.is_full else ()
    if broken:
        blocks.append(Code(lines("\n".join(broken))))
        what = "1 line does" if len(broken) == 1 else f"{len(broken)} lines do"
        notes = (*notes, f"{what} not parse: read as text")
    title = title_of(documents[0]) if len(documents) == 1 else ""
    return Content(tuple(blocks), title, notes)


def _documents(text: str, kind: str) -> list[Value]:
    """The documents in ``text``; numbers stay as they are written, such as versions."""
    if kind == kinds.YAML:
        return _yaml(text)
    if kind == kinds.JSON_LINES:
        return [list(_json_lines(text))]
    try:
        return [_json(text)]
    except ValueError:
        return [list(_json_lines(text))]


def _json(text: str) -> Value:
    value: Value = json.loads(text, parse_float=str, parse_int=str)
    return value


def _json_lines(text: str) -> Iterator[Value]:
    return (_json(each) for each in text.split("\n") if each.strip())


def _whole_lines(text: str) -> tuple[str, list[str]]:
    """``text`` without the lines that do not parse, and these; all of it where most do not."""
    whole: list[str] = []
    broken: list[str] = []
    for each in text.split("\n"):
        try:
            if each.strip():
                _json(each)
            whole.append(each)
        except (ValueError, RecursionError):
            broken.append(each)
    return ("\n".join(whole), broken) if len(broken) < len(whole) / 2 else (text, [])


def _yaml(text: str) -> list[Value]:
    """The documents of ``text``. Its aliases are shared, not copied, and its tags do nothing."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CBaseLoader):
        # The library would follow any depth, and end the process.
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise UnreadableSource(_TOO_DEEP)
    loaded = yaml.load_all(text, Loader=yaml.CBaseLoader)
    return list(islice(loaded, _DOCUMENTS))
