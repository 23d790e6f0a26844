"""When a source is to be ingested: cron expressions in the desk's own time zone."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import croniter  # type: ignore[import-untyped]  # it ships no types

from ingest.errors import SettingsError
from ingest.settings import SourceSettings


def due(source: SourceSettings, last: datetime | None, now: datetime) -> bool:
    """Whether a source should be ingested now, given when its last run began.

    However late: a night that was missed is made up for, once. A source never ingested is due.
    """
    if source.schedule is None:
        return False
    if last is None:
        return True
    here = now.astimezone(ZoneInfo(source.timezone))
    planned: datetime = croniter.croniter(source.schedule, here).get_prev(datetime)
    return last < planned


def check_schedules(sources: Mapping[str, SourceSettings]) -> None:
    """Raise SettingsError naming every schedule that is none."""
    bad = [
        f"footnote.toml: sources.{name}.schedule: {source.schedule!r} is not a cron schedule,"
        ' such as "0 2 * * *" for two o\'clock at night.'
        for name, source in sources.items()
        if source.schedule and not croniter.croniter.is_valid(source.schedule)
    ]
    if bad:
        raise SettingsError("\n".join(bad))
