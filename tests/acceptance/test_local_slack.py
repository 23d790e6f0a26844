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
from tests.fakes.reading import letters, passages_shown, words_of
from tests.integration.command import FOOTNOTE

PASSWORD = "How do I reset my password?"
DELIVERY = "How much does delivery to Switzerland cost?"
REVIEWED = "1. Ask for the link on the sign-in page. [1]"


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
def pictures(tmp_path: Path) -> Path:
    """Where pictures go. The README's are made with README_PICTURES=$PWD/docs."""
    return Path(os.environ.get("README_PICTURES", tmp_path))


@pytest.fixture
async def footnote(
    slack: LocalSlack, sample_url: str, model: OpenAIServer, tmp_path: Path
) -> AsyncIterator[None]:
    """`footnote serve`, with a voice, and Lena as a lead."""
    (tmp_path / "footnote.toml").write_text(
        f'[slack]\nleads = ["{slack.user("lena")}"]\n'
        f'[slack.channels.default]\nhandoff_channel = "{slack.channel("general")}"\n'
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
async def test_a_mention_a_direct_message_and_a_follow_up_get_one_cited_reply_each(
    slack: LocalSlack, database: Database, pictures: Path
) -> None:
    ts, answer = await asked(slack)
    shown = words_of(answer["blocks"])
    assert "|[1]>" in shown
    assert "*Sources*\n[1] <https://help.rimeholt.example/articles/" in shown
    await slack.screenshot(pictures / "answer.png", "support", ts, height=540)
    assert (pictures / "answer.png").stat().st_size > 20_000

    direct = await slack.direct_message("bob", DELIVERY)
    reply = await slack.wait_for_reply(direct.channel, direct.ts)
    assert "14.90" in words_of(reply["blocks"])
    delivered = await slack.post_as("alice", "general", f"<@{slack.bot_user_id}> {DELIVERY}")
    first = await slack.wait_for_reply("general", delivered.ts)
    await slack.post_as("alice", "general", "thanks, that helps", delivered.ts)
    await slack.post_as("alice", "general", "And to Austria?", delivered.ts)
    second = await slack.wait_for_message(
        "general", lambda one: "bot_id" in one and one["ts"] > first["ts"]
    )
    assert "Austria" in words_of(second["blocks"])
    await slack.post_as("bob", "general", "Alice, can you call them?", delivered.ts)
    await slack.post_as("alice", "general", "Which number do they have?", delivered.ts)

    await delivered_to(database, 4)
    assert await slack.replies("support", ts) == [answer]
    assert [one for one in await slack.messages(direct.channel) if "bot_id" in one] == [reply]
    said = await slack.replies("general", delivered.ts)
    assert [one for one in said if "bot_id" in one] == [first, second]


async def delivered_to(database: Database, questions: int) -> None:
    await noted(database, "delivery", questions)


async def noted(database: Database, table: str, count: int) -> None:
    """Wait for so many rows: a message is seen before it is noted where it went."""
    async with asyncio.timeout(15):
        while len(await rows(database, table)) < count:  # noqa: ASYNC110 - Postgres tells nobody
            await asyncio.sleep(0.05)


@pytest.mark.usefixtures("footnote")
async def test_votes_and_reviews_become_rows(slack: LocalSlack, database: Database) -> None:
    _, answer = await asked(slack)
    alice, lena = slack.user("alice"), slack.user("lena")
    down = {"answer_id": 1, "voter": alice, "helpful": False, "comment": None}
    await slack.click("alice", "support", answer["ts"], "vote_down")
    await kept(database, "vote", down)
    await slack.modal()
    refused = await slack.submit("alice", {})
    assert list(refused.errors) == ["reasons"]
    reasons_given = ["outdated", "incomplete"]
    told = await slack.submit("alice", {"reasons": reasons_given, "comment": "The menu moved."})
    assert told.errors == {}
    await kept(database, "vote", down | {"comment": "The menu moved."})
    await noted(database, "vote_reason", 2)
    reasons = await rows(database, "vote_reason")
    assert {row["reason"] for row in reasons} == {"outdated", "incomplete"}
    await slack.click("alice", "support", answer["ts"], "vote_up")
    await kept(database, "vote", down | {"helpful": True})
    assert await rows(database, "vote_reason") == []

    await slack.click("alice", "support", answer["ts"], "more", "review 1")
    await slack.wait_for_message("support", lambda one: "Reviews are for leads" in one["text"])
    await slack.click("lena", "support", answer["ts"], "more", "review 1")
    view = await slack.modal()
    refused = await slack.submit("lena", {"verdict": "amend"})
    assert list(refused.errors) == ["verdict"]
    blocks = [str(block.get("block_id")) for block in view["blocks"]]
    wordings = {block: "" for block in blocks if block.startswith("wording-")}
    wordings["wording-0"] = REVIEWED.removeprefix("1. ").removesuffix(" [1]")
    accepted = await slack.submit("lena", {"verdict": "amend", "note": "Shorter.", **wordings})
    assert (accepted.errors, accepted.views) == ({}, ())
    review = {"answer_id": 1, "reviewer": lena, "verdict": "amend", "wording": REVIEWED}
    await kept(database, "review", review | {"note": "Shorter."})


@pytest.mark.usefixtures("footnote")
async def test_the_passages_open_word_for_word(
    slack: LocalSlack, database: Database, pictures: Path
) -> None:
    ts, answer = await asked(slack)
    await slack.click("alice", "support", answer["ts"], "show_passages")
    view = await slack.modal()
    await slack.screenshot(pictures / "passages.png", "support", ts, height=600)
    assert (pictures / "passages.png").stat().st_size > 20_000

    bodies = {row["id"]: row["body"] for row in await rows(database, "article_version")}
    cited = {row["n"]: row for row in await rows(database, "citation")}
    evidence = {row["n"]: row for row in await rows(database, "evidence")}
    passages = [
        bodies[row["article_version_id"]][row["start_offset"] : row["end_offset"]]
        for row in (evidence[n] for n in sorted(cited))
    ]
    assert list(map(letters, passages_shown(view))) == list(map(letters, passages))
    await slack.close_modals("alice")


@pytest.mark.usefixtures("footnote")
async def test_a_private_answer_is_shared_here_and_elsewhere_and_handed_off(
    slack: LocalSlack, database: Database
) -> None:
    await slack.command("alice", "support", "/footnote", "help")
    await slack.wait_for_message("support", lambda one: "/footnote voice" in one["text"])
    await slack.command("alice", "support", "/footnote", "status")
    await slack.wait_for_message("support", lambda one: "last updated today" in one["text"])
    await slack.command("alice", "support", "/footnote", DELIVERY)
    private = await slack.wait_for_message("support", lambda one: "14.90" in one["text"])
    assert (private["subtype"], private["ephemeral_to"]) == ("ephemeral", slack.user("alice"))

    await slack.click("alice", "support", private["ts"], "share_here")
    shared = await slack.wait_for_message(
        "support", lambda one: "Shared by" in words_of(one.get("blocks") or [])
    )
    assert "subtype" not in shared
    assert "14.90" in words_of(shared["blocks"])
    await kept(database, "shared_answer", {"answer_id": 1})  # a person takes longer to read it
    await slack.post_as("alice", "support", "And to Austria?", shared["ts"])
    follow_up = await slack.wait_for_reply("support", shared["ts"])
    assert "Austria" in words_of(follow_up["blocks"])

    await slack.click("alice", "support", shared["ts"], "more", "share 1")
    await slack.modal()
    await slack.submit("alice", {"where": slack.channel("general")})
    elsewhere = await slack.wait_for_message("general", lambda one: "14.90" in one["text"])
    assert DELIVERY in words_of(elsewhere["blocks"])
    await noted(database, "shared_answer", 2)

    await slack.click("alice", "support", shared["ts"], "more", "hand_off 1")
    await slack.modal()
    await slack.submit("alice", {"note": "The customer is on the phone."})
    handed = await slack.wait_for_message("general", lambda one: "hands off" in one["text"])
    words = words_of(handed["blocks"])
    assert "on the phone" in words
    assert "14.90" in words
    assert "|Open the thread>" in words


@pytest.mark.usefixtures("footnote")
async def test_home_asks_shows_what_was_asked_and_what_waits_for_a_lead(
    slack: LocalSlack, database: Database, pictures: Path
) -> None:
    empty = words_of((await slack.open_home("alice"))["blocks"])
    assert "None yet" in empty
    assert "To review" not in empty
    await slack.act_in_home("alice", "ask", "ask")
    await slack.modal()
    await slack.submit("alice", {"question": PASSWORD})
    await delivered_to(database, 1)
    direct = (await rows(database, "delivery"))[0]["channel"]
    posted = await slack.wait_for_message(direct, lambda one: one["text"].startswith("You asked"))
    assert "|[1]>" in words_of((await slack.wait_for_reply(direct, posted["ts"]))["blocks"])
    home = words_of((await slack.open_home("alice"))["blocks"])
    assert f"*{PASSWORD}*\nanswered · just now" in home
    await slack.act_in_home("alice", "my_voice", "warm")
    await kept(database, "preference", {"person": slack.user("alice"), "voice": "warm"})

    _, answer = await asked(slack, "How do I move my bridge to another Wi-Fi?")
    await slack.click("alice", "support", answer["ts"], "vote_down")
    await slack.modal()
    await slack.submit("alice", {"reasons": ["incomplete"], "comment": "What about 5 GHz?"})
    await asked(slack, "What is the boiling point of tungsten?")
    await slack.post_as("lena", "support", f"<@{slack.bot_user_id}> {DELIVERY}")
    await delivered_to(database, 4)
    lead = words_of((await slack.open_home("lena"))["blocks"])
    assert "👎 1 (incomplete)" in lead
    assert "Not covered" in lead
    assert "Channel settings" in lead
    await slack.screenshot_of_home(pictures / "home.png", "lena", height=720)
    assert (pictures / "home.png").stat().st_size > 20_000
    await slack.act_in_home("lena", "review", "2")  # what was voted down comes first
    await slack.modal()
    await slack.submit("lena", {"verdict": "reject"})
    await kept(database, "review", {"answer_id": 2, "verdict": "reject"})


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
