"""Turns to write to Slack: one a second in each place, on a clock that only waiting moves."""

import asyncio
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.pace import MOST, Pace


class Clock:
    """Time that passes while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


seconds = st.integers(0, 3 * 4096).map(lambda count: count / 4096)  # which add without rounding


@given(st.lists(st.tuples(st.sampled_from("abc"), seconds), max_size=30))
def test_no_place_is_written_to_twice_within_a_second(wanted: list[tuple[str, float]]) -> None:
    clock = Clock()
    pace = Pace(1.0, clock, clock.sleep)

    async def write() -> list[tuple[str, float]]:
        written = []
        for place, later in wanted:
            clock.now += later
            before = clock.now
            await pace.turn(place)
            written.append((place, clock.now))
            assert clock.now - before <= 1.0
        return written

    written = asyncio.run(write())
    for place in "abc":
        times = [at for where, at in written if where == place]
        assert all(later - sooner >= 0.999 for sooner, later in itertools.pairwise(times))


async def test_those_who_wait_go_in_the_order_of_asking() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    pace = Pace(1.0, lambda: 0.0, sleep)
    for _ in range(3):
        await pace.turn("a")
    await pace.turn("b")
    assert slept == [0.0, 1.0, 2.0, 0.0]


async def test_a_turn_that_nobody_takes_is_free_again() -> None:
    pace = Pace(60.0)
    await pace.turn("a")
    waiting = asyncio.create_task(pace.turn("a"))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert len(pace._next) == 1
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    pace._sleep = sleep
    await pace.turn("a")
    assert slept[0] <= 60.0


async def test_places_long_past_are_forgotten() -> None:
    clock = Clock()
    pace = Pace(1.0, clock, clock.sleep)
    for number in range(MOST + 1):
        clock.now += 1
        await pace.turn(str(number))
    assert len(pace._next) < MOST
