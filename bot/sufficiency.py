"""Sufficiency: whether there is enough in the evidence to answer at all."""

from bot.evidence import Evidence

# Half similarity, half coverage. See the README for how the threshold was chosen.
THRESHOLD = 0.46


def sufficiency(evidence: Evidence) -> float:
    """From 0 (nothing) to about 1 (everything asked about is spoken of, and closely)."""
    return 0.5 * max(evidence.similarity, 0.0) + 0.5 * min(evidence.coverage, 1.0)


def enough(score: float) -> bool:
    """Whether to answer."""
    return score >= THRESHOLD
