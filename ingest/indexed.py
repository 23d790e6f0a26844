"""An article cut for the index: its sections and passages with everything that is served of them.

It is made without Postgres or a model, and travels between processes (`ingest/cutter.py`).
"""

import hashlib
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pgvector import SparseVector

from ingest import lexicon
from ingest.articles import Article
from ingest.passages import Passage, passages_of
from ingest.sections import Section


def heading_text(heading_path: Sequence[str]) -> str:
    """What is embedded for a section's heading row."""
    return " › ".join(heading_path)


def heading_hash(heading_path: Sequence[str]) -> bytes:
    """The key of the heading row's vector in the cache."""
    return hashlib.sha256(heading_text(heading_path).encode()).digest()


@dataclass(frozen=True, slots=True)
class Weights:
    """What the lexical side searches of a passage."""

    terms: list[int]
    weights: SparseVector
    pairs: SparseVector

    @classmethod
    def of(cls, passage: Passage, language: str) -> "Weights":
        """Weigh a passage's words, and those of its headings."""
        heading = " ".join(passage.section.heading_path)
        weights, pairs = lexicon.bm25_weights(heading, passage.plain, language)
        return cls(sorted(weights), lexicon.sparse(weights), lexicon.sparse(pairs))


@dataclass(frozen=True, slots=True)
class IndexedArticle:
    """An article with everything that is served of it; sections without passages are not."""

    article: Article
    sections: tuple[Section, ...]
    passages: tuple[Passage, ...]
    hashes: tuple[bytes, ...]  # of what is embedded: the sections' headings, then the passages
    columns: Mapping[str, object]  # of the sections and passages, as they are written
    seconds: float = field(default=0.0, compare=False)  # that it took to make

    @classmethod
    def of(cls, article: Article) -> "IndexedArticle":
        """Cut an article and weigh its words; all that takes long is done here."""
        started = time.monotonic()
        passages = tuple(passages_of(article))
        sections = tuple(
            {passage.section.position: passage.section for passage in passages}.values()
        )
        headings = tuple(heading_hash(section.heading_path) for section in sections)
        texts = tuple(passage.text_hash for passage in passages)
        language = lexicon.language_of(article.locale)
        columns = {
            "language": language,
            "heading_hashes": list(headings),
            "text_hashes": list(texts),
            **_section_columns(sections),
            **_passage_columns(sections, passages),
            **_weight_columns([Weights.of(passage, language) for passage in passages]),
        }
        seconds = time.monotonic() - started
        return cls(article, sections, passages, headings + texts, columns, seconds)

    def texts(self) -> dict[bytes, str]:
        """What has to be embedded, by hash: heading paths and passages."""
        headings = [heading_text(section.heading_path) for section in self.sections]
        texts = [passage.embedding_text for passage in self.passages]
        return dict(zip(self.hashes, headings + texts, strict=True))


def _section_columns(sections: Sequence[Section]) -> dict[str, object]:
    return {
        "positions": _array(section.position for section in sections),
        "heading_paths": json.dumps([section.heading_path for section in sections]),
        "anchors": [section.anchor for section in sections],
        "section_starts": _array(section.start for section in sections),
        "section_ends": _array(section.end for section in sections),
    }


def _passage_columns(sections: Sequence[Section], passages: Sequence[Passage]) -> dict[str, object]:
    numbers = {section.position: number for number, section in enumerate(sections, 1)}
    return {
        "section_of": _array(numbers[passage.section.position] for passage in passages),
        "places": _array(passage.position for passage in passages),
        "starts": _array(passage.start for passage in passages),
        "ends": _array(passage.end for passage in passages),
    }


def _weight_columns(weights: Sequence[Weights]) -> dict[str, object]:
    return {
        "terms": [_array(each.terms) for each in weights],
        "weights": [each.weights for each in weights],
        "pairs": [each.pairs for each in weights],
    }


def _array(numbers: Iterable[int]) -> str:
    """Postgres's notation of an array, many times faster to make than the driver's."""
    return f"{{{','.join(map(str, numbers))}}}"
