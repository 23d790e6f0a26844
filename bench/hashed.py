"""An embedder that costs next to nothing, for measuring everything but the model."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from ingest.embeddings import Embedder
from ingest.spaces import SpaceName


@dataclass(slots=True)
class HashedEmbedder:
    """A vector that follows from the text's hash; equal texts are as near as can be.

    It stands in for `real`, whose space it names, and keeps what it was given.
    """

    real: Embedder
    texts: list[str] = field(default_factory=list)

    @property
    def tokens(self) -> int:
        """Nobody counts them."""
        return 0

    @property
    def cost_usd(self) -> float:
        """It costs nothing."""
        return 0.0

    async def space_name(self) -> SpaceName:
        """That of the model it stands in for."""
        return await self.real.space_name()

    async def embed(self, texts: Sequence[str], *, bulk: bool = False) -> npt.NDArray[np.float32]:
        """Vectors of length one."""
        if bulk:
            self.texts += texts
        dimensions = (await self.space_name()).dimensions
        found = np.stack([_vector(text, dimensions) for text in texts])
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)

    async def close(self) -> None:
        """Nothing is held."""


def _vector(text: str, dimensions: int) -> npt.NDArray[np.float32]:
    seed = int.from_bytes(sha256(text.encode()).digest()[:8])
    return np.random.default_rng(seed).standard_normal(dimensions, np.float32)
