"""Personal data: what is kept of people, given out, erased, and let go of in time."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from bot.review import audit
from ingest.database import Database

PAGE = 500  # answers read at a time


async def export(database: Database, person: str | None = None) -> AsyncIterator[dict[str, Any]]:
    """Every answer with its question, ground, votes and reviews; those to one person's questions.

    Oldest first.
    """
    after = 0
    while rows := await database.rows("export_answers", after=after, person=person, limit=PAGE):
        for row in rows:
            yield dict(row)
        after = rows[-1]["id"]


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased of a person."""

    questions: int
    answers: int
    votes: int
    reviews: int  # of their questions, by leads
    training_candidates: int
    datasets: int  # of voices, that held some of them
    votes_elsewhere: int
    reviews_unsigned: int  # that they gave of others' questions

    def lines(self) -> list[str]:
        """In words."""
        hanging = f"{self.answers} answers, {self.votes} votes and {self.reviews} reviews of them"
        return [
            f"{self.questions} questions, with {hanging}",
            f"{self.training_candidates} of those reviews made a training candidate",
            f"{self.datasets} voice datasets that held some of them, whole",
            f"{self.votes_elsewhere} votes on other people's answers",
            f"{self.reviews_unsigned} reviews of others' answers, which stay without a name",
        ]


async def forget(database: Database, person: str) -> Erased:
    """Erase what is kept of a person, in one transaction.

    The audit log keeps the person's id where they reviewed: it is only ever added to.
    """
    async with database.transaction() as session:
        row = await session.row("erasure", person=person)
        assert row is not None
        datasets = await session.run("erase_datasets", person=person)
        await session.run("erase_questions", person=person)
        votes = await session.run("erase_votes", person=person)
        unsigned = await session.run("erase_reviewer", person=person)
        await session.run("erase_picker", person=person)
        await session.run("erase_claims", person=person)
        await session.run("erase_skips", person=person)
        await session.run("erase_jobs", person=person)
        await session.run("erase_preference", person=person)
        await session.run("erase_sharer", person=person)
        await session.run("erase_handing_over", person=person)
        await session.run("erase_setter", person=person)
        await session.run("erase_person", person=person)
        found = Erased(**row, datasets=datasets, votes_elsewhere=votes, reviews_unsigned=unsigned)
        await audit.note(session, "operator", "forget", None, questions=found.questions)
    return found


async def expire(database: Database, keep_days: int | None) -> int:
    """Let go of questions older than `keep_days`; returns how many. None keeps them all."""
    if keep_days is None:
        return 0
    async with database.transaction() as session:
        gone = await session.run("expire_questions", days=keep_days)
        await session.run("expire_askers", days=keep_days)
        if gone:
            await audit.note(session, "operator", "expire", None, questions=gone)
    return gone
