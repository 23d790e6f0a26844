"""The embedded model against sentence-transformers on the same texts, as alternating pairs."""

import importlib.util
import os
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from ingest.embeddings.minilm import MiniLM
from ingest.embeddings.minilm_weights import wheel_folder

PAIRS = 5


@dataclass(frozen=True, slots=True)
class EmbedderReport:
    """Medians over pairs; the reference is None where sentence-transformers is not installed."""

    passages_per_second: float
    question_ms: float
    megabytes: float
    reference_passages_per_second: float | None = None
    reference_question_ms: float | None = None
    smallest_cosine: float | None = None
    blas_core_type: str | None = None

    def as_json(self) -> dict[str, Any]:
        """For the JSON file, with ratios."""
        found = {name: getattr(self, name) for name in self.__slots__}
        if self.reference_passages_per_second and self.reference_question_ms:
            ratio = self.passages_per_second / self.reference_passages_per_second
            found["passages_ratio"] = round(ratio, 2)
            found["question_ratio"] = round(self.question_ms / self.reference_question_ms, 2)
        return found


def measure(texts: list[str], questions: list[str]) -> EmbedderReport:
    """Embed the texts with both, in turn."""
    ours = MiniLM.load()
    ours.embed(texts[:32])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    core = os.environ.get("OPENBLAS_CORETYPE")
    if importlib.util.find_spec("sentence_transformers") is None:
        rate = median(len(texts) / _seconds(lambda: ours.embed(texts)) for _ in range(PAIRS))
        question = _question_ms(lambda text: ours.embed([text]), questions)
        return EmbedderReport(round(rate, 1), question, round(peak, 1), blas_core_type=core)
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - where installed

    theirs = SentenceTransformer(str(wheel_folder()), device="cpu")
    theirs.encode(texts[:32])
    pairs = [
        (_seconds(lambda: ours.embed(texts)), _seconds(lambda: theirs.encode(texts)))
        for _ in range(PAIRS)
    ]
    reference = theirs.encode(texts, normalize_embeddings=True)
    return EmbedderReport(
        round(median(len(texts) / mine for mine, _ in pairs), 1),
        _question_ms(lambda text: ours.embed([text]), questions),
        round(peak, 1),
        round(median(len(texts) / other for _, other in pairs), 1),
        _question_ms(lambda text: theirs.encode([text]), questions),
        round(float(np.sum(ours.embed(texts) * reference, axis=1).min()), 7),
        core,
    )


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _question_ms(embed: Callable[[str], object], questions: list[str]) -> float:
    return round(median(_seconds(lambda: embed(text)) for text in questions[:100]) * 1000, 2)  # noqa: B023
