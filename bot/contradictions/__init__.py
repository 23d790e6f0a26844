"""Contradictions: articles that say different numbers of the same thing, told instead of chosen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.answers import Part, Support
from bot.contradictions.claims import Side, contradict
from bot.evidence import Evidence
from bot.spans import spans
from bot.wording import unmarked

CONSIDERED = 6  # passages, from the best, beside those that are cited
MOST = 2  # told in one answer


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two articles that disagree, the newer first."""

    newer: Side
    older: Side

    @property
    def part(self) -> Part:
        """The statement that shows both, each with its date and citation."""
        said = "; ".join(
            f"**{side.passage.title}**{_date(side.passage.updated_at)}"
            f" says “{unmarked(side.span.text).rstrip('.')}”"
            for side in (self.newer, self.older)
        )
        sides = (self.newer.citation, self.older.citation)
        return Part(f"The articles differ: {said}.", sides, support=Support.SUPPORTED)


def contradictions(parts: Sequence[Part], evidence: Evidence) -> tuple[Contradiction, ...]:
    """What other articles of the evidence say against what parts say, at most MOST."""
    cited = {citation.n for part in parts for citation in part.citations}
    others = [
        passage
        for rank, passage in enumerate(evidence.passages)
        if rank < CONSIDERED or passage.n in cited
    ]
    found: dict[frozenset[str], Contradiction] = {}
    for side in _said(parts, evidence):
        for other in others:
            pair = frozenset({side.passage.article, other.article})
            if len(pair) == 1 or pair in found or side.passage.locale != other.locale:
                continue
            against = next((s for s in spans(other) if contradict(side, Side(other, s))), None)
            if against is not None:
                found[pair] = Contradiction(*_newer_first(side, Side(other, against)))
    return tuple(found.values())[:MOST]


def newest_first(parts: Sequence[Part], found: Sequence[Contradiction]) -> tuple[Part, ...]:
    """Quotes in an order in which the newer of two articles that disagree has its say first.

    It is quoted itself where only the older one was.
    """
    ordered = list(parts)
    for each in found:
        newer, older = each.newer.passage.n, each.older.passage.n
        first = next((at for at, part in enumerate(ordered) if _cites(part, older)), None)
        if first is None:
            continue
        ahead, behind = ordered[:first], ordered[first:]
        moved = [part for part in behind if _cites(part, newer)]
        if not moved and not any(_cites(part, newer) for part in ahead):
            moved = [each.newer.quote]
        ordered = [*ahead, *moved, *(part for part in behind if part not in moved)]
    return tuple(ordered)


def _cites(part: Part, n: int) -> bool:
    return any(citation.n == n for citation in part.citations)


def _newer_first(one: Side, two: Side) -> tuple[Side, Side]:
    """By date; what has none is older, and of equals the better found comes first."""
    never = datetime.min.replace(tzinfo=UTC)
    dates = [side.passage.updated_at or never for side in (one, two)]
    if dates[0] == dates[1]:
        return (one, two) if one.passage.n < two.passage.n else (two, one)
    return (one, two) if dates[0] > dates[1] else (two, one)


def _said(parts: Sequence[Part], evidence: Evidence) -> Iterator[Side]:
    """The sentences that parts cite."""
    seen = set()
    for part in parts:
        for citation in part.citations:
            passage = evidence.numbered(citation.n)
            if passage is None:
                continue
            for span in spans(passage):
                within = span.start < citation.end and citation.start < span.end
                if within and (citation.n, span.start) not in seen:
                    seen.add((citation.n, span.start))
                    yield Side(passage, span)


def _date(moment: datetime | None) -> str:
    return f" (updated {moment.day} {moment:%B %Y})" if moment else " (no date)"
