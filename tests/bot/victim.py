"""A bot process that tests kill: ``python -m tests.bot.victim API DATABASE PAUSE [MODE [MOST]]``.

Answers word by word, with ``PAUSE`` seconds between two, and prints the port it listens at. What
speaks of poison ends the process. ``DATABASE`` is SQLite's file, or a URL. With the mode ``socket``
it connects in Socket Mode instead. ``MOST`` is the quota of a person an hour.
"""

import os
import signal
import sys
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.ingest.collecting import Sync
from bot.run import until_stopped
from bot.slack.http import run_http
from bot.slack.socket_mode import run_socket_mode
from cli.app import prepare_process
from cli.garbage import kept
from domain.admission import quotas
from domain.collections import Collection
from domain.documents import IngestReport
from domain.questions import Evidence, Question
from knowledge.sources.base import Connector
from records.database import Database
from records.sources import Sources
from tests.bot.running_bot import Script, build
from tests.slack_double import APP_TOKEN, SECRET, SlackDouble

LEASE = timedelta(seconds=5)


@dataclass
class Fragile(Script):
    """Ends the process at the word "poison", as a document that takes all memory would."""

    def search(self, question: Question, k: int | None = None) -> Evidence:
        _die_of(question.text)
        # A benchmark asks it for an hour and watches its memory.
        self.asked.clear()
        self.prompts.clear()
        return Script.search(self, question, k)

    def sync(self, sources: Sources) -> Sync:
        read = Script.sync(self, sources)

        def one(collection: Collection, connector: Connector, **options: Any) -> IngestReport:
            _die_of(collection.uri)
            return read(collection, connector, **options)

        return one


def _die_of(text: str) -> None:
    if "poison" in text:
        os.kill(os.getpid(), signal.SIGKILL)


def main(api: str, database: str, pause: str, mode: str = "http", most: str = "") -> None:
    url = database if "://" in database else f"sqlite:///{database}"
    script = Fragile(pause=float(pause))
    limits = quotas(person_hour=int(most)) if most else ()
    running = build(SlackDouble(url=api), script, Database(url), lease=LEASE, quotas=limits)
    with until_stopped() as stop, kept() as objects:
        if mode == "socket":
            run_socket_mode(
                *(running.bot, APP_TOKEN, stop), ping_seconds=0.5, grace=10, mark=objects.renew
            )
        else:
            run_http(*(running.bot, SECRET, stop), port=0, ready=say, grace=10, mark=objects.renew)


def say(port: int) -> None:
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    prepare_process()
    main(*sys.argv[1:])
