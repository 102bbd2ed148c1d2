"""The databases that tests of records/ run on, for what knowledge/ keeps in them."""

from tests.records.conftest import db, postgres, postgres_tables, sqlite, template, url

__all__ = ["db", "postgres", "postgres_tables", "sqlite", "template", "url"]
