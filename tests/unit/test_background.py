"""Work beside other work ends with it, also when it is hard of hearing."""

import asyncio

import pytest

from ingest.background import beside


async def test_a_loop_that_misses_its_cancellation_is_told_again() -> None:
    missed: list[bool] = []

    async def deaf() -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if missed:
                    raise
                missed.append(True)

    async with beside(deaf()):
        await asyncio.sleep(0)

    assert missed


async def test_what_it_failed_with_is_not_lost() -> None:
    async def broken() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        async with beside(broken()):
            await asyncio.sleep(0)
