"""What is copied from a passage word for word is supported by it."""

from pathlib import Path

import pytest

from domain.support.check import Checker
from tests.domain.build import passage

EXAMPLES = Path(__file__).parents[2] / "examples"

CODE = """Use this query:
```sql
SELECT name, count(*)
FROM users
WHERE active = 1
GROUP BY name
```
To rotate the key:
~~~
if [ -f key ]; then
  rm key
fi
~~~"""


@pytest.mark.slow
def test_each_sentence_of_the_examples_supports_itself() -> None:
    texts = [file.read_text(encoding="utf-8") for file in sorted(EXAMPLES.rglob("*.md"))]
    told = [one for text in texts for one in Checker([passage(text)]).check(text)]
    prose = [one for one in told if one.is_claim and one.span.text.endswith(".")]
    assert len(prose) > 500
    assert [one.span.text for one in prose if not one.supported] == []


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (
            "How many days can I carry over?",
            "You can carry over up to five days, and they must be used by 30 April.",
        ),
        (
            "What do I do if a battery burns?",
            "Do not fight a burning battery: the smoke is poisonous, and a fire that looks dead "
            "can start again after hours.",
        ),
        ("Who says so?", '"Close" is your word, not ours.'),
    ],
)
def test_a_sentence_supports_itself_whatever_was_asked(asked: str, text: str) -> None:
    (told,) = Checker([passage(f"Days are counted by halves. {text} Ask Ada.")], asked).check(text)
    assert told.supported


def test_few_words_of_the_answer_to_another_question_support_nothing() -> None:
    shown = [passage("How long is the notice period?\nThree months.\n\nProbation\n\nSix months.")]
    right, wrong = Checker(shown, "How long is the notice period?").check(
        "Three months. Six months."
    )
    assert (right.supported, wrong.supported) == (True, False)


def test_each_line_of_code_supports_itself_and_no_other_one() -> None:
    checker = Checker([passage(CODE)], "How do I count users, and rotate the key?")
    assert [one.span.text for one in checker.check(CODE) if not one.supported] == []
    changed = CODE.replace("active = 1", "active = 0").replace("rm key", "rm -rf /")
    assert [one.span.text for one in checker.check(changed) if not one.supported] == [
        "WHERE active = 0",
        "rm -rf /",
    ]
