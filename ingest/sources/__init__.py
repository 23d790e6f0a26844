"""Places articles come from, behind one small protocol."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ingest.articles import Article, BadArticle


@dataclass(frozen=True, slots=True)
class Unchanged:
    """An article that the source still has as it was when it was last fetched."""

    external_id: str


@dataclass(frozen=True, slots=True)
class Gone:
    """An article that the source says it has no longer, or no longer shows."""

    external_id: str


Found = Article | BadArticle | Unchanged | Gone


@dataclass(frozen=True, slots=True)
class Fetch:
    """What a source has. Where it is `complete`, an article that is not named in it is gone.

    Where it is `dated`, what has not changed since it was last seen is `Unchanged`, so it is worth
    remembering that an article was seen.
    """

    found: AsyncIterator[Found]
    complete: bool = True
    dated: bool = False


class Source(Protocol):
    """A place articles come from."""

    @property
    def name(self) -> str:
        """The name its articles are kept under."""
        ...

    def fetch(
        self, since: datetime | None = None, known: Mapping[str, datetime] | None = None
    ) -> Fetch:
        """Every article; where `since` is given and the source can tell, those changed since.

        `known` says by external id when the text that is served was last seen at the source, so
        that one whose listing is dated need not be downloaded again: it is `Unchanged`.
        The iterator raises SourceError when the place cannot be read or refuses us, and
        ProviderUnavailable or RateLimited when it did not answer properly, retries included. It
        never ends early in silence: what is missing from a complete fetch is taken to be gone.
        """
        ...
