"""Changes: two texts as what they share and what differs, for a reader."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST_LINES = 60  # of an article's differences
_TOKEN = re.compile(r"\s+|[\w'’]+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch that is in both texts ("same"), in the older ("gone") or in the newer ("new")."""

    how: str
    text: str


def by_words(before: str, after: str) -> tuple[Run, ...]:
    """The differences word by word."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    return tuple(_runs(old, new, ""))


def by_lines(before: str, after: str) -> tuple[Run, ...]:
    """The lines that differ, without those that do not; at most MOST_LINES of them."""
    old = [line for line in before.splitlines() if line.strip()]
    new = [line for line in after.splitlines() if line.strip()]
    found = [run for run in _runs(old, new, "\n") if run.how != "same"]
    lines = [Run(run.how, line) for run in found for line in run.text.split("\n") if line]
    return tuple(lines[:MOST_LINES])


def _runs(old: Sequence[str], new: Sequence[str], between: str) -> Iterator[Run]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for how, a, b, c, d in matcher.get_opcodes():
        if how == "equal":
            yield Run("same", between.join(old[a:b]))
            continue
        if a < b:
            yield Run("gone", between.join(old[a:b]))
        if c < d:
            yield Run("new", between.join(new[c:d]))
