"""A folder of files is a source of articles."""

import os
import shutil
from pathlib import Path

import pytest

from ingest.articles import Article, BadArticle
from ingest.errors import SourceError
from ingest.passages import passages_of
from ingest.sources.folder import FolderSource

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"


def write(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


async def fetched(source: FolderSource) -> list[Article | BadArticle]:
    found = [each async for each in source.fetch().found]
    articles = [each for each in found if isinstance(each, Article | BadArticle)]
    assert articles == found
    return articles


async def test_articles_are_read_in_order_and_others_skipped(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "b.md": "# B\n\nText.",
            "a/z.html": "<h1>Z</h1><p>Text.",
            "a/y.TXT": "Plain text.",
            "README.markdown": "# Read me\n\nText.",
            "image.png": b"\x89PNG",
            ".hidden.md": "x",
            ".git/x.md": "x",
        },
    )
    source = FolderSource("docs", tmp_path)
    source.check()
    found = await fetched(source)
    assert [a.path for a in found] == ["README.markdown", "a/y.TXT", "a/z.html", "b.md"]
    assert [a.title for a in found if isinstance(a, Article)] == ["Read me", "Y", "Z", "B"]
    assert found == await fetched(source)


async def test_urls_come_from_the_template_or_are_the_file_itself(tmp_path: Path) -> None:
    write(tmp_path, {"my faq.md": "Text."})
    [article] = await fetched(FolderSource("docs", tmp_path, "https://h.example/{id}", "de"))
    assert isinstance(article, Article)
    assert (article.url, article.locale) == ("https://h.example/my%20faq", "de")
    [article] = await fetched(FolderSource("docs", tmp_path))
    assert isinstance(article, Article)
    assert article.url == (tmp_path / "my faq.md").absolute().as_uri()


async def test_a_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "1.md": "---\ntitle: [\n---\nx",
            "2.md": b"\xff\xfe",
            "3.md": "",
            "4.md": b"x" * 5_000_000,
            "5.md": "Fine.",
        },
    )
    (tmp_path / "6.md").symlink_to(tmp_path / "gone.md")
    found = await fetched(FolderSource("docs", tmp_path))
    assert [type(a) for a in found] == [BadArticle] * 4 + [Article, BadArticle]
    reasons = [a.reason for a in found if isinstance(a, BadArticle)]
    for reason, words in zip(
        reasons, ("YAML", "UTF-8", "no text", "larger", "cannot be read"), strict=True
    ):
        assert words in reason


async def test_the_second_owner_of_an_id_is_bad(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": "---\nid: 7\n---\nA.", "b.md": "---\nid: 7\n---\nB."})
    first, second = await fetched(FolderSource("docs", tmp_path))
    assert isinstance(first, Article)
    assert second == BadArticle("b.md", "The id “7” already belongs to a.md.")


async def test_two_languages_of_a_page_are_two_articles(tmp_path: Path) -> None:
    write(tmp_path, {"faq._en.md": "# Help\n\nx", "faq._es.md": "# Ayuda\n\nx"})
    found = await fetched(FolderSource("docs", tmp_path))
    assert [(a.external_id, a.locale) for a in found if isinstance(a, Article)] == [
        ("faq._en", "en"),
        ("faq._es", "es"),
    ]


async def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.md")).write_text("x")
    [bad] = await fetched(FolderSource("docs", tmp_path))
    assert bad == BadArticle("caf\ufffd.md", "The file's name is not UTF-8.")


async def test_what_is_no_folder_of_articles(tmp_path: Path) -> None:
    write(tmp_path, {"x.md": "x"})
    for folder, words in (
        (tmp_path / "gone", "no folder"),
        (tmp_path / "x.md", "is a file"),
    ):
        with pytest.raises(SourceError, match=words):
            FolderSource("docs", folder).check()
    with pytest.raises(SourceError):
        await fetched(FolderSource("docs", tmp_path / "gone"))


@pytest.mark.skipif(os.name != "posix", reason="permissions are posix")
async def test_an_unreadable_folder_stops_the_run(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": "x", "locked/b.md": "x"})
    (tmp_path / "locked").chmod(0)
    try:
        if os.access(tmp_path / "locked", os.R_OK):
            pytest.skip("this user may read everything")
        with pytest.raises(SourceError, match="locked"):
            await fetched(FolderSource("docs", tmp_path))
    finally:
        (tmp_path / "locked").chmod(0o700)
        shutil.rmtree(tmp_path / "locked")


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora are not at hand")
@pytest.mark.parametrize(("name", "count"), [("arduino-help", 414), ("login-gov-help", 256)])
async def test_real_help_centres(name: str, count: int) -> None:
    found = await fetched(FolderSource(name, CORPORA / name / "articles"))
    articles = [a for a in found if isinstance(a, Article)]
    assert (len(found), len(articles)) == (count, count)
    for article in articles:
        passages = passages_of(article)
        assert passages
        assert all(p.text == article.text[p.start : p.end] for p in passages)
        if article.path.endswith("Find-your-receipt-or-invoice.md"):
            anchors = {p.section.anchor for p in passages if "Arduino Store" in p.text}
            assert "arduino-store" in anchors
