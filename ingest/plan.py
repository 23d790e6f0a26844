"""The plan: what a run would do to a source's articles. A value, made before anything is written."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ingest.articles import Article, BadArticle

RECIPE = 1  # raise it when sections, passages or terms are made otherwise: all are cut again


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """What is served of an article now."""

    id: int
    external_id: str
    path: str
    content_hash: str
    recipe: int


@dataclass(frozen=True, slots=True)
class Move:
    """The same article at another path."""

    article_id: int
    path: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do, by kind. A moved article may be a changed one as well; it counts once."""

    add: tuple[Article, ...] = ()
    change: tuple[Article, ...] = ()
    move: tuple[Move, ...] = ()
    remove: tuple[KnownArticle, ...] = ()
    keep: int = 0
    failed: tuple[BadArticle, ...] = field(default=())

    @property
    def writes(self) -> bool:
        """Whether carrying it out changes anything."""
        return bool(self.add or self.change or self.move or self.remove)

    @property
    def to_index(self) -> tuple[Article, ...]:
        """The articles whose passages have to be made."""
        return self.add + self.change


def make_plan(
    fetched: Iterable[Article | BadArticle], known: Iterable[KnownArticle], recipe: int = RECIPE
) -> Plan:
    """Compare what was fetched with what is served; an article is known by its external id.

    An article that cannot be read this time is not a removed one: what is served of it stays.
    """
    unseen = {article.external_id: article for article in known}
    add: list[Article] = []
    change: list[Article] = []
    move: list[Move] = []
    failed: list[BadArticle] = []
    keep = 0
    for article in fetched:
        if isinstance(article, BadArticle):
            failed.append(article)
            continue
        before = unseen.pop(article.external_id, None)
        if before is None:
            add.append(article)
        elif (before.content_hash, before.recipe) != (article.content_hash, recipe):
            change.append(article)
        elif before.path != article.path:
            move.append(Move(before.id, article.path))
        else:
            keep += 1
    unreadable = {article.path for article in failed}
    remove = [article for article in unseen.values() if article.path not in unreadable]
    return Plan(tuple(add), tuple(change), tuple(move), tuple(remove), keep, tuple(failed))
