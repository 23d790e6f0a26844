"""Recall: how often the article that a question is about is among the nearest passages.

The questions are the desk's golden ones, or headings of its articles. Vectors alone are compared:
in an answer the words would make up for a bad space, and hide it.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pgvector import HalfVector

from ingest.database import Database
from ingest.embeddings.models import Served
from ingest.errors import SettingsError
from ingest.progress import Progress

NEAREST = 5  # passages among which the article has to be
HEADINGS = 300  # questions where there are no golden ones


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question with the external id of the article that answers it."""

    question: str
    article: str


@dataclass(frozen=True, slots=True)
class Recall:
    """The share of questions whose article was found."""

    share: float
    questions: int

    def __str__(self) -> str:
        """`recall@5 .925`."""
        return f"recall@{NEAREST} {self.share:.3f}"


async def labelled_questions(database: Database, golden: Path | None) -> list[Labelled]:
    """The golden questions about served articles, or headings that only one article has.

    Raises SettingsError when the file cannot be used.
    """
    if golden is None:
        rows = await database.rows("headings_as_questions", limit=HEADINGS)
        return [Labelled(row["question"], row["article"]) for row in rows]
    found = list(_golden(golden))
    ids = [each.article for each in found]
    rows = await database.rows("served_external_ids", external_ids=ids)
    served = {row["external_id"] for row in rows}
    questions = [each for each in found if each.article in served]
    if not questions:
        raise SettingsError(
            f"{golden} has no question about an article that is served.\n"
            "Each line needs a `question` and the id of its `article`; or leave golden_questions"
            " out of footnote.toml."
        )
    return questions


async def measure(
    database: Database, served: Served, questions: Sequence[Labelled], progress: Progress
) -> Recall:
    """Ask all questions in one space. Raises what the embedder raises."""
    vectors = await served.embedder.embed([each.question for each in questions], bulk=True)
    found = 0
    async with database.session() as session:
        for number, (each, vector) in enumerate(zip(questions, vectors, strict=True), start=1):
            rows = await session.rows_in_space(
                "nearest_passages",
                space=served.space.id,
                dimensions=served.space.name.dimensions,
                vector=HalfVector(vector),
                k=NEAREST,
            )
            found += each.article in {row["article"] for row in rows}
            progress("asked", number, len(questions))
        recall = Recall(found / len(questions) if questions else 1.0, len(questions))
        await session.run(
            "keep_recall", space=served.space.id, recall=recall.share, questions=len(questions)
        )
    return recall


def _golden(file: Path) -> Iterator[Labelled]:
    """The questions of a file that name an article."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"golden_questions: {file} cannot be read: {error}.") from error
    for number, line in enumerate(lines, start=1):
        try:
            entry = json.loads(line)
            if entry["article"] is not None:
                yield Labelled(str(entry["question"]), str(entry["article"]))
        except (ValueError, KeyError, TypeError) as error:
            raise SettingsError(
                f"golden_questions: line {number} of {file} is not a JSON object with a `question`"
                " and its `article`."
            ) from error
