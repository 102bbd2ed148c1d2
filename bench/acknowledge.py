"""The time from event to acknowledgement: 50 signed mentions at once, with the bot in HTTP mode."""

import subprocess
import sys
from pathlib import Path
from statistics import median, quantiles

import migrations
from bench import Figure
from records.database import url_of
from tests.bot.sender import Sender, acknowledgements
from tests.payloads import mention
from tests.slack_double import SECRET, slack_double

_AT_ONCE = 50
_BURSTS = 4


def measure(folder: Path) -> list[Figure]:
    file = folder / "bench.db"
    migrations.upgrade(url_of(file))
    with slack_double() as slack:
        command = [sys.executable, "-m", "tests.bot.victim", slack.url, str(file), "0.05"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as bot:
            assert bot.stdout
            send = Sender(int(bot.stdout.readline()), SECRET)
            alone = [send.event(mention(10_000 + n)).seconds for n in range(20)]
            burst = [
                done.seconds
                for n in range(_BURSTS)
                for done in acknowledgements(
                    send, [mention(n * _AT_ONCE + each) for each in range(_AT_ONCE)]
                )
            ]
            bot.terminate()
    return [
        Figure(
            f"acknowledgement, {_AT_ONCE} mentions at once",
            f"p50 {median(burst) * 1000:.0f} ms",
            f"one alone: {median(alone) * 1000:.0f} ms",
            f"p99 {quantiles(burst, n=100)[-1] * 1000:.0f} ms",
            "p99 under 200 ms",
        )
    ]
