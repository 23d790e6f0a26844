"""Texts to vectors: the embedded model, or one behind an OpenAI-compatible server."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from ingest.spaces import SpaceName

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from ingest.settings import EmbeddingSettings, Settings


class Embedder(Protocol):
    """Embeds texts in one space."""

    @property
    def tokens(self) -> int:
        """How many tokens a provider has counted until now; 0 for the embedded model."""
        ...

    @property
    def cost_usd(self) -> float:
        """What they cost, where the settings name a price."""
        ...

    async def space_name(self) -> SpaceName:
        """Name the space; may load the model."""
        ...

    async def embed(self, texts: Sequence[str], *, bulk: bool = False) -> "npt.NDArray[np.float32]":
        """Vectors of length one, shape (texts, dimensions), in the order of the texts.

        `bulk` is work that nobody waits for: it keeps to the token budget, and lets questions
        pass. Raises EmbeddingModelError, or a Retryable when a remote model did not answer.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


def open_embedder(settings: "Settings") -> Embedder:
    """The embedder that `[embedding]` names. Nothing is loaded or called before it is used."""
    return open_model(settings, settings.embedding, settings.model_dir)


def open_model(
    settings: "Settings", model: "EmbeddingSettings", folder: "Path | None" = None
) -> Embedder:
    """The embedder of one model; `folder` holds another snapshot of the embedded one."""
    if model.provider == "minilm":
        from ingest.embeddings.embedded import EmbeddedEmbedder  # noqa: PLC0415 - loads numpy

        return EmbeddedEmbedder(folder)
    from ingest.embeddings.hosted import HostedEmbedder  # noqa: PLC0415 - loads openai

    return HostedEmbedder(model, settings.openai_api_key)
