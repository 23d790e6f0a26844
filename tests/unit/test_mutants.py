"""Whatever an article's file holds, it becomes an article or one sentence saying why not."""

from collections import Counter

import pytest

from ingest import lexicon
from ingest.articles import Article, parse_html, parse_markdown
from ingest.errors import ArticleError
from ingest.indexed import IndexedArticle
from tests.mutations import Mutant, mutants

BATCHES, BATCH = 20, 100


def parsed(mutant: Mutant) -> Article | str:
    parse = parse_html if mutant.path.endswith(".html") else parse_markdown
    try:
        return parse(mutant.raw, mutant.path, url_template="https://help.example/{id}")
    except ArticleError as error:
        return str(error)


def assert_indexed(article: Article) -> None:
    """It can be cut, weighed and stored."""
    for value in (article.external_id, article.title, article.text, article.url, article.path):
        assert "\0" not in value
        assert value.encode()
    indexed = IndexedArticle.of(article)
    language = lexicon.language_of(article.locale)
    end = 0
    for passage in indexed.passages:
        assert article.text[passage.start : passage.end] == passage.text
        assert passage.plain.strip()
        assert passage.section.start <= passage.start < passage.end <= passage.section.end
        assert passage.end >= end
        end = passage.end
        heading = " ".join(passage.section.heading_path)
        for weights in lexicon.bm25_weights(heading, passage.plain, language):
            assert len(lexicon.sparse(weights).indices()) <= lexicon.MOST_WEIGHTS
    assert len(indexed.texts()) <= len(indexed.passages) + len(indexed.sections)


@pytest.mark.parametrize("seed", range(BATCHES))
def test_two_thousand_damaged_articles(seed: int) -> None:
    fates: Counter[str] = Counter()
    for mutant in mutants(BATCH, seed):
        article = parsed(mutant)
        if isinstance(article, Article):
            assert_indexed(article)
            fates["article"] += 1
        else:
            assert 10 < len(article) < 300, mutant
            assert "\n" not in article, mutant
            fates["reason"] += 1
    assert fates.total() == BATCH
    assert min(fates.values()) > BATCH // 5  # the damage is neither trifling nor total


def test_the_same_seed_makes_the_same_articles() -> None:
    assert list(mutants(30, 7)) == list(mutants(30, 7)) != list(mutants(30, 8))


@pytest.mark.parametrize(
    ("lead", "piece"),
    [
        ("# Title\n\nx", " "),
        ("# Title", " "),
        ("# Title ", "{#"),
        ("x ", "."),
        ("x ", "{%"),
        ("x ", "["),
        ("x ", "`"),
        ("x ", "汉字"),
        ("<p>", "\n- "),
        ("x ", "\n1. "),
        ("<main><p>x", "<img alt='"),
        ("<main><p>x", "<p>Was this helpful?</p>"),
        ("<main><table>", "<td rowspan=99 colspan=99>x"),
    ],
)
def test_endless_lines_are_read_at_once(lead: str, piece: str) -> None:
    """Each of these kept one regular expression or another busy for hours, or would."""
    size = 300_000 if len(piece) == 1 else 30_000
    text = lead + piece * (size // len(piece)) + "\n\nThe end."
    article = parsed(Mutant("a.html" if "<main>" in lead else "a.md", (), text.encode()))
    if isinstance(article, Article):
        assert_indexed(article)
