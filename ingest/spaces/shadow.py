"""The shadow: a space that is filled beside the served one, while that answers.

Articles are taken in groups. Their texts are embedded into the cache, then a short transaction
gives what is served of them its vectors from there. So nothing is embedded twice, a killed fill
goes on where it stopped, and ingest goes on meanwhile.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ingest.articles import Article
from ingest.cutter import cutter
from ingest.database import Database, Row, Session
from ingest.embeddings import Embedder
from ingest.errors import DatabaseError
from ingest.indexed import heading_hash
from ingest.progress import Progress
from ingest.spaces import Space
from ingest.spaces.vector_index import ensure_vector_index
from ingest.vectors import make_vectors

GROUP = 32  # articles embedded together
PAUSE = 0.05  # seconds for a writer to be done with what is missing still


@dataclass(frozen=True, slots=True)
class Shadow:
    """A space and the model that fills it."""

    database: Database
    space: Space
    embedder: Embedder

    async def fill(self, progress: Progress) -> int:
        """Give everything served its vector; return how many texts were new to the model.

        Ends when a look at everything served finds nothing missing. Raises DatabaseError when an
        article has to be cut again first, and what the embedder raises; what is filled stays.
        """
        size = await self._size()
        # Now it takes no time: later on, writers would have to wait for it.
        await ensure_vector_index(self.database, self.space, expected=size["texts"])
        after = embedded = filled = 0
        done = size["vectors"]
        async with cutter(size["texts"] - size["vectors"]) as cut:  # at most so many articles
            while True:
                rows = await self.database.rows(
                    "unfilled_versions", space=self.space.id, after=after, limit=GROUP
                )
                if rows:
                    group = await cut([_article(row) for row in rows])
                    texts = {key: text for each in group for key, text in each.texts().items()}
                    new = await make_vectors(self.database, self.embedder, self.space, texts)
                    written = await self._write(rows, texts)
                    embedded, filled, done = embedded + new, filled + written, done + written
                    after = rows[-1]["article_id"]
                    progress("embedded", done, max(done, size["texts"]))
                elif after:
                    if not filled:
                        await asyncio.sleep(PAUSE)
                    after = filled = 0
                else:
                    return embedded

    async def _size(self) -> Row:
        size = await self.database.row("space_size", space=self.space.id)
        assert size is not None
        return size

    async def _write(self, rows: Sequence[Row], made: Collection[bytes]) -> int:
        """Write the rows of some articles as they are stored; return how many."""
        async with self.database.transaction() as session:
            held = await session.rows(
                "hold_versions",
                articles=[row["article_id"] for row in rows],
                versions=[row["version_id"] for row in rows],
            )
            return await self._copy(session, [row["version_id"] for row in held], made)

    async def _copy(self, session: Session, versions: list[int], made: Collection[bytes]) -> int:
        texts = await session.rows("served_texts", versions=versions)
        hashes = [text["text_hash"] or heading_hash(text["heading_path"]) for text in texts]
        if not set(hashes) <= set(made):
            raise DatabaseError(
                "Some passages were cut by an older Footnote and have to be cut again first.\n"
                "Run: footnote ingest run"
            )
        return await session.run(
            "fill_space",
            space=self.space.id,
            sections=[text["section_id"] for text in texts],
            passages=[text["passage_id"] for text in texts],
            hashes=hashes,
        )


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
