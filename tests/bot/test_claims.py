from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from bot.jobs.claims import Claims
from bot.jobs.leases import Leases
from domain.channels import ChannelSettings
from domain.errors import AlreadyAsked, DatabaseUnavailable
from domain.jobs import Hold
from domain.questions import Audience, Question
from records.database import Database
from records.jobs import Jobs
from records.questions import Claim, Questions
from tests.bot.running_bot import RunningBot
from tests.payloads import mention
from tests.records.makers import question_job


def question(n: int) -> Question:
    name = f"slack:T1:C1:{n}.0"
    return Question(name, "How?", "U1", datetime.now(UTC), Audience.everyone(), thread=name)


def chosen(channels: Collection[str]) -> Mapping[str, ChannelSettings]:
    return {channel: ChannelSettings(wishes="Be brief.") for channel in channels if channel == "C1"}


def outcome(claims: Claims, n: int) -> str:
    try:
        claims.claim(question(n), question_job(question(n)))
    except AlreadyAsked:
        return "asked before"
    except DatabaseUnavailable:
        return "not kept"
    return "taken"


def test_only_one_of_many_simultaneous_claims_gets_the_question(database: Database) -> None:
    claims = Claims(Questions(database), Leases(Jobs(database)), chosen, lambda: 0)
    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(lambda n: outcome(claims, n % 5), range(60)))

    assert outcomes.count("taken") == 5
    assert outcomes.count("asked before") == 55
    assert [each.rules.wishes for each in Questions(database).unfinished()] == ["Be brief."] * 5


def test_claim_that_could_not_be_stored_is_not_acknowledged(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions, troubles = Questions(database), ["locked"] * 3
    claims = Claims(questions, Leases(Jobs(database)), chosen, lambda: 0)
    kept = questions.claim

    def now_and_then(wanted: Sequence[Claim], hold: Hold) -> Mapping[str, int]:
        if troubles:
            raise DatabaseUnavailable(troubles.pop())
        return kept(wanted, hold)

    monkeypatch.setattr(questions, "claim", now_and_then)
    with ThreadPoolExecutor(10) as pool:
        outcomes = list(pool.map(lambda n: outcome(claims, n), range(10)))

    assert outcomes.count("not kept") == 3
    assert outcomes.count("taken") == len(questions.unfinished()) == 7


def test_claims_of_events_that_arrive_together_are_one_transaction(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.jobs.claims._LOOKS", 10_000)
    questions, together = Questions(database), list[int]()
    claims = Claims(questions, Leases(Jobs(database)), chosen, lambda: 10)
    kept = questions.claim

    def counted(wanted: Sequence[Claim], hold: Hold) -> Mapping[str, int]:
        together.append(len(wanted))
        return kept(wanted, hold)

    monkeypatch.setattr(questions, "claim", counted)
    with ThreadPoolExecutor(10) as pool:
        outcomes = list(pool.map(lambda n: outcome(claims, n), range(10)))

    assert outcomes == ["taken"] * 10
    assert together == [10]


def test_event_of_socket_mode_is_stored_before_what_other_threads_write(
    running: RunningBot,
) -> None:
    body, turns, found = mention(), running.database._turns, list[Question | None]()

    def write() -> None:
        with running.database.session():
            found.append(running.questions.find(f"slack:T1:C1:{body['event']['ts']}"))

    assert turns
    assert turns.acquire(60)
    with ThreadPoolExecutor(2) as pool:
        written = pool.submit(write)
        running.slack.wait_for(lambda: turns._waiting)
        received = pool.submit(running.receive, body)
        running.slack.wait_for(lambda: turns._hurried)
        turns.release()
        assert received.result(60)
        written.result(60)
    assert found != [None]
    running.answered()
