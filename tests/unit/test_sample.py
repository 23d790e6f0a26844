"""The sample help centre keeps what its README says."""

import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin

import pytest
import yaml
from bs4 import BeautifulSoup

SAMPLE = Path(__file__).parents[2] / "ingest" / "sample"
ARTICLES = "https://help.rimeholt.example/articles/"
FIELDS = {"title", "id", "url", "updated_at", "locale", "product", "audience"}


@dataclass(frozen=True, slots=True)
class SampleArticle:
    path: Path
    meta: dict[str, str]
    text: str  # Markdown, or the visible text of an HTML article
    links: tuple[str, ...]  # absolute
    anchors: frozenset[str]


def read_markdown(path: Path) -> SampleArticle:
    _, front, text = path.read_text(encoding="utf-8").split("---\n", 2)
    return SampleArticle(
        path=path,
        meta={name: str(value) for name, value in yaml.safe_load(front).items()},
        text=text,
        links=tuple(re.findall(r"\]\(([^)\s]+)\)", text)),
        anchors=frozenset(re.findall(r"^#+ .*\{#([\w-]+)\}$", text, re.MULTILINE)),
    )


def read_html(path: Path) -> SampleArticle:
    page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    meta = {str(tag["name"]): str(tag["content"]) for tag in page.select("meta[name]")}
    meta["title"] = page.select("title")[0].get_text()
    body = page.select("main article")[0]
    return SampleArticle(
        path=path,
        meta=meta,
        text=" ".join(body.get_text().split()),
        links=tuple(urljoin(meta["url"], str(tag["href"])) for tag in body.select("a[href]")),
        anchors=frozenset(str(tag["id"]) for tag in body.select("[id]")),
    )


def read_sample() -> list[SampleArticle]:
    folder = SAMPLE / "articles"
    found = [read_markdown(path) for path in sorted(folder.glob("*/*.md"))]
    return found + [read_html(path) for path in sorted(folder.glob("*/*.html"))]


@pytest.fixture(scope="module")
def articles() -> list[SampleArticle]:
    return read_sample()


@pytest.fixture(scope="module")
def golden() -> list[dict[str, Any]]:
    lines = (SAMPLE / "golden.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_size(articles: list[SampleArticle]) -> None:
    words = sum(
        any(letter.isalnum() for letter in word)
        for article in articles
        for word in article.text.split()
    )
    assert len(articles) >= 40
    assert 14_000 <= words <= 18_000
    assert sum(article.path.suffix == ".html" for article in articles) == 3


def test_metadata(articles: list[SampleArticle]) -> None:
    for article in articles:
        meta = article.meta
        assert meta.keys() >= FIELDS, article.path
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", meta["updated_at"]), article.path
        assert meta["url"] == f"{ARTICLES}{meta['id']}-{article.path.stem}"
    for field in ("id", "url", "title"):
        values = [article.meta[field] for article in articles]
        assert len(set(values)) == len(values), field


def test_locales_products_and_audiences(articles: list[SampleArticle]) -> None:
    locales = Counter(article.meta["locale"] for article in articles)
    audiences = Counter(article.meta["audience"] for article in articles)
    assert locales == {"en": len(articles) - 2, "de": 1, "es": 1}
    assert audiences == {"public": len(articles) - 3, "internal": 3}
    assert {article.meta["product"] for article in articles} == {
        "Rimeholt",
        "Rimeholt Home",
        "Rimeholt Pro",
    }


def test_links_lead_to_articles_and_anchors(articles: list[SampleArticle]) -> None:
    anchors = {article.meta["url"]: article.anchors for article in articles}
    checked = 0
    for article in articles:
        for link in article.links:
            url, anchor = urldefrag(link)
            if not url.startswith(ARTICLES):
                continue
            checked += 1
            assert url in anchors, f"{article.path.name} links to {link}"
            assert not anchor or anchor in anchors[url], f"{article.path.name} links to {link}"
    assert checked > 50


def test_public_articles_do_not_link_to_internal_ones(articles: list[SampleArticle]) -> None:
    internal = {a.meta["url"] for a in articles if a.meta["audience"] == "internal"}
    for article in articles:
        if article.meta["audience"] == "public":
            assert not {urldefrag(link).url for link in article.links} & internal, article.path


def test_golden_questions(golden: list[dict[str, Any]]) -> None:
    assert len(golden) == 60
    assert len({row["id"] for row in golden}) == 60
    assert len({row["question"] for row in golden}) == 60
    covered = [row for row in golden if row["covered"]]
    assert len(covered) == 45
    assert Counter(row["locale"] for row in covered) == {"en": 41, "de": 2, "es": 2}
    assert Counter(row["audience"] for row in covered) == {"public": 43, "internal": 2}
    for row in golden:
        if not row["covered"]:
            assert row["article"] is None
            assert row["quote"] is None


def test_quotes_stand_once_in_their_article(
    articles: list[SampleArticle], golden: list[dict[str, Any]]
) -> None:
    by_id = {article.meta["id"]: article for article in articles}
    for row in golden:
        if row["covered"]:
            article = by_id[row["article"]]
            assert article.text.count(row["quote"]) == 1, row["id"]
            assert article.meta["locale"] == row["locale"], row["id"]
            assert article.meta["audience"] == row["audience"], row["id"]
