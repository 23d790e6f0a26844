"""Jobs: a question accepted is a question answered, whatever happens to the process."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot import records
from bot.jobs import Jobs
from bot.questions import Asked
from bot.serving import open_worker
from bot.settings import Settings
from bot.watching import Watching
from ingest.database import Database, open_pool
from tests.fakes.openai_server import OpenAIServer, text
from tests.fakes.slack_server import ALICE, BOB, SUPPORT, SlackServer
from tests.integration.command import FOOTNOTE, PATIENCE
from tests.integration.desk import (
    DELIVERY,
    answer_to,
    command_environment,
    replies,
    serving,
    settings_for,
)


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer(ack_seconds=1) as running:
        yield running


@pytest.fixture
async def database(sample_url: str) -> AsyncIterator[Database]:
    async with open_pool(sample_url) as opened:
        yield opened


@asynccontextmanager
async def process(environment: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """`footnote serve` as a process, killed at the end."""
    started = await asyncio.create_subprocess_exec(
        *(FOOTNOTE, "serve"),
        env={**os.environ, **environment},
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


async def test_a_lost_cancellation_still_ends_the_work(
    sample_url: str, slack: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking = asyncio.Event()

    async def look(_: Watching) -> None:
        looking.set()
        with contextlib.suppress(asyncio.CancelledError):  # as wait_for does before Python 3.12
            await asyncio.sleep(PATIENCE)

    monkeypatch.setattr(Watching, "look", look)
    async with asyncio.timeout(PATIENCE / 2), open_worker(settings_for(sample_url, slack)):
        await looking.wait()


async def test_a_process_killed_in_mid_answer_is_made_up_for_by_the_next(
    sample_url: str, slack: SlackServer, database: Database
) -> None:
    async with OpenAIServer() as model:
        model.script(text("too late", wait=60))
        environment = command_environment(sample_url, slack) | {
            "OPENAI_BASE_URL": model.base_url,
            "FOOTNOTE_CHAT_MODEL": "grounded-1",
        }
        async with process(environment):
            await slack.socket.wait_for_connections(1, timeout=60)
            asked = await slack.mention(SUPPORT, ALICE, DELIVERY)
            await asyncio.wait_for(asked.events[0].acked.wait(), 10)
            async with asyncio.timeout(30):
                while not model.requests:  # noqa: ASYNC110 - the fake tells nobody
                    await asyncio.sleep(0.05)
        async with process(environment):
            answer = await slack.wait_for_message(timeout=60)
            assert answer.thread_ts == asked.ts
            assert "Written by grounded-1" in str(answer.blocks)
            async with asyncio.timeout(10):
                while await database.row("delivery", question=1) is None:  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0.05)
    assert replies(slack) == [answer]
    rows = await database.rows("open_questions")
    assert rows == []


async def accepted(database: Database, ts: str) -> int:
    """A question that was stored and whose job is lost."""
    asked = Asked(DELIVERY, ALICE, "T1", SUPPORT, ts, ts, f"Ev{ts}")
    async with database.transaction() as session:
        question_id = await records.accept(session, asked)
    assert question_id is not None
    return question_id


async def test_a_question_without_a_job_is_found_and_answered(
    sample_url: str, slack: SlackServer, database: Database
) -> None:
    await accepted(database, "1.000001")
    async with serving(settings_for(sample_url, slack), slack):
        answer = await slack.wait_for_message(timeout=20)
    assert answer.thread_ts == "1.000001"
    assert await database.rows("open_questions") == []


async def test_an_answer_that_was_kept_is_delivered_and_not_made_again(
    sample_url: str, slack: SlackServer, database: Database
) -> None:
    question_id = await accepted(database, "1.000001")
    async with serving(settings_for(sample_url, slack), slack) as service:
        first = await slack.wait_for_message(timeout=20)
        await asyncio.sleep(0.2)
    kept = await records.kept_answer(database, question_id)
    assert kept is not None
    async with database.session() as session:
        await session.connection.execute("DELETE FROM delivery")
    slack.messages[SUPPORT].clear()
    async with serving(settings_for(sample_url, slack), slack) as service:
        again = await slack.wait_for_message(timeout=20)
        assert again.text == first.text
        assert await records.kept_answer(service.app.database, question_id) == kept


async def test_two_processes_share_the_work_and_answer_each_question_once(
    sample_url: str, slack: SlackServer, database: Database
) -> None:
    slack.socket.deliver_to_all = True
    settings = settings_for(sample_url, slack)
    async with serving(settings, slack), serving(settings, slack):
        await slack.socket.wait_for_connections(2)
        asked = [
            await slack.mention(SUPPORT, person, f"{DELIVERY} ({n})")
            for n in range(5)
            for person in (ALICE, BOB)
        ]
        for each in asked:
            await answer_to(slack, each)
        async with asyncio.timeout(10):
            while await database.rows("open_questions"):  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.05)
    assert len(replies(slack)) == len(asked)


async def test_a_stopping_process_finishes_the_answer_it_is_at(
    sample_url: str, slack: SlackServer, database: Database
) -> None:
    async with OpenAIServer() as model:
        model.script(text("It costs €14.90. [1]", wait=1))
        more = {"OPENAI_BASE_URL": model.base_url}
        async with serving(settings_for(sample_url, slack, **more), slack):
            await slack.mention(SUPPORT, ALICE, DELIVERY)
            async with asyncio.timeout(10):
                while not model.requests:  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0.02)
        assert len(replies(slack)) == 1
    assert await database.row("delivery", question=1) is not None


# The nightly ingest


async def test_the_worker_ingests_by_schedule_and_makes_up_for_a_late_run(
    empty_url: str, slack: SlackServer, tmp_path: Path
) -> None:
    (tmp_path / "refunds.md").write_text("# Refunds\n\nWithin 14 days.\n", encoding="utf-8")
    hourly = settings_for(
        empty_url, slack, sources={"desk": {"folder": tmp_path, "schedule": "0 * * * *"}}
    )
    async with open_pool(empty_url) as database:
        async with worker(hourly):
            async with asyncio.timeout(20):
                while not (runs := await database.rows("latest_runs", limit=9)):  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0.05)
        assert [run["source"] for run in runs] == ["desk"]
        async with worker(hourly):
            await asyncio.sleep(0.5)
        runs = await database.rows("latest_runs", limit=9)
        assert [(run["state"], run["report"]["articles"]["added"]) for run in runs] == [("done", 1)]


@asynccontextmanager
async def worker(settings: Settings) -> AsyncIterator[Jobs]:
    async with open_worker(settings) as jobs:
        yield jobs
