"""Evidence: what a desk's own data says about how its answers are worded, and what that costs."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from bot.chat.drafts import drafts
from bot.settings import Settings, StyleSettings
from bot.voice.advice.economics import Economics, economics
from bot.voice.dataset.approved import Unfit, amendment, approved, mends_facts
from bot.voice.dataset.duplicates import without_duplicates
from bot.voice.style import Agreement, Profile, fit
from bot.voice.voices import NEUTRAL, Voices
from ingest.database import Database, Row

DAYS = 90  # that are looked back
LATEST = 200  # wordings of a voice whose style is measured


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What leads made of the answers in some voices."""

    reviews: int = 0
    approved: int = 0
    reworded: int = 0  # amended, their facts kept
    corrected: int = 0  # rejected, or amended in their facts, or their article is wrong
    edit_distance: float = 0.0  # mean share of words changed, over approved and amended ones

    def share(self, count: int) -> float:
        """As a share of the reviews."""
        return count / self.reviews if self.reviews else 0.0

    def as_json(self) -> dict[str, Any]:
        """The form reports keep."""
        return {name: round(getattr(self, name), 4) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class VoiceEvidence:
    """How answers in one voice do."""

    voice: str
    kind: str
    answers: int
    cost_usd: float
    p50_ms: float
    unfounded: float  # the share with a statement that is not fully borne out
    fell_back: float | None  # of its uses; None for neutral
    style: Agreement | None
    reviewed: Reviewed

    def as_json(self) -> dict[str, Any]:
        """The form reports keep."""
        own = {name: getattr(self, name) for name in self.__slots__}
        style = self.style.as_json() | {"overall": self.style.overall} if self.style else None
        return own | {"style": style, "reviewed": self.reviewed.as_json()}


@dataclass(frozen=True, slots=True)
class Evidence:
    """All of it."""

    reviewed: Reviewed
    voices: tuple[VoiceEvidence, ...]
    examples: int  # distinct wordings that could be trained on
    left_out: dict[str, int]
    profile: Profile | None
    own_style: float | None  # how well half of the approved answers agree with the other half
    edits: tuple[tuple[str, int], ...]  # cited articles with a new text, by month
    cited: int
    monthly_answers: float
    economics: Economics
    judgements: tuple[str, ...] = ()  # blind verdicts by leads, in words

    @property
    def edited_monthly(self) -> float:
        """The share of cited articles that had a new text in a month, in the mean."""
        return fmean(count for _, count in self.edits) / self.cited if self.cited else 0.0

    def of_kind(self, kind: str) -> VoiceEvidence | None:
        """The voice of a kind with the most answers."""
        found = [each for each in self.voices if each.kind == kind and each.answers]
        return max(found, key=lambda each: each.answers, default=None)

    def as_json(self) -> dict[str, Any]:
        """The form `footnote voice advise --json` prints."""
        return {
            "reviewed": self.reviewed.as_json(),
            "voices": [each.as_json() for each in self.voices],
            "examples": self.examples,
            "left_out": self.left_out,
            "profile": self.profile.as_json() if self.profile else None,
            "own_style": self.own_style,
            "edits": dict(self.edits),
            "edited_monthly": round(self.edited_monthly, 4),
            "monthly_answers": self.monthly_answers,
            "economics": self.economics.as_json(),
            "judgements": list(self.judgements),
        }


async def gather(
    database: Database, voices: Voices, settings: Settings, base_model: str
) -> Evidence:
    """Read a desk's evidence."""
    examples, unfit = await approved(database)
    distinct = without_duplicates(examples)
    rows = await database.rows("approved_wordings")
    wordings = ["\n".join(each.pair.wording) for each in distinct]
    profile = fit(wordings, settings.style)
    counts = await database.rows("answers_by_voice", days=DAYS)
    found = await _voices(database, voices, counts, rows, profile)
    edits = await database.rows("edits_by_month")
    monthly = sum(row["answers"] for row in counts if row["voice"] == NEUTRAL) / (DAYS / 30)
    return Evidence(
        reviewed(rows),
        tuple(found),
        len(distinct),
        {str(reason): count for reason, count in unfit.items() if reason is not Unfit.SAME},
        profile,
        _own_style(wordings, settings.style),
        tuple((row["month"], row["edited"]) for row in edits),
        max((row["cited"] for row in edits), default=0),
        round(monthly, 1),
        economics(distinct, settings, base_model),
        tuple(
            f"{row['one']} was liked better {row['for_one']} times, {row['other']}"
            f" {row['for_other']} times, of {row['asked']} shown blindly"
            for row in await database.rows("judgements")
        ),
    )


def reviewed(rows: Iterable[Row]) -> Reviewed:
    """What leads made of answers, from rows of the query `approved_wordings`."""
    counts = {"approved": 0, "reworded": 0, "corrected": 0}
    distances: list[float] = []
    for row in rows:
        kind = _kind(row)
        counts[kind] += 1
        if kind == "approved":
            distances.append(0.0)
        elif row["wording"]:
            distances.append(distance(row["reviewed_parts"], row["wording"]))
    return Reviewed(
        sum(counts.values()), **counts, edit_distance=fmean(distances) if distances else 0.0
    )


def _kind(row: Row) -> str:
    if row["verdict"] == "approve":
        return "approved"
    if row["verdict"] != "amend":
        return "corrected"
    said = amendment(row)
    if said is None or len(said) != len(row["neutral_parts"]):
        return "corrected"
    pairs = zip(row["neutral_parts"], said, strict=True)
    return "corrected" if any(mends_facts(*pair) for pair in pairs) else "reworded"


def distance(parts: Sequence[str], wording: str) -> float:
    """The share of words that differ between what was shown and what a lead made of it."""
    before = " ".join(parts).split()
    after = " ".join(draft.text for draft in drafts(wording)).split()
    return 1 - difflib.SequenceMatcher(None, before, after, autojunk=False).ratio()


async def _voices(
    database: Database,
    voices: Voices,
    counts: Sequence[Row],
    rows: Sequence[Row],
    profile: Profile | None,
) -> list[VoiceEvidence]:
    texts = {row["voice"]: row["texts"] for row in await database.rows(
        "texts_by_voice", limit=LATEST)}  # fmt: skip
    uses = {row["voice"]: row for row in await database.rows("uses_by_voice", days=DAYS)}
    found = []
    for row in counts:
        voice = await voices.get(row["voice"])
        kind = NEUTRAL if row["voice"] == NEUTRAL else voice.settings.kind if voice else "gone"
        used = uses.get(row["voice"])
        said = texts.get(row["voice"], [])
        found.append(
            VoiceEvidence(
                row["voice"],
                kind,
                row["answers"],
                row["cost_usd"] or 0.0,
                row["p50_ms"] or 0.0,
                row["unfounded"] or 0.0,
                used["fell_back"] if used else None,
                profile.agreement(said) if profile and said else None,
                reviewed(each for each in rows if each["voice"] == row["voice"]),
            )
        )
    return found


def _own_style(wordings: Sequence[str], terms: StyleSettings) -> float | None:
    profile = fit(wordings[::2], terms)
    return profile.agreement(wordings[1::2]).overall if profile and wordings[1::2] else None
