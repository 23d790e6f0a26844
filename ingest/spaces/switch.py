"""Which embedding space is served: build another in the shadow, switch to it, go back.

One row points at the served space. Articles are written only while it points at the space that
they were embedded for, and it is moved only when everything served has its vector in the other:
so a reader finds all of one space, and never two mixed. The old space stays until it is dropped.
"""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from ingest.database import Database
from ingest.embeddings import Embedder
from ingest.embeddings.models import Embedders, Served
from ingest.errors import DatabaseError, RecallFell
from ingest.leases import Lease, leased
from ingest.progress import Progress
from ingest.spaces import Space, add_space, current_space, space_left_last
from ingest.spaces.recall import Recall, labelled_questions, measure
from ingest.spaces.shadow import Shadow
from ingest.spaces.vector_index import drop_vector_index

# With 300 headings about twice the standard error; of 45 golden questions one may be lost.
MAX_RECALL_DROP = 0.03


@dataclass(frozen=True, slots=True)
class Built:
    """A space that holds everything served. `embedded` of its texts were new to the model."""

    space: Space
    served: bool
    embedded: int = 0


@dataclass(frozen=True, slots=True)
class Switch:
    """What a switch did; without `recalls` nothing was measured."""

    before: Space
    after: Space
    embedded: int = 0
    recalls: tuple[Recall, Recall] | None = None

    @property
    def needed(self) -> bool:
        """Whether there was anything to switch."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Switching:
    """The parts it takes."""

    database: Database
    embedders: Embedders
    progress: Progress

    async def build(self, name: str) -> Built:
        """Fill a model's space beside the served one; go on where a killed build stopped.

        Raises SourceBusy when spaces are being worked on already, DatabaseError when nothing has
        been ingested, and what Shadow.fill raises.
        """
        embedder = self.embedders.named(name)
        async with self._only() as (_, before):
            space = await self._space_of(embedder)
            if space == before:
                return Built(space, served=True)
            embedded = await self._fill(space, embedder)
        return Built(space, served=False, embedded=embedded)

    async def switch(self, name: str, golden: Path | None, *, force: bool) -> Switch:
        """Serve a model's space from now on, if it finds what the served one finds.

        Raises RecallFell when it finds less, unless forced; and what `build` raises.
        """
        embedder = self.embedders.named(name)
        async with self._only() as (lease, before):
            after = await self._space_of(embedder)
            if after == before:
                return Switch(before, after)
            embedded = await self._fill(after, embedder)
            recalls = None
            if not force:
                recalls = await self._compare(before, Served(after, embedder), golden)
                _check(before, after, recalls, name)
            embedded += await self._flip(lease, after, embedder)
        return Switch(before, after, embedded, recalls)

    async def rollback(self) -> Switch:
        """Serve the space that was left last, once it holds what came in since.

        Raises DatabaseError when there is none, and what `build` raises.
        """
        async with self._only() as (lease, before):
            after = await space_left_last(self.database)
            if after is None:
                raise DatabaseError(
                    "There is no space to go back to: none has been switched away from.\n"
                    "To take up another one, run: footnote embeddings switch NAME"
                )
            embedder = await self.embedders.of(after.name)
            embedded = await self._fill(after, embedder)
            embedded += await self._flip(lease, after, embedder)
        return Switch(before, after, embedded)

    async def drop(self, space: Space) -> None:
        """Delete a space with its vectors. Raises DatabaseError for the served one."""
        async with self._only() as (_, served):
            if space == served:
                raise DatabaseError(
                    f"Answers come from {space.name}, so it cannot be dropped.\n"
                    "Switch to another one first: footnote embeddings switch NAME"
                )
            await drop_vector_index(self.database, space)
            await self.database.run("drop_space", space=space.id)

    @contextlib.asynccontextmanager
    async def _only(self) -> AsyncIterator[tuple[Lease, Space]]:
        """Be the only one who works on spaces, beside the served one."""
        before = await current_space(self.database)
        if before is None:
            raise DatabaseError(
                "Nothing has been ingested yet; the first run takes the model under [embedding].\n"
                "Run: footnote ingest run --source FOLDER"
            )
        waiting = lambda: self.progress("waiting for a killed command's lease", 0, 0)  # noqa: E731
        async with leased(self.database, "embeddings", "Embedding spaces", waiting) as lease:
            before = await current_space(self.database)
            assert before is not None
            yield lease, before

    async def _space_of(self, embedder: Embedder) -> Space:
        return await add_space(self.database, await embedder.space_name())

    async def _fill(self, space: Space, embedder: Embedder) -> int:
        embedded = await Shadow(self.database, space, embedder).fill(self.progress)
        await self.database.run("analyze_passages")
        return embedded

    async def _compare(
        self, before: Space, after: Served, golden: Path | None
    ) -> tuple[Recall, Recall]:
        served = Served(before, await self.embedders.of(before.name))
        questions = await labelled_questions(self.database, golden)
        return (
            await measure(self.database, served, questions, self.progress),
            await measure(self.database, after, questions, self.progress),
        )

    async def _flip(self, lease: Lease, space: Space, embedder: Embedder) -> int:
        """Point at a full space; what came in meanwhile is filled first, the last with ingest held.

        Returns how many texts had to be embedded.
        """
        shadow = Shadow(self.database, space, embedder)
        embedded = await shadow.fill(self.progress)
        async with self.database.transaction() as session:
            await lease.hold(session)
            await session.run("hold_current_space")
            embedded += await shadow.fill(self.progress)
            await session.run("point_at_space", space=space.id)
        return embedded


def _check(before: Space, after: Space, recalls: tuple[Recall, Recall], name: str) -> None:
    was, would_be = recalls
    if would_be.share < was.share - MAX_RECALL_DROP:
        raise RecallFell(
            f"Not switched: {after.name} has {would_be}, {before.name} has {was}"
            f" ({was.questions} questions).\n"
            f"If it is to be taken up all the same, run: footnote embeddings switch {name} --force"
        )
