"""Exemplars: the approved answers nearest to a question, which a prompted voice is shown.

Their questions are embedded once a process, by the model of the served space.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from bot.voice.dataset.approved import approved
from bot.voice.pairs import Pair
from ingest.database import Database
from ingest.embeddings import Embedder

MOST = 500  # approved answers looked among, the latest


class Exemplars:
    """Finds approved answers by their question."""

    def __init__(self, database: Database, embedder: Callable[[], Embedder]) -> None:
        """`embedder` gives the model of the space that is served now."""
        self._database = database
        self._embedder = embedder
        self._vectors: dict[tuple[str, str], npt.NDArray[np.float32]] = {}

    async def nearest(self, question: str, count: int) -> tuple[Pair, ...]:
        """So many pairs at most, the nearest last: what is read last is followed most."""
        found, _ = await approved(self._database)
        found = found[-MOST:]
        if not found:
            return ()
        vectors = await self._embedded([question, *(each.question for each in found)])
        nearness = vectors[1:] @ vectors[0]
        best = sorted(range(len(found)), key=lambda at: float(nearness[at]))[-count:]
        return tuple(found[at].pair for at in best)

    async def _embedded(self, texts: list[str]) -> npt.NDArray[np.float32]:
        embedder = self._embedder()
        space = str(await embedder.space_name())
        new = [text for text in dict.fromkeys(texts) if (space, text) not in self._vectors]
        if new:
            for text, vector in zip(new, await embedder.embed(new), strict=True):
                self._vectors[space, text] = vector
        vectors = np.stack([self._vectors[space, text] for text in texts])
        self._vectors.pop((space, texts[0]), None)  # questions are not asked twice
        return vectors
