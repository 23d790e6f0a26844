"""The plan: what a run would do to a source's articles, made before anything is written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ingest.articles import Article, BadArticle

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


@dataclass(frozen=True, slots=True)
class Move:
    """The same article at another path."""

    article_id: int
    path: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do, by kind. An article that moved and was edited counts as changed.

    `readdress` are moved articles whose address follows from their path: the same text in a new
    version.
    """

    add: tuple[Article, ...] = ()
    change: tuple[Article, ...] = ()
    move: tuple[Move, ...] = ()
    readdress: tuple[Article, ...] = ()
    remove: tuple[KnownArticle, ...] = ()
    keep: int = 0
    failed: tuple[BadArticle, ...] = ()

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
        paths = {article.path for article in refused}

        def stored(articles: tuple[Article, ...]) -> tuple[Article, ...]:
            return tuple(article for article in articles if article.path not in paths)

        return replace(
            self,
            add=stored(self.add),
            change=stored(self.change),
            readdress=stored(self.readdress),
            failed=(*self.failed, *refused),
        )


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
    readdress: list[Article] = []
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
            (readdress if _only_moved(before, article, recipe) else change).append(article)
        elif before.path != article.path:
            move.append(Move(before.id, article.path))
        else:
            keep += 1
    unreadable = {article.path for article in failed}
    remove = [article for article in unseen.values() if article.path not in unreadable]
    return Plan(
        add=tuple(add),
        change=tuple(change),
        move=tuple(move),
        readdress=tuple(readdress),
        remove=tuple(remove),
        keep=keep,
        failed=tuple(failed),
    )


def _only_moved(before: KnownArticle, article: Article, recipe: int) -> bool:
    """Whether another path, and the address that follows from it, is all that is new."""
    same = replace(article, url=before.url).content_hash == before.content_hash
    return same and before.recipe == recipe and before.path != article.path
