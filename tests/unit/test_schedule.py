from datetime import UTC, datetime

import pytest

from ingest.errors import SettingsError
from ingest.schedule import check_schedules, due
from ingest.settings import SourceSettings


def source(schedule: str | None = "0 2 * * *", timezone: str = "UTC") -> SourceSettings:
    return SourceSettings.model_validate(
        {"folder": "/help", "schedule": schedule, "timezone": timezone}
    )


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def test_a_source_is_due_once_a_night() -> None:
    assert not due(source(), at(9, 2), at(9, 23))
    assert due(source(), at(9, 2), at(10, 2, 1))
    assert not due(source(), at(10, 2, 1), at(10, 2, 2))


@pytest.mark.parametrize("now", [at(10, 2, 1), at(10, 17), at(14, 1)])
def test_a_missed_night_is_made_up_for_however_late(now: datetime) -> None:
    assert due(source(), at(9, 2), now)
    assert not due(source(), now, now)


def test_the_time_is_the_desks_own_through_the_change_of_clocks() -> None:
    berlin = source(timezone="Europe/Berlin")
    # Two o'clock there is one o'clock UTC in winter and midnight UTC in summer.
    assert not due(berlin, at(9, 23), at(10, 0, 59))
    assert due(berlin, at(9, 23), at(10, 1, 1))
    assert due(berlin, at(1, 23, month=7), at(2, 0, 1, month=7))
    # On 29 March 2026 there is no two o'clock in Berlin; the night is not left out for that.
    assert due(berlin, at(28, 12), at(29, 12))


def test_without_a_schedule_it_is_never_due_and_a_new_source_is_at_once() -> None:
    assert not due(source(None), None, at(9, 2))
    assert due(source(), None, at(9, 12))


def test_every_schedule_that_is_none_is_named() -> None:
    sources = {"good": source(), "bad": source("at two"), "worse": source("99 2 * * *")}
    with pytest.raises(SettingsError) as caught:
        check_schedules(sources)
    assert [line.split(": ")[1] for line in str(caught.value).splitlines()] == [
        "sources.bad.schedule",
        "sources.worse.schedule",
    ]
