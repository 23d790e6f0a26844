"""Content gaps: questions the help centre does not cover, grouped by what they have in common.

Groups are found anew as a whole, so that the same questions always give the same groups.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
from pgvector import HalfVector

from bot.review.clusters import clusters
from ingest.database import Database, Row
from ingest.embeddings import Embedder
from ingest.spaces import Space

TOGETHER = 0.55  # mean cosine within a gap; on doc2dial .5 to .6 do about as well
DAYS = 180  # that a question counts
MOST = 4_000  # questions that are grouped, the latest; n² memory
BATCH = 256  # questions embedded at a time
EXAMPLES = 12
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Gap:
    """Something people ask that no article answers, called by its most typical question."""

    id: int
    label: str
    questions: int
    lately: int  # in the last thirty days
    before: int  # in the thirty before
    first_at: datetime
    last_at: datetime
    nearest: str | None  # the title of the article that came nearest
    examples: tuple[str, ...]
    answers: tuple[int, ...]  # those to the examples

    @classmethod
    def from_row(cls, row: Row) -> "Gap":
        """Read a row of the query `gaps`."""
        lists = {"examples": tuple(row["examples"]), "answers": tuple(row["answers"])}
        return cls(**{name: row[name] for name in cls.__slots__} | lists)

    @property
    def trend(self) -> int:
        """By how many more it was asked lately than before."""
        return self.lately - self.before


async def find_gaps(database: Database, embedder: Embedder, space: Space) -> int:
    """Group the uncovered questions of lately anew; returns how many groups there are.

    Raises DatabaseUnavailable, and what the embedder raises.
    """
    await _embed(database, embedder, space)
    rows = await database.rows("uncovered_vectors", space=space.id, days=DAYS, limit=MOST)
    vectors = _matrix(rows, space.name.dimensions)
    groups = grouped(vectors)
    async with database.transaction() as session:
        await session.run("drop_gaps")
        for group in groups:
            typical = rows[group[0]]["question"]
            questions = [rows[at]["question"] for at in group]
            await session.run("add_gap", typical=typical, questions=questions)
    return len(groups)


def grouped(vectors: npt.NDArray[np.float32]) -> list[list[int]]:
    """Groups of rows, the largest first, each beginning with its most typical one."""
    found = []
    for group in clusters(vectors, TOGETHER):
        middle = vectors[group].mean(axis=0)
        order = np.argsort(-(vectors[group] @ middle), kind="stable")
        found.append([group[at] for at in order])
    return found


async def _embed(database: Database, embedder: Embedder, space: Space) -> None:
    while rows := await database.rows(
        "uncovered_without_vector", space=space.id, days=DAYS, limit=BATCH
    ):
        vectors = await embedder.embed([row["text"] for row in rows], bulk=True)
        async with database.transaction() as session:
            for row, vector in zip(rows, vectors, strict=True):
                await session.run(
                    "add_uncovered_vector",
                    question=row["question"],
                    space=space.id,
                    vector=HalfVector(vector),
                )


def _matrix(rows: list[Row], dimensions: int) -> npt.NDArray[np.float32]:
    if not rows:
        return np.zeros((0, dimensions), np.float32)
    found = np.stack([row["vector"].to_numpy() for row in rows]).astype(np.float32)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


async def gaps(database: Database, fewest: int = 1) -> list[Gap]:
    """The gaps as they were last found, those of at least so many questions, the largest first."""
    rows = await database.rows("gaps", fewest=fewest, examples=EXAMPLES, limit=SHOWN)
    return [Gap.from_row(row) for row in rows]


@dataclass(frozen=True, slots=True)
class News:
    """When gaps were last found; and how many questions came since."""

    found_at: datetime | None
    newer: int


async def news(database: Database) -> News:
    """How far what was found is behind."""
    row = await database.row("gap_news")
    assert row is not None
    return News(row["found_at"], row["newer"])
