"""docs/watching.md agrees with what the program offers."""

import re
from pathlib import Path

from bot.metrics import _KINDS
from domain.questions import AnswerKind
from tests.figures import offered

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "watching.md").read_text(encoding="utf-8")
NAME = re.compile(r"[a-z][a-z0-9]*[:_][a-z0-9_]*[a-z0-9]")


def test_the_table_has_every_metric_with_its_kind_labels_and_meaning() -> None:
    row = r"^\| `([a-z0-9_:]+)` \| \w+ \| (\w+) \| (.*?) \| (.*) \|$"
    rows = re.findall(row, PAGE, re.MULTILINE)
    told = {
        name: (kind, tuple(re.findall(r"`(\w+)`", labels)), says)
        for name, kind, labels, says in rows
    }
    assert told == {
        f"{name}_total" if one.kind == "counter" else name: (one.kind, one.labels, one.says)
        for name, one in offered().items()
    }


def test_names_follow_prometheus_rules() -> None:
    for name, one in offered().items():
        assert NAME.fullmatch(name), name
        assert name.startswith(("phi3_", "phi3:", "vllm:")), name
        # A unit is a base unit and stands at the end; ``_total`` is added to counters.
        assert not re.search(r"_(total|ms|milliseconds|minutes|count|sum|bucket)$", name), name
        if one.kind == "histogram":
            assert name.endswith("_seconds"), name
        assert one.says.endswith("."), name
        assert not set(one.labels) & {"person", "user", "channel", "team", "ref", "id"}, name


def test_outcomes_of_questions_are_explained() -> None:
    [line] = re.findall(r"^- \*\*Outcomes of questions\*\*(?:.|\n  )*", PAGE, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", line)) == {*AnswerKind, "failed", "not_admitted"}


def test_every_event_that_the_bot_listens_to_has_a_kind_of_its_own() -> None:
    from bot.slack.manifest import manifest

    wanted = set(manifest()["settings"]["event_subscriptions"]["bot_events"])
    kinds = {each.split(".")[0] for each in wanted}
    assert kinds <= _KINDS, kinds - _KINDS
