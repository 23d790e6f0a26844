"""Training runs as they are kept, and what a trainer is asked to do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, Self

from bot.voice.dataset.building import Dataset
from ingest.database import Row

SUPERVISED, DPO = "supervised", "dpo"


@dataclass(frozen=True, slots=True)
class Run:
    """A training, under way or ended."""

    id: int
    voice: str
    backend: str
    method: str
    base_model: str
    dataset_hash: str
    epochs: int
    state: str
    job: str | None
    model: str | None
    checkpoints: list[dict[str, Any]]
    tokens: int | None
    reason: str | None
    verdict: str
    despite: str | None
    who: str
    created_at: datetime
    ended_at: datetime | None

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Read a row of `training_run`."""
        return cls(**row)

    def as_json(self) -> dict[str, Any]:
        """The form `footnote voice runs --json` prints."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a training; `name` is the same when it is read again."""

    name: str
    at: datetime
    message: str
    step: int | None = None
    steps: int | None = None
    loss: float | None = None


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of a training: a model's name, and how it can be used."""

    model: str
    base_url: str | None = None
    tokens: int | None = None
    checkpoints: tuple[dict[str, Any], ...] = ()
    hints: tuple[str, ...] = ()  # what is to be done before the model answers


Telling = Callable[[Event], Awaitable[None]]


class Trainer(Protocol):
    """Something that trains. What it raises as TrainingError ends the run for good."""

    async def begin(self, run: Run, dataset: Dataset) -> str:
        """Begin, or find what was begun before; returns the job's name."""
        ...

    async def follow(self, run: Run, dataset: Dataset, tell: Telling) -> Trained:
        """Wait for the job that has begun, telling of what happens.

        Raises TrainingError when it failed, Retryable when it could not be followed to its end.
        """
        ...

    async def cancel(self, run: Run) -> None:
        """Stop a job."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
