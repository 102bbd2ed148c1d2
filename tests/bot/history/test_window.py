from datetime import UTC, date, datetime, timedelta

import pytest

from bot.history.window import Listed, Window, listed

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
RECENT = Window(first=date(2026, 11, 24))


def test_whole_history_is_listed_first_and_once_a_day() -> None:
    assert Listed().windows(NOW) == [Window()]
    after = Listed().after(Window(), None, NOW)
    assert after.windows(NOW + timedelta(hours=23))[0].first
    assert after.windows(NOW + timedelta(days=1)) == [Window()]


def test_listing_that_stopped_goes_on_with_that_day() -> None:
    after = Listed().after(Window(), date(2026, 11, 1), NOW)
    rest = Window(last=date(2026, 11, 1))
    assert after.windows(NOW) == [RECENT, rest]
    again = after.after(rest, date(2026, 10, 1), NOW)
    assert again.windows(NOW) == [RECENT, Window(last=date(2026, 10, 1))]
    ended = again.after(Window(last=date(2026, 10, 1)), None, NOW)
    assert ended.windows(NOW) == [RECENT]


@pytest.mark.parametrize("cursor", ["", "{}", "[]", "null", '{"began": 1, "next_day": 2}', "\0"])
def test_cursor_that_cannot_be_read_begins_anew(cursor: str) -> None:
    assert listed(cursor) == Listed()


def test_cursor_keeps_everything() -> None:
    kept = Listed(NOW, date(2026, 1, 2))
    assert listed(str(kept)) == kept
    assert listed(str(Listed(NOW))) == Listed(NOW)
