"""What a run would do, from what was fetched and what is served."""

from collections.abc import Sequence
from dataclasses import replace

from ingest.articles import Article, BadArticle
from ingest.plan import RECIPE, KnownArticle, Move, Plan, Planning
from ingest.runs import ArticleCounts
from ingest.sources import Found

HERE = Article(
    external_id="7",
    title="Refunds",
    text="Refunds take five days.",
    url="https://help.example/7",
    path="billing/refunds.md",
    locale="en",
    product=None,
    audience="public",
    updated_at=None,
)


def known(article: Article, recipe: int = RECIPE) -> KnownArticle:
    return KnownArticle(
        1, article.external_id, article.path, article.url, article.content_hash, recipe
    )


def plan_of(fetched: Sequence[Found], served: Sequence[KnownArticle]) -> Plan:
    planning = Planning(served)
    for found in fetched:
        planning.take(found)
    return planning.plan()


def test_a_new_article_is_added() -> None:
    plan = plan_of([HERE], [])
    assert plan.add == plan.to_index == (HERE,)
    assert plan.writes


def test_an_unchanged_article_is_kept_and_nothing_is_written() -> None:
    plan = plan_of([HERE], [known(HERE)])
    assert (plan.keep, plan.writes, plan.to_index) == ((HERE.external_id,), False, ())


def test_an_edited_article_is_changed() -> None:
    edited = replace(HERE, text="Refunds take six days.")
    assert plan_of([edited], [known(HERE)]).change == (edited,)


def test_a_moved_article_keeps_its_id_and_is_not_cut_again() -> None:
    plan = plan_of([replace(HERE, path="refunds.md")], [known(HERE)])
    assert plan.move == (Move(1, "refunds.md"),)
    assert plan.to_index == ()


def test_a_move_that_takes_the_address_along_is_a_move() -> None:
    moved = replace(HERE, path="refunds.md", url="https://help.example/refunds")
    plan = plan_of([moved], [known(HERE)])
    assert plan.readdress == plan.to_index == (moved,)
    assert ArticleCounts.of(plan) == ArticleCounts(0, 0, 1, 0, 0, 0)


def test_another_address_at_the_same_path_is_a_change() -> None:
    moved = replace(HERE, url="https://help.example/refunds")
    assert plan_of([moved], [known(HERE)]).change == (moved,)


def test_an_article_moved_and_edited_counts_once() -> None:
    plan = plan_of([replace(HERE, path="refunds.md", text="Six days.")], [known(HERE)])
    assert ArticleCounts.of(plan) == ArticleCounts(0, 1, 0, 0, 0, 0)


def test_an_article_that_is_gone_is_removed() -> None:
    plan = plan_of([], [known(HERE)])
    assert plan.remove == (known(HERE),)


def test_a_bad_article_at_a_known_path_is_not_a_removal() -> None:
    bad = BadArticle(HERE.path, "The file is not UTF-8 (byte 3).")
    plan = plan_of([bad], [known(HERE)])
    assert (plan.remove, plan.failed, plan.writes) == ((), (bad,), False)


def test_a_new_recipe_cuts_everything_again() -> None:
    plan = plan_of([HERE], [known(HERE, recipe=RECIPE - 1)])
    assert plan.change == (HERE,)


def test_what_could_not_be_stored_counts_as_failed_alone() -> None:
    other = replace(HERE, external_id="8", path="other.md")
    refused = BadArticle("other.md", "It cannot be stored.")
    plan = plan_of([HERE, other], []).without([refused])
    assert ArticleCounts.of(plan) == ArticleCounts(1, 0, 0, 0, 0, 1)
