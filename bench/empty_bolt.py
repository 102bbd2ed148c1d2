"""A bot process whose Bolt app only acknowledges: ``python -m bench.empty_bolt API DATABASE _``."""

import sys
from dataclasses import replace
from pathlib import Path

from slack_bolt import App

from bot.run import until_stopped
from bot.slack.http import run_http
from cli.garbage import kept
from records.database import Database, url_of
from tests.bot.running_bot import Script, build
from tests.bot.victim import say
from tests.slack_double import SECRET, SlackDouble


def main(api: str, database: str, _: str) -> None:
    bot = build(SlackDouble(url=api), Script(), Database(url_of(Path(database)))).bot
    app = App(
        name="empty",
        client=bot.app.client,
        signing_secret=SECRET,
        process_before_response=True,
        attaching_conversation_kwargs_enabled=False,
    )
    app.event("app_mention")(lambda: None)
    with until_stopped() as stop, kept() as objects:
        ours = replace(bot, app=app)
        run_http(ours, SECRET, stop, port=0, ready=say, grace=10, mark=objects.renew)


if __name__ == "__main__":
    main(*sys.argv[1:])
