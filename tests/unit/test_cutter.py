"""The cutter: what comes back from another process is what this one would have made."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from ingest import cutter
from ingest.articles import Article
from ingest.errors import CutterLost
from ingest.sources.folder import FolderSource

SAMPLE = Path(cutter.__file__).parent / "sample" / "articles"
# Starts a cutter, says its number, and waits to be killed.
_STARTER = """
import asyncio
from ingest.cutter import WORTH_IT, cutter
async def main():
    async with cutter(WORTH_IT) as cut:
        await cut([])
        import psutil
        print(psutil.Process().children()[0].pid, flush=True)
        await asyncio.sleep(600)
asyncio.run(main())
"""


async def sample() -> list[Article]:
    found = FolderSource("sample", SAMPLE).fetch().found
    return [each async for each in found if isinstance(each, Article)]


async def test_another_process_cuts_as_this_one_does() -> None:
    articles = await sample()
    async with cutter.cutter(cutter.WORTH_IT) as cut:
        found = [*await cut(articles[:3]), *await cut(articles[3:])]
    assert [(each, each.texts()) for each in found] == [
        (each, each.texts()) for each in cutter.cut(articles)
    ]


async def test_few_articles_start_no_process() -> None:
    async with cutter.cutter(cutter.WORTH_IT - 1) as cut:
        assert await cut(await sample()) == cutter.cut(await sample())
        assert not psutil.Process().children()


async def test_a_cutter_that_was_killed_is_told() -> None:
    async with cutter.cutter(cutter.WORTH_IT) as cut:
        await cut([])
        (child,) = psutil.Process().children()
        child.kill()
        with pytest.raises(CutterLost, match="Run it again"):
            await cut(await sample())


async def test_a_cancelled_run_leaves_no_cutter() -> None:
    started = asyncio.Event()

    async def run() -> None:
        async with cutter.cutter(cutter.WORTH_IT) as cut:
            started.set()
            await cut(await sample() * 20)

    task = asyncio.create_task(run())
    await started.wait()
    assert psutil.Process().children()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not psutil.Process().children()


def test_a_killed_run_leaves_no_cutter() -> None:
    starter = subprocess.Popen([sys.executable, "-c", _STARTER], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    child = psutil.Process(int(starter.stdout.readline()))
    os.kill(starter.pid, signal.SIGKILL)
    starter.communicate()
    child.wait(timeout=60)
