"""An article as rows: its version, sections, passages and vectors."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from pgvector import HalfVector, SparseVector

from ingest import lexicon
from ingest.articles import Article
from ingest.database import Session
from ingest.errors import SpaceSwitched
from ingest.leases import Lease
from ingest.passages import Passage, passages_of
from ingest.plan import RECIPE
from ingest.sections import Section
from ingest.spaces import Space


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
    language: str
    sections: tuple[Section, ...]
    passages: tuple[Passage, ...]
    weights: tuple[Weights, ...]  # of the passages

    @classmethod
    def of(cls, article: Article) -> "IndexedArticle":
        """Cut an article and weigh its words; all that takes long is done here."""
        passages = passages_of(article)
        sections = {passage.section.position: passage.section for passage in passages}
        language = lexicon.language_of(article.locale)
        weights = (Weights.of(passage, language) for passage in passages)
        return cls(article, language, tuple(sections.values()), tuple(passages), tuple(weights))

    def texts(self) -> dict[bytes, str]:
        """What has to be embedded, by hash: passages and heading paths."""
        found = {passage.text_hash: passage.embedding_text for passage in self.passages}
        paths = [section.heading_path for section in self.sections]
        return found | {heading_hash(path): heading_text(path) for path in paths}


async def write_article(
    session: Session,
    lease: Lease,
    space: Space,
    source_id: int,
    indexed: IndexedArticle,
    vectors: dict[bytes, HalfVector],
) -> None:
    """One article's version and all that is served of it, in the caller's transaction.

    Raises LeaseLost when another run has taken the source over, SpaceSwitched when another
    embedding model is served by now.
    """
    article = indexed.article
    row = await session.row(
        "claim_article",
        source=source_id,
        external_id=article.external_id,
        path=article.path,
        lease=lease.name,
        token=lease.token,
        space=space.id,
        sections=len(indexed.sections),
        passages=len(indexed.passages),
    )
    if row is None:
        await lease.hold(session)
        raise SpaceSwitched("The embedding model was switched during this run.\nRun it again.")
    version = row["current_version_id"]
    if version is not None:
        await session.run("unserve_version", version=version)
    if version is not None and row["content_hash"] == article.content_hash:
        await session.run("serve_version_again", article=row["id"], recipe=RECIPE)
    else:
        version = await _serve_new_version(session, row["id"], article)
    positions = (section.position for section in indexed.sections)
    section_ids = dict(zip(positions, row["sections"], strict=True))
    await _copy_sections(session, version, indexed, section_ids)
    await _copy_passages(session, version, source_id, indexed, section_ids, row["passages"])
    await _copy_vectors(session, space, indexed, section_ids, row["passages"], vectors)


async def _serve_new_version(session: Session, article_id: int, article: Article) -> int:
    row = await session.row(
        "serve_new_version",
        article=article_id,
        title=article.title,
        url=article.url,
        locale=article.locale,
        product=article.product,
        audience=article.audience,
        updated_at=article.updated_at,
        body=article.text,
        content_hash=article.content_hash,
        recipe=RECIPE,
    )
    assert row is not None
    return int(row["id"])


async def _copy_sections(
    session: Session, version: int, indexed: IndexedArticle, section_ids: dict[int, int]
) -> None:
    await session.copy(
        "copy_sections",
        ("int8", "int8", "int4", "text[]", "text", "int4", "int4"),
        (
            (
                section_ids[section.position],
                version,
                section.position,
                list(section.heading_path),
                section.anchor,
                section.start,
                section.end,
            )
            for section in indexed.sections
        ),
    )


async def _copy_passages(
    session: Session,
    version: int,
    source_id: int,
    indexed: IndexedArticle,
    section_ids: dict[int, int],
    passage_ids: list[int],
) -> None:
    article = indexed.article

    def row(number: int, passage: Passage, weighed: Weights) -> tuple[object, ...]:
        return (
            number,
            section_ids[passage.section.position],
            version,
            source_id,
            article.locale,
            indexed.language,
            article.product,
            article.audience,
            passage.position,
            passage.start,
            passage.end,
            passage.text_hash,
            weighed.terms,
            weighed.weights,
            weighed.pairs,
        )

    each = zip(passage_ids, indexed.passages, indexed.weights, strict=True)
    await session.copy(
        "copy_passages",
        (
            *("int8", "int8", "int8", "int4", "text", "text", "text", "text"),
            *("int4", "int4", "int4", "bytea", "int4[]", "sparsevec", "sparsevec"),
        ),
        (row(*one) for one in each),
    )


async def _copy_vectors(
    session: Session,
    space: Space,
    indexed: IndexedArticle,
    section_ids: dict[int, int],
    passage_ids: list[int],
    vectors: dict[bytes, HalfVector],
) -> None:
    headings: list[tuple[object, ...]] = [
        (
            space.id,
            section_ids[section.position],
            None,
            vectors[heading_hash(section.heading_path)],
        )
        for section in indexed.sections
    ]
    passages: list[tuple[object, ...]] = [
        (
            space.id,
            section_ids[passage.section.position],
            number,
            vectors[passage.text_hash],
        )
        for number, passage in zip(passage_ids, indexed.passages, strict=True)
    ]
    await session.copy(
        "copy_served_vectors", ("int4", "int8", "int8", "halfvec"), headings + passages
    )
