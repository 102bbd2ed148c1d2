"""Opens a LanceDB table in a folder, creates it, or brings one of an earlier version up to date."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from domain.errors import IndexMismatch, IndexUnavailable
from knowledge.index.lance_library import FTS, lancedb
from knowledge.index.lance_rows import EMPTY, MODEL

# LanceDB raises built-in exceptions for errors from Rust; its own classes derive from these too.
VENDOR_ERRORS = (RuntimeError, ValueError, OSError, KeyError, NotImplementedError, sqlite3.Error)


def open_table(folder: Path, name: str, schema: pa.Schema) -> Any:
    """The table ``name``; it is created if it is missing. The folder too.

    Raises IndexUnavailable, and IndexMismatch if another embedding model built it.
    """
    with translated(folder):
        folder.mkdir(parents=True, exist_ok=True)
        # Zero: each read looks for the newest version, since another process may have written.
        database = lancedb.connect(folder, read_consistency_interval=timedelta(0))
        table = (
            database.open_table(name)
            if (folder / f"{name}.lance").exists()
            else database.create_table(name, schema=schema, exist_ok=True)
        )
        _refuse_other_model(table, schema, folder)
        _add_columns(table)
        if not table.list_indices():
            index_words(table)
        return table


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


def _add_columns(table: Any) -> None:
    """Changes a table of an earlier version, whose documents were named by their sources."""
    while missing := _missing(table):
        try:
            if "source" in table.schema.names:
                table.alter_columns({"path": "source", "rename": "document"})
            else:
                table.add_columns({name: EMPTY[name] for name in missing})
        except VENDOR_ERRORS:
            # Another process may have changed it just now.
            if _missing(table) == missing:
                raise


def _missing(table: Any) -> list[str]:
    known = table.schema.names
    return [name for name in ("document", *EMPTY) if name not in known]


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
