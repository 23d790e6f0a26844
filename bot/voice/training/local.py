"""The local trainer: LoRA on this machine, for any base model in a folder, served by vLLM.

Needs the extra `train`, which is imported only here.
"""

import asyncio
import importlib.util
import shlex
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import TrainingError
from bot.voice.dataset import jsonl
from bot.voice.dataset.building import Dataset
from bot.voice.dataset.splits import TRAIN
from bot.voice.training.runs import SUPERVISED, Event, Run, Telling, Trained

if TYPE_CHECKING:
    from bot.voice.training.lora import Plan, Stepping

NEEDED = ("torch", "transformers", "peft")
SERVED_AT = "http://127.0.0.1:8000/v1"  # where vLLM listens unless told


class LocalLoRA:
    """Trains an adapter for a base model's folder."""

    def __init__(self, folder: Path) -> None:
        """`folder` takes an adapter for each voice. Raises TrainingError without the extra."""
        lacking = [name for name in NEEDED if importlib.util.find_spec(name) is None]
        if lacking:
            raise TrainingError(
                f"Training on this machine needs {', '.join(lacking)}.\n"
                "Run: make trainer (or install the extra named train)"
            )
        self._folder = folder.expanduser().absolute()

    async def close(self) -> None:
        """See Trainer; there is nothing to let go of."""

    async def begin(self, run: Run, dataset: Dataset) -> str:
        """See Trainer. The job is the adapter's folder."""
        del dataset
        if run.method != SUPERVISED:
            raise TrainingError("On this machine voices are trained by --method supervised only.")
        base = Path(run.base_model)
        if not (base / "config.json").is_file():
            raise TrainingError(
                f"{base} is no folder of a base model: it has no config.json.\n"
                "Name the folder of one in Hugging Face's form with --model."
            )
        adapter = self._folder / f"{run.voice}-{run.id}"
        try:
            adapter.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TrainingError(f"{adapter} cannot be made: {error.strerror}.") from error
        return str(adapter)

    async def follow(self, run: Run, dataset: Dataset, tell: Telling) -> Trained:
        """See Trainer. Cancelled, it stops after the step it is at."""
        from bot.voice.training import lora  # noqa: PLC0415 - gigabytes

        assert run.job is not None
        plan = lora.Plan(Path(run.base_model), Path(run.job), dataset.files[TRAIN], run.epochs)
        stop = threading.Event()
        steps: asyncio.Queue[tuple[int, int, float]] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def stepped(done: int, total: int, loss: float) -> None:
            loop.call_soon_threadsafe(steps.put_nowait, (done, total, loss))

        training = asyncio.ensure_future(asyncio.to_thread(_train, plan, stepped, stop))
        try:
            while not training.done() or not steps.empty():
                try:
                    done, total, loss = await asyncio.wait_for(steps.get(), 0.2)
                except TimeoutError:
                    continue
                said = f"step {done} of {total}, loss {loss:.3f}"
                name = f"{done:06d}"
                await tell(Event(name, datetime.now(UTC), said, done, total, loss))
            losses = await training
        finally:
            stop.set()
        return Trained(
            run.voice,
            SERVED_AT,
            jsonl.tokens(dataset.files[TRAIN]) * run.epochs,
            tuple({"epoch": at, "loss": loss} for at, loss in enumerate(losses, start=1)),
            (f"Serve it with: {vllm_command(run)}",),
        )

    async def cancel(self, run: Run) -> None:
        """See Trainer. What trains is the process of the command, which notices by itself."""


def vllm_command(run: Run) -> str:
    """The command line that serves a base model with the adapter under the voice's name."""
    from bot.voice.training.lora import RANK  # noqa: PLC0415 - gigabytes

    words = (
        *("vllm", "serve", run.base_model, "--enable-lora"),
        *("--max-lora-rank", str(RANK), "--lora-modules", f"{run.voice}={run.job}"),
    )
    return shlex.join(words)


def _train(plan: "Plan", stepped: "Stepping", stop: threading.Event) -> list[float]:
    from bot.voice.training import lora  # noqa: PLC0415 - as above

    try:
        return lora.train(plan, stepped, stop.is_set)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        # What a damaged or foreign folder of a base model raises, out of memory included.
        said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise TrainingError(f"The training failed: {said}") from error
