"""The essay's table: retrieval, exemplars and fine-tuning, by this desk's own figures."""

from bot.voice.advice.evidence import Evidence, VoiceEvidence
from bot.voice.costs import Cost
from bot.voice.voices import NEUTRAL

HEAD = ("", "retrieval, neutral", "retrieval + exemplars", "retrieval + fine-tuned voice")


def rows(evidence: Evidence) -> list[tuple[str, str, str, str]]:
    """A row for each of setup, cost, freshness, accuracy, customisation and maintenance."""
    neutral = evidence.of_kind(NEUTRAL)
    prompted, tuned = evidence.of_kind("prompted"), evidence.of_kind("tuned")
    economics = evidence.economics
    edited = f"{evidence.edited_monthly:.0%} of cited articles change a month"
    return [
        (
            "setup",
            "there",
            "instructions and approved answers",
            f"{evidence.examples} of 50–100 examples; training {_dollars(economics.training)}",
        ),
        (
            "cost an answer",
            _measured_cost(neutral),
            _cost(prompted, economics.prompted),
            _cost(tuned, economics.tuned),
        ),
        (
            "freshness",
            f"nightly; {edited}",
            "the same: facts come from retrieval",
            f"the same here; a model trained on facts would be wrong after: {edited}",
        ),
        ("accuracy", _accuracy(neutral), _accuracy(prompted), _accuracy(tuned)),
        (
            "customisation: agreement with the desk's style",
            _style(neutral),
            _style(prompted),
            _style(tuned),
        ),
        ("maintenance", "none", "amend the exemplars", "train anew when the model ends"),
    ]


def _dollars(cost: Cost) -> str:
    return "unknown" if cost.usd is None else f"${cost.usd:,.4f}"


def _measured_cost(voice: VoiceEvidence | None) -> str:
    return f"${voice.cost_usd:.6f}, {voice.p50_ms:,.0f} ms" if voice else "not measured"


def _cost(voice: VoiceEvidence | None, expected: Cost) -> str:
    if voice is not None:
        return _measured_cost(voice)
    return f"expected {'unknown' if expected.usd is None else f'+${expected.usd:.6f}'}"


def _accuracy(voice: VoiceEvidence | None) -> str:
    if voice is None:
        return "not measured"
    said = f"{voice.unfounded:.0%} with a statement not borne out"
    if voice.fell_back is not None:
        said += f"; {voice.fell_back:.0%} stayed neutral"
    return said


def _style(voice: VoiceEvidence | None) -> str:
    return f"{voice.style.overall:.2f}" if voice and voice.style else "not measured"
