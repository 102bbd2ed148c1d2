"""The workspaces of questions, which their ids begin with; others have none."""

from sqlalchemy import ColumnElement, Connection, select

from records.tables import questions

_SLACK, _AFTER_SLACK = "slack:", "slack;"


def teams_of_questions(connection: Connection) -> list[str]:
    """All of them; empty for the terminal and the console.

    It needs only one index look-up for each team, however many questions there are.
    """
    found, after = set[str](), _SLACK
    before = _first_from(connection, "")
    last = _first_from(connection, _AFTER_SLACK)
    if last is not None or (before is not None and not before.startswith(_SLACK)):
        found.add("")
    while name := _first_from(connection, after, _AFTER_SLACK):
        found.add(_team_of(name))
        after = f"{_SLACK}{_team_of(name)};"  # it follows all that begins with the team
    return sorted(found)


def of_team(team: str) -> ColumnElement[bool]:
    if team:
        return questions.c.id.startswith(f"{_SLACK}{team}:", autoescape=True)
    return ~questions.c.id.startswith(_SLACK, autoescape=True)


def _first_from(connection: Connection, name: str, end: str = "") -> str | None:
    """The first id of a question from ``name`` on, and before ``end``."""
    ids = questions.c.id
    query = select(ids).where(ids >= name, *([ids < end] if end else []))
    return connection.execute(query.order_by(ids).limit(1)).scalar()


def _team_of(question_id: str) -> str:
    return question_id.split(":")[1] if question_id.startswith(_SLACK) else ""
