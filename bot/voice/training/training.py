"""A training from beginning to end: one at a time for a voice, taken up where it was left.

lease → open run, or a new one → begin → follow → draft voice
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from psycopg.types.json import Jsonb

from bot.errors import TrainingError
from bot.settings import PriceSettings, Settings, VoiceSettings
from bot.voice.advice.evidence import gather
from bot.voice.advice.gate import pass_gate
from bot.voice.advice.verdict import judge
from bot.voice.dataset.building import Dataset, load
from bot.voice.dataset.card import PREFERENCES
from bot.voice.dataset.splits import TRAIN
from bot.voice.ends import tuned_end
from bot.voice.lifecycle import Author, Lifecycle
from bot.voice.training.runs import DPO, Event, Run, Trained, Trainer
from bot.voice.voices import Voices
from ingest.database import Database
from ingest.leases import leased
from ingest.progress import Progress


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be trained."""

    voice: str
    backend: str
    method: str
    base_model: str
    epochs: int
    dataset: str = ""  # how its hash begins; the latest if empty


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that succeeded, and what is to be done with it."""

    run: Run
    trained: Trained


class Training:
    """Trains voices."""

    def __init__(
        self, database: Database, voices: Voices, trainer: Trainer, settings: Settings
    ) -> None:
        """`settings` have the prices, and what the evidence is gathered by."""
        self._database = database
        self._voices = voices
        self._trainer = trainer
        self._settings = settings

    async def train(
        self, wanted: Wanted, despite: str | None, who: str, progress: Progress
    ) -> Finished:
        """Train, or go on with what was begun.

        Raises TrainingError when it failed, SourceBusy when another process is at it, DatasetError
        when there is too little to train on, GateClosed on another verdict without a reason to do
        it `despite` that, and Retryable when the service could not be asked: then the same call
        goes on.
        """
        what = f"training the voice {wanted.voice}"
        async with leased(self._database, f"voice-{wanted.voice}", what):
            run = await self._open(wanted) or await self._new(wanted, despite, who)
            dataset = await load(self._database, run.dataset_hash)
            try:
                run = await self._begun(run, dataset)
                trained = await self._trainer.follow(run, dataset, self._noting(run, progress))
            except TrainingError as error:
                await self._end(run, "failed", reason=str(error))
                raise
            return await self._finished(run, dataset, trained)

    async def _open(self, wanted: Wanted) -> Run | None:
        row = await self._database.row("open_run", voice=wanted.voice)
        if row is None:
            return None
        run = Run.from_row(row)
        asked = (wanted.backend, wanted.method, wanted.base_model, wanted.epochs)
        if asked != (run.backend, run.method, run.base_model, run.epochs):
            raise TrainingError(
                f"Another training of {run.voice} is under way: run {run.id}, {run.method} of"
                f" {run.base_model}.\nGo on with it by the same options, or first:"
                f" footnote voice cancel {run.voice}"
            )
        return run

    async def _new(self, wanted: Wanted, despite: str | None, who: str) -> Run:
        if await self._voices.get(wanted.voice) is not None:
            raise TrainingError(
                f"There is a voice named {wanted.voice} already; train it under another name."
            )
        dataset = await load(self._database, wanted.dataset)
        dataset.check(PREFERENCES if wanted.method == DPO else TRAIN)
        gathered = await gather(self._database, self._voices, self._settings, wanted.base_model)
        allowed = pass_gate(judge(gathered), despite)
        row = await self._database.row(
            "add_run",
            voice=wanted.voice,
            backend=wanted.backend,
            method=wanted.method,
            base_model=wanted.base_model,
            dataset_hash=dataset.hash,
            epochs=wanted.epochs,
            verdict=allowed.verdict.value,
            despite=allowed.despite,
            who=who,
        )
        assert row is not None
        return Run.from_row(row)

    async def _begun(self, run: Run, dataset: Dataset) -> Run:
        if run.job is not None:
            return run
        job = await self._trainer.begin(run, dataset)
        await self._database.run("run_begun", run=run.id, job=job)
        row = await self._database.row("training_run", run=run.id)
        assert row is not None
        return Run.from_row(row)

    def _noting(self, run: Run, progress: Progress) -> Callable[[Event], Awaitable[None]]:
        async def note(event: Event) -> None:
            await self._database.run(
                "add_training_event",
                run=run.id,
                name=event.name,
                at=event.at,
                message=event.message,
                step=event.step,
                steps=event.steps,
                loss=event.loss,
            )
            progress(event.message, event.step or 0, event.steps or 0)

        return note

    async def _finished(self, run: Run, dataset: Dataset, trained: Trained) -> Finished:
        prices = self._settings.prices.get(run.base_model) or PriceSettings()
        defined = VoiceSettings(
            model=trained.model,
            base_url=trained.base_url,
            instructions=dataset.instructions,
            shutdown_date=tuned_end(run.base_model) if run.backend == "openai" else None,
            input_price=prices.tuned_input or prices.input,
            output_price=prices.tuned_output or prices.output,
            training_run=run.id,
            dataset=dataset.hash,
        )
        if await self._voices.get(run.voice) is None:  # else it died after this
            by = Author(run.who, f"training run {run.id}")
            await Lifecycle(self._database, self._voices).add(run.voice, defined, by)
        await self._end(run, "succeeded", trained)
        row = await self._database.row("training_run", run=run.id)
        assert row is not None
        return Finished(Run.from_row(row), trained)

    async def cancel(self, voice: str) -> Run:
        """Stop what is trained for a voice. Raises TrainingError when nothing is."""
        row = await self._database.row("open_run", voice=voice)
        if row is None:
            raise TrainingError(f"No training of {voice} is under way.")
        run = Run.from_row(row)
        await self._trainer.cancel(run)
        await self._end(run, "cancelled", reason="It was cancelled.")
        return run

    async def _end(
        self, run: Run, state: str, trained: Trained | None = None, reason: str | None = None
    ) -> None:
        await self._database.run(
            "end_run",
            run=run.id,
            state=state,
            model=trained.model if trained else None,
            checkpoints=Jsonb(list(trained.checkpoints) if trained else []),
            tokens=trained.tokens if trained else None,
            reason=reason,
        )
