"""Grounding: does what is cited bear what is said?

Words decide, without another model: numbers and addresses of a part must occur in the passage it
cites, and most of its content words as well.
"""

import re
from dataclasses import replace

from bot.answers import Citation, Draft, Kind, Part, Support
from bot.citations import bearing_span
from bot.evidence import Evidence, Passage
from bot.spans import spans
from bot.wording import unmarked
from ingest.lexicon import language_of, stems
from ingest.markup import plain_text

SUPPORTED = 0.6  # share of a part's content words that the passage holds
PARTLY = 0.35

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]]+|[\w.+-]+@[\w-]+\.[\w.-]+")


def check(draft: Draft, evidence: Evidence) -> Part:
    """The draft with its citations pinned and judged; numbers outside the evidence are dropped."""
    citations = []
    for n in dict.fromkeys(draft.cites):
        passage = evidence.numbered(n)
        if passage is not None:
            start, end = bearing_span(draft.text, passage, spans(passage))
            citations.append(Citation(n, start, end, support(draft.text, passage)))
    if not citations:
        needed = Support.NONE_NEEDED if needs_no_source(draft) else Support.UNSUPPORTED
        return Part(draft.text, (), draft.kind, needed)
    return Part(draft.text, tuple(citations), draft.kind, _best(citations))


def pinned(part: Part, spans_of: dict[int, tuple[int, int]]) -> Part:
    """The part with the exact spans an engine took its words from, by passage number."""
    return replace(
        part,
        citations=tuple(
            replace(citation, start=spans_of[citation.n][0], end=spans_of[citation.n][1])
            for citation in part.citations
        ),
    )


def needs_no_source(draft: Draft) -> bool:
    """A lead-in such as "Here is how:" states nothing."""
    return draft.kind is Kind.STATEMENT and (
        draft.text.endswith(":") or not stems(unmarked(draft.text), "en")
    )


def support(text: str, passage: Passage) -> Support:
    """How well a passage bears a statement."""
    said = unmarked(text)
    ground = f"{passage.heading}\n{passage.title}\n{plain_text(passage.text)}\n{passage.text}"
    if not set(_NUMBER.findall(said)) <= set(_NUMBER.findall(ground)):
        return Support.UNSUPPORTED
    if any(address.rstrip(".,;") not in ground for address in _ADDRESS.findall(said)):
        return Support.UNSUPPORTED
    language = language_of(passage.locale)
    words = stems(said, language)
    share = len(words & stems(ground, language)) / len(words) if words else 1.0
    if share >= SUPPORTED:
        return Support.SUPPORTED
    return Support.PARTLY if share >= PARTLY else Support.UNSUPPORTED


def _best(citations: list[Citation]) -> Support:
    order = (Support.SUPPORTED, Support.PARTLY, Support.UNSUPPORTED)
    return min((citation.support for citation in citations), key=order.index)
