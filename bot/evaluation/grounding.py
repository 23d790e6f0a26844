"""The grounding check measured: on labelled claims, and on true sentences made false by rule."""

import hashlib
import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.answers import Support
from bot.chat.markers import without
from bot.evaluation.beir import Corpus
from bot.evaluation.perturbations import (
    entity_swapped,
    names,
    negation_flipped,
    number_changed,
    reworded,
)
from bot.evidence import Passage
from bot.grounding.citing import case, read_for
from bot.measures import auroc, balanced_accuracy
from bot.spans import spans
from bot.stretches import WHOLE_SECTION
from bot.wording import unmarked
from ingest.articles import Article
from ingest.embeddings.embedded import EmbeddedEmbedder
from ingest.errors import SourceError
from ingest.progress import Progress
from ingest.sections import split_sections

AT_ONCE = 100  # claims read together
SOME = 20  # names of others, of which one is put in
FEWEST_WORDS, MOST_WORDS = 6, 60  # of a sentence that is perturbed
UNTOUCHED, REWORDED = "untouched", "reworded"
KINDS = ("number changed", "negation flipped", "entity swapped", "unrelated passage")


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement, the passages it is said to stand on, and what is known of it."""

    text: str
    passages: tuple[Passage, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Measured:
    """How well the scores separate claims that are supported from those that are not."""

    auroc: float
    balanced_accuracy: float
    n: int
    ms_per_claim: float  # beside embedding
    embed_ms_per_claim: float

    def as_json(self) -> dict[str, float]:
        """The form `footnote eval grounding --json` prints."""
        return {
            "auroc": round(self.auroc, 4),
            "balanced_accuracy": round(self.balanced_accuracy, 4),
            "n": self.n,
            "ms_per_claim": round(self.ms_per_claim, 3),
            "embed_ms_per_claim": round(self.embed_ms_per_claim, 3),
        }


@dataclass(frozen=True, slots=True)
class Perturbed:
    """One kind of claims: how many of them were flagged, and how many were called unsupported."""

    kind: str
    n: int
    flagged: float
    unsupported: float
    ms_per_claim: float

    def as_json(self) -> dict[str, float | str]:
        """One row of the table."""
        return {
            "kind": self.kind,
            "n": self.n,
            "flagged": round(self.flagged, 4),
            "unsupported": round(self.unsupported, 4),
            "ms_per_claim": round(self.ms_per_claim, 3),
        }


@dataclass(frozen=True, slots=True)
class _Scored:
    scores: list[float]
    verdicts: list[Support]
    check_ms: float
    embed_ms: float


async def measure_claims(file: Path, local: EmbeddedEmbedder, progress: Progress) -> Measured:
    """Score labelled claims: rows of `claim`, `evidence` (texts) and `label` (supported or not).

    Raises SourceError that names the line that cannot be read.
    """
    claims = list(labelled(file))
    truth = [claim.kind == "supported" for claim in claims]
    if len(set(truth)) < 2:  # noqa: PLR2004 - both labels
        raise SourceError(f"{file}: claims of both labels, true and false, are needed.")
    scored = await _scored(claims, local, "claims", progress)
    return Measured(
        auroc(scored.scores, truth),
        balanced_accuracy([each is Support.SUPPORTED for each in scored.verdicts], truth),
        len(claims),
        scored.check_ms / len(claims),
        scored.embed_ms / len(claims),
    )


def labelled(file: Path) -> Iterator[Claim]:
    """The claims of a JSONL file."""
    for number, row in _rows(file):
        evidence, claim, label = row.get("evidence"), row.get("claim"), row.get("label")
        if not isinstance(evidence, list) or not isinstance(claim, str) or label not in (0, 1):
            raise SourceError(
                f'{file}, line {number}: "claim" (text), "evidence" (a list of texts) and "label"'
                " (true or false) are needed."
            )
        texts = list(dict.fromkeys(str(text) for text in evidence))
        passages = tuple(passage_of(text, n) for n, text in enumerate(texts, start=1))
        yield Claim(without(claim), passages, "supported" if label else "not supported")


def passage_of(text: str, n: int = 1, title: str = "", start: int = 0) -> Passage:
    """A text as a passage, to be checked against."""
    return Passage(
        n, n, str(n), 1, title, "", "public", "en", None, (title,) if title else (), None,
        start, start + len(text), text, 1.0,
    )  # fmt: skip


async def perturbation_table(
    beir_dir: Path, local: EmbeddedEmbedder, progress: Progress, each: int = 1_000
) -> list[Perturbed]:
    """Flagged by kind, for sentences of a BEIR folder's corpus, its evidence spans first.

    Raises SourceError when the folder is not as it should be.
    """
    claims = await perturbed_claims(beir_dir, each)
    table = []
    for kind in (UNTOUCHED, REWORDED, *KINDS):
        chosen = [claim for claim in claims if claim.kind == kind]
        if not chosen:
            continue
        scored = await _scored(chosen, local, kind, progress)
        verdicts = scored.verdicts
        table.append(
            Perturbed(
                kind,
                len(chosen),
                sum(found is not Support.SUPPORTED for found in verdicts) / len(chosen),
                sum(found is Support.UNSUPPORTED for found in verdicts) / len(chosen),
                scored.check_ms / len(chosen),
            )
        )
    return table


async def perturbed_claims(beir_dir: Path, each: int) -> list[Claim]:
    """At most `each` claims of every kind, always the same ones."""
    found: dict[str, list[Claim]] = {kind: [] for kind in (UNTOUCHED, REWORDED, *KINDS)}
    sources = [source async for source in _sources(beir_dir)]
    pool = sorted({name for text, _ in sources for name in names(text)})
    for text, passage in sources:
        turn = _turn(text)
        at = turn % max(1, len(pool))
        foreign = [name for name in (pool[at:] + pool[:at])[:SOME] if name not in passage.text]
        others = (other for _, other in sources[turn % len(sources) :] + sources)
        stranger = next((other for other in others if other.title != passage.title), None)
        made = {
            UNTOUCHED: (text, passage),
            REWORDED: (reworded(text, turn), passage),
            KINDS[0]: (number_changed(text, turn), passage),
            KINDS[1]: (negation_flipped(text, turn), passage),
            KINDS[2]: (entity_swapped(text, foreign, turn), passage),
            KINDS[3]: (text, stranger),
        }
        for kind, (said, cited) in made.items():
            if said and cited and len(found[kind]) < each:
                found[kind].append(Claim(said, (cited,), kind))
    return [claim for claims in found.values() for claim in claims]


async def _sources(beir_dir: Path) -> AsyncIterator[tuple[str, Passage]]:
    """Sentences with the passages they stand in: those of the evidence spans, then the others."""
    articles = [
        a async for a in Corpus(beir_dir / "corpus.jsonl").fetch().found if isinstance(a, Article)
    ]
    spans_of = _evidence(beir_dir / "queries.jsonl")
    later: list[tuple[str, Passage]] = []
    for article in articles:
        marked = spans_of.get(article.external_id, ())
        for passage in _passages(article):
            for span in spans(passage):
                said = unmarked(span.text)
                if span.kind not in ("paragraph", "item") or not (
                    FEWEST_WORDS <= len(said.split()) <= MOST_WORDS
                ):
                    continue
                if any(said in mark or mark.strip() in said for mark in marked):
                    yield span.text, passage
                else:
                    later.append((span.text, passage))
    for each in sorted(later, key=lambda each: _turn(each[0])):
        yield each


def _passages(article: Article) -> Iterator[Passage]:
    """An article's sections, long ones in stretches of whole paragraphs."""
    for section in split_sections(article.title, article.text):
        start = section.start
        while start < section.end:
            end = min(section.end, start + WHOLE_SECTION)
            if end < section.end:
                cut = article.text.rfind("\n", start + 1, end)
                end = cut if cut > start else end
            yield passage_of(article.text[start:end], 1, article.title, start)
            start = end


def _evidence(file: Path) -> Mapping[str, Sequence[str]]:
    """Document → evidence strings, where the questions have any."""
    found: dict[str, list[str]] = {}
    for _, row in _rows(file) if file.is_file() else ():
        evidence = row.get("evidence")
        if isinstance(evidence, list) and row.get("doc_id"):
            found.setdefault(str(row["doc_id"]), []).extend(map(str, evidence))
    return found


def _rows(file: Path) -> Iterator[tuple[int, dict[str, object]]]:
    try:
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    row = json.loads(line)
                    if not isinstance(row, dict):
                        raise SourceError(f"{file}, line {number}: a JSON object is needed.")
                    yield number, row
    except (OSError, ValueError) as error:
        raise SourceError(f"{file} cannot be read: {error}") from error


async def _scored(
    claims: Sequence[Claim], local: EmbeddedEmbedder, stage: str, progress: Progress
) -> _Scored:
    """Each claim's score, as an answer's parts are scored."""
    scores: list[float] = []
    verdicts: list[Support] = []
    check = embed = 0.0
    for at in range(0, len(claims), AT_ONCE):
        began = time.perf_counter()
        cases = [case(c.text, c.passages) for c in claims[at : at + AT_ONCE]]
        judged = time.perf_counter()
        read = await read_for(cases, local)
        done = time.perf_counter()
        scores.extend(each.score(read) for each in cases)
        verdicts.extend(each.support(read) for each in cases)
        check += judged - began + time.perf_counter() - done
        embed += done - judged
        progress(stage, len(scores), len(claims))
    return _Scored(scores, verdicts, check * 1000, embed * 1000)


def _turn(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])
