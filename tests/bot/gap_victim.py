"""Closes a gap and is killed: ``python -m tests.bot.gap_victim API DATABASE GAP METHOD WHEN``.

``METHOD`` is one of ``POINTS``; the process kills itself ``before`` or ``after`` its first call.
"""

import os
import signal
import sys
from dataclasses import replace
from datetime import timedelta
from threading import Event

from bot.gaps.finding import GapFinder
from bot.questions.later_answers import LaterAnswers
from bot.slack.client import SlackClient
from domain.gaps import Closing
from records.database import Database
from records.gaps import Gaps
from records.jobs import Jobs
from tests.bot.running_bot import LAPTOPS, Script, build
from tests.slack_double import SlackDouble

ANSWER = "New laptops arrive within five days."
POINTS: dict[str, tuple[type, str]] = {
    "close": (Gaps, "close"),
    "take": (Jobs, "take"),
    "refresh": (GapFinder, "refresh"),
    "add": (Jobs, "add"),
    "finish": (Jobs, "finish"),
    "make": (LaterAnswers, "make"),
    "telling": (Gaps, "telling"),
    "posted": (SlackClient, "posted"),
    "told": (Gaps, "told"),
}


def script() -> Script:
    return Script(ANSWER.split(" "), (replace(LAPTOPS, text=ANSWER),))


def _die_at(name: str, when: str) -> None:
    owner, method = POINTS[name]
    real = getattr(owner, method)

    def call(*given: object, **named: object) -> object:
        if when == "after":
            real(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)
        return None

    setattr(owner, method, call)


def main(api: str, file: str, gap: str, name: str, when: str) -> None:
    _die_at(name, when)
    slack = SlackDouble(url=api)
    lease = timedelta(seconds=1)
    running = build(slack, script(), Database(f"sqlite:///{file}"), lease=lease)
    running.bot.gaps.closing.close(gap, Closing.ANSWERED, "U1")
    while True:
        running.resume_now()
        Event().wait(0.02)


if __name__ == "__main__":
    main(*sys.argv[1:])
