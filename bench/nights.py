"""What one night costs: the real command on a source where nothing changed."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

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
    said = [str(each["said"]) for each in measured]
    if not all(f" {articles} kept" in one and " 0 texts embedded" in one for one in said):
        raise SystemExit(f"Not a night without changes: {said}")

    def usual(figure: str) -> float:
        return float(median(each[figure] for each in measured))

    return Night(
        articles,
        round(usual("seconds"), 2),
        round(usual("cpu_seconds"), 2),
        round(usual("megabytes")),
        said[-1],
    )


def _run(words: Sequence[str], url: str) -> dict[str, Any]:
    """What the command took, by `bench.measured`."""
    ran = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "bench.measured", FOOTNOTE, *words],
        env={**os.environ, "DATABASE_URL": url},
        stdout=subprocess.PIPE,
        check=True,
    )
    return dict(json.loads(ran.stdout))
