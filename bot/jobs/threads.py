"""The threads of a bot: which work waits for which other work, and which never does."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.jobs.workers import Workers
from bot.slack.arrivals import Arrivals
from domain.jobs import JobKind


@dataclass(frozen=True, slots=True)
class Threads:
    """Threads for work that is no job: what people see first never waits behind what takes longer.

    ``signs`` show that a question was seen, ``forms`` open forms, ``homes`` show Home tabs,
    ``thanks`` tell people what became of a press, ``checks`` look whether a rating counts, and
    ``looks`` look into what is to be read.
    """

    arrivals: Arrivals
    signs: Workers
    forms: Workers
    homes: Workers
    thanks: Workers
    checks: Workers
    looks: Workers

    @classmethod
    def start(cls) -> "Threads":
        arrivals = Arrivals()
        return cls(
            arrivals,
            # A first sign takes as long as Slack needs to answer, so many are shown together.
            signs=Workers("sign", 32, arrivals.let_pass),
            forms=Workers("form", 4),
            # For an admin's tab Slack is asked about many places; a form must open in 3 seconds.
            homes=Workers("home", 2),
            thanks=Workers("thanks", 4),
            checks=Workers("check", 4),
            looks=Workers("look", 1),
        )

    def let_pass(self) -> None:
        """Waits for requests that are being handled and for signs, but not for long."""
        self.arrivals.let_pass()
        self.signs.let_begin()

    def around(self, of_jobs: tuple[Workers, ...]) -> tuple[Workers, ...]:
        """All workers in the order in which they are closed: signs give jobs to those of jobs."""
        return (self.signs, *of_jobs, self.looks, self.forms, self.homes, self.checks, self.thanks)


def pools(threads: Threads, answers_at_once: int) -> Mapping[JobKind, Workers]:
    """The threads for each kind of job."""
    return {
        JobKind.QUESTION: Workers("answer", answers_at_once, threads.let_pass),
        JobKind.SOURCE: Workers("ingest", 2),
        # A collection may take hours, so that nothing else waits for these.
        JobKind.COLLECTION: Workers("collection", 2),
        JobKind.AGAIN: Workers("again", 1),
        JobKind.FORGET: Workers("forget", 1),
        JobKind.DIGEST: Workers("digest", 1),
        JobKind.GAP: Workers("gap", 1),
        JobKind.CARD: Workers("card", 2),
        JobKind.ADAPTER: Workers("adapter", 1),
        JobKind.REPORT: Workers("report", 1),
        JobKind.RETRY: Workers("retry", 1),
        JobKind.NOTICE: Workers("notice", 1),
        JobKind.OWNER: Workers("owner", 1),
    }
