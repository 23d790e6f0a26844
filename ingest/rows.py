"""An article as rows: its version, sections, passages and vectors."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from pgvector import HalfVector

from ingest import lexicon
from ingest.articles import Article
from ingest.database import Session
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
class IndexedArticle:
    """An article with everything that is served of it; sections without passages are not."""

    article: Article
    sections: tuple[Section, ...]
    passages: tuple[Passage, ...]

    @classmethod
    def of(cls, article: Article) -> "IndexedArticle":
        """Cut an article."""
        passages = passages_of(article)
        sections = {passage.section.position: passage.section for passage in passages}
        return cls(article, tuple(sections.values()), tuple(passages))

    def texts(self) -> dict[bytes, str]:
        """What has to be embedded, by hash: passages and heading paths."""
        found = {passage.text_hash: passage.embedding_text for passage in self.passages}
        paths = [section.heading_path for section in self.sections]
        return found | {heading_hash(path): heading_text(path) for path in paths}


async def write_article(
    session: Session,
    space: Space,
    source_id: int,
    indexed: IndexedArticle,
    vectors: dict[bytes, HalfVector],
) -> None:
    """One article's version and all that is served of it, in the caller's transaction."""
    article = indexed.article
    row = await session.row(
        "claim_article", source=source_id, external_id=article.external_id, path=article.path
    )
    assert row is not None
    version = row["current_version_id"]
    if version is not None:
        await session.run("unserve_version", version=version)
    if version is None or row["content_hash"] != article.content_hash:
        version = await _add_version(session, row["id"], article)
    ids = await session.row(
        "take_ids", sections=len(indexed.sections), passages=len(indexed.passages)
    )
    assert ids is not None
    section_ids = dict(
        zip((section.position for section in indexed.sections), ids["sections"], strict=True)
    )
    await _copy_sections(session, version, indexed, section_ids)
    await _copy_passages(session, version, source_id, indexed, section_ids, ids["passages"])
    await _copy_vectors(session, space, indexed, section_ids, ids["passages"], vectors)
    await session.run(
        "serve_version",
        article=row["id"],
        version=version,
        content_hash=article.content_hash,
        recipe=RECIPE,
    )


async def _add_version(session: Session, article_id: int, article: Article) -> int:
    row = await session.row(
        "add_article_version",
        article=article_id,
        title=article.title,
        url=article.url,
        locale=article.locale,
        product=article.product,
        audience=article.audience,
        updated_at=article.updated_at,
        body=article.text,
        content_hash=article.content_hash,
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
    language = lexicon.language_of(article.locale)

    def row(number: int, passage: Passage) -> tuple[object, ...]:
        heading = " ".join(passage.section.heading_path)
        weights = lexicon.bm25_weights(heading, passage.plain, language)
        pairs = lexicon.pair_weights(heading, passage.plain, language)
        return (
            number,
            section_ids[passage.section.position],
            version,
            source_id,
            article.locale,
            language,
            article.product,
            article.audience,
            passage.position,
            passage.start,
            passage.end,
            passage.text_hash,
            sorted(weights),
            lexicon.sparse(weights),
            lexicon.sparse(pairs),
        )

    await session.copy(
        "copy_passages",
        (
            *("int8", "int8", "int8", "int4", "text", "text", "text", "text"),
            *("int4", "int4", "int4", "bytea", "int4[]", "sparsevec", "sparsevec"),
        ),
        (row(n, passage) for n, passage in zip(passage_ids, indexed.passages, strict=True)),
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
