"""The plan: what a run would do to a source's articles, made before anything is written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
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


@dataclass(slots=True)
class _Sorting:
    """Articles of a fetch, sorted one by one."""

    unseen: dict[str, KnownArticle]
    recipe: int
    add: list[Article] = field(default_factory=list)
    change: list[Article] = field(default_factory=list)
    move: list[Move] = field(default_factory=list)
    readdress: list[Article] = field(default_factory=list)
    remove: list[KnownArticle] = field(default_factory=list)
    keep: list[str] = field(default_factory=list)
    failed: list[BadArticle] = field(default_factory=list)

    def take(self, found: Found) -> None:
        """Sort what the source said of one article."""
        if isinstance(found, BadArticle):
            self.failed.append(found)
            return
        before = self.unseen.pop(found.external_id, None)
        if isinstance(found, Gone):
            self.remove += [before] if before else []
        elif isinstance(found, Unchanged):
            self.keep += [before.external_id] if before else []
        elif before is None:
            self.add.append(found)
        elif (before.content_hash, before.recipe) != (found.content_hash, self.recipe):
            only_moved = _only_moved(before, found, self.recipe)
            (self.readdress if only_moved else self.change).append(found)
        elif before.path != found.path:
            self.move.append(Move(before.id, found.path))
        else:
            self.keep.append(before.external_id)


def make_plan(
    fetched: Sequence[Found],
    known: Iterable[KnownArticle],
    *,
    complete: bool = True,
    recipe: int = RECIPE,
) -> Plan:
    """Compare what was fetched with what is served; an article is known by its external id.

    An article that cannot be read this time is not a removed one: what is served of it stays. So
    does what a fetch that is not complete does not name.
    """
    unseen = {article.external_id: article for article in known}
    served = len(unseen)
    sorting = _Sorting(unseen, recipe)
    for found in fetched:
        sorting.take(found)
    unreadable = {article.path for article in sorting.failed}
    rest = [article for article in unseen.values() if article.path not in unreadable]
    if complete:
        sorting.remove += rest
    else:
        sorting.keep += [article.external_id for article in rest]
    return Plan(
        add=tuple(sorting.add),
        change=tuple(sorting.change),
        move=tuple(sorting.move),
        readdress=tuple(sorting.readdress),
        remove=tuple(sorting.remove),
        keep=tuple(sorting.keep),
        failed=tuple(sorting.failed),
        fetched=len(fetched),
        served=served,
    )


def _only_moved(before: KnownArticle, article: Article, recipe: int) -> bool:
    """Whether another path, and the address that follows from it, is all that is new."""
    same = replace(article, url=before.url).content_hash == before.content_hash
    return same and before.recipe == recipe and before.path != article.path
