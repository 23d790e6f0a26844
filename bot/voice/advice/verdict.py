"""The verdict: stay with retrieval, use exemplars, fine-tune for style, or collect evidence first.

Training is the last resort: it needs wordings to learn, answers whose facts are right already, and
a prompted voice that was tried and fell short.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.voice.advice.evidence import Evidence, VoiceEvidence
from bot.voice.dataset.splits import RECOMMENDED

REVIEWS = 30  # from which something can be said
REWORDED = 0.15  # of the reviews that leads reword, from which wording is an issue
CORRECTED = 0.25  # of the reviews that correct facts, above which these come first
TRIED = 20  # answers in a prompted voice from which it was tried
SHORT = 0.05  # of style agreement that a voice may lack
FELL_BACK = 0.2  # of a voice's uses that may have stayed neutral


class Advice(StrEnum):
    """What a desk should do."""

    COLLECT = "collect evidence first"
    STAY = "stay with retrieval"
    EXEMPLARS = "use exemplars"
    TUNE = "fine-tune for style"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a desk should do, why, and what is not known."""

    advice: Advice
    reasons: tuple[str, ...]
    missing: tuple[str, ...] = ()
    next_step: str = ""

    def as_json(self) -> dict[str, Any]:
        """The form `footnote voice advise --json` prints."""
        return {
            "verdict": self.advice.value,
            "reasons": list(self.reasons),
            "missing": list(self.missing),
            "next": self.next_step,
        }


def judge(evidence: Evidence) -> Verdict:
    """The verdict on a desk's evidence."""
    reviewed = evidence.reviewed
    if reviewed.reviews < REVIEWS:
        lacking = f"{reviewed.reviews} of the {REVIEWS} reviews that are needed are there."
        step = "Have leads review answers, and amend those that do not read as they should."
        return _verdict(evidence, Advice.COLLECT, step, lacking)
    corrected = reviewed.share(reviewed.corrected)
    if corrected > CORRECTED:
        facts = f"Leads correct the facts of {corrected:.0%} of the answers they review."
        why = f"More than {CORRECTED:.0%}: training would not mend that, and would learn it."
        return _verdict(evidence, Advice.STAY, "Mend the articles first.", facts, why)
    reworded = reviewed.share(reviewed.reworded)
    said = f"Leads reword {reworded:.0%} of the answers they review ({REWORDED:.0%} is much)."
    changed = f"They change {reviewed.edit_distance:.0%} of the words."
    if reworded < REWORDED:
        right = f"{reviewed.share(reviewed.approved):.0%} are right as they are."
        return _verdict(evidence, Advice.STAY, "There is nothing to do.", said, right, changed)
    return _beyond_neutral(evidence, said, changed)


def _beyond_neutral(evidence: Evidence, *wanted: str) -> Verdict:
    """Where leads do reword: whether a prompted voice is enough."""
    prompted = evidence.of_kind("prompted")
    tried = prompted.answers if prompted else 0
    if prompted is None or tried < TRIED:
        said = f"No prompted voice was tried on {TRIED} answers yet ({tried} so far)."
        step = "Add one with instructions and `nearest = 4`: footnote voice add NAME FILE"
        return _verdict(evidence, Advice.EXEMPLARS, step, *wanted, said)
    short = _shortfall(evidence, prompted)
    if short is None:
        said = f"The prompted voice {prompted.voice} meets the desk's style well enough."
        step = f"Make it live, or keep it so: footnote voice promote {prompted.voice}"
        return _verdict(evidence, Advice.EXEMPLARS, step, *wanted, said)
    count, (least, most) = evidence.examples, RECOMMENDED
    if count < least:
        said = f"But there are {count} wordings to learn from; {least} to {most} are recommended."
        step = "Go on amending answers into the wording you want."
        return _verdict(evidence, Advice.EXEMPLARS, step, *wanted, short, said)
    fresh = (
        f"{evidence.edited_monthly:.0%} of the cited articles get a new text in a month: facts stay"
        " with retrieval, only the wording is trained."
    )
    step = "footnote voice dataset build, then: footnote voice train NAME"
    learn = f"There are {count} distinct wordings to learn from."
    return _verdict(evidence, Advice.TUNE, step, *wanted, short, learn, fresh)


def _verdict(evidence: Evidence, advice: Advice, step: str, *reasons: str) -> Verdict:
    return Verdict(advice, reasons, _missing(evidence), step)


def _shortfall(evidence: Evidence, prompted: VoiceEvidence) -> str | None:
    """In what a prompted voice falls short; None where it does not."""
    again = prompted.reviewed.share(prompted.reviewed.reworded)
    if prompted.reviewed.reviews and again >= REWORDED:
        return f"Leads still reword {again:.0%} of the answers in the voice {prompted.voice}."
    if prompted.fell_back is not None and prompted.fell_back > FELL_BACK:
        return f"{prompted.fell_back:.0%} of its answers stayed neutral for their facts."
    if prompted.style is not None and evidence.own_style is not None:
        gap = evidence.own_style - prompted.style.overall
        if gap > SHORT:
            return (
                f"The voice {prompted.voice} agrees {prompted.style.overall:.2f} with the desk's"
                f" style; approved answers agree {evidence.own_style:.2f} with one another."
            )
    return None


def _missing(evidence: Evidence) -> tuple[str, ...]:
    """What is not known and would help."""
    found = []
    if evidence.reviewed.reviews < REVIEWS:
        found.append(f"{REVIEWS - evidence.reviewed.reviews} more reviews by leads")
    if evidence.profile is None:
        found.append("ten answers amended into the desk's wording, for a profile of its style")
    if evidence.of_kind("prompted") is None:
        found.append("answers in a prompted voice, to compare with")
    if evidence.economics.training.usd is None:
        found.append(evidence.economics.training.formula)
    if not evidence.cited:
        found.append("answers that cite articles")
    return tuple(found)
