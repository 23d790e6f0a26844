"""The cutter: a process of its own that cuts articles, beside the one that writes them.

Cutting is what keeps Python busy in a run. In the process that writes, and perhaps answers, both
would wait for the interpreter between any two of their steps. So for more than a few articles a
process is started that reads articles from its standard input and writes them back, cut. It has
nothing to lose: it is killed when it is not needed any longer, and ends by itself, at the end of
its input, when whoever started it was killed.
"""

import asyncio
import contextlib
import gc
import os
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import IO

from ingest.articles import Article
from ingest.errors import CutterLost
from ingest.indexed import IndexedArticle

# To start a process takes as long as to cut some fifty articles.
WORTH_IT = 100  # articles
NICE = 5  # answers come first
_LENGTH = 8  # bytes before each message that say how long it is

Cut = Callable[[Sequence[Article]], Awaitable[list[IndexedArticle]]]


@contextlib.asynccontextmanager
async def cutter(articles: int) -> AsyncIterator[Cut]:
    """What cuts about so many articles, some at a time; one that is called raises CutterLost."""
    if articles < WORTH_IT:
        yield lambda few: asyncio.to_thread(cut, few)
        return
    process = await asyncio.create_subprocess_exec(
        # Without the folder we are in, which is a desk's and may hold anything.
        *(sys.executable, "-P", "-m", "ingest.cutter"),
        stdin=PIPE,
        stdout=PIPE,
        start_new_session=True,  # Ctrl-C is for us
    )
    try:
        yield _Cutter(process).cut
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def cut(articles: Sequence[Article]) -> list[IndexedArticle]:
    """Cut articles here."""
    return [IndexedArticle.of(article) for article in articles]


@dataclass(frozen=True, slots=True)
class _Cutter:
    """The process, seen from the one that started it."""

    process: Process

    async def cut(self, articles: Sequence[Article]) -> list[IndexedArticle]:
        """Have some articles cut."""
        into, out = self.process.stdin, self.process.stdout
        assert into is not None
        assert out is not None
        try:
            into.write(_message(articles))
            await into.drain()
            length = int.from_bytes(await out.readexactly(_LENGTH))
            answer = await out.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise CutterLost(
                "The process that cuts articles has ended; perhaps memory was short.\n"
                "What was finished stays. Run it again."
            ) from error
        return list(pickle.loads(answer))  # noqa: S301 - from a process of ours


def _message(value: Sequence[object]) -> bytes:
    packed = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    return len(packed).to_bytes(_LENGTH) + packed


def _serve(source: IO[bytes], sink: IO[bytes]) -> None:
    """Cut what comes in until nothing comes any more."""
    while length := int.from_bytes(source.read(_LENGTH)):
        articles = pickle.loads(source.read(length))  # noqa: S301 - from the process that started us
        sink.write(_message(cut(articles)))
        sink.flush()


if __name__ == "__main__":
    os.nice(NICE)
    gc.freeze()
    gc.set_threshold(50_000)  # a parse makes many small things, and leaves none of them in a circle
    with contextlib.suppress(BrokenPipeError, EOFError):
        _serve(sys.stdin.buffer, sys.stdout.buffer)
