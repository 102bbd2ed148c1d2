from collections.abc import Iterator

import pytest

from tests.bot.history.channel import Channel
from tests.slack_double import slack_double


@pytest.fixture
def channel() -> Iterator[Channel]:
    with slack_double() as double:
        yield Channel(double)
