"""The embedding model behind HTTP, and what becomes of its moods."""

import asyncio
from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest
from pydantic import SecretStr

from ingest.embeddings.hosted import AT_ONCE, ATTEMPTS, BATCH, BULK_ATTEMPTS, HostedEmbedder
from ingest.embeddings.pace import Pace
from ingest.errors import EmbeddingModelError, ProviderUnavailable, RateLimited
from ingest.settings import EmbeddingSettings
from tests.fakes.openai_server import OpenAIServer, Reply, cut, error, malformed
from tests.integration.command import until

Open = Callable[..., HostedEmbedder]
TEXTS = [f"text {number}" for number in range(BATCH * 6 + 3)]


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer(dimensions=8) as listening:
        yield listening


@pytest.fixture
def slept() -> list[float]:
    """What the pace waited for, in seconds."""
    return []


@pytest.fixture
async def opened(server: OpenAIServer, slept: list[float]) -> AsyncIterator[Open]:
    """Opens embedders that do not sleep between tries, and closes them."""
    embedders = []

    class Clock:
        now = 0.0

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        Clock.now += seconds

    def open_one(*, key: str | None = None, **fields: object) -> HostedEmbedder:
        settings = EmbeddingSettings.model_validate(
            {"provider": "openai", "model": "m", "dimensions": 8, "base_url": server.base_url}
            | fields
        )
        pace = Pace(settings.tokens_per_minute, lambda: Clock.now, sleep)
        embedder = HostedEmbedder(settings, SecretStr(key) if key else None, pace)
        embedder._backoff = lambda _: 0  # type: ignore[assignment]
        embedders.append(embedder)
        return embedder

    yield open_one
    for embedder in embedders:
        await embedder.close()


@pytest.mark.parametrize("how", [{"bulk": True}, {}], ids=["bulk", "question"])
async def test_vectors_have_length_one_and_the_order_of_the_texts(
    server: OpenAIServer, opened: Open, how: dict[str, bool]
) -> None:
    embedder = opened(key="sk-1", price_per_million=0.02)
    vectors = await embedder.embed([*TEXTS, ""], **how)
    assert vectors.shape == (len(TEXTS) + 1, 8)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for number in (0, BATCH, -1):
        assert np.allclose(
            vectors[: len(TEXTS)][number], (await embedder.embed([TEXTS[number]]))[0]
        )
    assert server.requests[0].headers["authorization"] == "Bearer sk-1"
    assert (await embedder.embed([])).shape == (0, 8)
    assert str(await embedder.space_name()) == "openai/m (8)"
    used = len(TEXTS) * 2 + 1 + 3 * 2  # the fake counts four letters as one
    assert embedder.tokens == used
    assert embedder.cost_usd == pytest.approx(used * 0.02 / 1_000_000)


async def test_bulk_goes_a_few_batches_at_a_time(server: OpenAIServer, opened: Open) -> None:
    """All that are let go wait in the server at once; a question waits for none of them."""
    embedder = opened()
    server.answering.clear()
    embedding = asyncio.create_task(embedder.embed(TEXTS, bulk=True))
    await until(lambda: len(server.requests) == AT_ONCE)
    question = asyncio.create_task(embedder.embed(["a question"]))
    await until(lambda: len(server.requests) > AT_ONCE)
    await asyncio.sleep(0.1)
    assert len(server.requests) == AT_ONCE + 1
    server.answering.set()
    await question
    await embedding
    assert len(server.requests) == AT_ONCE + 1 + 3


@pytest.mark.parametrize(
    "mood",
    [error(429, retry_after=0), error(500), error(503), cut("half"), malformed("{half")],
    ids=["429", "500", "503", "half", "malformed"],
)
async def test_a_passing_mood_is_waited_out(
    server: OpenAIServer, opened: Open, mood: Reply
) -> None:
    server.script(mood, mood, endpoint="embeddings")
    assert (await opened().embed(["text"])).shape == (1, 8)
    assert server.unused == 0


async def test_a_batch_that_is_too_much_pauses_them_all(
    server: OpenAIServer, opened: Open, slept: list[float]
) -> None:
    server.script(error(429, retry_after=7), endpoint="embeddings")
    vectors = await opened().embed(TEXTS, bulk=True)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert slept == [7.0]  # once: the clock of all batches is the same
    assert len(server.requests) == 7 + 1


async def test_the_budget_is_kept(server: OpenAIServer, opened: Open, slept: list[float]) -> None:
    """Six batches of 64 tokens, estimated as 96, of which two go a minute, and a small one."""
    embedder = opened(tokens_per_minute=210)
    await embedder.embed(TEXTS, bulk=True)
    assert len(server.requests) == 7
    assert slept == [60.0, 60.0]
    await embedder.embed(TEXTS[:BATCH])  # a question would not wait
    assert slept == [60.0, 60.0]


@pytest.mark.parametrize(("how", "attempts"), [({}, ATTEMPTS), ({"bulk": True}, BULK_ATTEMPTS)])
async def test_a_lasting_mood_is_named(
    server: OpenAIServer, opened: Open, how: dict[str, bool], attempts: int
) -> None:
    server.script(*[error(500)] * attempts, endpoint="embeddings")
    with pytest.raises(ProviderUnavailable, match="embedding model m does not answer"):
        await opened().embed(["text"], **how)
    assert server.unused == 0
    server.script(*[error(429)] * attempts, endpoint="embeddings")
    with pytest.raises(RateLimited, match="embedding model m is rate limited"):
        await opened().embed(["text"], **how)
    assert server.unused == 0


async def test_an_empty_account_is_not_asked_again(server: OpenAIServer, opened: Open) -> None:
    server.script(error(429, code="insufficient_quota"), endpoint="embeddings")
    with pytest.raises(EmbeddingModelError, match="no money left"):
        await opened().embed(["text"], bulk=True)
    assert len(server.requests) == 1


async def test_nobody_there(opened: Open) -> None:
    with pytest.raises(ProviderUnavailable, match="embedding model m does not answer"):
        await opened(base_url="http://127.0.0.1:1/v1").embed(["text"])


async def test_a_wrong_key_is_not_tried_again(server: OpenAIServer, opened: Open) -> None:
    server.api_key = "sk-right"
    with pytest.raises(EmbeddingModelError, match=r"\(401\)\.\nCheck OPENAI_API_KEY") as caught:
        await opened(key="sk-wrong").embed(["text"])
    assert len(server.requests) == 1
    assert "sk-wrong" not in str(caught.value)


async def test_a_server_that_counts_no_tokens(server: OpenAIServer, opened: Open) -> None:
    row = {"object": "embedding", "index": 0, "embedding": [1.0] * 8}
    server.script(
        Reply(body={"object": "list", "model": "m", "data": [row]}), endpoint="embeddings"
    )
    embedder = opened()
    assert (await embedder.embed(["text"])).shape == (1, 8)
    assert embedder.tokens == 2  # about


# The length of vectors: asked for only where it has to be


async def test_a_model_of_our_length_is_not_asked_for_it(
    server: OpenAIServer, opened: Open
) -> None:
    """Such as vLLM's, which refuse the question even for the length they have."""
    server.one_length = True
    assert (await opened().embed(TEXTS)).shape == (len(TEXTS), 8)
    assert not any("dimensions" in request.body for request in server.requests)


async def test_a_model_of_longer_vectors_is_asked_to_shorten_them(
    server: OpenAIServer, opened: Open
) -> None:
    """Such as OpenAI's text-embedding-3-large; after the first answer it is asked at once."""
    embedder = opened(dimensions=4)
    assert (await embedder.embed(TEXTS, bulk=True)).shape == (len(TEXTS), 4)
    server.requests.clear()
    assert (await embedder.embed(["text"])).shape == (1, 4)
    assert [request.body["dimensions"] for request in server.requests] == [4]


async def test_vectors_of_another_length_are_refused(server: OpenAIServer, opened: Open) -> None:
    with pytest.raises(EmbeddingModelError, match="correct its `dimensions`"):
        await opened(dimensions=9).embed(["text"])
    server.one_length = True
    with pytest.raises(EmbeddingModelError, match=r"refused the request \(400\)"):
        await opened(dimensions=4).embed(["text"])
