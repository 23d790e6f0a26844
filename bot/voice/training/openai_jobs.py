"""OpenAI's fine-tuning jobs: files are sent once, a job is made once, and followed to its end.

Files are known by their name, which holds the dataset's hash, and jobs by their metadata, so what a
killed command had begun is found again even where it died before it could note it.
https://platform.openai.com/docs/api-reference/fine-tuning
"""

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus

import openai
from openai.types.fine_tuning import FineTuningJob, FineTuningJobEvent
from pydantic import SecretStr
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from bot.errors import TrainingError
from bot.voice.dataset.building import Dataset
from bot.voice.dataset.card import PREFERENCES
from bot.voice.dataset.splits import TRAIN, VALIDATION
from bot.voice.training.runs import DPO, Event, Run, Telling, Trained
from ingest.errors import ProviderUnavailable, Retryable

POLL = 5.0  # seconds between looks at a job
LONGEST_WAIT = 30.0  # seconds between tries where the service does not answer
ATTEMPTS = 6
_ENDED = {"succeeded", "failed", "cancelled"}
_STEP = "metrics"
_PASSING = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS)

_patiently = retry(
    retry=retry_if_exception_type(Retryable),
    wait=wait_random_exponential(multiplier=0.5, max=LONGEST_WAIT),
    stop=stop_after_attempt(ATTEMPTS),
    reraise=True,
)


class OpenAIJobs:
    """Trains at OpenAI, or at a service that speaks its protocol."""

    def __init__(self, api_key: SecretStr | None, base_url: str | None) -> None:
        """Nothing is called before a run begins. Raises TrainingError without a key."""
        if api_key is None:
            raise TrainingError("Training at OpenAI needs a key: set OPENAI_API_KEY.")
        self._base_url = base_url
        self._client = openai.AsyncOpenAI(
            api_key=api_key.get_secret_value(), base_url=base_url, max_retries=0
        )

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.close()

    async def begin(self, run: Run, dataset: Dataset) -> str:
        """See Trainer."""
        known = await self._made_before(run)
        if known is not None:
            return known.id
        dpo = run.method == DPO
        training = await self._sent(dataset, PREFERENCES if dpo else TRAIN)
        validation = None
        if dataset.files[VALIDATION] and not dpo:
            validation = await self._sent(dataset, VALIDATION)
        return (await self._made(run, training, validation)).id

    @_patiently
    async def _made_before(self, run: Run) -> FineTuningJob | None:
        with _refusals():
            async for job in self._client.fine_tuning.jobs.list(limit=100):
                if (job.metadata or {}).get("footnote_run") == _name(run):
                    return job
        return None

    @_patiently
    async def _sent(self, dataset: Dataset, name: str) -> str:
        """The id of a file at the service; it is sent unless it is there."""
        filename = f"footnote-{dataset.hash[:16]}-{name}.jsonl"
        with _refusals():
            async for file in self._client.files.list(purpose="fine-tune"):
                if file.filename == filename and file.status != "error":
                    return file.id
            content = dataset.files[name].encode()
            sent = await self._client.files.create(file=(filename, content), purpose="fine-tune")
        return sent.id

    # Not tried again blindly: a job that was made although its answer got lost is found first.
    @_patiently
    async def _made(self, run: Run, training: str, validation: str | None) -> FineTuningJob:
        known = await self._made_before(run)
        if known is not None:
            return known
        hyperparameters = {"n_epochs": run.epochs}
        method = {"type": run.method, run.method: {"hyperparameters": hyperparameters}}
        with _refusals():
            return await self._client.fine_tuning.jobs.create(
                model=run.base_model,
                training_file=training,
                validation_file=validation,
                suffix=run.voice[:64],
                method=method,  # type: ignore[arg-type]  # its types know no variable key
                metadata={
                    "footnote_run": _name(run),
                    "dataset": run.dataset_hash[:64],
                    "voice": run.voice[:64],
                },
            )

    async def follow(self, run: Run, dataset: Dataset, tell: Telling) -> Trained:
        """See Trainer."""
        del dataset
        assert run.job is not None
        last: str | None = None
        while True:
            # First the state, then the events: those of its end are there by then.
            job = await self._job(run.job)
            for event in await self._new_events(run.job, last):
                last = event.id
                await tell(_event(event))
            if job.status in _ENDED:
                break
            await asyncio.sleep(POLL)
        if job.status != "succeeded" or job.fine_tuned_model is None:
            raise TrainingError(_reason(job))
        return Trained(
            job.fine_tuned_model,
            self._base_url,
            job.trained_tokens,
            tuple(await self._checkpoints(run.job)),
        )

    @_patiently
    async def _job(self, job: str) -> FineTuningJob:
        with _refusals():
            return await self._client.fine_tuning.jobs.retrieve(job)

    @_patiently
    async def _new_events(self, job: str, after: str | None) -> list[FineTuningJobEvent]:
        """The events that came after one, the oldest first; the service gives the latest first."""
        found: list[FineTuningJobEvent] = []
        with _refusals():
            async for event in self._client.fine_tuning.jobs.list_events(job, limit=100):
                if event.id == after:
                    break
                found.append(event)
        return found[::-1]

    @_patiently
    async def _checkpoints(self, job: str) -> list[dict[str, object]]:
        with _refusals():
            found = [each async for each in self._client.fine_tuning.jobs.checkpoints.list(job)]
        return [
            {
                "step": each.step_number,
                "model": each.fine_tuned_model_checkpoint,
                "loss": each.metrics.train_loss,
            }
            for each in sorted(found, key=lambda each: each.step_number)
        ]

    async def cancel(self, run: Run) -> None:
        """See Trainer. A job that was never made needs nothing."""
        job = run.job
        if job is None:
            known = await self._made_before(run)
            job = known.id if known else None
        if job is not None:
            with _refusals():
                await self._client.fine_tuning.jobs.cancel(job)


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    """Say in a sentence why the service refused; what may pass is Retryable."""
    try:
        yield
    except openai.APIStatusError as error:
        said = _said(error)
        if error.status_code in _PASSING or error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise ProviderUnavailable(f"The training service is busy: {said}") from error
        raise TrainingError(f"The training service refused: {said}") from error
    except openai.APIError as error:
        raise ProviderUnavailable(
            f"The training service does not answer: {type(error).__name__}.\n"
            "The job goes on there; run the same command to follow it again."
        ) from error


def _said(error: openai.APIStatusError) -> str:
    body = error.body if isinstance(error.body, dict) else {}
    message = str(body.get("message") or f"status {error.status_code}").strip()
    return message if message.endswith((".", "!", "?")) else f"{message}."


def _name(run: Run) -> str:
    """What a run is called at the service; its number alone may be another installation's."""
    return f"{run.id}-{run.created_at.astimezone(UTC):%Y%m%dT%H%M%S.%f}"


def _event(event: FineTuningJobEvent) -> Event:
    data = event.data if isinstance(event.data, dict) else {}
    metrics = data if event.type == _STEP else {}
    return Event(
        event.id,
        datetime.fromtimestamp(event.created_at, UTC),
        event.message,
        metrics.get("step"),
        metrics.get("total_steps"),
        metrics.get("train_loss"),
    )


def _reason(job: FineTuningJob) -> str:
    if job.status == "cancelled":
        return "The job was cancelled at the service."
    message = job.error.message if job.error and job.error.message else "no reason was given."
    return f"The training failed: {message}"
