from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.house import House, http_house
from tests.slack_double import SlackDouble, slack_double


@pytest.fixture
def slack() -> Iterator[SlackDouble]:
    with slack_double() as double:
        yield double


@pytest.fixture
def house(slack: SlackDouble, tmp_path: Path) -> Iterator[House]:
    with http_house(slack, tmp_path) as house:
        yield house
