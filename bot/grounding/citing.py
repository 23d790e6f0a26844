"""Citing: drafts → parts whose citations are pinned, judged and, if need be, corrected.

A citation is corrected where another passage of the evidence bears the part clearly better.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bot.answers import Citation, Draft, Kind, Part, Support
from bot.citations import bearing_span
from bot.evidence import Evidence, Passage
from bot.grounding.facts import facts
from bot.grounding.reading import Reading, Sentence, read, sentence, together
from bot.grounding.support import Judged, judge, verdict
from bot.spans import spans
from bot.wording import unmarked
from ingest.embeddings import Embedder
from ingest.lexicon import stems

LEAD_IN = 8  # content words; "To change the Wi-Fi of your Bridge, follow these steps:" has seven
BETTER = 0.15  # by which a passage nobody cited must bear a part better than those cited

Vectors = dict[str, npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Case:
    """A claim against some passages, judged by its words."""

    claim: Sentence
    ground: Reading
    judged: Judged

    def texts(self) -> Iterator[str]:
        """What has to be embedded to score it: nothing when the words have decided."""
        if not self.judged.verbatim and self.judged.at is not None:
            yield self.claim.text
            yield self.ground.sentences[self.judged.at].text
            yield self.ground.context(self.judged.at)

    def score(self, vectors: Vectors | None) -> float:
        """How well the claim is borne, from 0 to 1; by words alone without vectors."""
        if vectors is None or self.judged.verbatim:
            return self.judged.score()
        found = [vectors[text] for text in self.texts()]
        close = float(found[0] @ (found[1] + found[2])) / 2 if found else 0.0
        return self.judged.score(close)


def case(text: str, passages: Sequence[Passage]) -> Case:
    """Judge a text against passages taken together."""
    ground = together([read(passage) for passage in passages])
    claim = sentence(text, ground.language)
    return Case(claim, ground, judge(claim, ground))


async def embedded(cases: Sequence[Case], embedder: Embedder) -> Vectors:
    """The vectors of all that the cases need, embedded in one batch."""
    texts = list(dict.fromkeys(text for each in cases for text in each.texts()))
    return dict(zip(texts, await embedder.embed(texts), strict=True)) if texts else {}


async def check_all(
    drafts: Sequence[Draft], evidence: Evidence, embedder: Embedder
) -> tuple[Part, ...]:
    """The drafts with their citations pinned and judged; what they need is embedded together.

    What nobody cited is embedded only where it may still be better. The similarity is weighed for
    the embedded model. Raises what the embedder raises.
    """
    pleas = [_plea(draft, evidence) for draft in drafts]
    vectors = await embedded([each for plea in pleas for each in plea.cases], embedder)
    rivals = (plea.rival(vectors) for plea in pleas)
    vectors |= await embedded([rival[1] for rival in rivals if rival], embedder)
    return tuple(plea.part(vectors) for plea in pleas)


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

    def rival(self, vectors: Vectors | None) -> tuple[Passage, Case] | None:
        """The passage that nobody cited, where it may still bear the part clearly better."""
        score = self.whole.score(vectors) if self.whole else 0.0
        if self.other and self.other[1].judged.score(1.0) >= score + BETTER:
            return self.other
        return None

    def part(self, vectors: Vectors | None) -> Part:
        """The part it becomes."""
        draft = self.draft
        score = self.whole.score(vectors) if self.whole else 0.0
        if rival := self.rival(vectors):
            passage, better = rival[0], rival[1].score(vectors)
            found = verdict(better)
            if found is Support.SUPPORTED and better >= score + BETTER:
                return Part(draft.text, (_citation(draft, passage, found),), draft.kind, found)
        if not self.cited:
            needed = Support.NONE_NEEDED if needs_no_source(draft) else Support.UNSUPPORTED
            return Part(draft.text, (), draft.kind, needed)
        citations = [
            _citation(draft, passage, verdict(each.score(vectors))) for passage, each in self.cited
        ]
        total = verdict(score)
        return Part(draft.text, _weighed(citations, total), draft.kind, total)


def _plea(draft: Draft, evidence: Evidence) -> _Plea:
    """Numbers outside the evidence are dropped."""
    named = (evidence.numbered(n) for n in dict.fromkeys(draft.cites))
    passages = [passage for passage in named if passage is not None]
    cited = tuple((passage, case(draft.text, [passage])) for passage in passages)
    if not passages and needs_no_source(draft):
        return _Plea(draft, (), None, None)
    whole = case(draft.text, passages) if len(cited) > 1 else cited[0][1] if cited else None
    if whole and whole.judged.verbatim:
        return _Plea(draft, cited, whole, None)
    others = [
        (passage, case(draft.text, [passage]))
        for passage in evidence.passages
        if passage not in passages
    ]
    best = max(others, key=lambda other: other[1].score(None), default=None)
    return _Plea(draft, cited, whole, best)


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
    return verdict(case(text, passages).score(None))
