"""How often a source is asked again, and how long after."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tenacity import RetryCallState, wait_random_exponential

from ingest.errors import RateLimited

ATTEMPTS = 6
LONGEST_WAIT = 120.0  # seconds; nobody is waiting for a nightly run


def told(headers: Mapping[str, str]) -> float | None:
    """The seconds that an answer's headers ask us to wait, where they do.

    Retry-After is in seconds or a date; Intercom says when its window ends instead.
    """
    retry_after = headers.get("retry-after", "")
    if (seconds := _number(retry_after)) is not None:
        return max(seconds, 0.0)
    reset = _number(headers.get("x-ratelimit-reset", ""))
    try:
        moment = (
            datetime.fromtimestamp(reset, UTC)
            if reset is not None and not retry_after
            else parsedate_to_datetime(retry_after)
        )
    except (ValueError, OverflowError, OSError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)


def wait(state: RetryCallState) -> float:
    """As long as the server asked for, within reason, else longer each time."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, RateLimited) else None
    if asked is not None:
        return min(asked, LONGEST_WAIT)
    return wait_random_exponential(multiplier=1, max=30)(state)


def _number(written: str) -> float | None:
    return float(written) if written.replace(".", "", 1).isdecimal() else None
