"""A labelled corpus, ingested as a desk's own is, and asked as a desk's own is."""

import contextlib
from collections.abc import AsyncIterator

from bot.evaluation.beir import Dataset
from bot.evaluation.scratch import scratch_database
from bot.retrieval import Retriever
from ingest.database import Database
from ingest.embeddings import Embedder
from ingest.pipeline import run_ingest
from ingest.progress import Progress
from ingest.settings import Settings
from ingest.spaces import space_for


@contextlib.asynccontextmanager
async def ingested(
    settings: Settings, embedder: Embedder, dataset: Dataset, progress: Progress
) -> AsyncIterator[tuple[Database, Retriever]]:
    """A scratch database with the dataset's corpus, kept for the next time, and its retriever.

    Raises DatabaseError where no scratch database can be made, and what ingest raises.
    """
    async with scratch_database(settings, f"footnote_eval_{dataset.fingerprint}") as database:
        row = await database.row("upsert_source", name=dataset.corpus.name, url_template=None)
        assert row is not None
        await run_ingest(database, embedder, dataset.corpus, row["id"], progress)
        space = await space_for(database, await embedder.space_name())
        yield database, Retriever(database, embedder, space)
