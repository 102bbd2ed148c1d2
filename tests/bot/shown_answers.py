"""Answers of all kinds, to look at."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from bot.answers import render
from bot.words import words_for
from domain.answering import refusal
from domain.blocks import Where
from domain.citations import cited, judged
from domain.questions import Answer, AnswerKind, Audience, Passage, Timings
from domain.support.check import Checker

TEXT = """## How to get a laptop

Open a ticket with the service desk. New laptops arrive within **five days**, see [the guide](https://docs.example.com/laptops).

1. Run `sudo tool --user=$USER items[0]` first
2. Then this:

   ```py
   import sys
   print(sys.argv[1], a < b)
   ```

| model | price |
| :--- | ---: |
| Air | 999 euros |
| Pro | 1,999 euros |

> Returns are taken within 30 days.

Unicorns deliver them on Sundays. [Log in here](https://evil.example/login), <!channel>!"""

GUIDE = (
    "Open a ticket with the service desk. New laptops arrive within five days. The guide is at "
    "https://docs.example.com/laptops. Air costs 999 euros. Pro costs 1,999 euros."
)


def messages() -> list[list[dict[str, Any]]]:
    guide = Passage(
        "p1",
        "https://docs.example.com/laptops",
        "Handbook › Laptops",
        GUIDE,
        1,
        1,
        Audience.everyone(),
        Where(page=3),
    )
    returns = Passage(
        "p2",
        "/docs/returns.md",
        "Returns",
        "Returns are taken within 30 days. Bring the receipt.",
        1,
        1,
        Audience.everyone(),
    )
    passages = (guide, returns)
    checked = Checker(passages, "How do I get a laptop?").check(TEXT)
    answer = Answer(
        "a0123456789abcdef",
        "slack:T1:C1:1.0",
        AnswerKind.ANSWERED,
        TEXT,
        cited(TEXT, checked),
        passages,
        "Phi-3.5-mini",
        "night-12",
        "p",
        Timings(),
        datetime(2026, 11, 27, tzinfo=UTC),
        judged(checked),
    )
    refused = replace(
        answer, kind=AnswerKind.REFUSED, text=refusal(passages), citations=(), sentences=()
    )
    newest = date(2026, 11, 24)
    shown = render.answer(answer, newest=newest)
    assert shown.simpler
    return [
        list(shown.blocks),
        list(shown.simpler.blocks),
        list(render.answer(refused, words=words_for("Wie bekomme ich einen Laptop?")).blocks),
        list(render.answer(refused, words=words_for("ノートはどこですか？")).blocks),
        list(render.answer(refused, words=words_for("मुझे लैपटॉप कैसे मिलेगा?")).blocks),
    ]
