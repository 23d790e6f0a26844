"""The chat model, against a server that misbehaves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr

from bot.chat import model as chat_model
from bot.chat.model import ATTEMPTS, ChatModel
from bot.chat.prompt import Message
from bot.errors import ChatModelError
from bot.settings import ChatSettings
from ingest.errors import ProviderUnavailable, RateLimited, Retryable
from tests.fakes.openai_server import OpenAIServer, Reply, cut, error, malformed, text

ASK = [Message("system", "Be brief."), Message("user", "Why?")]


@pytest.fixture(autouse=True)
def _no_long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_model, "LONGEST_WAIT", 0.05)


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as running:
        yield running


@asynccontextmanager
async def model_at(
    server: OpenAIServer, *, key: str | None = "sk-test", seconds: float = 5
) -> AsyncIterator[ChatModel]:
    settings = ChatSettings(
        model="gpt-fake", base_url=server.base_url, timeout_seconds=seconds,
        input_price=2.0, output_price=8.0,
    )  # fmt: skip
    model = ChatModel(settings, SecretStr(key) if key else None)
    yield model
    await model.close()


@pytest.fixture
async def model(server: OpenAIServer) -> AsyncIterator[ChatModel]:
    async with model_at(server) as opened:
        yield opened


async def test_an_answer_is_read_whole_with_what_it_cost(
    server: OpenAIServer, model: ChatModel
) -> None:
    server.script("Because it is so. [1]\n")

    found = await model.complete(ASK)

    assert (found.text, found.model) == ("Because it is so. [1]", "gpt-fake")
    (request,) = server.requests
    assert request.body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Why?"},
    ]
    assert request.headers["authorization"] == "Bearer sk-test"
    # The fake counts a token for every four characters: 4 in, 6 out.
    assert found.cost_usd == pytest.approx((4 * 2.0 + 6 * 8.0) / 1_000_000)


async def test_a_local_server_needs_no_key(server: OpenAIServer) -> None:
    server.script("Yes.")
    async with model_at(server, key=None) as model:
        assert (await model.complete(ASK)).text == "Yes."


@pytest.mark.parametrize(
    "trouble",
    [
        error(429, retry_after=0.01),
        error(429),
        error(500),
        error(503),
        cut("Half an answer is", after=2),
        malformed(),
        Reply(raw="<html>Bad gateway</html>"),
        text(""),
        Reply(status=502, raw="<html>Bad gateway</html>"),
    ],
    ids=["429-told", "429", "500", "503", "cut", "malformed", "html", "empty", "502-html"],
)
async def test_what_may_pass_is_tried_again(
    server: OpenAIServer, model: ChatModel, trouble: Reply
) -> None:
    server.script(trouble, "Whole.")

    assert (await model.complete(ASK)).text == "Whole."
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (error(500), ProviderUnavailable),
        (cut("Half an", after=1), ProviderUnavailable),
        (malformed(), ProviderUnavailable),
        (text(""), ProviderUnavailable),
        (error(429, retry_after=0.01), RateLimited),
    ],
)
async def test_what_does_not_pass_is_given_up(
    server: OpenAIServer, model: ChatModel, trouble: Reply, kind: type[Retryable]
) -> None:
    server.script(*[trouble] * ATTEMPTS, "Too late.")

    with pytest.raises(kind, match="gpt-fake"):
        await model.complete(ASK)
    assert len(server.requests) == ATTEMPTS


@pytest.mark.parametrize(
    ("status", "said"),
    [(400, "400"), (401, "401"), (403, "403"), (404, "gpt-fake is not there"), (422, "422")],
)
async def test_a_refusal_is_final(
    server: OpenAIServer, model: ChatModel, status: int, said: str
) -> None:
    server.script(error(status, "sk-test is wrong"))

    with pytest.raises(ChatModelError, match=said) as caught:
        await model.complete(ASK)

    assert len(server.requests) == 1
    assert "sk-test" not in str(caught.value)


async def test_a_wrong_key_is_a_refusal() -> None:
    async with OpenAIServer(api_key="sk-right") as server, model_at(server) as model:
        with pytest.raises(ChatModelError, match="OPENAI_API_KEY"):
            await model.complete(ASK)
        assert len(server.requests) == 1


@pytest.mark.parametrize("reason", ["length", "content_filter"])
async def test_an_answer_cut_short_by_the_server_is_none(
    server: OpenAIServer, model: ChatModel, reason: str
) -> None:
    server.script(text("To reset it, hold the", finish_reason=reason))

    with pytest.raises(ChatModelError, match=reason):
        await model.complete(ASK)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "slow",
    [text("Late.", wait=5), Reply(tokens=["A", *[(0.1, "b")] * 50])],
    ids=["silent", "trickling"],
)
async def test_an_answer_that_is_not_whole_in_time_is_given_up(
    server: OpenAIServer, slow: Reply
) -> None:
    server.script(*[slow] * ATTEMPTS)
    async with model_at(server, seconds=0.25) as model:
        with pytest.raises(ProviderUnavailable, match="does not answer"):
            await asyncio.wait_for(model.complete(ASK), timeout=10)


async def test_nobody_at_the_address() -> None:
    async with OpenAIServer() as server:
        pass
    async with model_at(server) as model:
        with pytest.raises(ProviderUnavailable, match="does not answer"):
            await model.complete(ASK)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "said",
    [
        b"rubbish rubbish\r\n\r\n",
        CHUNKED + b"zz\r\nhi\r\n",
        CHUNKED + b'10\r\ndata: {"choices"\r\n0\r\n\r\n',
        CHUNKED + b'15\r\ndata: {"choices":3}\n\n\r\n0\r\n\r\n',
        CHUNKED + b"b\r\ndata: [1]\n\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\ndata: {}",
    ],
)
async def test_a_server_that_speaks_something_else_does_not_answer(said: bytes) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as other:
        port = other.sockets[0].getsockname()[1]
        model = ChatModel(ChatSettings(base_url=f"http://127.0.0.1:{port}/v1"), None)
        with pytest.raises(ProviderUnavailable, match=r"does not answer|cannot be read|half-way"):
            await model.complete(ASK)
        await model.close()


async def test_being_told_to_wait_for_an_hour_is_not_waited_out(
    server: OpenAIServer, model: ChatModel
) -> None:
    server.script(error(429, retry_after=3_600), "Now.")

    assert (await asyncio.wait_for(model.complete(ASK), timeout=10)).text == "Now."
