"""Citing: drafts → parts whose citations are pinned, judged and, if need be, corrected.

A citation is corrected where another passage of the evidence bears the part clearly better.
"""

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.answers import Citation, Draft, Kind, Part, Support
from bot.citations import bearing_span
from bot.evidence import Evidence, Passage
from bot.grounding.facts import facts
from bot.grounding.reading import Reading, Sentence, read, sentence, together
from bot.grounding.support import Judged, Truth, coverage, judge
from bot.spans import spans
from bot.wording import unmarked
from ingest.embeddings.embedded import EmbeddedEmbedder
from ingest.embeddings.minilm import Tokens
from ingest.lexicon import stems

LEAD_IN = 8  # content words; "To change the Wi-Fi of your Bridge, follow these steps:" has seven
AHEAD = 2  # passages, from the best
LIKELY = 2  # passages nobody cited that are looked at closely
BETTER = 0.15  # by which a passage nobody cited must bear a part better than those cited

# Cosines to the nearest word of the ground: below one a claim's word is missing there, above the
# other it is there in whatever form.
MISSING, THERE = 0.55, 0.65

Read = Mapping[str, Tokens]


@dataclass(frozen=True, slots=True)
class Case:
    """A claim against some passages, judged by its words."""

    claim: Sentence
    ground: Reading
    judged: Judged

    def texts(self) -> Iterator[str]:
        """What the local model has to read to score it: nothing when the words have decided."""
        if not self.judged.decided and self.judged.at is not None:
            yield self.claim.text
            yield self.ground.sentences[self.judged.at].text
            yield self.ground.context(self.judged.at)

    def score(self, read: Read | None) -> float:
        """How well the claim is borne, from 0 to 1; by words alone where nothing was read."""
        return self.judged.score(self._near(read))

    def support(self, read: Read | None) -> Support:
        """The verdict on it."""
        return self.judged.verdict(self._near(read))

    def _near(self, read: Read | None) -> float | None:
        """How near the ground comes: a sentence, alone and with others, and its words (MaxSim)."""
        if read is None or self.judged.decided:
            return None
        found = [read[text] for text in self.texts()]
        if not found:
            return 0.0
        claim, one, context = found
        whole = max(0.0, float(claim.whole @ (one.whole + context.whole)) / 2)
        if not len(claim.vectors) or not len(context.vectors):
            return whole / 2
        nearest = (claim.vectors @ context.vectors.T).max(axis=1)
        there = np.clip((nearest - MISSING) / (THERE - MISSING), 0.0, 1.0)
        return (whole + float(there.mean())) / 2


def case(text: str, passages: Sequence[Passage]) -> Case:
    """Judge a text against passages taken together."""
    ground = together([read(passage) for passage in passages])
    claim = _claim(text, ground.language)
    return Case(claim, ground, judge(claim, ground))


@functools.lru_cache(maxsize=256)  # compared with one passage after another
def _claim(text: str, language: str) -> Sentence:
    return sentence(text, language)


async def read_for(cases: Sequence[Case], local: EmbeddedEmbedder) -> Read:
    """All that the cases need, read in one batch."""
    texts = list(dict.fromkeys(text for each in cases for text in each.texts()))
    return dict(zip(texts, await local.read(texts, urgent=True), strict=True)) if texts else {}


async def read_ahead(evidence: Evidence, local: EmbeddedEmbedder) -> None:
    """Read what statements are likely to be compared with, before there are any."""
    likely = evidence.passages[:AHEAD]
    await local.read([text for passage in likely for text in read(passage).contexts])


async def check_all(
    drafts: Sequence[Draft], evidence: Evidence, local: EmbeddedEmbedder
) -> tuple[Part, ...]:
    """The drafts with their citations pinned and judged; what they need is read together.

    What nobody cited is read only where it may still be better. Raises EmbeddingModelError.
    """
    pleas = [_plea(draft, evidence) for draft in drafts]
    found = await read_for([each for plea in pleas for each in plea.cases], local)
    rivals = (plea.rival(found) for plea in pleas)
    found = {**found, **await read_for([rival for rival in rivals if rival], local)}
    return tuple(plea.part(found) for plea in pleas)


def check(draft: Draft, evidence: Evidence) -> Part:
    """The draft with its citations pinned and judged by its words alone."""
    return _plea(draft, evidence).part(None)


@dataclass(frozen=True, slots=True)
class _Plea:
    """A draft with the cases of each passage cited, all of them, and the best of the others."""

    draft: Draft
    cited: tuple[tuple[Passage, Case], ...]
    whole: Case | None
    other: tuple[Passage, Case] | None

    @property
    def cases(self) -> Iterator[Case]:
        yield from (each for _, each in self.cited)
        if self.whole:
            yield self.whole

    def rival(self, read: Read | None) -> Case | None:
        """The best case that nobody cited, where it may still bear the part much better."""
        if self.other is None:
            return None
        best = self.other[1].judged
        may = self._beaten_by(best.verdict(1.0), best.score(1.0), read)
        return self.other[1] if may else None

    def part(self, read: Read | None) -> Part:
        """The part it becomes."""
        draft = self.draft
        rival = self.rival(read)
        if self.other and rival and self._beaten_by(rival.support(read), rival.score(read), read):
            cited = _citation(draft, self.other[0], Support.SUPPORTED)
            return Part(draft.text, (cited,), draft.kind, Support.SUPPORTED)
        if self.whole is None:
            needed = Support.NONE_NEEDED if needs_no_source(draft) else Support.UNSUPPORTED
            return Part(draft.text, (), draft.kind, needed)
        citations = [_citation(draft, passage, each.support(read)) for passage, each in self.cited]
        total = self.whole.support(read)
        return Part(draft.text, _weighed(citations, total), draft.kind, total)

    def _beaten_by(self, support: Support, score: float, read: Read | None) -> bool:
        """Whether a passage that bears it so does what those cited do not, or much less."""
        if support is not Support.SUPPORTED:
            return False
        if self.whole is None or self.whole.support(read) is Support.UNSUPPORTED:
            return True
        return score >= self.whole.score(read) + BETTER


def _plea(draft: Draft, evidence: Evidence) -> _Plea:
    """Numbers outside the evidence are dropped."""
    named = (evidence.numbered(n) for n in dict.fromkeys(draft.cites))
    passages = [passage for passage in named if passage is not None]
    cited = tuple((passage, case(draft.text, [passage])) for passage in passages)
    if not passages and needs_no_source(draft):
        return _Plea(draft, (), None, None)
    whole = case(draft.text, passages) if len(cited) > 1 else cited[0][1] if cited else None
    if whole and whole.judged.decided:
        return _Plea(draft, cited, whole, None)
    others = [(passage, case(draft.text, [passage])) for passage in _likely(draft, evidence)]
    best = max(others, key=lambda other: _promise(other[1]), default=None)
    return _Plea(draft, cited, whole, best)


def _likely(draft: Draft, evidence: Evidence) -> list[Passage]:
    """Those of the passages not cited that have most of a draft's words."""
    others = [passage for passage in evidence.passages if passage.n not in draft.cites]

    def covered(passage: Passage) -> float:
        ground = read(passage)
        return coverage(_claim(draft.text, ground.language), ground)

    return sorted(others, key=covered, reverse=True)[:LIKELY]


def _promise(case_: Case) -> tuple[bool, float]:
    return case_.judged.facts in (Truth.SO, Truth.DOUBTFUL), case_.score(None)


def _citation(draft: Draft, passage: Passage, found: Support) -> Citation:
    start, end = bearing_span(draft.text, passage, spans(passage))
    return Citation(passage.n, start, end, found)


def _weighed(citations: list[Citation], total: Support) -> tuple[Citation, ...]:
    """Citations beside one that bears the whole part go when they bear nothing of it.

    Where passages bear it only together, each bears a part.
    """
    bearing = [cited for cited in citations if cited.support is not Support.UNSUPPORTED]
    if any(cited.support is Support.SUPPORTED for cited in bearing):
        return tuple(bearing)
    if total is Support.UNSUPPORTED:
        return tuple(citations)
    return tuple(
        cited if cited in bearing else replace(cited, support=Support.PARTLY) for cited in citations
    )


def pinned(part: Part, spans_of: dict[int, tuple[int, int]]) -> Part:
    """The part with the exact spans an engine took its words from, by passage number."""
    return replace(
        part,
        citations=tuple(
            replace(
                citation,
                start=spans_of[citation.n][0],
                end=spans_of[citation.n][1],
            )
            if citation.n in spans_of
            else citation
            for citation in part.citations
        ),
    )


def needs_no_source(draft: Draft) -> bool:
    """A lead-in such as "Here is how:" states nothing."""
    said, found = unmarked(draft.text), facts(draft.text)
    if draft.kind is not Kind.STATEMENT or found.stated or found.addresses:
        return False
    words = stems(said, "en")
    return not words or (said.endswith((":", "：")) and len(words) <= LEAD_IN)


def support(text: str, *passages: Passage) -> Support:
    """How well passages, taken together, bear a statement, by its words alone."""
    return case(text, passages).support(None)
