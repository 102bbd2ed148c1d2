"""A page's commands are compared with what they print now."""

from pathlib import Path

from tests.docs.transcripts import Shell, Step, agrees, differences, steps_of

PAGE = """
Text, and `$ phi3 nothing`.

```console
$ echo one
one
$ phi3 dance
…
```

```bash
$ echo not read
```

```console
$ export NAME=two
$ echo $NAME words
two …
$ NAME=three bash -c 'echo $NAME'
three
```
"""


def test_commands_stand_with_what_they_print() -> None:
    assert list(steps_of(PAGE)) == [
        Step("echo one", "one\n"),
        Step("phi3 dance", "…\n"),
        Step("export NAME=two", ""),
        Step("echo $NAME words", "two …\n"),
        Step("NAME=three bash -c 'echo $NAME'", "three\n"),
    ]


def test_only_what_a_page_shows_wrongly_is_named(tmp_path: Path) -> None:
    [wrong] = differences(PAGE, Shell(tmp_path))
    assert wrong.startswith("$ phi3 dance\n")
    assert wrong.endswith("(exit status 2)")


def test_a_command_that_fails_where_the_page_shows_no_error_is_named(tmp_path: Path) -> None:
    page = "```console\n$ {}\n{}\n```\n"
    assert differences(page.format("echo said; exit 3", "said"), Shell(tmp_path))
    assert differences(page.format("echo 'phi3: why'", "phi3: why"), Shell(tmp_path))
    assert not differences(page.format("echo 'phi3: why'; exit 1", "phi3: why"), Shell(tmp_path))


def test_an_ellipsis_stands_for_text_or_lines_and_nothing_else_does() -> None:
    printed = "21 added.\n\nok   home\nok   index\n"
    assert agrees("21 added.\nok home\nok index\n", printed)
    assert agrees("… added.\n…\nok index", printed)
    assert agrees("…", printed)
    assert not agrees("21 added.\nok home", printed)
    assert not agrees("2 added.\n…", printed)
    assert not agrees("21 added.", "21 added!")
