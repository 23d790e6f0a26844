"""The chat model: any server that speaks OpenAI's chat completions."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Protocol

import aiohttp
import openai
from pydantic import BaseModel, SecretStr
from tenacity import (
    RetryCallState,
    retry,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from bot.chat.prompt import Message
from bot.errors import ChatModelError, ModelGone
from ingest.errors import ProviderUnavailable, RateLimited, Retryable

ATTEMPTS = 3
LONGEST_WAIT = 8.0  # seconds; someone is waiting in a thread
# Hears a piece of text as it comes in.
Hearing = Callable[[str], Awaitable[None]]

_CUT_SHORT = ("length", "content_filter")  # asking again would end the same way


class ModelSettings(Protocol):
    """What both `[chat]` and `[voices.NAME]` say of a model."""

    @property
    def model(self) -> str: ...
    @property
    def base_url(self) -> str | None: ...
    @property
    def timeout_seconds(self) -> float: ...
    @property
    def input_price(self) -> float: ...
    @property
    def output_price(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model wrote, and what it cost in US dollars."""

    text: str
    model: str
    cost_usd: float


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    told = error.retry_after if isinstance(error, RateLimited) else None
    if told is not None:
        return min(told, LONGEST_WAIT)
    return wait_random_exponential(multiplier=0.3, max=LONGEST_WAIT)(state)


class Writes(Protocol):
    """What writes when asked to: a model at an address, or what stands in for one."""

    @property
    def name(self) -> str: ...

    async def complete(
        self, messages: list[Message], listener: Callable[[], Hearing] | None = None
    ) -> Completion: ...

    async def close(self) -> None: ...


class ChatModel:
    """A model at an address."""

    def __init__(self, settings: ModelSettings, api_key: SecretStr | None) -> None:
        """Local servers need no key."""
        self._settings = settings
        self._client = openai.AsyncOpenAI(
            api_key=api_key.get_secret_value() if api_key else "none",
            base_url=settings.base_url,
            timeout=settings.timeout_seconds,
            max_retries=0,
            http_client=openai.DefaultAioHttpClient(),
        )

    @property
    def name(self) -> str:
        """The model's name."""
        return self._settings.model

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.close()

    @retry(
        retry=retry_if_exception_type(Retryable),
        wait=_wait,
        stop=stop_after_attempt(ATTEMPTS),
        reraise=True,
    )
    async def complete(
        self, messages: list[Message], listener: Callable[[], Hearing] | None = None
    ) -> Completion:
        """Ask, and read the whole answer.

        `listener` makes, anew for each try, what hears the text piece by piece as it comes in.
        Raises ChatModelError when the server refuses for good, ProviderUnavailable or RateLimited
        when it still does not answer after a few tries. Half an answer is no answer, and one that
        is not whole after the settings' `timeout_seconds` comes too late.
        """
        try:
            async with asyncio.timeout(self._settings.timeout_seconds):
                return await self._stream(messages, listener() if listener else None)
        except openai.RateLimitError as error:
            raise RateLimited(f"The model {self.name} is rate limited.", _told(error)) from error
        except (
            openai.APIConnectionError,
            openai.InternalServerError,
            aiohttp.ClientError,
            TimeoutError,
        ) as error:
            raise ProviderUnavailable(
                f"The model {self.name} does not answer: {type(error).__name__}."
            ) from error
        except openai.NotFoundError as error:
            raise ModelGone(
                f"The model {self.name} is not there (any more).\n"
                "Check its name and the base url; hosted models have an end."
            ) from error
        except openai.APIStatusError as error:
            raise ChatModelError(
                f"The model {self.name} refused the request with status {error.status_code}.\n"
                "Check OPENAI_API_KEY, the base url and the model's name."
            ) from error
        except (openai.APIError, ValueError) as error:
            raise ProviderUnavailable(
                f"The model {self.name} answered something that cannot be read."
            ) from error

    async def _stream(self, messages: list[Message], hear: Hearing | None) -> Completion:
        pieces: list[str] = []
        finish_reason: str | None = None
        usage = _Usage()
        async with await self._client.post(
            "/chat/completions",
            body={
                "model": self.name,
                "messages": [asdict(message) for message in messages],
                "stream": True,
                "stream_options": {"include_usage": True},
            },
            # A type of its own for each token is half the work of reading one.
            cast_to=object,
            stream=True,
            stream_cls=openai.AsyncStream[object],
        ) as stream:
            async for each in stream:
                chunk = _Chunk.model_validate(each)
                for choice in chunk.choices:
                    piece = choice.delta.content or ""
                    pieces.append(piece)
                    if hear is not None and piece:
                        await hear(piece)
                    finish_reason = choice.finish_reason or finish_reason
                usage = chunk.usage or usage
        text = "".join(pieces).strip()
        if finish_reason in _CUT_SHORT:
            raise ChatModelError(f"The model {self.name} cut its answer short: {finish_reason}.")
        if finish_reason is None or not text:
            raise ProviderUnavailable(f"The model {self.name} stopped half-way.")
        prices = self._settings.input_price, self._settings.output_price
        cost = usage.prompt_tokens * prices[0] + usage.completion_tokens * prices[1]
        return Completion(text, self.name, round(cost / 1_000_000, 6))


class _Delta(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    delta: _Delta = _Delta()
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Chunk(BaseModel):
    """What is read of a piece of a streamed completion."""

    choices: list[_Choice] = []
    usage: _Usage | None = None


def _told(error: openai.APIStatusError) -> float | None:
    """The seconds of a Retry-After header, where there is one in seconds."""
    try:
        return float(error.response.headers["retry-after"])
    except (KeyError, ValueError):
        return None
