"""A finding: something in an article that its writers want to know of."""

from dataclasses import dataclass
from typing import Literal, Self

from ingest.articles import Article

Kind = Literal["broken_link", "near_duplicate", "no_heading", "instruction"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding in one article; `message` is a sentence for its writers."""

    kind: Kind
    external_id: str
    path: str
    title: str
    message: str

    @classmethod
    def on(cls, article: Article, kind: Kind, message: str) -> Self:
        """A finding in an article."""
        return cls(kind, article.external_id, article.path, article.title, message)
