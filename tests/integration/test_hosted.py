"""The embedding model behind HTTP, and what becomes of its moods."""

from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest
from pydantic import SecretStr

from ingest.embeddings.hosted import ATTEMPTS, BATCH, HostedEmbedder
from ingest.errors import EmbeddingModelError, ProviderUnavailable
from ingest.settings import EmbeddingSettings
from tests.fakes.openai_server import OpenAIServer, Reply, cut, error, malformed

Open = Callable[..., HostedEmbedder]


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer(dimensions=8) as listening:
        yield listening


@pytest.fixture
async def opened(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Open]:
    """Opens embedders that do not sleep between tries, and closes them."""
    embedders = []

    def open_one(*, dimensions: int = 8, key: str | None = None, url: str = "") -> HostedEmbedder:
        settings = EmbeddingSettings(
            provider="openai", model="m", dimensions=dimensions, base_url=url or server.base_url
        )
        embedders.append(HostedEmbedder(settings, SecretStr(key) if key else None))
        return embedders[-1]

    monkeypatch.setattr(HostedEmbedder._request.retry, "wait", lambda _: 0)
    yield open_one
    for embedder in embedders:
        await embedder.close()


async def test_vectors_have_length_one_and_the_order_of_the_texts(
    server: OpenAIServer, opened: Open
) -> None:
    embedder = opened(key="sk-1")
    texts = [f"text {number}" for number in range(BATCH + 3)]
    vectors = await embedder.embed([*texts, ""])
    assert vectors.shape == (BATCH + 4, 8)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.allclose(vectors[-2], (await embedder.embed([texts[-1]]))[0])
    assert server.requests[0].headers["authorization"] == "Bearer sk-1"
    assert (await embedder.embed([])).shape == (0, 8)
    assert str(await embedder.space_name()) == "openai/m (8)"


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


async def test_a_lasting_one_is_named(server: OpenAIServer, opened: Open) -> None:
    server.script(*[error(500)] * ATTEMPTS, endpoint="embeddings")
    with pytest.raises(ProviderUnavailable, match="embedding model m does not answer"):
        await opened().embed(["text"])
    assert server.unused == 0


async def test_nobody_there(opened: Open) -> None:
    with pytest.raises(ProviderUnavailable, match="embedding model m does not answer"):
        await opened(url="http://127.0.0.1:1/v1").embed(["text"])


async def test_a_wrong_key_is_not_tried_again(server: OpenAIServer, opened: Open) -> None:
    server.api_key = "sk-right"
    with pytest.raises(EmbeddingModelError, match=r"\(401\)\.\nCheck OPENAI_API_KEY") as caught:
        await opened(key="sk-wrong").embed(["text"])
    assert len(server.requests) == 1
    assert "sk-wrong" not in str(caught.value)


async def test_vectors_of_another_length_are_refused(opened: Open) -> None:
    with pytest.raises(EmbeddingModelError, match="correct `dimensions`"):
        await opened(dimensions=9).embed(["text"])
