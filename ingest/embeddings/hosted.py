"""A model behind the embeddings endpoint of OpenAI or any server that speaks its protocol."""

import asyncio
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import openai
from openai.types import CreateEmbeddingResponse
from pydantic import SecretStr
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from ingest.embeddings.pace import Pace
from ingest.errors import EmbeddingModelError, ProviderUnavailable, RateLimited, Retryable
from ingest.settings import EmbeddingSettings
from ingest.spaces import SpaceName

BATCH = 32  # texts a request: what text-embeddings-inference takes at most unless told
AT_ONCE = 4  # requests of bulk work under way
ATTEMPTS = 5
BULK_ATTEMPTS = 10  # nobody is waiting for a nightly run
LONGEST_WAIT = 60.0  # seconds
BYTES_A_TOKEN = 3  # rather too few: what was used is known afterwards

Vectors = npt.NDArray[np.float32]


class HostedEmbedder:
    """Embeds by HTTP, in concurrent batches that keep one pace."""

    def __init__(
        self, settings: EmbeddingSettings, api_key: SecretStr | None, pace: Pace | None = None
    ) -> None:
        """Local servers need no key; OpenAI says so itself when it misses one."""
        self._settings = settings
        key = api_key.get_secret_value() if api_key else "none"
        self._client = openai.AsyncOpenAI(api_key=key, base_url=settings.base_url, max_retries=0)
        self._pace = pace or Pace(settings.tokens_per_minute)
        self._backoff = wait_random_exponential(multiplier=0.5, max=20)
        self._bulk = asyncio.Semaphore(AT_ONCE)
        self._shortens = False  # whether the model has to be asked for our length
        self._tokens = 0

    @property
    def tokens(self) -> int:
        """How many tokens were used until now, as the server counts them."""
        return self._tokens

    @property
    def cost_usd(self) -> float:
        """What they cost, where the settings name a price."""
        return self._tokens * self._settings.price_per_million / 1_000_000

    async def space_name(self) -> SpaceName:
        """Name the space."""
        return SpaceName("openai", self._settings.model, self._settings.dimensions)

    async def embed(self, texts: Sequence[str], *, bulk: bool = False) -> Vectors:
        """Vectors of length one, in the order of the texts."""
        vectors = np.zeros((len(texts), self._settings.dimensions), dtype=np.float32)

        async def fill(start: int) -> None:
            batch = list(texts[start : start + BATCH])
            if bulk:
                async with self._bulk:
                    vectors[start : start + len(batch)] = await self._batch(batch, bulk=bulk)
            else:
                vectors[start : start + len(batch)] = await self._batch(batch, bulk=bulk)

        try:
            async with asyncio.TaskGroup() as batches:
                for start in range(0, len(texts), BATCH):
                    batches.create_task(fill(start))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, norms, out=vectors, where=norms > 0)
        return vectors

    async def close(self) -> None:
        """Close the connections to the server."""
        await self._client.close()

    async def _batch(self, texts: list[str], *, bulk: bool) -> Vectors:
        """One batch, tried until it is there."""
        attempts = AsyncRetrying(
            retry=retry_if_exception_type(Retryable),
            wait=self._wait,
            stop=stop_after_attempt(BULK_ATTEMPTS if bulk else ATTEMPTS),
            reraise=True,
        )
        return await attempts(self._in_turn, texts, bulk=bulk)

    def _wait(self, state: RetryCallState) -> float:
        """Longer each time. When the server says that it is too much, all wait, as it asks."""
        error = state.outcome.exception() if state.outcome else None
        seconds = self._backoff(state)
        if not isinstance(error, RateLimited):
            return seconds
        told = error.retry_after
        self._pace.pause(min(seconds if told is None else told, LONGEST_WAIT))
        return 0.0  # the pace keeps the pause

    async def _in_turn(self, texts: list[str], *, bulk: bool) -> Vectors:
        estimate = sum(len(text.encode("utf-8", "replace")) // BYTES_A_TOKEN + 1 for text in texts)
        request = await self._pace.turn(estimate, bulk=bulk)
        shortened = self._shortens
        try:
            answer = await self._request(texts, shortened=shortened)
        except Retryable:
            request.tokens = 0
            raise
        # Some servers count no tokens.
        used = getattr(answer.usage, "total_tokens", None)
        request.tokens = estimate if used is None else used
        self._tokens += request.tokens
        rows = [item.embedding for item in sorted(answer.data, key=lambda item: item.index)]
        if not shortened and len(rows[0]) > self._settings.dimensions:
            # Servers such as vLLM refuse `dimensions` for a model of one length, even if it is
            # that length; OpenAI's newer models have to be told to be shorter than they could.
            self._shortens = True
            return await self._in_turn(texts, bulk=bulk)
        if [len(row) for row in rows] != [self._settings.dimensions] * len(texts):
            raise EmbeddingModelError(
                f"The embedding model {self._settings.model} does not give"
                f" {self._settings.dimensions} numbers for each text; correct its `dimensions` in"
                " footnote.toml."
            )
        return np.asarray(rows, dtype=np.float32)

    async def _request(self, texts: list[str], *, shortened: bool) -> CreateEmbeddingResponse:
        model = self._settings.model
        try:
            # An empty text is refused by most servers; a blank means the same.
            return await self._client.embeddings.create(
                model=model,
                input=[text or " " for text in texts],
                dimensions=self._settings.dimensions if shortened else openai.omit,
            )
        except openai.RateLimitError as error:
            if error.code == "insufficient_quota":
                raise EmbeddingModelError(
                    f"The account of the embedding model {model} has no money left.\n"
                    "Top it up at the provider, then run this again."
                ) from error
            raise RateLimited(
                f"The embedding model {model} is rate limited.", _told(error)
            ) from error
        except (openai.APIConnectionError, openai.InternalServerError) as error:
            raise ProviderUnavailable(
                f"The embedding model {model} does not answer: {type(error).__name__}."
            ) from error
        except (ValueError, openai.APIResponseValidationError) as error:
            raise ProviderUnavailable(
                f"The embedding model {model} answered something that is no list of vectors."
            ) from error
        except openai.APIStatusError as error:
            raise EmbeddingModelError(
                f"The embedding model {model} refused the request ({error.status_code}).\n"
                "Check OPENAI_API_KEY and the model's table in footnote.toml."
            ) from error


def _told(error: openai.APIStatusError) -> float | None:
    """The seconds of a Retry-After header, where there is one in seconds."""
    try:
        return float(error.response.headers["retry-after"])
    except (KeyError, ValueError):
        return None
