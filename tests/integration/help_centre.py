"""A small help centre in a folder, for ingesting: written, edited, moved and looked at in tests."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.database import Database, Row
from ingest.embeddings import Embedder
from ingest.pipeline import ingest_source
from ingest.runs import RunReport
from ingest.settings import Settings, SourceSettings

# What a run writes; a run that writes nothing leaves every row's transaction number alone.
_WRITTEN = """
    SELECT 'article' AS name, id, xmin::text FROM article
    UNION ALL SELECT 'version', id, xmin::text FROM article_version
    UNION ALL SELECT 'section', id, xmin::text FROM section
    UNION ALL SELECT 'passage', id, xmin::text FROM passage
    UNION ALL SELECT 'vector', coalesce(passage_id, -section_id), xmin::text FROM served_vector
    UNION ALL SELECT 'cached', space_id, xmin::text FROM embedding
    UNION ALL SELECT 'term', term, xmin::text FROM lexicon
    UNION ALL SELECT 'corpus', passages, xmin::text FROM corpus
    ORDER BY 1, 2, 3
"""
_STATE = """
    SELECT a.external_id, a.path, v.version, v.title, v.url, v.body, s.position, s.heading_path,
           p.position AS passage, p.start_offset, p.end_offset, p.text_hash, p.terms, p.language,
           (SELECT count(*) FROM served_vector w WHERE w.passage_id = p.id) AS vectors
    FROM source o
    JOIN article a ON a.source_id = o.id
    LEFT JOIN article_version v ON v.id = a.current_version_id
    LEFT JOIN section s ON s.article_version_id = v.id
    LEFT JOIN passage p ON p.section_id = s.id
    WHERE o.name = %s
    ORDER BY a.external_id, s.position, p.position
"""
# Each of these finds nothing when what is served is whole.
_FLAWS = {
    "a passage without its vector": """
        SELECT p.id FROM passage p WHERE NOT EXISTS (
            SELECT FROM served_vector v, current_space c
            WHERE v.passage_id = p.id AND v.space_id = c.space_id)""",
    "a section without its heading's vector": """
        SELECT s.id FROM section s WHERE NOT EXISTS (
            SELECT FROM served_vector v, current_space c
            WHERE v.section_id = s.id AND v.passage_id IS NULL AND v.space_id = c.space_id)""",
    "a vector that is not its text's in its space": """
        SELECT v.space_id FROM served_vector v JOIN passage p ON p.id = v.passage_id
        LEFT JOIN embedding e ON e.space_id = v.space_id AND e.text_hash = p.text_hash
        WHERE e.vector IS DISTINCT FROM v.vector""",
    "a section of a version that is not served": """
        SELECT s.id FROM section s WHERE NOT EXISTS (
            SELECT FROM article a WHERE a.current_version_id = s.article_version_id)""",
    "a served article without passages": """
        SELECT a.id FROM article a WHERE a.current_version_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM passage p WHERE p.article_version_id = a.current_version_id)""",
}
_COUNTED = {
    "a miscounted term": """
        SELECT term, language FROM lexicon
        FULL JOIN (SELECT term, language, count(*) AS counted FROM passage, unnest(terms) AS term
                   GROUP BY term, language) AS now USING (term, language)
        WHERE passages IS DISTINCT FROM counted""",
    "a miscounted corpus": """
        SELECT passages FROM corpus
        WHERE stale OR passages <> (SELECT count(*) FROM passage)""",
}


@dataclass(frozen=True, slots=True)
class HelpCentre:
    """A folder of articles and the database they are brought into."""

    database: Database
    embedder: Embedder
    folder: Path

    def write(self, path: str, text: str, **facts: str) -> None:
        """Write an article; `facts` become its front matter."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        front = "".join(f"{name}: {value}\n" for name, value in facts.items())
        file.write_text(f"---\n{front}---\n{text}\n" if facts else text + "\n", encoding="utf-8")

    def move(self, path: str, to: str) -> None:
        (self.folder / to).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).rename(self.folder / to)

    async def run(
        self,
        *,
        name: str = "help",
        url: str | None = None,
        embedder: Embedder | None = None,
        max_removed: float = 1.0,
    ) -> RunReport:
        """Ingest the folder; unlike a desk's, these help centres are small and lose much."""
        source = SourceSettings(folder=self.folder, url=url, max_removed=max_removed)
        settings = Settings().with_sources({name: source})
        embedder = embedder or self.embedder
        return await ingest_source(self.database, embedder, settings, name, lambda *_: None)

    async def counts(self, **options: Any) -> dict[str, int]:
        """Run, and return how many articles met which fate; only fates that occurred."""
        counts = (await self.run(**options)).as_json()["articles"]
        return {fate: count for fate, count in counts.items() if count}

    async def sql(self, query: str, *values: object) -> list[Row]:
        async with self.database.session() as session:
            cursor = await session.connection.execute(query, values)
            return await cursor.fetchall()

    async def written(self) -> list[Row]:
        """Every row a run may write, with the transaction that wrote it."""
        return await self.sql(_WRITTEN)

    async def state(self, name: str = "help") -> list[Row]:
        """What is served of a source, without numbers that differ from database to database."""
        return await self.sql(_STATE, name)

    async def assert_whole(self, *, counted: bool = True) -> None:
        """What is served fits together; words are `counted` when the last run has ended."""
        for flaw, query in (_FLAWS | (_COUNTED if counted else {})).items():
            assert await self.sql(query) == [], flaw
