"""The databases of the tests of records/, for tests of knowledge/ that need them."""

from tests.records.conftest import db, postgres, postgres_tables, sqlite, template, url

__all__ = ["db", "postgres", "postgres_tables", "sqlite", "template", "url"]
