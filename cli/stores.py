"""The database, and everything that is kept in it: each built once, when it is first needed."""

from contextlib import ExitStack
from functools import cached_property
from typing import Self

from cli.home import close_database
from cli.settings import Settings
from records.adapters import Adapters
from records.answers import Answers
from records.cards import Cards
from records.collections import Collections
from records.compared_nights import ComparedNights
from records.consent import Consent
from records.database import Database, file_of
from records.golden import GoldenQuestions
from records.grants import Grants
from records.installations import Installations
from records.jobs import Jobs
from records.night_rows import NightRows
from records.questions import Questions
from records.ratings import Ratings
from records.runs import Runs
from records.sources import Sources
from records.trials import Trials


class Stores:
    """Opens the database of these settings, and closes it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    @cached_property
    def database(self) -> Database:
        """The database. A new SQLite file gets its tables; one with older tables is refused."""
        url = self.settings.database
        file = file_of(url)
        if file and (not file.exists() or file.stat().st_size == 0):
            import migrations

            migrations.upgrade(url)
        if file:
            close_database(file)
        database = Database(url)
        self._closing.callback(database.close)
        database.check()
        return database

    @cached_property
    def questions(self) -> Questions:
        return Questions(self.database)

    @cached_property
    def answers(self) -> Answers:
        return Answers(self.database)

    @cached_property
    def ratings(self) -> Ratings:
        return Ratings(self.database)

    @cached_property
    def sources(self) -> Sources:
        return Sources(self.database)

    @cached_property
    def grants(self) -> Grants:
        return Grants(self.database)

    @cached_property
    def night_rows(self) -> NightRows:
        return NightRows(self.database)

    @cached_property
    def consent(self) -> Consent:
        return Consent(self.database)

    @cached_property
    def cards(self) -> Cards:
        return Cards(self.database)

    @cached_property
    def golden(self) -> GoldenQuestions:
        return GoldenQuestions(self.database)

    @cached_property
    def jobs(self) -> Jobs:
        return Jobs(self.database)

    @cached_property
    def collections(self) -> Collections:
        return Collections(self.database)

    @cached_property
    def adapters(self) -> Adapters:
        return Adapters(self.database)

    @cached_property
    def trials(self) -> Trials:
        return Trials(self.database)

    @cached_property
    def runs(self) -> Runs:
        return Runs(self.database)

    @cached_property
    def compared_nights(self) -> ComparedNights:
        return ComparedNights(self.database)

    @cached_property
    def installations(self) -> Installations:
        """The workspaces that installed the app. Raises ConfigError for a wrong key."""
        from records.token_cipher import TokenCipher

        keys = self.settings.token_key.get_secret_value().split(",")
        cipher = TokenCipher(*(key.strip() for key in keys if key.strip()))
        return Installations(self.database, cipher)
