"""What is personal in a question gets nowhere: not to models, not into Postgres, not into logs."""

import io
import json
import logging
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from psycopg import sql

from bot.app import open_app
from bot.asking import answer_once
from bot.serving import Service, set_up_logging
from bot.settings import Settings
from ingest.database import open_pool
from ingest.embeddings.hosted import HostedEmbedder
from ingest.settings import EmbeddingSettings
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.reading import words_of
from tests.fakes.slack_server import ALICE, SUPPORT, SlackServer
from tests.integration.desk import answer_to, serving, settings_for, whisper_to
from tests.integration.help_centre import HelpCentre

SECRETS = (
    "john.doe@example.com",
    "+49 171 1234567",
    "4111 1111 1111 1111",
    "DE89 3704 0044 0532 0130 00",
    "sk-abc123def456ghi789",
    "hunter2secret",
)
QUESTION = (
    "How long does a refund take? I am {}, call {}; my card {}, IBAN {}, key {}, password: {}"
)
ASKED = QUESTION.format(*SECRETS)
KEPT = QUESTION.format("[e-mail]", "[phone]", "[card number]", "[IBAN]", "[secret]", "[secret]")


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer(dimensions=64) as listening:
        yield listening


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer() as running:
        yield running


@pytest.fixture
async def centre(empty_url: str, server: OpenAIServer, tmp_path: Path) -> AsyncIterator[HelpCentre]:
    """One article, embedded by the server."""
    settings = EmbeddingSettings.model_validate(embedding(server))
    embedder = HostedEmbedder(settings, None)
    async with open_pool(empty_url) as database:
        made = HelpCentre(database, embedder, tmp_path / "articles")
        made.write("refunds.md", "# Refunds\n\nA refund takes five days.", title="Refunds")
        await made.run()
        yield made
    await embedder.close()


def embedding(server: OpenAIServer) -> dict[str, object]:
    return {"provider": "openai", "model": "m", "dimensions": 64, "base_url": server.base_url}


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """What `footnote serve` would have written to its log."""
    root, stream = logging.getLogger(), io.StringIO()
    before = root.handlers[:]
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        set_up_logging()
    yield stream.getvalue
    root.handlers[:] = before


@asynccontextmanager
async def desk(url: str, slack: SlackServer, server: OpenAIServer) -> AsyncIterator[Service]:
    chat = {"model": "gpt-fake", "base_url": server.base_url}
    settings = settings_for(url, slack, embedding=embedding(server), chat=chat)
    async with serving(settings, slack) as service:
        yield service


async def test_a_question_in_slack_is_masked_wherever_it_goes(
    centre: HelpCentre,
    empty_url: str,
    slack: SlackServer,
    server: OpenAIServer,
    logged: Callable[[], str],
) -> None:
    server.requests.clear()
    async with desk(empty_url, slack, server):
        asked = await slack.mention(SUPPORT, ALICE, ASKED)
        await answer_to(slack, asked)
        await slack.mention(SUPPORT, ALICE, f"And for {SECRETS[0]}?", thread_ts=asked.ts)
        await slack.wait_for_call("chat.postMessage", 2)
        await slack.slash_command(ALICE, SUPPORT, "/footnote", ASKED)
        await whisper_to(slack, ALICE)
        assert SECRETS[0] in asked.text  # who asked sees what they wrote

    paths = {request.path for request in server.requests}
    assert paths == {"/v1/chat/completions", "/v1/embeddings"}
    kept, log = await everything(centre), logged()
    assert KEPT in kept
    for secret in SECRETS:
        assert secret not in json.dumps([dict(request.body) for request in server.requests])
        assert secret not in kept
        assert secret not in log
    assert "asked in" in log


async def everything(centre: HelpCentre) -> str:
    """Every row of every table, as text."""
    tables = await centre.sql(
        "SELECT table_name AS name FROM information_schema.tables"
        " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
    )
    assert "question" in {table["name"] for table in tables}
    texts: list[str] = []
    async with centre.database.session() as session:
        for table in tables:
            query = sql.SQL("SELECT * FROM {}").format(sql.Identifier(table["name"]))
            texts += map(str, await (await session.connection.execute(query)).fetchall())
    return "\n".join(texts)


async def test_at_the_command_line_the_asker_sees_their_own_words(
    centre: HelpCentre, empty_url: str, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_url)
    settings = Settings.load().model_copy(
        update={"embedding": EmbeddingSettings.model_validate(embedding(server))}
    )
    server.requests.clear()
    async with open_app(settings) as app:
        answer = await answer_once(app, ASKED)

    assert answer.as_json()["question"] == ASKED
    assert KEPT in await everything(centre)
    assert SECRETS[0] not in await everything(centre)
    assert KEPT in json.dumps([dict(request.body) for request in server.requests])


async def test_show_passages_says_how_a_follow_up_was_understood(
    sample_url: str, slack: SlackServer
) -> None:
    async with serving(settings_for(sample_url, slack), slack):
        asked = await slack.mention(
            SUPPORT, ALICE, "How much does delivery to Switzerland cost, my mail is a@b.example?"
        )
        first = await answer_to(slack, asked)
        follow_up = await slack.mention(SUPPORT, ALICE, "And to Norway?", thread_ts=asked.ts)
        second = await answer_to(slack, follow_up)

        await slack.click(first, "show_passages", ALICE)
        view = await slack.wait_for_view()
        assert "Understood" not in words_of(view["blocks"])
        await slack.click(second, "show_passages", ALICE)
        view = await slack.wait_for_view(lambda view: "Understood" in words_of(view["blocks"]))
        assert (
            "Understood from the thread as: *How much does delivery to Norway cost, my mail is"
            " [e-mail]?*"
        ) in words_of(view["blocks"])
