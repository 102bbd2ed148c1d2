"""What became of each question, by what stands in Slack at the end; SQL must agree with that."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from bench.soak.journal import Line
from domain.questions import answer_id_of
from records.database import Database
from records.tables import NOT_DONE, answers, jobs, rating_inputs
from tests.slack_double import TEAM, SlackMessage

_THUMBS = "context_actions"
_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Became:
    """``answers`` are whole, with buttons to rate; ``explained`` say what went wrong."""

    answers: int = 0
    explained: int = 0
    unfinished: int = 0

    @property
    def outcome(self) -> str:
        if self.answers + self.explained > 1 or (self.unfinished and self.answers):
            return "doubled"
        if self.answers:
            return "answered"
        return "explained" if self.explained else "lost"


def answer_of(asked: Line) -> str:
    """The id of the answer to a question of the journal."""
    return answer_id_of(f"slack:{TEAM}:{asked['channel']}:{asked['ts']}")


def is_whole(message: SlackMessage) -> bool:
    """Whether a message shows all of an answer: then it can be rated."""
    return not message.streaming and any(one["type"] == _THUMBS for one in message.blocks)


def mark_of(message: SlackMessage) -> str:
    """The id of the answer that a message shows, or is to show; empty if it has none."""
    return str(((message.metadata or {}).get("event_payload") or {}).get("id", ""))


def became(asked: Iterable[Line], messages: Iterable[SlackMessage]) -> dict[str, Became]:
    """What became of each question, by its answer's id.

    A message without a mark, such as a stream that was never finished, belongs to a question of its
    thread that has nothing else.
    """
    by_mark: dict[str, list[SlackMessage]] = defaultdict(list)
    unmarked: dict[tuple[str, str], list[SlackMessage]] = defaultdict(list)
    whispers: dict[tuple[str, str], list[SlackMessage]] = defaultdict(list)
    for message in messages:
        place = message.channel, message.thread
        if message.only_for:
            whispers[place].append(message)
        elif mark := mark_of(message):
            by_mark[mark].append(message)
        else:
            unmarked[place].append(message)
    found = {}
    for line in asked:
        answer = answer_of(line)
        place = line["channel"], line["thread"] or line["ts"]
        shown = by_mark[answer]
        told = [one for one in whispers[place] if one.only_for == line["person"]]
        whole = [one for one in shown if is_whole(one)]
        said = [one for one in shown if one not in whole and answer in one.words]
        stray = unmarked[place] if not line["thread"] else []
        explained = [one for one in stray if answer in one.words]
        found[answer] = Became(
            len(whole),
            len(said) + len(explained) + (0 if whole or said or explained else min(len(told), 1)),
            len(shown) - len(whole) - len(said) + len(stray) - len(explained),
        )
    return found


def audit(lines: list[Line], messages: list[SlackMessage], database: Database) -> dict[str, Any]:
    """The figures of all questions and ratings of a run."""
    asked = [line for line in lines if line["what"] == "asked"]
    found = became(asked, messages)
    outcomes = Counter(one.outcome for one in found.values())
    return {
        "asked": len(asked),
        **{name: outcomes[name] for name in ("answered", "explained", "lost", "doubled")},
        "examples": {
            name: [answer for answer, one in found.items() if one.outcome == name][:_EXAMPLES]
            for name in ("explained", "lost", "doubled")
        },
        **_sql(found, database),
        **_ratings(lines, messages, database),
    }


def _sql(found: Mapping[str, Became], database: Database) -> dict[str, Any]:
    by_kind = select(answers.c.kind, func.count()).group_by(answers.c.kind)
    by_state = select(jobs.c.kind, jobs.c.state, func.count()).where(NOT_DONE)
    with database.reading() as connection:
        kept = set(connection.execute(select(answers.c.id)).scalars())
        kinds = connection.execute(by_kind).all()
        waiting = connection.execute(by_state.group_by(jobs.c.kind, jobs.c.state)).all()
    shown = {answer for answer, one in found.items() if one.answers}
    return {
        "answers by kind": {str(kind): int(number) for kind, number in kinds},
        "shown but not in SQL": len(shown - kept),
        "in SQL but not shown": len(kept - shown),
        "open jobs": {f"{kind} {state}": int(number) for kind, state, number in waiting},
    }


def _ratings(lines: list[Line], messages: list[SlackMessage], database: Database) -> dict[str, int]:
    """A thumb that Slack got an acknowledgement for must be kept, or its person be told."""
    acknowledged = {line["key"] for line in lines if line["what"] == "acknowledged"}
    given = {
        (line["answer"], line["person"]): line["verdict"]
        for line in lines
        if line["what"] == "rated" and line["key"] in acknowledged
    }
    query = select(rating_inputs.c.answer_id, rating_inputs.c.by, rating_inputs.c.verdict)
    with database.reading() as connection:
        kept = {(answer, by): verdict for answer, by, verdict in connection.execute(query)}
    missing = [key for key, verdict in given.items() if kept.get(key) != verdict]
    told: dict[str, str] = defaultdict(str)
    for message in messages:
        told[message.only_for] += message.words
    explained = sum(answer in told[person] for answer, person in missing)
    return {
        "thumbs": sum(line["what"] == "rated" for line in lines),
        "thumbs acknowledged": len(given),
        "thumbs explained": explained,
        "thumbs lost": len(missing) - explained,
    }
