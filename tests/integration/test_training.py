"""Training at a service: followed to its end, taken up again, refused in a sentence."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from bot.errors import DatasetError, TrainingError
from bot.settings import PriceSettings, Settings
from bot.voice.dataset.building import build
from bot.voice.training import openai_jobs
from bot.voice.training.openai_jobs import OpenAIJobs
from bot.voice.training.training import Finished, Training, Wanted
from bot.voice.voices import Voices
from ingest import leases
from ingest.database import Database, open_pool
from ingest.errors import ProviderUnavailable, SourceBusy
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.serving import beside
from tests.integration.command import FOOTNOTE, Command, started
from tests.integration.reviewed import amended

MODEL = "gpt-4.1-mini-2025-04-14"
DESPITE = "a test"
WARM = Wanted("warm", "openai", "supervised", MODEL, 3)


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai_jobs, "POLL", 0.01)
    for wrapped in (
        OpenAIJobs._job, OpenAIJobs._made, OpenAIJobs._made_before, OpenAIJobs._sent,
        OpenAIJobs._new_events, OpenAIJobs._checkpoints,
    ):  # fmt: skip
        monkeypatch.setattr(wrapped.retry.wait, "max", 0.01)


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer(api_key="sk-test") as running:
        yield running


@pytest.fixture
async def database(sample_url: str) -> AsyncIterator[Database]:
    """A desk with forty amended answers, and a dataset of them."""
    async with open_pool(sample_url) as opened:
        await amended(opened, 40)
        await build(opened, "Be warm.", MODEL, None, "anna")
        yield opened


@contextlib.asynccontextmanager
async def training_at(
    server: OpenAIServer, database: Database, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Training]:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    prices = {MODEL: PriceSettings(training=5.0, input=0.8, output=3.2)}
    settings = Settings.load().model_copy(update={"prices": prices})
    trainer = OpenAIJobs(settings.openai_api_key, settings.openai_base_url)
    yield Training(database, Voices(settings, database), trainer, settings)
    await trainer.close()


@pytest.fixture
async def training(
    server: OpenAIServer, database: Database, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Training]:
    async with training_at(server, database, monkeypatch) as opened:
        yield opened


async def trained(training: Training, wanted: Wanted = WARM) -> Finished:
    return await training.train(wanted, DESPITE, "anna", lambda *_: None)


async def row_of(database: Database, number: int) -> dict[str, object]:
    row = await database.row("training_run", run=number)
    assert row is not None
    return row


async def test_a_dataset_becomes_a_draft_voice(
    training: Training, database: Database, server: OpenAIServer
) -> None:
    told: list[tuple[str, int, int]] = []

    done = await training.train(WARM, DESPITE, "anna", lambda *each: told.append(each))

    assert done.run.state == "succeeded"
    assert done.run.model == f"ft:{MODEL}:desk:warm:1"
    assert ("Step 4/4: training loss=0.5", 4, 4) in told
    assert [each["step"] for each in done.run.checkpoints] == [1, 2, 3, 4]
    (job,) = server.tuning.jobs.values()
    assert job.body["metadata"]["dataset"] == done.run.dataset_hash
    assert job.body["method"] == {
        "type": "supervised",
        "supervised": {"hyperparameters": {"n_epochs": 3}},
    }
    assert len(server.tuning.files) == 2  # to train and to validate
    voice = await training._voices.choose("warm")
    assert (voice.state, voice.settings.kind) == ("draft", "tuned")
    assert voice.settings.instructions == "Be warm."
    assert (voice.settings.training_run, voice.settings.dataset) == (
        done.run.id,
        done.run.dataset_hash,
    )
    assert str(voice.settings.shutdown_date) == "2027-01-14"
    assert voice.settings.output_price == 3.2
    events = await database.rows("training_events", run=done.run.id)
    assert len(events) == 6
    with pytest.raises(TrainingError, match="a voice named warm already"):
        await trained(training)


async def test_preferences_are_trained_on_by_dpo(training: Training, server: OpenAIServer) -> None:
    await trained(training, Wanted("warm", "openai", "dpo", MODEL, 2))

    (job,) = server.tuning.jobs.values()
    assert job.body["method"] == {"type": "dpo", "dpo": {"hyperparameters": {"n_epochs": 2}}}
    name, content = server.tuning.files[job.body["training_file"]]
    assert name.endswith("-preferences.jsonl")
    assert "non_preferred_output" in json.loads(content.splitlines()[0])


async def test_an_answer_that_got_lost_makes_no_second_job(
    training: Training, server: OpenAIServer
) -> None:
    server.tuning.lose_answers = 1
    done = await trained(training)
    assert done.run.job == "ftjob-1"
    assert len(server.tuning.jobs) == 1


async def test_a_training_that_was_left_is_taken_up(
    training: Training,
    database: Database,
    server: OpenAIServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(leases, "LOOK", 0.01)
    server.tuning.hold = 2
    first = asyncio.create_task(trained(training))
    await asyncio.to_thread(server.tuning.held.wait, 20)
    first.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await first
    with pytest.raises(TrainingError, match=r"Another training of warm is under way: run 1"):
        await trained(training, Wanted("warm", "openai", "dpo", MODEL, 3))
    # It died before it could note the job: that is found by what it was told.
    async with database.session() as session:
        await session.connection.execute(
            "UPDATE training_run SET job = NULL, state = 'begun' WHERE voice = 'warm'"
        )

    server.tuning.hold = None
    done = await trained(training)

    assert (done.run.id, done.run.state) == (1, "succeeded")
    assert len(server.tuning.jobs) == 1
    assert len(server.tuning.files) == 2
    assert len(await database.rows("training_events", run=1)) == 6


async def test_two_at_once_start_one_job(
    training: Training, database: Database, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "LOOK", 0.02)
    monkeypatch.setattr(leases, "RENEWED", 0.02)
    server.tuning.hold = 2
    first = asyncio.create_task(trained(training))
    await asyncio.to_thread(server.tuning.held.wait, 20)
    async with training_at(server, database, monkeypatch) as other:
        with pytest.raises(SourceBusy, match="training the voice warm: another run is at work"):
            await trained(other)
    server.tuning.hold = None
    await first
    assert len(server.tuning.jobs) == 1


async def test_what_fails_says_why(
    training: Training, database: Database, server: OpenAIServer
) -> None:
    server.tuning.fail = "The training file was flagged by the moderation system."
    with pytest.raises(TrainingError, match="failed: The training file was flagged"):
        await trained(training)
    assert (await row_of(database, 1))["state"] == "failed"
    assert str((await row_of(database, 1))["reason"]).startswith("The training failed: The")

    server.tuning.closed = "Fine-tuning is closed to new jobs"
    with pytest.raises(TrainingError, match="refused: Fine-tuning is closed to new jobs"):
        await trained(training)

    server.api_key = "sk-other"
    server.tuning.closed = None
    assert (await row_of(database, 2))["state"] == "failed"


async def test_a_service_that_is_away_leaves_the_run_open(
    training: Training, database: Database, server: OpenAIServer
) -> None:
    server.tuning.hold = 2
    first = asyncio.create_task(trained(training))
    await asyncio.to_thread(server.tuning.held.wait, 20)
    await server.__aexit__(None, None, None)
    with pytest.raises(ProviderUnavailable, match="run the same command to follow it again"):
        await first
    assert (await row_of(database, 1))["state"] == "running"


async def test_cancelling(training: Training, database: Database, server: OpenAIServer) -> None:
    with pytest.raises(TrainingError, match="No training of warm is under way"):
        await training.cancel("warm")
    server.tuning.hold = 2
    first = asyncio.create_task(trained(training))
    await asyncio.to_thread(server.tuning.held.wait, 20)

    await training.cancel("warm")

    with pytest.raises(TrainingError, match="cancelled at the service"):
        await first
    assert (await row_of(database, 1))["state"] == "cancelled"


async def test_too_little_is_not_sent(
    server: OpenAIServer, empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await build(empty_database, "Be warm.", MODEL, None, "anna")
    async with training_at(server, empty_database, monkeypatch) as training:
        with pytest.raises(DatasetError, match="There are 0 examples to train on; 10 are the"):
            await trained(training)
    assert server.tuning.files == {}


@pytest.fixture
def threaded() -> Iterator[OpenAIServer]:
    """The fake beside commands."""
    server = OpenAIServer(api_key="sk-test")
    with beside(server):
        yield server


def test_a_killed_command_picks_its_job_up(
    sample_url: str, threaded: OpenAIServer, footnote: Command
) -> None:
    async def prepare() -> None:
        async with open_pool(sample_url) as opened:
            await amended(opened, 24)
            await build(opened, "Be warm.", MODEL, None, "anna")

    asyncio.run(prepare())
    environment = {
        "DATABASE_URL": sample_url,
        "OPENAI_API_KEY": "sk-test",
        "OPENAI_BASE_URL": threaded.base_url,
    }
    threaded.tuning.hold = 0
    words = ("voice", "train", "warm", "--despite", "a test")
    with started(FOOTNOTE, *words, **environment) as process:
        assert threaded.tuning.held.wait(60)
        process.kill()
        process.wait()
    threaded.tuning.hold = None
    with psycopg.connect(sample_url, autocommit=True) as connection:
        connection.execute("DELETE FROM lease_holder")  # it ends by itself, in 20 seconds

    ended = footnote(*words, **environment)

    assert ended.code == 0, ended.err
    assert ended.out.splitlines() == [
        f"warm is a draft: ft:{MODEL}:desk:warm:1, run 1.",
        "Next: footnote voice test warm",
    ]
    assert len(threaded.tuning.jobs) == 1
    (listed,) = json.loads(footnote("voice", "runs", "1", "--json", **environment).out)
    assert (listed["state"], len(listed["events"])) == ("succeeded", 6)
    assert "warm: succeeded" in footnote("voice", "runs", **environment).out
    footnote("voice", "cancel", "warm", **environment).assert_told("No training of warm")
    footnote("voice", "train", "new", DATABASE_URL=sample_url).assert_told("OPENAI_API_KEY")
    assert Path("footnote.toml").exists() is False
