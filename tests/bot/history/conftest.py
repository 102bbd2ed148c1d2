from collections.abc import Iterator

import pytest

from tests.bot.history.channel import Channel
from tests.slack_double import slack_double


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Iterator[Channel]:
    # Slack's client adds up to a second to each wait.
    monkeypatch.setattr("random.random", lambda: 0.0)
    with slack_double() as double:
        yield Channel(double)
