"""The desk's own golden set: what leads have judged, as questions that can be asked again."""

from dataclasses import dataclass

from ingest.database import Database


@dataclass(frozen=True, slots=True)
class JudgedQuestion:
    """A question with the articles that answer it; `covered` is false where none does.

    `rejected` ones have an answer that should not be given again.
    """

    answer: int
    question: str
    covered: bool
    rejected: bool
    articles: tuple[str, ...]


async def golden_set(database: Database) -> list[JudgedQuestion]:
    """All of them, in the order in which they were answered."""
    return [
        JudgedQuestion(
            row["answer"],
            row["question"],
            row["covered"],
            row["review"] == "reject",
            tuple(row["articles"]),
        )
        for row in await database.rows("golden_set")
    ]
