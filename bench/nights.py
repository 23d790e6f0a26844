"""What one night costs: the real command on a source where nothing changed."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

FOOTNOTE = Path(sys.executable).with_name("footnote")
RUNS = 3


@dataclass(frozen=True, slots=True)
class Night:
    """Medians over `RUNS` runs of the command: by the clock, of processor time, and its peak."""

    articles: int
    seconds: float
    cpu_seconds: float
    megabytes: float
    said: str


def unchanged_night(folder: Path, url: str, articles: int) -> Night:
    """Run the command on a folder that has been ingested into the database at `url`."""
    measured = [_run(["ingest", "run", "--source", str(folder)], url) for _ in range(RUNS)]
    seconds, cpu, megabytes, said = zip(*measured, strict=True)
    if not all(f" {articles} kept" in one and " 0 texts embedded" in one for one in said):
        raise SystemExit(f"Not a night without changes: {said}")
    return Night(
        articles,
        round(median(seconds), 2),
        round(median(cpu), 2),
        round(median(megabytes)),
        said[-1],
    )


def _run(words: Sequence[str], url: str) -> tuple[float, float, float, str]:
    """Seconds, processor seconds and peak memory in MB of the command, and what it printed."""
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own command
        [FOOTNOTE, *words],
        env={**os.environ, "DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    said = process.stdout.read().strip()
    # Of this process alone; RUSAGE_CHILDREN would give the largest of all that ever ran.
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said
