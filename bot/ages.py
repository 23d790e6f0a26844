"""Ages: how long ago something was, in the largest unit that says something."""

from datetime import UTC, datetime


def age(moment: datetime, now: datetime | None = None) -> str:
    """`3 days ago`; today and yesterday have names. `now` is the present unless told."""
    days = max(0, ((now or datetime.now(UTC)) - moment).days)
    if days < 2:  # noqa: PLR2004 - today and yesterday have names
        return ("today", "yesterday")[days]
    for unit, length in (("year", 365), ("month", 30), ("day", 1)):
        count = days // length
        if count:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    raise AssertionError(days)
