"""Answers: ordered parts, each with its citations, and how they read as text and JSON."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.citations import link, quotable
from bot.evidence import Evidence, Passage

NOT_COVERED = "The help centre does not cover this."
UNFOUNDED = "⚠ Not in the articles: "
CLOSEST = "This is the closest article found; check that it is about what was asked."
FAILED = "This question could not be answered just now; please ask again in a minute."


class Verdict(StrEnum):
    """How a question ended."""

    ANSWERED = "answered"
    NOT_COVERED = "not_covered"
    FAILED = "failed"


class Support(StrEnum):
    """How well what is cited bears what is said."""

    SUPPORTED = "supported"
    PARTLY = "partly"
    UNSUPPORTED = "unsupported"
    NONE_NEEDED = "none_needed"


class Kind(StrEnum):
    """How a part is set."""

    STATEMENT = "statement"
    STEP = "step"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Draft:
    """A part as an engine wrote it: not checked yet, its numbers those of the evidence."""

    text: str
    cites: tuple[int, ...] = ()
    kind: Kind = Kind.STATEMENT


@dataclass(frozen=True, slots=True)
class Citation:
    """Part → passage `n`, pinned to the characters of the article version that bear the part."""

    n: int
    start: int
    end: int
    support: Support


@dataclass(frozen=True, slots=True)
class Part:
    """One statement or step of an answer."""

    text: str
    citations: tuple[Citation, ...] = ()
    kind: Kind = Kind.STATEMENT
    support: Support = Support.NONE_NEEDED


@dataclass(frozen=True, slots=True)
class Verified:
    """Who approved or amended an answer that is given again, by which review, and when."""

    review: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said, on what ground, by whom."""

    question: str
    verdict: Verdict
    engine: str  # "quotes" or "chat"
    parts: tuple[Part, ...] = ()
    evidence: Evidence = field(default_factory=Evidence)
    model: str | None = None
    voice: str = "neutral"
    prompt_version: str | None = None
    note: str | None = None  # what was not as usual, for the reader
    sufficiency: float = 0.0
    timings_ms: dict[str, float] = field(default_factory=dict)
    cost_usd: float = 0.0
    id: int | None = None  # once recorded
    standalone: str | None = None  # as a follow-up was searched for; read from the record
    verified: Verified | None = None  # a lead's, given again

    @property
    def text(self) -> str:
        """The answer with its `[n]` markers, as Markdown."""
        return render(self.parts, marker=lambda n: f"[{n}]")

    @property
    def cited(self) -> list[Passage]:
        """The passages the parts cite, by number."""
        numbers = {citation.n for part in self.parts for citation in part.citations}
        return [passage for passage in self.evidence.passages if passage.n in numbers]

    def quotes(self, n: int) -> list[Citation]:
        """The distinct stretches cited of passage `n`, in the order of the parts."""
        found: dict[tuple[int, int], Citation] = {}
        for part in self.parts:
            for citation in part.citations:
                if citation.n == n:
                    found.setdefault((citation.start, citation.end), citation)
        return list(found.values())

    def nearest_articles(self, limit: int = 3) -> list[Passage]:
        """The best passage of each of the best-ranked articles."""
        found: dict[str, Passage] = {}
        for passage in self.evidence.passages:
            found.setdefault(passage.article, passage)
        return list(found.values())[:limit]

    def as_json(self) -> dict[str, Any]:
        """The form `footnote ask --json` prints."""
        return {
            "question": self.question,
            "verdict": self.verdict.value,
            "engine": self.engine,
            "model": self.model,
            "voice": self.voice,
            "note": self.note,
            "verified": self.verified.at.isoformat() if self.verified else None,
            "text": self.text,
            "parts": [
                {
                    "text": part.text,
                    "citations": [citation.n for citation in part.citations],
                    "support": part.support.value,
                }
                for part in self.parts
            ],
            "sources": [self._source(passage) for passage in self.cited],
            "timings_ms": {name: round(ms, 1) for name, ms in self.timings_ms.items()},
            "cost_usd": self.cost_usd,
        }

    def _source(self, passage: Passage) -> dict[str, Any]:
        quote = self.quote(passage)
        return {
            "n": passage.n,
            "article": passage.article,
            "title": passage.title,
            "url": link(passage, quote),
            "heading_path": list(passage.heading_path),
            "quote": quote,
            "version": passage.version,
            "updated_at": passage.updated_at.isoformat() if passage.updated_at else None,
        }

    def quote(self, passage: Passage) -> str:
        """The first stretch cited of a passage, verbatim, as far as it may be shown."""
        citation = self.quotes(passage.n)[0]
        return quotable(
            passage.text[citation.start - passage.start : citation.end - passage.start], passage
        )

    def source_link(self, n: int) -> str:
        """The address of passage `n`, at the words first cited of it."""
        passage = self.evidence.numbered(n)
        assert passage is not None
        return link(passage, self.quote(passage))


def render(parts: Sequence[Part], marker: Callable[[int], str]) -> str:
    """Parts as Markdown: steps numbered, items listed; `marker` makes a citation of a number."""
    found = []
    for gap, lead, part in layout(parts):
        marks = "".join(marker(citation.n) for citation in part.citations)
        found.append(f"{gap}{lead}{part.text}{' ' if marks else ''}{marks}")
    return "".join(found)


def layout(parts: Sequence[Part]) -> Iterator[tuple[str, str, Part]]:
    """Each part with the line breaks before it and its number or bullet.

    One that is kept although no article bears it out says so itself.
    """
    step = 0
    previous: Part | None = None
    for part in parts:
        if part.kind is Kind.STEP:
            step += 1
        elif part.kind is Kind.STATEMENT:
            step = 0
        # Items below a step belong to it, and the steps after them go on counting.
        item = "   - " if step else "- "
        lead = {Kind.STATEMENT: "", Kind.STEP: f"{step}. ", Kind.ITEM: item}[part.kind]
        mark = UNFOUNDED if part.support is Support.UNSUPPORTED else ""
        yield _gap(previous, part), lead + mark, part
        previous = part


def _gap(previous: Part | None, part: Part) -> str:
    """What stands between two parts: sentences run on, lists and what leads in to them do not."""
    if previous is None:
        return ""
    if previous.kind is not Kind.STATEMENT and part.kind is not Kind.STATEMENT:
        return "\n"
    apart = (":", "：", ":**", "`")
    running = previous.kind == part.kind and not previous.text.endswith(apart)
    return " " if running and not part.text.endswith(apart[:3]) else "\n\n"


def without_ground(
    question: str, evidence: Evidence, sufficiency: float, note: str | None = None
) -> Answer:
    """The answer that says that the help centre has none."""
    return Answer(
        question,
        Verdict.NOT_COVERED,
        engine="quotes",
        parts=(Part(NOT_COVERED),),
        evidence=evidence,
        sufficiency=sufficiency,
        note=note,
    )


def renumbered(answer: Answer) -> Answer:
    """The same answer with its sources numbered in the order in which they are cited.

    A part names its citations in ascending order.
    """
    seen = dict.fromkeys(citation.n for part in answer.parts for citation in part.citations)
    evidence, order = answer.evidence.renumbered(list(seen))
    parts = tuple(
        replace(
            part,
            citations=tuple(
                sorted(
                    (replace(cited, n=order[cited.n]) for cited in part.citations),
                    key=lambda cited: cited.n,
                )
            ),
        )
        for part in answer.parts
    )
    return replace(answer, parts=parts, evidence=evidence)
