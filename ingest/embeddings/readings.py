"""Readings: what the local model has read token by token, and what it is going to read.

One batch is read at a time: several would only be in each other's way, and in that of all else the
process does. What waits at the same time is read together, as two short texts take little longer
than one; an answer that somebody sees being written goes before what was only just asked.
"""

import asyncio
import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from ingest.embeddings.minilm import Tokens

KEPT_TOKENS = 40_000  # of what was read last, 60 MB: the same sentences are read time and again
BATCH = 1_000  # characters read at once, about
SHORT = 150  # the same while answers are being written: what is urgent waits for no long batch
LATELY = 2.0  # seconds since something was urgent

_Coming = dict[str, asyncio.Future[Tokens]]


class Readings:
    """What was read last, and who waits for what."""

    def __init__(self, read: Callable[[Sequence[str]], list[Tokens]]) -> None:
        """`read` is run in a thread."""
        self._read = read
        self._thread = ThreadPoolExecutor(1, "embedding")
        self._kept: OrderedDict[str, Tokens] = OrderedDict()
        self._kept_tokens = 0
        self._urgent: _Coming = {}
        self._waiting: _Coming = {}
        self._under_way: _Coming = {}
        self._urgent_at = -math.inf

    async def of(self, texts: Sequence[str], *, urgent: bool = False) -> list[Tokens]:
        """The texts token by token. Raises what `read` raises.

        Whoever stops waiting takes nothing from others who wait for the same text.
        """
        found = {text: self._kept[text] for text in texts if text in self._kept}
        for text in found:
            self._kept.move_to_end(text)
        new = [text for text in dict.fromkeys(texts) if text not in found]
        coming = {text: self._coming(text, urgent=urgent) for text in new}
        if coming:
            if not self._under_way:
                self._begin()
            await asyncio.wait(coming.values())
        found |= {text: future.result() for text, future in coming.items()}
        return [found[text] for text in texts]

    def close(self) -> None:
        """What is under way is let finish; what waits is not begun."""
        for future in (*self._urgent.values(), *self._waiting.values()):
            future.cancel()
        self._urgent, self._waiting = {}, {}
        self._thread.shutdown(wait=False)

    def _coming(self, text: str, *, urgent: bool) -> asyncio.Future[Tokens]:
        """A text's reading to come: what several wait for is read once."""
        for coming in (self._under_way, self._urgent):
            if text in coming:
                return coming[text]
        new = asyncio.get_running_loop().create_future()
        if urgent:
            return self._urgent.setdefault(text, self._waiting.pop(text, new))
        return self._waiting.setdefault(text, new)

    def _begin(self) -> None:
        """Read the next batch, if anything waits."""
        self._under_way = self._next()
        if self._under_way:
            loop = asyncio.get_running_loop()
            reading = loop.run_in_executor(self._thread, self._read, [*self._under_way])
            reading.add_done_callback(self._end)

    def _next(self) -> _Coming:
        now = asyncio.get_running_loop().time()
        if self._urgent:
            self._urgent_at = now
        waiting = self._urgent or self._waiting
        lately = now < self._urgent_at + LATELY
        room = SHORT if lately and waiting is self._waiting else BATCH
        batch: _Coming = {}
        while waiting and room > 0:
            text = next(iter(waiting))
            batch[text] = waiting.pop(text)
            room -= len(text)
        return batch

    def _end(self, reading: asyncio.Future[list[Tokens]]) -> None:
        error = reading.exception()
        if error is not None:
            for future in self._under_way.values():
                future.set_exception(error)
                future.exception()  # looked at, were it that nobody waits any more
        else:
            coming = self._under_way.items()
            for (text, future), tokens in zip(coming, reading.result(), strict=True):
                self._keep(text, tokens)
                future.set_result(tokens)
        self._begin()

    def _keep(self, text: str, tokens: Tokens) -> None:
        self._kept[text] = tokens
        self._kept_tokens += len(tokens.places)
        while self._kept_tokens > KEPT_TOKENS:
            _, oldest = self._kept.popitem(last=False)
            self._kept_tokens -= len(oldest.places)
