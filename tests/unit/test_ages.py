"""How long ago something was, as people say it."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.ages import age

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (-1, "today"),
        (0, "today"),
        (1, "yesterday"),
        (12, "12 days ago"),
        (30, "1 month ago"),
        (300, "10 months ago"),
        (800, "2 years ago"),
    ],
)
def test_ages_read_as_people_say_them(days: int, said: str) -> None:
    assert age(NOW - timedelta(days=days), NOW) == said
