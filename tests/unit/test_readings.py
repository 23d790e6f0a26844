"""What the local model reads is read once, in turns, what is urgent first."""

import asyncio
import threading
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from ingest.embeddings import readings
from ingest.embeddings.minilm import Tokens
from ingest.embeddings.readings import Readings

LONG = "x" * readings.SHORT  # fills a short batch


class Reader:
    """Reads a batch when it may, and notes which."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.begun = threading.Event()
        self.may = threading.Event()

    def __call__(self, texts: Sequence[str]) -> list[Tokens]:
        self.batches.append([*texts])
        self.begun.set()
        assert self.may.wait(10)
        if "unreadable" in texts:
            raise ValueError("unreadable")
        return [
            Tokens(np.zeros((1, 1), np.float32), ((0, len(t)),), np.zeros(1, np.float32))
            for t in texts
        ]


@pytest.fixture
def reader() -> Iterator[Reader]:
    found = Reader()
    yield found
    found.may.set()


def asked(found: Readings, *texts: str, urgent: bool = False) -> "asyncio.Task[list[Tokens]]":
    return asyncio.ensure_future(found.of(texts, urgent=urgent))


def lengths(read: list[Tokens]) -> list[int]:
    return [tokens.places[0][1] for tokens in read]


async def busy(found: Readings, reader: Reader) -> "asyncio.Task[list[Tokens]]":
    """Readings with a batch under way."""
    first = asked(found, "first")
    assert await asyncio.to_thread(reader.begun.wait, 10)
    return first


async def test_what_waits_is_read_together(reader: Reader) -> None:
    found = Readings(reader)
    first = await busy(found, reader)
    waiting = [asked(found, LONG, "two"), asked(found, "three")]
    await asyncio.sleep(0)

    reader.may.set()
    read = await asyncio.gather(first, *waiting)

    assert reader.batches == [["first"], [LONG, "two", "three"]]
    assert [lengths(each) for each in read] == [[5], [len(LONG), 3], [5]]


async def test_what_is_urgent_goes_first_and_waits_for_no_long_batch(reader: Reader) -> None:
    found = Readings(reader)
    first = await busy(found, reader)
    waiting = [asked(found, LONG, "two"), asked(found, "three")]
    urgent = [asked(found, "four", "two", urgent=True), asked(found, "five", urgent=True)]
    await asyncio.sleep(0)

    reader.may.set()
    await asyncio.gather(first, *waiting, *urgent)

    assert reader.batches == [["first"], ["four", "two", "five"], [LONG], ["three"]]


async def test_what_several_wait_for_is_read_once(reader: Reader) -> None:
    found = Readings(reader)
    first = await busy(found, reader)
    same = [asked(found, "first"), asked(found, "two", "two"), asked(found, "two", urgent=True)]
    await asyncio.sleep(0)

    reader.may.set()
    await asyncio.gather(first, *same)
    await found.of(["two", "first"])

    assert reader.batches == [["first"], ["two"]]


async def test_who_waits_no_longer_takes_nothing_from_others(reader: Reader) -> None:
    found = Readings(reader)
    first = await busy(found, reader)
    gone, stays = asked(found, "two"), asked(found, "two")
    await asyncio.sleep(0)
    first.cancel()
    gone.cancel()

    reader.may.set()

    assert lengths(await stays) == [3]
    assert lengths(await found.of(["first"])) == [5]
    assert reader.batches == [["first"], ["two"]]


async def test_a_batch_that_fails_fails_alone(reader: Reader) -> None:
    found = Readings(reader)
    first = await busy(found, reader)
    failing, after = asked(found, "unreadable", "x" * readings.BATCH), asked(found, "after")
    await asyncio.sleep(0)

    reader.may.set()
    await first
    with pytest.raises(ValueError, match="unreadable"):
        await failing

    assert lengths(await after) == [5]


async def test_what_waits_when_all_is_closed_is_not_begun(reader: Reader) -> None:
    found = Readings(reader)
    first = await busy(found, reader)
    waiting = asked(found, "two")
    await asyncio.sleep(0)

    found.close()
    reader.may.set()

    assert lengths(await first) == [5]
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert reader.batches == [["first"]]
