"""Embedding spaces: which vectors may be compared with which."""

from dataclasses import dataclass

from ingest.database import Database, Row
from ingest.errors import SpaceMismatch


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
    def from_row(cls, row: Row) -> "Space":
        """Read a row of embedding_space."""
        name = SpaceName(row["provider"], row["model"], row["dimensions"], row["fingerprint"])
        return cls(row["id"], name)


async def current_space(database: Database) -> Space | None:
    """The space that is served; None before the first ingest."""
    row = await database.row("current_space")
    return Space.from_row(row) if row else None


async def space_for(database: Database, name: SpaceName) -> Space:
    """The served space, which the first ingest founds.

    Raises SpaceMismatch when the settings name another model: vectors of two models must never
    meet, so this is for a person to decide.
    """
    current = await current_space(database)
    if current is None:
        await database.run(
            "found_space",
            provider=name.provider,
            model=name.model,
            dimensions=name.dimensions,
            fingerprint=name.fingerprint,
        )
        current = await current_space(database)
    if current is None or current.name != name:
        was = current.name if current else "nothing"
        raise SpaceMismatch(
            f"The passages are embedded with {was}, the settings name {name}.\n"
            "Put that model back in the settings ([embedding] or FOOTNOTE_MODEL_DIR), or take up"
            " the new one with: footnote embeddings switch"
        )
    return current


async def add_space(database: Database, name: SpaceName) -> Space:
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
