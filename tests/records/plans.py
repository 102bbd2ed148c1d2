"""The databases' query plans."""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, event

from records.database import Database


def full_scans(db: Database, work: Callable[[Database], object]) -> dict[str, list[str]]:
    """The statements of ``work`` that read every row of a table, with the table."""
    asked: dict[str, Any] = {}

    def listen(*call: Any) -> None:
        if call[2].startswith(("SELECT", "UPDATE", "DELETE")) and not call[5]:
            asked.setdefault(call[2], call[3])

    event.listen(db._engine, "before_cursor_execute", listen)
    work(db)
    event.remove(db._engine, "before_cursor_execute", listen)
    assert asked
    look = _sqlite if db._engine.dialect.name == "sqlite" else _postgres
    with db.session() as connection:
        found = {statement: look(connection, statement, asked[statement]) for statement in asked}
    return {statement: tables for statement, tables in found.items() if tables}


def _sqlite(connection: Connection, statement: str, parameters: Any) -> list[str]:
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return [row[3] for row in rows if row[3].startswith("SCAN") and "INDEX" not in row[3]]


def _postgres(connection: Connection, statement: str, parameters: Any) -> list[str]:
    # Small tables are read whole unless that is forbidden; then it is done only for want of an
    # index.
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    [[plan]] = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
    plans = json.loads(plan) if isinstance(plan, str) else plan
    return _scanned(plans[0]["Plan"])


def _scanned(node: dict[str, Any]) -> list[str]:
    own = [node["Relation Name"]] if node["Node Type"] == "Seq Scan" else []
    return own + [table for child in node.get("Plans", ()) for table in _scanned(child)]
