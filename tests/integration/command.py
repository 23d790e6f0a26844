"""The command `footnote` in a test: within this process, or as one of its own."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cli import main

FOOTNOTE = Path(sys.executable).with_name("footnote")
PATIENCE = 120  # seconds; only a hanging program needs them


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    def assert_told(self, *words: str) -> None:
        """It failed, and said why in one or two lines and nothing else."""
        assert 1 <= len(self.err.strip().splitlines()) <= 2, self.err
        self.assert_ended(*words)

    def assert_ended(self, *words: str) -> None:
        """It failed, and said why, perhaps after showing how far it came."""
        assert self.code not in (0, 70), self
        assert "Traceback" not in self.err + self.out
        assert self.out == ""
        for word in words:
            assert word in self.err, self.err


@dataclass(frozen=True, slots=True)
class Command:
    """Runs `footnote` within this process: the same code, a second sooner."""

    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, *words: str, **environment: str) -> Outcome:
        before = signal.getsignal(signal.SIGTERM)
        with self.monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["footnote", *words])
            for name, value in environment.items():
                patch.setenv(name, value)
            self.capsys.readouterr()
            try:
                with pytest.raises(SystemExit) as ended:
                    main()
            finally:
                signal.signal(signal.SIGTERM, before)
        printed = self.capsys.readouterr()
        return Outcome(int(ended.value.code or 0), printed.out, printed.err)


def run_footnote(*words: str, **environment: str) -> Outcome:
    """Run `footnote` as a process."""
    done = subprocess.run(
        [FOOTNOTE, *words],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


@contextmanager
def started(*words: str | Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A process that is gone at the end, whatever happens."""
    process = subprocess.Popen(
        words,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


async def until(met: Callable[[], bool]) -> None:
    """Wait for something to come about."""
    async with asyncio.timeout(PATIENCE):
        while not met():  # noqa: ASYNC110 - whoever brings it about knows nothing of the test
            await asyncio.sleep(0.01)
