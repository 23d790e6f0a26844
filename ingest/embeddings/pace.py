"""How fast a provider may be asked: a budget of tokens a minute, and pauses that all keep."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

WINDOW = 60.0  # seconds a budget is for


@dataclass(slots=True)
class Request:
    """A request that was let go, and the tokens it counts for."""

    at: float
    tokens: int


class Pace:
    """One provider's; its requests ask for their turn here."""

    def __init__(
        self,
        tokens_per_minute: int | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Without a budget only pauses are kept."""
        self._budget = tokens_per_minute
        self._clock, self._sleep = clock, sleep
        self._requests: deque[Request] = deque()
        self._resumes = 0.0
        self._queue = asyncio.Lock()

    async def turn(self, tokens: int, *, bulk: bool) -> Request:
        """Wait until a request of about so many tokens may go.

        Bulk work goes one after the other, as the budget allows. A question waits for pauses
        alone; what it takes is counted.
        """
        if not bulk:
            await self._wait(self._pause)
            return self._let_go(tokens)
        async with self._queue:
            await self._wait(lambda: max(self._pause(), self._shortage(tokens)))
            return self._let_go(tokens)

    def pause(self, seconds: float) -> None:
        """Let nobody go for so long."""
        self._resumes = max(self._resumes, self._clock() + seconds)

    async def _wait(self, needed: Callable[[], float]) -> None:
        while (seconds := needed()) > 0:
            await self._sleep(seconds)

    def _let_go(self, tokens: int) -> Request:
        request = Request(self._clock(), tokens)
        if self._budget is not None:
            self._requests.append(request)
        return request

    def _pause(self) -> float:
        return self._resumes - self._clock()

    def _shortage(self, tokens: int) -> float:
        """Seconds until the last minute's requests leave room for so many tokens."""
        if self._budget is None:
            return 0.0
        now = self._clock()
        while self._requests and self._requests[0].at <= now - WINDOW:
            self._requests.popleft()
        # A request larger than the whole budget goes when it is alone.
        excess = sum(request.tokens for request in self._requests) - max(self._budget - tokens, 0)
        for request in self._requests:
            if excess <= 0:
                break
            excess -= request.tokens
            leaves = request.at + WINDOW
            if excess <= 0:
                return leaves - now
        return 0.0
