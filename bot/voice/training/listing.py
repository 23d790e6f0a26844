"""Trainings as they are listed."""

from dataclasses import dataclass
from typing import Any

from bot.errors import TrainingError
from bot.voice.training.runs import Run
from ingest.database import Database, Row

LATEST = 20


@dataclass(frozen=True, slots=True)
class Listed:
    """A run, with its events where it was asked for."""

    run: Run
    events: list[Row]

    def as_json(self) -> dict[str, Any]:
        """The form `footnote voice runs --json` prints."""
        events = [dict(event) for event in self.events]
        return self.run.as_json() | ({"events": events} if events else {})


async def read(database: Database, number: int | None) -> list[Listed]:
    """The latest runs, or one. Raises TrainingError when there is no such run."""
    if number is None:
        rows = await database.rows("training_runs", limit=LATEST)
        return [Listed(Run.from_row(row), []) for row in rows]
    row = await database.row("training_run", run=number)
    if row is None:
        raise TrainingError(f"There is no training run {number}.")
    return [Listed(Run.from_row(row), await database.rows("training_events", run=number))]


def lines(listed: Listed) -> list[str]:
    """A run in a line, and its events below it."""
    run = listed.run
    what = f"{run.method} of {run.base_model} on {run.dataset_hash[:12]} ({run.backend})"
    came = {"succeeded": run.model, "failed": run.reason, "cancelled": run.reason}.get(run.state)
    begun = f"begun {run.created_at:%Y-%m-%d %H:%M} by {run.who}"
    said = [f"{run.id}  {run.voice}: {run.state}, {what}, {begun}"]
    said += [f"    {came}"] if came else []
    said += [f"    against the verdict: {run.despite}"] if run.despite else []
    said += [f"    {event['at']:%H:%M:%S}  {event['message']}" for event in listed.events]
    said += [f"    checkpoint: {each}" for each in run.checkpoints if listed.events]
    return said
