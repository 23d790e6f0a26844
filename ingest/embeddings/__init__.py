"""Texts to vectors: the embedded model, or one behind an OpenAI-compatible server."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from ingest.spaces import SpaceName

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from ingest.settings import Settings


class Embedder(Protocol):
    """Embeds texts in one space."""

    async def space_name(self) -> SpaceName:
        """Name the space; may load the model."""
        ...

    async def embed(self, texts: Sequence[str]) -> "npt.NDArray[np.float32]":
        """Vectors of length one, shape (texts, dimensions), in the order of the texts.

        Raises EmbeddingModelError, or a Retryable when a remote model did not answer.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


def open_embedder(settings: "Settings") -> Embedder:
    """The embedder the settings name. Nothing is loaded or called before it is used."""
    if settings.embedding.provider == "minilm":
        from ingest.embeddings.embedded import EmbeddedEmbedder  # noqa: PLC0415 - loads numpy

        return EmbeddedEmbedder(settings.model_dir)
    from ingest.embeddings.hosted import HostedEmbedder  # noqa: PLC0415 - loads openai

    return HostedEmbedder(settings.embedding, settings.openai_api_key)
