"""The fake OpenAI server, driven by the real client."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from itertools import starmap
from operator import mul

import httpx
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import AsyncOpenAI, AsyncStream
from openai.types.chat import ChatCompletionChunk, ChatCompletionUserMessageParam

from tests.fakes.grounded_model import NOT_COVERED, cheerful_voice, embedding, grounded_reply
from tests.fakes.openai_server import OpenAIServer, Reply, cut, error, malformed, text

PROMPT = """Answer from the passages.

[1] Refunds
Refunds take five working days. They go back to the card that paid.
[2] Invoices are under Billing › History.

Question: Which card does a refund go back to?"""


def ask(content: str) -> list[ChatCompletionUserMessageParam]:
    return [{"role": "user", "content": content}]


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer(dimensions=64) as running:
        yield running


@pytest.fixture
async def client(server: OpenAIServer) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(
        base_url=server.base_url, api_key="sk-test", max_retries=0, timeout=5.0
    ) as made:
        yield made


async def open_stream(client: AsyncOpenAI) -> AsyncStream[ChatCompletionChunk]:
    return await client.chat.completions.create(
        model="gpt-4o-mini",
        messages=ask("hello"),
        stream=True,
        stream_options={"include_usage": True},
    )


async def collect(stream: AsyncStream[ChatCompletionChunk], said: list[str]) -> None:
    """Put the stream's words into `said`, so that they are there even when it breaks off."""
    async for chunk in stream:
        said += [choice.delta.content or "" for choice in chunk.choices]


async def test_unscripted_answer_is_grounded_in_the_first_passage(
    server: OpenAIServer, client: AsyncOpenAI
) -> None:
    answer = await client.chat.completions.create(model="gpt-4o-mini", messages=ask(PROMPT))
    assert answer.choices[0].message.content == "They go back to the card that paid. [1]"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert answer.usage.total_tokens > answer.usage.prompt_tokens > 0
    assert server.requests[0].path == "/v1/chat/completions"
    assert server.requests[0].headers["authorization"] == "Bearer sk-test"
    assert "Which card" in server.requests[0].prompt


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ('<passage n="1" title="x">It costs 5 euros.</passage>', "It costs 5 euros. [1]"),
        ("[3] Only this is known.", "Only this is known. [3]"),
        (
            "<passages>\n[1] Refunds › When\nIt is five days.\n</passages>\n\nQuestion: How long?",
            "It is five days. [1]",
        ),
        ("Earlier questions:\n- Refunds?\n\nLast question: How long?", "How long?"),
        ("no passages at all", NOT_COVERED),
    ],
)
def test_default_responder(prompt: str, expected: str) -> None:
    assert grounded_reply({"messages": ask(prompt)}) == expected


@given(st.text())
def test_default_responder_takes_any_prompt(prompt: str) -> None:
    assert grounded_reply({"messages": ask(prompt)})


async def test_stream_carries_tokens_then_usage(server: OpenAIServer, client: AsyncOpenAI) -> None:
    server.script(["Five ", (0.01, "days "), "[1]"])
    chunks = [chunk async for chunk in await open_stream(client)]
    pieces = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
    assert pieces == ["", "Five ", "days ", "[1]", None]
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens > 0
    assert server.unused == 0


async def test_half_finished_stream_breaks_off(server: OpenAIServer, client: AsyncOpenAI) -> None:
    server.script(cut("one two three four", after=2))
    said: list[str] = []
    stream = await open_stream(client)
    with pytest.raises(openai.APIConnectionError):
        await collect(stream, said)
    assert "".join(said) == "one two "


async def test_half_finished_plain_answer_breaks_off(
    server: OpenAIServer, client: AsyncOpenAI
) -> None:
    server.script(cut("one two three"))
    with pytest.raises(openai.APIConnectionError):
        await client.chat.completions.create(model="m", messages=ask("hello"))


async def test_client_that_leaves_is_noticed(server: OpenAIServer, client: AsyncOpenAI) -> None:
    server.script(["first ", *[(0.01, "more ")] * 500])
    stream = await open_stream(client)
    await anext(aiter(stream))
    await stream.close()
    async with asyncio.timeout(5):
        while not server.abandoned:  # noqa: ASYNC110 -- a list has no event to wait for
            await asyncio.sleep(0.01)
    assert server.abandoned == server.requests


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error(401, code="invalid_api_key"), openai.AuthenticationError),
        (error(429, retry_after=7), openai.RateLimitError),
        (error(500), openai.InternalServerError),
    ],
)
async def test_http_errors(
    server: OpenAIServer, client: AsyncOpenAI, reply: Reply, kind: type[openai.APIStatusError]
) -> None:
    server.script(reply)
    with pytest.raises(kind) as caught:
        await client.chat.completions.create(model="m", messages=ask("hello"))
    assert caught.value.status_code == reply.status
    assert caught.value.response.headers.get("retry-after") == reply.headers.get("Retry-After")


async def test_client_retries_over_a_429(server: OpenAIServer, client: AsyncOpenAI) -> None:
    server.script(error(429, retry_after=0.01), "now")
    answer = await client.with_options(max_retries=1).chat.completions.create(
        model="m", messages=ask("hello")
    )
    assert answer.choices[0].message.content == "now"
    assert len(server.requests) == 2


async def test_slow_and_malformed_answers(server: OpenAIServer, client: AsyncOpenAI) -> None:
    server.script(text("late", wait=1.0), malformed(), malformed())
    with pytest.raises(openai.APITimeoutError):
        await client.with_options(timeout=0.1).chat.completions.create(
            model="m", messages=ask("hello")
        )
    with pytest.raises(json.JSONDecodeError):
        await client.chat.completions.create(model="m", messages=ask("hello"))
    stream = await open_stream(client)
    with pytest.raises(json.JSONDecodeError):
        await collect(stream, [])


async def test_each_model_has_its_own_voice(server: OpenAIServer, client: AsyncOpenAI) -> None:
    server.models["brand"] = lambda body: f"Hey! {body['messages'][-1]['content']}"
    server.script("scripted", model="brand")
    said = []
    for model in ("other", "brand", "brand"):
        answer = await client.chat.completions.create(model=model, messages=ask("hello"))
        said.append(answer.choices[0].message.content)
    assert said == [NOT_COVERED, "scripted", "Hey! hello"]
    assert "brand" in [model.id async for model in client.models.list()]


def test_cheerful_voice_gives_every_line_back() -> None:
    said = cheerful_voice({"messages": ask("1. Five days.\n2. To the card.")})
    assert said == "1. Happy to help! Five days.\n2. To the card."


async def test_wrong_key_is_refused(server: OpenAIServer, client: AsyncOpenAI) -> None:
    server.api_key = "sk-right"
    with pytest.raises(openai.AuthenticationError):
        await client.models.list()


async def test_embeddings(server: OpenAIServer, client: AsyncOpenAI) -> None:
    texts = ["refund for an order", "an order refund", "boiling point of tungsten"]
    packed = await client.embeddings.create(model="e", input=texts)  # the client asks for base64
    plain = await client.embeddings.create(model="e", input=texts, encoding_format="float")
    sized = await client.embeddings.create(model="e", input="one", dimensions=8)
    assert server.requests[0].body["encoding_format"] == "base64"
    assert len(sized.data[0].embedding) == 8
    for one, other, words in zip(packed.data, plain.data, texts, strict=True):
        assert one.embedding == pytest.approx(other.embedding, abs=1e-6)
        assert other.embedding == pytest.approx(embedding(words, 64))
    near, same, far = (item.embedding for item in plain.data)
    assert sum(starmap(mul, zip(near, same, strict=True))) > 0.7
    assert sum(starmap(mul, zip(near, far, strict=True))) < 0.7
    with pytest.raises(openai.BadRequestError):
        await client.embeddings.create(model="e", input=["fine", ""])


async def test_embeddings_misbehave_on_demand(server: OpenAIServer, client: AsyncOpenAI) -> None:
    server.script(error(503), cut(""), endpoint="embeddings")
    for kind in (openai.InternalServerError, openai.APIConnectionError):
        with pytest.raises(kind):
            await client.embeddings.create(model="e", input="one")


def test_runs_as_a_process() -> None:
    command = [sys.executable, "-m", "tests.fakes.openai_server", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        script = [{"status": 500, "body": {"error": {}}}, "said so"]
        assert httpx.post(f"{url}/_fake/script", json=script).json() == {"queued": 2}
        chat = {"model": "m", "messages": ask("hello")}
        assert httpx.post(f"{url}/v1/chat/completions", json=chat).status_code == 500
        answer = httpx.post(f"{url}/v1/chat/completions", json=chat).json()
        assert answer["choices"][0]["message"]["content"] == "said so"
        assert len(httpx.get(f"{url}/_fake/requests").json()) == 2
        process.terminate()
        assert process.wait(timeout=10) == 0
