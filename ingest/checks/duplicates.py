"""Articles with nearly the same text.

An article's runs of four words are sketched (MinHash); sketches that agree in a band meet in a
bucket, and only articles that met are compared, by their runs of words. No text is compared with
all others.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.articles import Article
from ingest.checks.findings import Finding

RUN = 4  # words
FEWEST_RUNS = 20  # two notes of a line each are alike without being duplicates
SHARE = 0.7  # of the runs that either article has, those that both have
BANDS, ROWS = 20, 5  # at SHARE one pair in forty is missed, at 0.8 one in two thousand
# A bucket this full holds a template's articles: alike in that band, mostly not duplicates.
MOST_IN_BUCKET = 30
# Sketches tell the share to within about a tenth; the most promising articles are compared.
DOUBT = 0.15
MOST_COMPARED = 5

_WIDE = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_WORD = re.compile(rf"[{_WIDE}]|[^\W_{_WIDE}]+")
_ADDRESS = re.compile(r"\]\([^()\s]*\)|https?://\S+|<[^<>]*>")

Numbers = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class _Sketch:
    """An article's runs of words as sorted numbers, and its MinHash."""

    article: Article
    runs: Numbers
    minima: Numbers

    def bands(self) -> Iterator[tuple[int, bytes]]:
        """The keys of its buckets."""
        return enumerate(row.tobytes() for row in self.minima.reshape(BANDS, ROWS))

    def common(self, other: "_Sketch") -> int:
        """How many runs both have."""
        return len(np.intersect1d(self.runs, other.runs, assume_unique=True))

    def share(self, other: "_Sketch") -> float:
        """Of the runs that either has, those that both have."""
        common = self.common(other)
        return common / (len(self.runs) + len(other.runs) - common)


@dataclass(slots=True)
class _Sketcher:
    """Turns texts into sketches; equal words get equal numbers."""

    words: defaultdict[str, int] = field(default_factory=lambda: defaultdict(count(1).__next__))
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(7))
    factors: Numbers = field(init=False)
    offsets: Numbers = field(init=False)
    weights: NDArray[np.uint64] = field(init=False)

    def __post_init__(self) -> None:
        shape = (BANDS * ROWS, 1)
        self.factors = self.random.integers(2**32, size=shape, dtype=np.uint32) | np.uint32(1)
        self.offsets = self.random.integers(2**32, size=shape, dtype=np.uint32)
        self.weights = self.random.integers(2**63, size=RUN, dtype=np.uint64) * np.uint64(2)
        self.weights += np.uint64(1)

    def sketch(self, article: Article) -> _Sketch | None:
        """A sketch, or None of a text that is too short to be compared."""
        found = _WORD.findall(_ADDRESS.sub(" ", article.text).lower())
        length = len(found) - RUN + 1
        if length < FEWEST_RUNS:
            return None
        numbers = np.fromiter(map(self.words.__getitem__, found), np.uint64, len(found))
        mixed = np.zeros(length, np.uint64)
        for at in range(RUN):
            mixed += numbers[at : at + length] * self.weights[at]
        mixed ^= mixed >> np.uint64(29)
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
        runs = np.sort((mixed >> np.uint64(32)).astype(np.uint32))
        runs = runs[np.insert(runs[1:] != runs[:-1], 0, values=True)]  # each once
        if len(runs) < FEWEST_RUNS:
            return None
        return _Sketch(article, runs, (runs * self.factors + self.offsets).min(axis=1))


def near_duplicates(articles: Iterable[Article]) -> Iterator[Finding]:
    """Articles that mostly say what an earlier one in the same language says.

    Of several alike, each is compared with the first; the message says which share is common.
    """
    sketcher = _Sketcher()
    buckets: dict[Any, list[_Sketch]] = {}
    for article in articles:
        sketch = sketcher.sketch(article)
        if sketch is None:
            continue
        met = [buckets.setdefault((article.locale, *band), []) for band in sketch.bands()]
        twin = _twin(sketch, met)
        if twin is not None:
            share = round(100 * sketch.common(twin) / len(sketch.runs))
            yield Finding.on(
                article,
                "near_duplicate",
                f"{share} % of it is also in “{twin.article.title}” ({twin.article.path}).",
            )
            continue
        for bucket in met:
            if len(bucket) < MOST_IN_BUCKET:
                bucket.append(sketch)


def _twin(sketch: _Sketch, met: list[list[_Sketch]]) -> _Sketch | None:
    """The most similar of the articles it met, if that is similar enough."""
    candidates = list({id(other): other for bucket in met for other in bucket}.values())
    if not candidates:
        return None
    agreement = (np.stack([other.minima for other in candidates]) == sketch.minima).mean(axis=1)
    likely = [int(at) for at in np.argsort(-agreement, kind="stable")[:MOST_COMPARED]]
    shares = {at: sketch.share(candidates[at]) for at in likely if agreement[at] >= SHARE - DOUBT}
    best = max(shares, key=lambda at: shares[at], default=None)
    return candidates[best] if best is not None and shares[best] >= SHARE else None
