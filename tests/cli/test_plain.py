"""Printed text has no control characters that a terminal obeys."""

import io
import json
import logging
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.logs import PlainFormatter
from cli.plain import without_controls
from cli.printing import out as terminal
from cli.printing import print_json, say, say_error, table
from domain.errors import Phi3Error

HOSTILE = (
    *("\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "\x90q\x9c", "a\rb", "a\x08b", "\x7f", "\x00"),
    *("\u202egpj.exe", "\u2066x\u2069", "\u200fx", "a\u2028b", "\udcff", "\U000e0041"),
)


TURNING = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}


def steers(character: str) -> bool:
    category = unicodedata.category(character)
    turns = unicodedata.bidirectional(character) in TURNING or character in "\u061c\u200e\u200f"
    return (category == "Cc" and character not in "\n\t") or category == "Cs" or turns


@pytest.mark.parametrize("text", HOSTILE)
def test_control_characters_are_written_as_escapes(text: str) -> None:
    shown = without_controls(text)
    assert not any(map(steers, shown))
    assert "\\" in shown
    assert json.loads(f'"{shown}"') == text


@pytest.mark.parametrize(
    "text", ["Ünïcödé 你好 שלום مرحبا", "a\tb\nc", "👩‍👩‍👧", "می‌خواهم", "C:\\new", "£ € – “x”", ""]
)
def test_letters_of_all_scripts_stay(text: str) -> None:
    assert without_controls(text) == text


@given(st.text())
def test_no_text_keeps_a_control_character(text: str) -> None:
    assert not any(map(steers, without_controls(text)))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_print_function_lets_them_through(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    terminal.print(f"x{text}[bold]y[/]")
    terminal.print(f"x{text}", end="")
    terminal.print(table(["a"], [[text]]))
    print_json({"text": text})
    say(text)
    say_error(Phi3Error(text, text))
    shown = capfd.readouterr()
    assert not any(map(steers, shown.out + shown.err))
    assert "[bold]y[/]" in shown.out


def test_json_reads_back_as_it_was(capfd: pytest.CaptureFixture[str]) -> None:
    print_json({"text": "\x1b[1m\x85 “ü”\U000e0041"})
    line = capfd.readouterr().out
    assert json.loads(line) == {"text": "\x1b[1m\x85 “ü”\U000e0041"}
    assert "“ü”" in line


def test_a_log_has_neither_control_sequences_nor_passwords() -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(PlainFormatter("%(message)s"))
    log = logging.Logger("vendor")
    log.addHandler(handler)
    try:
        int("http://user:s3cret@host/\x1b[2J")
    except ValueError:
        log.exception("Failed at %s", "postgresql://user:s3cret@db/x\x07")
    text = written.getvalue()
    assert "s3cret" not in text
    assert not any(map(steers, text))
    assert "Traceback" in text
