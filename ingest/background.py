"""Work beside other work, such as a loop that renews a lease, ended with it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine

AGAIN = 0.5  # seconds until a task that goes on is told again to stop


@contextlib.asynccontextmanager
async def beside(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Do some work while the block runs, then stop it. Raises what it failed with."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        # Before Python 3.12 a cancellation that comes along with Postgres's reply is lost, and a
        # loop that was told only once would go on for ever.
        while not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=AGAIN)
        with contextlib.suppress(asyncio.CancelledError):
            await task
