"""Background: what need not be waited for, but must not be forgotten when we close."""

import asyncio
import logging
from collections.abc import Coroutine

from bot.errors import SlackError
from ingest.errors import FootnoteError

log = logging.getLogger("footnote.slack")

GRACE = 5.0  # seconds that what is under way gets at the end


class Background:
    """Tasks under way; each one's failure is logged."""

    def __init__(self) -> None:
        """Begin with none."""
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Begin some work and return at once."""
        task = asyncio.create_task(_guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Wait for what is under way, but not for ever."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=GRACE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


async def _guarded(work: Coroutine[None, None, None]) -> None:
    try:
        await work
    except (SlackError, FootnoteError) as error:
        log.warning("%s", " ".join(str(error).split()))
    except Exception:  # the outermost loop of this work
        log.exception("a mistake of this program")
