"""The benchmark of the server against the bare manager."""

from pathlib import Path

import pytest

from domain.questions import Message
from serving.models import ModelFiles


@pytest.mark.slow
def test_both_are_measured_at_each_number_of_streams(tiny: Path) -> None:
    from bench.server import compare

    prompts = [(Message("user", f"How many days in month {n}?"),) for n in range(4)]

    speeds = compare(ModelFiles("tiny", str(tiny)), prompts, streams=(1, 4), max_tokens=8, rounds=1)

    assert [speed.streams for speed in speeds] == [1, 4]
    assert all(speed.bare > 0 and speed.server > 0 and speed.first_token > 0 for speed in speeds)
