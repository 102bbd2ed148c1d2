"""A bot in a process of its own, to be killed: ``python -m tests.bot.victim API DATABASE PAUSE``.

Answers word by word, with ``PAUSE`` seconds between two, and prints the port it listens at.
"""

import sys
from datetime import timedelta
from pathlib import Path

from bot.http import run_http
from bot.run import until_stopped
from records.database import Database
from tests.bot.running_bot import Script, build
from tests.slack_double import SECRET, SlackDouble

LEASE = timedelta(seconds=2)


def main(api: str, database_file: str, pause: str) -> None:
    database = Database(f"sqlite:///{Path(database_file)}")
    running = build(SlackDouble(url=api), Script(pause=float(pause)), database, lease=LEASE)
    with until_stopped() as stop:
        run_http(running.bot, SECRET, stop, port=0, ready=say, grace=10)


def say(port: int) -> None:
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
