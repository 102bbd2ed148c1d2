"""Opens a LanceDB table in a folder, creates it, or brings one of an earlier version up to date."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from filelock import FileLock

from domain.errors import IndexMismatch, IndexUnavailable
from knowledge.index import contents, lance_upgrade
from knowledge.index.contents import Contents
from knowledge.index.lance_library import FTS, lancedb
from knowledge.index.lance_rows import MODEL

# LanceDB raises built-in exceptions for errors from Rust; its own classes derive from these too.
VENDOR_ERRORS = (RuntimeError, ValueError, OSError, KeyError, NotImplementedError, sqlite3.Error)

_WAIT = 600.0  # seconds for another process that opens it


def open_table(folder: Path, name: str, schema: pa.Schema) -> tuple[Any, Contents]:
    """The table ``name`` and its contents; they are created if they are missing. The folder too.

    Raises IndexUnavailable, and IndexMismatch if another embedding model built it.
    """
    with translated(folder):
        folder.mkdir(parents=True, exist_ok=True)
        # One process at a time: it may have to write an earlier version's table anew.
        with FileLock(folder / f"{name}.lock", timeout=_WAIT):
            return _opened(folder, name, schema)


def contents_of(folder: Path, name: str) -> Path:
    """The file with the contents of the table ``name``."""
    return folder / f"{name}.chunks"


def _opened(folder: Path, name: str, schema: pa.Schema) -> tuple[Any, Contents]:
    file = contents_of(folder, name)
    lance_upgrade.finish(folder, name)
    # Zero: each read looks for the newest version, since another process may have written.
    database = lancedb.connect(folder, read_consistency_interval=timedelta(0))
    if not (folder / f"{name}.lance").exists():
        contents.delete(file)
        table = database.create_table(name, schema=schema)
    else:
        table = database.open_table(name)
        _refuse_other_model(table, schema, folder)
        if lance_upgrade.is_earlier(table):
            lance_upgrade.upgrade(database, table, folder, schema, file)
            table = database.open_table(name)
    if not file.exists() and table.count_rows():
        raise FileNotFoundError(f"{file.name} is missing")
    if not table.list_indices():
        index_words(table)
    return table, Contents(file)


def index_words(table: Any) -> None:
    """Builds the index of words anew."""
    config = FTS(
        base_tokenizer="whitespace", stem=False, remove_stop_words=False, ascii_folding=False
    )
    table.create_index("words", config=config)


@contextmanager
def translated(folder: Path) -> Iterator[None]:
    """Raises IndexUnavailable for each error of LanceDB and SQLite."""
    try:
        yield
    except VENDOR_ERRORS as e:
        reason = (str(e).splitlines() or [type(e).__name__])[0][:200]
        raise IndexUnavailable(
            "The index cannot be used: repair its folder, or move it away and ingest again.",
            f"{folder}: {reason}",
        ) from e


def _refuse_other_model(table: Any, wanted: pa.Schema, folder: Path) -> None:
    found: pa.Schema = table.schema
    built_by, model = (_model(schema) for schema in (found, wanted))
    if built_by != model or found.field("vector").type != wanted.field("vector").type:
        raise IndexMismatch(
            "The index was built with another embedding model: set PHI3_EMBEDDER back, run "
            "`phi3 doctor`, then set the new one and run `phi3 sources reindex`. Or move "
            "its folder away and ingest again.",
            f"{folder}: built with {built_by}, not with {model}",
        )


def _model(schema: pa.Schema) -> str:
    return str((schema.metadata or {}).get(MODEL, b"?").decode())
