"""The words of the documents: questions with a misspelt word are corrected by them."""

from collections.abc import Collection, Iterator, Mapping
from itertools import islice

from sqlalchemy import Connection, bindparam, delete, literal, select

from records.database import Database
from records.grants import AT_ONCE
from records.rows import insert
from records.tables import words

# Made once, for that takes as long as to run it.
_KNOWN = select(words.c.word).where(words.c.word.in_(bindparam("names", expanding=True)))


class Words:
    """Implements domain's Words. Every method raises DatabaseUnavailable."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def known_words(self, wanted: Collection[str]) -> frozenset[str]:
        names = sorted(wanted)
        found: set[str] = set()
        with self._db.reading() as connection:
            for start in range(0, len(names), AT_ONCE):
                found.update(connection.scalars(_KNOWN, {"names": names[start : start + AT_ONCE]}))
        return frozenset(found)

    def words_like(self, first: str, shortest: int, longest: int) -> dict[str, int]:
        query = select(words.c.word, words.c.passages).where(
            words.c.first == first, words.c.length.between(shortest, longest)
        )
        with self._db.reading() as connection:
            return {row.word: row.passages for row in connection.execute(query)}

    def has_words(self) -> bool:
        with self._db.reading() as connection:
            return connection.scalar(select(literal(1)).select_from(words).limit(1)) is not None

    def all_words(self) -> dict[str, int]:
        with self._db.reading() as connection:
            rows = connection.execute(select(words.c.word, words.c.passages))
            return {row.word: row.passages for row in rows}

    def add_words(self, passages: Mapping[str, int]) -> None:
        with self._db.session() as connection:
            _add(connection, passages)

    def set_words(self, passages: Mapping[str, int], before: Mapping[str, int]) -> None:
        changes = {
            word: now - before.get(word, 0)
            for word, now in passages.items()
            if now != before.get(word, 0)
        }
        changes |= {word: -known for word, known in before.items() if word not in passages}
        with self._db.session() as connection:
            _add(connection, changes)
            connection.execute(delete(words).where(words.c.passages <= 0))


def _add(connection: Connection, passages: Mapping[str, int]) -> None:
    # In one order, so that two processes do not wait for each other.
    changed = iter(sorted(passages.items()))
    while batch := list(islice(_rows(changed), AT_ONCE)):
        new = insert(connection, words).values(batch)
        more = {"passages": words.c.passages + new.excluded.passages}
        connection.execute(new.on_conflict_do_update(index_elements=["word"], set_=more))


def _rows(passages: Iterator[tuple[str, int]]) -> Iterator[dict[str, object]]:
    for word, count in passages:
        yield {"word": word, "first": word[0], "length": len(word), "passages": count}
