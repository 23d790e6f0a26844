"""Embedding spaces: which vectors may be compared with which."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.errors import SpaceMismatch

if TYPE_CHECKING:
    from ingest.database import Database, Row


@dataclass(frozen=True, slots=True)
class SpaceName:
    """What makes vectors comparable: the same model, the same weights, the same length."""

    provider: str
    model: str
    dimensions: int
    fingerprint: str = ""

    def __str__(self) -> str:
        """`minilm/all-MiniLM-L6-v2 (384)`."""
        return f"{self.provider}/{self.model} ({self.dimensions})"


@dataclass(frozen=True, slots=True)
class Space:
    """An embedding space that has rows."""

    id: int
    name: SpaceName

    @classmethod
    def from_row(cls, row: "Row") -> "Space":
        """Read a row of embedding_space."""
        name = SpaceName(row["provider"], row["model"], row["dimensions"], row["fingerprint"])
        return cls(row["id"], name)


async def current_space(database: "Database") -> Space | None:
    """The space that is served; None before the first ingest."""
    row = await database.row("current_space")
    return Space.from_row(row) if row else None


async def found_space(database: "Database", name: SpaceName) -> Space:
    """The space that is served, which is the one of this name if there was none."""
    await database.run(
        "found_space",
        provider=name.provider,
        model=name.model,
        dimensions=name.dimensions,
        fingerprint=name.fingerprint,
    )
    space = await current_space(database)
    assert space is not None
    return space


async def space_for(database: "Database", name: SpaceName) -> Space:
    """The served space, which the first ingest founds.

    Raises SpaceMismatch when it is another: vectors of two models must never meet.
    """
    space = await current_space(database) or await found_space(database, name)
    if space.name != name:
        raise SpaceMismatch(
            f"The passages are embedded with {space.name}, not with {name}.\n"
            "To take that model up, name it in footnote.toml, then: footnote embeddings switch NAME"
        )
    return space


async def add_space(database: "Database", name: SpaceName) -> Space:
    """A space of this name, made if it is new; what is served stays as it is."""
    row = await database.row(
        "add_space",
        provider=name.provider,
        model=name.model,
        dimensions=name.dimensions,
        fingerprint=name.fingerprint,
    )
    assert row is not None
    return Space(row["id"], name)


async def space_left_last(database: "Database") -> Space | None:
    """The space that a rollback goes back to; None when none has been left."""
    row = await database.row("space_left_last")
    return Space.from_row(row) if row else None
