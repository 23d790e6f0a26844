"""Damaged articles through a real run into Postgres: each is served, or reported with a reason."""

from pathlib import Path

from ingest.database import Database
from ingest.embeddings import Embedder
from tests.integration.help_centre import HelpCentre
from tests.mutations import mutants

COUNT = 80
SMALL = 5_000  # bytes; what the embedding model makes of more is not the question here


async def test_a_sample_of_damaged_articles(
    empty_database: Database, embedder: Embedder, tmp_path: Path
) -> None:
    centre = HelpCentre(empty_database, embedder, tmp_path / "articles")
    centre.write("sound.md", "# Sound\n\nThis one is as it should be.")
    chosen = [mutant for mutant in mutants(2 * COUNT, 99) if len(mutant.raw) < SMALL][:COUNT]
    for mutant in chosen:
        (centre.folder / mutant.path).write_bytes(mutant.raw)
    report = await centre.run()
    failed = {bad.path for bad in report.failures}
    rows = await centre.sql("SELECT path FROM article WHERE current_version_id IS NOT NULL")
    served = {str(row["path"]) for row in rows}
    assert served | failed == {mutant.path for mutant in chosen} | {"sound.md"}
    assert not served & failed
    assert min(len(served), len(failed)) > COUNT // 5
    await centre.assert_whole()
    again = await centre.run()
    assert (again.embedded, again.articles.added, again.articles.changed) == (0, 0, 0)
