"""What commands share: running a coroutine, showing progress, printing JSON."""

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

Result = TypeVar("Result")


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Run a command's coroutine; a termination request ends it as Ctrl-C does, tidily."""
    import uvloop  # noqa: PLC0415 - --help needs no loop

    # Of a busy bot's time asyncio's own loop takes a fifth.
    return uvloop.run(_until_terminated(main))


async def _until_terminated(main: Coroutine[Any, Any, Result]) -> Result:
    task = asyncio.ensure_future(main)
    told = False

    def stop() -> None:
        nonlocal told
        told = True
        task.cancel()

    # Not by way of SIGINT, which shells have their background commands ignore.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
    try:
        return await task
    except asyncio.CancelledError:
        if told:
            raise KeyboardInterrupt from None
        raise


def print_json(value: object) -> None:
    """One JSON document on standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))  # noqa: T201 - a command


@contextlib.contextmanager
def progress(what: str) -> Iterator[Callable[[str, int, int], None]]:
    """Show how far work is, on standard error: a bar on a terminal, else a plain line at times."""
    if sys.stderr.isatty():
        with _bar(what) as show:
            yield show
    else:
        yield _Lines(what)


@contextlib.contextmanager
def _bar(what: str) -> Iterator[Callable[[str, int, int], None]]:
    from rich.console import Console  # noqa: PLC0415 - only on a terminal
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)

        def show(stage: str, done: int, total: int) -> None:
            bar.update(task, description=f"{what}: {stage}", completed=done, total=total or None)

        yield show


class _Lines:
    """A line when a stage begins, at each quarter, and when it ends."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._said: tuple[str, int] = ("", -1)

    def __call__(self, stage: str, done: int, total: int) -> None:
        quarter = 4 * done // total if total else 0
        if (stage, quarter) == self._said:
            return
        self._said = (stage, quarter)
        of = f" {done} of {total}" if total else " …"
        print(f"{self._what}: {stage}{of}", file=sys.stderr, flush=True)  # noqa: T201 - as above
