"""Keeps a LanceDB table fast: builds its indexes where they pay, and merges its small files.

All of it is done beside the writing of documents, never by it. Rows that came since are searched
one by one until the next time, so that nothing is missing meanwhile. Each step is one commit: if
the process is killed, or another one has written at the same time, the next call goes on.
"""

import logging
import warnings
from collections.abc import Iterator
from datetime import timedelta
from math import log2
from typing import Any

from knowledge.index import memory
from knowledge.index.contents import Contents
from knowledge.index.lance_library import BTree, IvfSq, LabelList
from knowledge.index.lance_table import VENDOR_ERRORS, index_words

_log = logging.getLogger(__name__)

INDEXED = 10_000
"""Below so many rows, comparing all of them is as fast."""

_VECTOR = "vector_in_"  # then the number of partitions, which says for how many rows it was built
_NEW_ROWS = 5_000  # more that are in no index are felt
_PAGE = 10_000
_SMALL_FILES = 24
_SURPLUS, _SMALL_SURPLUS = 1.1, 20  # of chunks that no row names
_KEEP_OLD_VERSIONS = timedelta(hours=1)
_SAMPLE = 64  # vectors that each partition's centre is computed from


def tidy(table: Any, contents: Contents) -> None:
    """Builds what is missing, takes new rows into the indexes, and deletes what is not needed.

    It may rewrite the whole table, so it does nothing while little is new.
    """
    try:
        if _is_new_enough(table):
            table.optimize(cleanup_older_than=_KEEP_OLD_VERSIONS)
            memory.give_back()
        if contents.count() > table.count_rows() * _SURPLUS + _SMALL_SURPLUS:
            contents.remove_others(_numbers(table))
        if table.count_rows() >= INDEXED:
            _build_missing(table)
    except VENDOR_ERRORS as e:
        _log.warning("The index was not tidied this time: %s", e)


def rewrite(table: Any, contents: Contents) -> None:
    """Writes all files anew, so that nothing of deleted rows stays on the disk.

    A search that another process does at this moment may fail.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it warns about other processes
        table.update(values_sql={"written": "written"})
        for index in table.list_indices():
            if index.columns != ["words"]:
                table.drop_index(index.name)
        index_words(table)
        table.optimize(cleanup_older_than=timedelta(0), delete_unverified=True)
    tidy(table, contents)


def has_vector_index(table: Any) -> bool:
    return any(index.columns == ["vector"] for index in table.list_indices())


def _is_new_enough(table: Any) -> bool:
    """Whether enough has changed since the last time."""
    if table.stats()["fragment_stats"]["num_fragments"] > _SMALL_FILES:
        return True
    new = (index.num_unindexed_rows for index in table.list_indices())
    return any(rows > _NEW_ROWS for rows in new)


def _build_missing(table: Any) -> None:
    columns = {column for index in table.list_indices() for column in index.columns}
    if "audience" not in columns:
        table.create_index("audience", config=LabelList())
    if "document" not in columns:
        table.create_index("document", config=BTree())
    _build_vectors(table)


def _build_vectors(table: Any) -> None:
    """Builds the vector index, and again when there are four times as many rows."""
    wanted = 2 ** round(log2(table.count_rows()) / 2)
    built = [index.name for index in table.list_indices() if index.columns == ["vector"]]
    if max((_partitions(name) for name in built), default=0) < wanted:
        config = IvfSq(distance_type="cosine", num_partitions=wanted, sample_rate=_SAMPLE)
        table.create_index("vector", config=config, name=f"{_VECTOR}{wanted}")
        memory.give_back()
        built.append(f"{_VECTOR}{wanted}")
    for name in sorted(built, key=_partitions)[:-1]:
        table.drop_index(name)


def _partitions(name: str) -> int:
    number = name.removeprefix(_VECTOR)
    return int(number) if number.isdigit() else 0


def _numbers(table: Any) -> Iterator[int]:
    for page in table.search().select(["number"]).limit(None).to_batches(_PAGE):
        yield from page.column("number").to_pylist()
