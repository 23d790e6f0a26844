"""A model behind the embeddings endpoint of OpenAI or any server that speaks its protocol."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import openai
from pydantic import SecretStr
from tenacity import (
    RetryCallState,
    retry,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from ingest.errors import EmbeddingModelError, ProviderUnavailable, RateLimited, Retryable
from ingest.settings import EmbeddingSettings
from ingest.spaces import SpaceName

BATCH = 128  # texts a request
ATTEMPTS = 5
LONGEST_WAIT = 60.0  # seconds; nobody is waiting for a nightly run


def _wait(state: RetryCallState) -> float:
    """As long as the server asked for, else longer each time."""
    error = state.outcome.exception() if state.outcome else None
    told = error.retry_after if isinstance(error, RateLimited) else None
    if told is not None:
        return min(told, LONGEST_WAIT)
    return wait_random_exponential(multiplier=0.5, max=20)(state)


class HostedEmbedder:
    """Embeds by HTTP."""

    def __init__(self, settings: EmbeddingSettings, api_key: SecretStr | None) -> None:
        """Local servers need no key; OpenAI says so itself when it misses one."""
        self._settings = settings
        key = api_key.get_secret_value() if api_key else "none"
        self._client = openai.AsyncOpenAI(api_key=key, base_url=settings.base_url, max_retries=0)

    async def space_name(self) -> SpaceName:
        """Name the space."""
        return SpaceName("openai", self._settings.model, self._settings.dimensions)

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Vectors of length one, in the order of the texts."""
        vectors = np.zeros((len(texts), self._settings.dimensions), dtype=np.float32)
        for start in range(0, len(texts), BATCH):
            batch = list(texts[start : start + BATCH])
            vectors[start : start + len(batch)] = await self._request(batch)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, norms, out=vectors, where=norms > 0)
        return vectors

    async def close(self) -> None:
        """Close the connections to the server."""
        await self._client.close()

    @retry(
        retry=retry_if_exception_type(Retryable),
        wait=_wait,
        stop=stop_after_attempt(ATTEMPTS),
        reraise=True,
    )
    async def _request(self, texts: list[str]) -> npt.NDArray[np.float32]:
        model = self._settings.model
        try:
            # An empty text is refused by most servers; a blank means the same.
            answer = await self._client.embeddings.create(
                model=model, input=[text or " " for text in texts]
            )
        except openai.RateLimitError as error:
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
                "Check OPENAI_API_KEY and the [embedding] table of footnote.toml."
            ) from error
        rows = [item.embedding for item in sorted(answer.data, key=lambda item: item.index)]
        if [len(row) for row in rows] != [self._settings.dimensions] * len(texts):
            raise EmbeddingModelError(
                f"The embedding model {model} does not give {self._settings.dimensions} numbers for"
                " each text; correct `dimensions` under [embedding] in footnote.toml."
            )
        return np.asarray(rows, dtype=np.float32)


def _told(error: openai.APIStatusError) -> float | None:
    """The seconds of a Retry-After header, where there is one in seconds."""
    try:
        return float(error.response.headers["retry-after"])
    except (KeyError, ValueError):
        return None
