"""Pace: at most one message a second in each channel, one append a second to each stream.

That is what Slack allows and what a reader can follow. It counts within one process; where several
write to one channel, Slack's 429 says so, and is waited out.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

INTERVAL = 1.0  # seconds between two messages in one place
MOST = 1_000  # places remembered before those whose turn is past are forgotten


class Pace:
    """Whoever wants to write somewhere asks for a turn; turns come in the order of asking."""

    def __init__(
        self,
        interval: float = INTERVAL,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Nobody has written anywhere yet."""
        self._interval = interval
        self._clock, self._sleep = clock, sleep
        self._next: dict[str, float] = {}  # the first free turn by place

    async def turn(self, place: str) -> None:
        """Wait for the next turn in a place: a channel, or a message that is being written."""
        now = self._clock()
        turn = max(now, self._next.get(place, now))
        self._next[place] = turn + self._interval
        if len(self._next) > MOST:
            self._next = {each: free for each, free in self._next.items() if free > now}
        try:
            await self._sleep(turn - now)
        except asyncio.CancelledError:
            if self._next.get(place) == turn + self._interval:
                self._next[place] = turn  # nobody asked since, so the turn is free again
            raise
