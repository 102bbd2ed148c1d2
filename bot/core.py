"""What all parts of one workspace's bot use."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.history.names import Names
from bot.jobs.leases import Leases
from bot.jobs.runner import Runner
from bot.jobs.threads import Threads, pools
from bot.listening.telling import Telling
from bot.ratings.readers import Readers
from bot.records import BotRecords
from bot.slack.client import Me, SlackClient
from bot.slack.conversations import Conversations
from bot.slack.people import People

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Core:
    slack: SlackClient
    me: Me
    conversations: Conversations
    people: People
    names: Names
    """For work for which nobody waits: it waits while Slack is busy."""
    brisk_names: Names
    """The same for answers and forms, which do not wait for a name."""
    readers: Readers
    records: BotRecords
    threads: Threads
    leases: Leases
    runner: Runner
    soon: Callable[[], None]
    """Does the due jobs, in a thread of its own."""
    telling: Telling


def open_core(
    slack: SlackClient,
    records: BotRecords,
    *,
    admins: frozenset[str],
    answers_at_once: int,
    lease: timedelta,
) -> Core:
    """Asks Slack who the bot is. Raises ConfigError for a wrong token, and MessengerUnavailable."""
    me = slack.me()
    conversations = Conversations(slack.conversation, me.team)
    people = People(slack.person, me, admins)
    threads = Threads.start()
    leases = Leases(records.jobs, lease)
    runner = Runner(records.jobs, leases, me.team, pools(threads, answers_at_once))

    def soon() -> None:
        threads.signs.submit(runner.resume, _taken_later)

    return Core(
        slack,
        me,
        conversations,
        people,
        Names(slack.profile),
        Names(slack.person),
        Readers(people, conversations, slack.members),
        records,
        threads,
        leases,
        runner,
        soon,
        Telling(slack, threads.thanks),
    )


def _taken_later(error: Exception) -> None:
    log.warning("Work waits until the queue is asked again: %s", error)
