"""A help centre of any size, built from real sentences, with vectors composed of theirs.

To embed 100,000 passages takes most of an hour; to embed the few thousand sentences they are made
of, a minute. A passage's vector is the scaled sum of its lines' vectors, which keeps neighbours
near and everything else as it is in production.
"""

import random
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt

from bench.texts import Texts
from ingest.articles import Article
from ingest.embeddings import Embedder
from ingest.sources import Fetch
from ingest.spaces import SpaceName

SECTIONS = 4  # an article; each is one passage of about a hundred words
OWN, FOREIGN = 4, 2  # sentences of a section: of the article's topic, and of any other


@dataclass(frozen=True, slots=True)
class GeneratedHelpCentre:
    """A source of `passages` passages; the same seed gives the same articles."""

    texts: Texts
    passages: int
    name: str = "generated"
    seed: int = 7

    def fetch(
        self, since: datetime | None = None, known: Mapping[str, datetime] | None = None
    ) -> Fetch:
        """Every article."""
        del since, known
        return Fetch(self._articles())

    async def _articles(self) -> AsyncIterator[Article]:
        dice = random.Random(self.seed)  # noqa: S311 - not a secret
        for number in range(self.passages // SECTIONS):
            yield self._article(number, dice)

    def _article(self, number: int, dice: random.Random) -> Article:
        topic = dice.randrange(len(self.texts.documents))
        own = self.texts.documents[topic]
        headings = dice.sample(self.texts.titles, SECTIONS)
        # Without the foreign ones, small topics would give hundreds of equal passages.
        sections = [
            f"## {heading}\n\n" + "\n\n".join([*dice.sample(own, OWN), *self._foreign(dice)])
            for heading in headings
        ]
        return Article(
            external_id=str(number),
            title=self.texts.titles[topic],
            text="\n\n".join(sections),
            url=f"https://help.example.com/{number}",
            path=str(number),
            locale="en" if number % 50 else "de",  # two in a hundred, for the filter
            product=None,
            audience="public",
            updated_at=None,
        )

    def _foreign(self, dice: random.Random) -> list[str]:
        documents = self.texts.documents
        return [dice.choice(dice.choice(documents)) for _ in range(FOREIGN)]


@dataclass(slots=True)
class ComposingEmbedder:
    """Embeds lines with a real embedder once each, and texts as the sum of their lines."""

    real: Embedder
    lines: dict[str, npt.NDArray[np.float32]] = field(default_factory=dict)

    async def space_name(self) -> SpaceName:
        """A space of its own: these are not the model's vectors."""
        return SpaceName("bench", "composed", 384)

    async def learn(self, lines: Sequence[str]) -> None:
        """Embed lines."""
        vectors = await self.real.embed(lines)
        self.lines |= dict(zip(map(_folded, lines), vectors, strict=True))

    @property
    def tokens(self) -> int:
        """Nobody counts them."""
        return 0

    @property
    def cost_usd(self) -> float:
        """It costs nothing."""
        return 0.0

    async def embed(self, texts: Sequence[str], *, bulk: bool = False) -> npt.NDArray[np.float32]:
        """Vectors of length one."""
        del bulk
        sums = np.stack([np.sum(self._parts(text), axis=0) for text in texts])
        return np.asarray(sums / np.linalg.norm(sums, axis=1, keepdims=True), np.float32)

    async def close(self) -> None:
        """Nothing is held."""

    def _parts(self, text: str) -> list[npt.NDArray[np.float32]]:
        """Vectors of the lines; of all lines for a text none of whose lines was learned."""
        pieces = [piece for line in text.splitlines() for piece in line.split(" › ")]
        known = [self.lines[key] for key in map(_folded, pieces) if key in self.lines]
        return known or list(self.lines.values())


def _folded(line: str) -> str:
    return " ".join(line.split())
