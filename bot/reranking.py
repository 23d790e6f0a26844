"""Reranking: any LlamaIndex node postprocessor may put the evidence in another order.

None is in use unless footnote.toml names one; LlamaIndex is installed by whoever does.
"""

import importlib
from dataclasses import replace
from typing import Any, Protocol, Self

from bot.evidence import Evidence
from bot.settings import RerankerSettings
from ingest.errors import SettingsError
from ingest.markup import plain_text


class Reranker(Protocol):
    """Orders evidence anew."""

    async def rerank(self, question: str, evidence: Evidence) -> Evidence:
        """The evidence, best first, renumbered."""
        ...


class NodePostprocessorReranker:
    """A LlamaIndex node postprocessor as a reranker."""

    def __init__(self, postprocessor: Any) -> None:
        """`postprocessor` is a BaseNodePostprocessor."""
        self._postprocessor = postprocessor

    @classmethod
    def open(cls, settings: RerankerSettings) -> Self:
        """Import and make what `[reranker]` names. Raises SettingsError when that cannot be."""
        module, _, name = settings.postprocessor.partition(":")
        try:
            made = getattr(importlib.import_module(module), name)(**settings.arguments)
        except (ImportError, AttributeError) as error:
            raise SettingsError(
                f"reranker.postprocessor: {settings.postprocessor} cannot be imported: {error}.\n"
                "It is written package.module:Class; install it beside llama-index-core."
            ) from error
        except (TypeError, ValueError) as error:
            raise SettingsError(
                f"reranker.arguments do not suit {settings.postprocessor}: {error}"
            ) from error
        return cls(made)

    async def rerank(self, question: str, evidence: Evidence) -> Evidence:
        """The evidence in the postprocessor's order; what it leaves out is left out."""
        from llama_index.core.schema import NodeWithScore, TextNode  # noqa: PLC0415 - takes a second

        nodes = [
            NodeWithScore(
                node=TextNode(
                    id_=str(passage.n),
                    text=plain_text(passage.text),
                    metadata={"title": passage.title, "heading": passage.heading},
                ),
                score=passage.score,
            )
            for passage in evidence.passages
        ]
        ranked = await self._postprocessor.apostprocess_nodes(nodes, query_str=question)
        by_number = {str(passage.n): passage for passage in evidence.passages}
        passages = [by_number[each.node.node_id] for each in ranked]
        return replace(
            evidence,
            passages=tuple(replace(passage, n=n) for n, passage in enumerate(passages, start=1)),
        )
