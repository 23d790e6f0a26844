"""Taking up another embedding model: fill its space in the shadow, then serve it.

Readers see the old space until everything served is in the new one; one transaction points them
there and takes the old space's rows away. Its cached vectors stay, so that going back costs
nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pgvector import HalfVector

from ingest.articles import Article
from ingest.database import Database, Row
from ingest.embeddings import Embedder
from ingest.errors import DatabaseError
from ingest.pipeline import GROUP, Progress, no_runs, vectors_of
from ingest.rows import IndexedArticle, heading_hash
from ingest.spaces import Space, SpaceName, add_space, current_space
from ingest.vector_index import ensure_vector_index


@dataclass(frozen=True, slots=True)
class Switch:
    """What a switch did. `served` texts are in the space, `embedded` of them were new to it."""

    before: SpaceName
    after: SpaceName
    served: int
    embedded: int

    @property
    def needed(self) -> bool:
        """Whether there was anything to switch."""
        return self.before != self.after


async def switch_space(database: Database, embedder: Embedder, progress: Progress) -> Switch:
    """Serve what is served in the embedder's space from now on.

    Raises SourceBusy when a run is at work, DatabaseError when nothing has been ingested or an
    article has to be cut again first, and what the embedder raises; the old space then stays.
    """
    async with no_runs(database):
        before = await current_space(database)
        if before is None:
            raise DatabaseError(
                "Nothing has been ingested yet; the first run takes the model in the settings.\n"
                "Run: footnote ingest run --source FOLDER"
            )
        name = await embedder.space_name()
        if name == before.name:
            return Switch(before.name, name, 0, 0)
        space = await add_space(database, name)
        served, embedded = await _fill(database, embedder, space, progress)
        await ensure_vector_index(database, space)
        async with database.transaction() as session:
            await session.run("point_at_space", space=space.id)
            await session.run("empty_space", space=before.id)
        await database.run("analyze_passages")
    return Switch(before.name, name, served, embedded)


async def _fill(
    database: Database, embedder: Embedder, space: Space, progress: Progress
) -> tuple[int, int]:
    """Write the space's row for every section and passage served; how many, and how many new."""
    await database.run("empty_space", space=space.id)  # what a killed switch left
    count = await database.row("served_articles")
    total = int(count["articles"]) if count else 0
    served = embedded = done = last = 0
    while rows := await database.rows("served_versions", after=last, limit=GROUP):
        group = [IndexedArticle.of(_article(row)) for row in rows]
        vectors, new = await vectors_of(database, embedder, space, group)
        served += await _serve(database, space, rows, vectors)
        embedded += new
        done += len(rows)
        last = rows[-1]["article_id"]
        progress("embedded", done, total)
    return served, embedded


async def _serve(
    database: Database, space: Space, rows: Sequence[Row], vectors: dict[bytes, HalfVector]
) -> int:
    """Write the rows of some articles' sections and passages, as they are stored."""
    versions = [row["version_id"] for row in rows]
    async with database.transaction() as session:
        texts = await session.rows("served_texts", versions=versions)
        found = []
        for text in texts:
            path = text["heading_path"]
            text_hash = text["text_hash"] or heading_hash(path)
            if text_hash not in vectors:
                raise DatabaseError(
                    "Some passages were cut by an older Footnote and have to be cut again first.\n"
                    "Put the former model back in the settings, run: footnote ingest run"
                )
            place = (space.id, text["section_id"], text["passage_id"])
            found.append((*place, vectors[text_hash]))
        await session.copy("copy_served_vectors", ("int4", "int8", "int8", "halfvec"), found)
    return len(found)


def _article(row: Row) -> Article:
    """The article as it was when this version was fetched."""
    return Article(
        external_id=row["external_id"],
        title=row["title"],
        text=row["body"],
        url=row["url"],
        path=row["path"],
        locale=row["locale"],
        product=row["product"],
        audience=row["audience"],
        updated_at=row["updated_at"],
    )
