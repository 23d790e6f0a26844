"""The real `footnote serve` in an independent local Slack: what an agent and a lead do in a day."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ingest.database import Database, Row, open_pool
from tests.acceptance.local_slack import LocalSlack, Message, require_binary
from tests.fakes.grounded_model import cheerful_voice
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.reading import passages_shown, words_of
from tests.integration.command import FOOTNOTE

PASSWORD = "How do I reset my password?"
REVIEWED = "Ask for the link on the sign-in page. [1]"


@pytest.fixture(scope="module")
def binary() -> Path:
    return require_binary()


@pytest.fixture
async def slack(binary: Path, tmp_path: Path) -> AsyncIterator[LocalSlack]:
    async with LocalSlack.start(binary, tmp_path / "slack") as running:
        yield running


@pytest.fixture
async def database(sample_url: str) -> AsyncIterator[Database]:
    async with open_pool(sample_url) as opened:
        yield opened


@pytest.fixture
async def model() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as server:
        server.models["warm-1"] = cheerful_voice
        yield server


@pytest.fixture
async def footnote(
    slack: LocalSlack, sample_url: str, model: OpenAIServer, tmp_path: Path
) -> AsyncIterator[None]:
    """`footnote serve`, with a voice, and Lena as a lead."""
    (tmp_path / "footnote.toml").write_text(
        f'[slack]\nleads = ["{slack.user("lena")}"]\n'
        f'[voices.warm]\nbase_url = "{model.base_url}"\nmodel = "warm-1"\n',
        encoding="utf-8",
    )
    environment = {
        "DATABASE_URL": sample_url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.base_url,
        "FOOTNOTE_HOST": "127.0.0.1",
        "PORT": "0",
    }
    async with process(environment, tmp_path):
        await slack.wait_for_app(within=60)
        yield


@asynccontextmanager
async def process(environment: dict[str, str], folder: Path) -> AsyncIterator[None]:
    started = await asyncio.create_subprocess_exec(
        *(FOOTNOTE, "serve"), env={**os.environ, **environment}, cwd=folder
    )
    try:
        yield
    finally:
        if started.returncode is None:
            started.terminate()
        assert await asyncio.wait_for(started.wait(), 30) == 0


async def rows(database: Database, table: Any) -> list[Row]:
    async with database.session() as session:
        cursor = await session.connection.execute(f"SELECT * FROM {table}")
        return await cursor.fetchall()


async def kept(database: Database, table: str, wanted: dict[str, Any]) -> None:
    """Wait until a table's only row is as wanted."""
    found: list[Row] = []
    async with asyncio.timeout(15):
        while [{name: row[name] for name in wanted} for row in found] != [wanted]:
            await asyncio.sleep(0.05)
            found = await rows(database, table)


async def asked(slack: LocalSlack, question: str = PASSWORD) -> tuple[str, Message]:
    """Alice's mention, and what was answered."""
    posted = await slack.post_as("alice", "support", f"<@{slack.bot_user_id}> {question}")
    return posted.ts, await slack.wait_for_reply("support", posted.ts)


@pytest.mark.usefixtures("footnote")
async def test_a_mention_and_a_direct_message_get_one_cited_reply_each(
    slack: LocalSlack, database: Database, tmp_path: Path
) -> None:
    ts, answer = await asked(slack)
    shown = words_of(answer["blocks"])
    assert "|[1]>" in shown
    assert "*Sources*\n[1] <https://help.rimeholt.example/articles/" in shown

    direct = await slack.direct_message("bob", "How much does delivery to Switzerland cost?")
    reply = await slack.wait_for_reply(direct.channel, direct.ts)
    assert "14.90" in words_of(reply["blocks"])

    await slack.screenshot(tmp_path / "answer.png", "support", ts)
    assert (tmp_path / "answer.png").stat().st_size > 20_000
    async with asyncio.timeout(10):
        while len(await rows(database, "delivery")) < 2:  # noqa: ASYNC110 - Postgres tells nobody
            await asyncio.sleep(0.05)
    assert await slack.replies("support", ts) == [answer]
    assert [one for one in await slack.messages(direct.channel) if "bot_id" in one] == [reply]


@pytest.mark.usefixtures("footnote")
async def test_votes_and_reviews_become_rows(slack: LocalSlack, database: Database) -> None:
    _, answer = await asked(slack)
    alice, lena = slack.user("alice"), slack.user("lena")
    for action, helpful in (("vote_down", False), ("vote_up", True)):
        await slack.click("alice", "support", answer["ts"], action)
        await kept(database, "vote", {"answer_id": 1, "voter": alice, "helpful": helpful})

    await slack.click("alice", "support", answer["ts"], "review")
    await slack.wait_for_message("support", lambda one: "Reviews are for leads" in one["text"])
    await slack.click("lena", "support", answer["ts"], "review")
    await slack.modal()
    refused = await slack.submit("lena", {"verdict": "amend"})
    assert list(refused.errors) == ["wording"]
    accepted = await slack.submit(
        "lena", {"verdict": "amend", "wording": REVIEWED, "note": "Shorter."}
    )
    assert (accepted.errors, accepted.views) == ({}, ())
    review = {"answer_id": 1, "reviewer": lena, "verdict": "amend", "wording": REVIEWED}
    await kept(database, "review", review | {"note": "Shorter."})


@pytest.mark.usefixtures("footnote")
async def test_the_passages_open_word_for_word(
    slack: LocalSlack, database: Database, tmp_path: Path
) -> None:
    ts, answer = await asked(slack)
    await slack.click("alice", "support", answer["ts"], "show_passages")
    view = await slack.modal()
    await slack.screenshot(tmp_path / "passages.png", "support", ts)
    assert (tmp_path / "passages.png").stat().st_size > 20_000

    bodies = {row["id"]: row["body"] for row in await rows(database, "article_version")}
    cited = {row["n"]: row for row in await rows(database, "citation")}
    evidence = {row["n"]: row for row in await rows(database, "evidence")}
    passages = [
        bodies[row["article_version_id"]][row["start_offset"] : row["end_offset"]]
        for row in (evidence[n] for n in sorted(cited))
    ]
    assert list(map(str.split, passages_shown(view))) == list(map(str.split, passages))
    await slack.close_modals("alice")


@pytest.mark.usefixtures("footnote")
async def test_the_voice_is_switched_there_and_back(slack: LocalSlack) -> None:
    _, answer = await asked(slack)
    neutral = words_of(answer["blocks"])
    await slack.click("alice", "support", answer["ts"], "brand_voice")
    worded = await slack.wait_for_message(
        "support", lambda one: "Happy to help! " in words_of(one.get("blocks") or [])
    )
    assert worded["ts"] == answer["ts"]
    assert neutral.count("|[1]>") == words_of(worded["blocks"]).count("|[1]>") > 0
    await slack.click("alice", "support", answer["ts"], "neutral_voice")
    await slack.wait_for_message(
        "support", lambda one: words_of(one.get("blocks") or []) == neutral
    )
