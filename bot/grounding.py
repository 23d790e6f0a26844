"""Grounding: whether what is cited bears what is said.

Words decide, without another model: numbers and addresses of a part must occur in the passage it
cites, and most of its content words as well.
"""

import functools
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
LEAD_IN = 8  # content words; "To change the Wi-Fi of your Bridge, follow these steps:" has seven

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>‹›()\[\]]+|[\w.+-]+@[\w-]+\.[\w.-]+")


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
    together = support(draft.text, *filter(None, map(evidence.numbered, draft.cites)))
    return Part(draft.text, _weighed(citations, together), draft.kind, together)


def _weighed(citations: list[Citation], together: Support) -> tuple[Citation, ...]:
    """Citations beside one that bears the whole part go when they bear nothing of it.

    Where passages bear it only together, each bears a part.
    """
    bearing = [cited for cited in citations if cited.support is not Support.UNSUPPORTED]
    if any(cited.support is Support.SUPPORTED for cited in bearing):
        return tuple(bearing)
    if together is Support.UNSUPPORTED:
        return tuple(citations)
    return tuple(
        cited if cited in bearing else replace(cited, support=Support.PARTLY) for cited in citations
    )


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
    said = unmarked(draft.text)
    if draft.kind is not Kind.STATEMENT or _NUMBER.search(said) or _ADDRESS.search(said):
        return False
    words = stems(said, "en")
    return not words or (said.endswith((":", "：")) and len(words) <= LEAD_IN)


def support(text: str, *passages: Passage) -> Support:
    """How well passages, taken together, bear a statement."""
    said = unmarked(text)
    ground = "\n".join(map(_ground, passages))
    if not set(_NUMBER.findall(said)) <= set(_NUMBER.findall(ground)):
        return Support.UNSUPPORTED
    if any(address.rstrip(".,;:!?") not in ground for address in _ADDRESS.findall(said)):
        return Support.UNSUPPORTED
    share = max(_share(said, ground, language_of(passage.locale)) for passage in passages)
    if share >= SUPPORTED:
        return Support.SUPPORTED
    return Support.PARTLY if share >= PARTLY else Support.UNSUPPORTED


@functools.lru_cache(maxsize=64)
def _ground(passage: Passage) -> str:
    """Everything a passage says, as it is written and as it reads."""
    return f"{passage.heading}\n{passage.title}\n{plain_text(passage.text)}\n{passage.text}"


def _share(said: str, ground: str, language: str) -> float:
    """The share of the content words said that the ground holds."""
    words = stems(said, language)
    return len(words & stems(ground, language)) / len(words) if words else 1.0
