"""The plan: what a run would do to a source's articles, made before anything is written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ingest.articles import Article, BadArticle
from ingest.sources import Found, Gone, Unchanged

RECIPE = 1  # raise it when sections, passages or terms are made otherwise: all are cut again


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """What is served of an article now."""

    id: int
    external_id: str
    path: str
    url: str
    content_hash: str
    recipe: int
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """The same article at another path."""

    article_id: int
    path: str


@dataclass(frozen=True, slots=True)
class HeldArticle:
    """An article whose text addresses a model, with the sentence that does."""

    article: Article
    sentence: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do, by kind. An article that moved and was edited counts as changed.

    `readdress` are moved articles whose address follows from their path: the same text in a new
    version. `keep` are external ids. `fetched` counts what the source named, `served` what is
    served of it before.
    """

    add: tuple[Article, ...] = ()
    change: tuple[Article, ...] = ()
    move: tuple[Move, ...] = ()
    readdress: tuple[Article, ...] = ()
    remove: tuple[KnownArticle, ...] = ()
    keep: tuple[str, ...] = ()
    failed: tuple[BadArticle, ...] = ()
    held: tuple["HeldArticle", ...] = ()
    fetched: int = 0
    served: int = 0

    @property
    def writes(self) -> bool:
        """Whether carrying it out changes anything."""
        return bool(self.to_index or self.move or self.remove)

    @property
    def to_index(self) -> tuple[Article, ...]:
        """The articles whose passages have to be made."""
        return self.add + self.change + self.readdress

    def without(self, refused: Sequence[BadArticle]) -> "Plan":
        """The plan as it was carried out when some articles could not be stored."""
        left = self._without_paths({article.path for article in refused})
        return replace(left, failed=(*self.failed, *refused))

    def holding(self, held: Sequence[HeldArticle]) -> "Plan":
        """The plan without articles that are not to be served; older versions of them stay."""
        left = self._without_paths({each.article.path for each in held})
        return replace(left, held=tuple(held))

    def _without_paths(self, paths: set[str]) -> "Plan":
        def left(articles: tuple[Article, ...]) -> tuple[Article, ...]:
            return tuple(article for article in articles if article.path not in paths)

        return replace(
            self,
            add=left(self.add),
            change=left(self.change),
            readdress=left(self.readdress),
        )

    def as_json(self) -> dict[str, Any]:
        """The form `footnote ingest plan --json` prints: paths by what would be done."""
        return {
            "add": [article.path for article in self.add],
            "change": [article.path for article in self.change],
            "move": [move.path for move in self.move]
            + [article.path for article in self.readdress],
            "remove": [article.path for article in self.remove],
            "keep": len(self.keep),
            "failed": [{"path": bad.path, "reason": bad.reason} for bad in self.failed],
            "held": [{"path": each.article.path, "sentence": each.sentence} for each in self.held],
        }


class Planning:
    """A plan in the making, told of one article after the other.

    What stays as it is is not kept in memory: most nights that is nearly everything.
    """

    def __init__(self, known: Iterable[KnownArticle], recipe: int = RECIPE) -> None:
        """Start from what is served of the source; an article is known by its external id."""
        self._unseen = {article.external_id: article for article in known}
        self._served = len(self._unseen)
        self._recipe = recipe
        self._add: list[Article] = []
        self._change: list[Article] = []
        self._move: list[Move] = []
        self._readdress: list[Article] = []
        self._remove: list[KnownArticle] = []
        self._keep: list[str] = []
        self._failed: list[BadArticle] = []
        self.fetched = 0

    def take(self, found: Found) -> None:
        """Sort what the source said of one article."""
        self.fetched += 1
        if isinstance(found, BadArticle):
            self._failed.append(found)
            return
        before = self._unseen.pop(found.external_id, None)
        if isinstance(found, Gone):
            self._remove += [before] if before else []
        elif isinstance(found, Unchanged):
            self._keep += [before.external_id] if before else []
        elif before is None:
            self._add.append(found)
        elif (before.content_hash, before.recipe) != (found.content_hash, self._recipe):
            only_moved = _only_moved(before, found, self._recipe)
            (self._readdress if only_moved else self._change).append(found)
        elif before.path != found.path:
            self._move.append(Move(before.id, found.path))
        else:
            self._keep.append(before.external_id)

    def plan(self, *, complete: bool = True) -> Plan:
        """What has to be done, the source having named all that it would.

        An article that cannot be read this time is not a removed one: what is served of it stays.
        So does what a fetch that is not complete does not name.
        """
        unreadable = {article.path for article in self._failed}
        rest = [article for article in self._unseen.values() if article.path not in unreadable]
        return Plan(
            add=tuple(self._add),
            change=tuple(self._change),
            move=tuple(self._move),
            readdress=tuple(self._readdress),
            remove=(*self._remove, *(rest if complete else ())),
            keep=(*self._keep, *(() if complete else (article.external_id for article in rest))),
            failed=tuple(self._failed),
            fetched=self.fetched,
            served=self._served,
        )


def _only_moved(before: KnownArticle, article: Article, recipe: int) -> bool:
    """Whether another path, and the address that follows from it, is all that is new."""
    same = replace(article, url=before.url).content_hash == before.content_hash
    return same and before.recipe == recipe and before.path != article.path
