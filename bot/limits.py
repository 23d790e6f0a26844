"""Limits: how much one person and a whole workspace may ask within an hour."""

import math

from bot.questions import StoredQuestion
from bot.settings import LimitSettings
from ingest.database import Database

PERSON = (
    "You have asked {limit} questions within the last hour, which is as many as I answer one"
    " person. Please ask this one again in {wait}."
)
WORKSPACE = (
    "Your workspace has asked {limit} questions within the last hour, which is as many as I answer."
    " Please ask this one again in {wait}."
)
MINUTE = 60


async def over_limit(
    database: Database, asked: StoredQuestion, limits: LimitSettings
) -> str | None:
    """What to tell the asker of a question that is one too many; None where it is not."""
    values = {"question": asked.id}
    row = await database.row("earliest_within_limit", limit=limits.person, **values)
    if row is not None:
        return PERSON.format(limit=limits.person, wait=_minutes(row["wait"]))
    row = await database.row("earliest_within_team_limit", limit=limits.workspace, **values)
    if row is not None:
        return WORKSPACE.format(limit=limits.workspace, wait=_minutes(row["wait"]))
    return None


def _minutes(seconds: float) -> str:
    minutes = max(1, math.ceil(seconds / MINUTE))
    return "a minute" if minutes == 1 else f"{minutes} minutes"
