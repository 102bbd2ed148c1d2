"""What the bot reads and writes in the database."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.admission import Quota
from records.answers import Answers
from records.asked_again import AskedAgain
from records.cards import Cards
from records.channels import Channels
from records.consent import Consent
from records.database import Database
from records.grants import Grants
from records.jobs import Jobs
from records.questions import Questions
from records.quotas import Quotas
from records.ratings import Ratings
from records.readable import ReadableSources
from records.sources import Sources
from records.waiting import Waiting
from records.weeks import Weeks


@dataclass(frozen=True, slots=True)
class BotRecords:
    questions: Questions
    answers: Answers
    ratings: Ratings
    asked_again: AskedAgain
    sources: Sources
    readable: ReadableSources
    channels: Channels
    cards: Cards
    consent: Consent
    grants: Grants
    jobs: Jobs
    quotas: Quotas
    waiting: Waiting
    weeks: Weeks

    @classmethod
    def of(cls, database: Database, quotas: Sequence[Quota]) -> "BotRecords":
        return cls(
            Questions(database),
            Answers(database),
            Ratings(database),
            AskedAgain(database),
            Sources(database),
            ReadableSources(database),
            Channels(database),
            Cards(database),
            Consent(database),
            Grants(database),
            Jobs(database),
            Quotas(database, quotas),
            Waiting(database),
            Weeks(database),
        )
