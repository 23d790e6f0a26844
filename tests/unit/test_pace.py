"""The pace at which a provider is asked, on a clock that only waiting moves."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.embeddings.pace import WINDOW, Pace


class Clock:
    """Time that passes while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def pace(clock: Clock, budget: int | None) -> Pace:
    return Pace(budget, clock, clock.sleep)


@given(st.integers(10, 100), st.lists(st.integers(1, 150), max_size=30))
def test_no_minute_uses_more_than_the_budget(budget: int, wanted: list[int]) -> None:
    clock = Clock()
    kept = pace(clock, budget)

    async def ask() -> list[tuple[float, int]]:
        sent = []
        for tokens in wanted:
            await kept.turn(tokens, bulk=True)
            sent.append((clock.now, tokens))
        return sent

    sent = asyncio.run(ask())
    for start, tokens in sent:
        within = [used for at, used in sent if start <= at < start + WINDOW]
        assert sum(within) <= budget or within == [tokens]  # one too large goes alone


async def test_what_was_used_counts_not_what_was_estimated(clock: Clock) -> None:
    kept = pace(clock, 100)
    first = await kept.turn(90, bulk=True)
    first.tokens = 30
    await kept.turn(70, bulk=True)
    assert clock.now == 1000.0
    await kept.turn(1, bulk=True)
    assert clock.now == 1060.0


async def test_a_question_waits_for_no_budget_but_is_counted(clock: Clock) -> None:
    kept = pace(clock, 100)
    await kept.turn(100, bulk=True)
    await kept.turn(5, bulk=False)
    assert clock.now == 1000.0
    await kept.turn(96, bulk=True)
    assert clock.now == 1060.0


async def test_a_pause_stops_everybody(clock: Clock) -> None:
    kept = pace(clock, None)
    kept.pause(30)
    kept.pause(7)  # a shorter one does not shorten it
    await asyncio.gather(kept.turn(1, bulk=True), kept.turn(1, bulk=False))
    assert clock.now >= 1030.0
    before = clock.now
    await kept.turn(1_000_000, bulk=True)
    assert clock.now == before
