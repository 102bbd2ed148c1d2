"""An audit that could not be made is not taken for one that found nothing."""

import json

import pytest

from tools.audit import verdict

WEAK = {"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
SOUND = {"name": "b", "version": "2", "vulns": []}
UNKNOWN = {"name": "c", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize(
    ("rows", "status", "told"),
    [
        ([SOUND], 0, "1 of 1 packages audited, 0 weaknesses known."),
        ([SOUND, UNKNOWN], 0, "1 of 2 packages audited, 0 weaknesses known."),
        (
            [SOUND, WEAK],
            1,
            "a 1: PYSEC-1, mended in 1.1\n2 of 2 packages audited, 1 weaknesses known.",
        ),
        ([UNKNOWN, UNKNOWN], 0, "NOT AUDITED: no advisories here for any of 2 packages."),
    ],
)
def test_only_known_weaknesses_fail(rows: list[object], status: int, told: str) -> None:
    assert verdict(json.dumps({"dependencies": rows, "fixes": []})) == (status, told)


def test_an_index_that_does_not_answer_is_told() -> None:
    told = "NOT AUDITED: the advisories cannot be reached here. ERROR: no connection"
    assert verdict("", "WARNING: slow\nERROR: no connection\n") == (0, told)
