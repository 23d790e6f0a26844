"""A web site as a source, by its sitemap, against a server that serves one and has moods."""

import gzip
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime

import pytest

from ingest.articles import Article, BadArticle
from ingest.errors import ProviderUnavailable, SourceError
from ingest.sources import Found, Gone, Unchanged
from ingest.sources.patience import ATTEMPTS
from ingest.sources.sitemap import AT_ONCE, MOST_UNAVAILABLE, SitemapSource
from tests.fakes.faults import cut, dropped, failing, hanging, redirecting, throttled
from tests.fakes.website import Website

RESET = """<main><nav class="breadcrumbs"><a href="/">Help</a></nav><h1>Reset the lamp</h1>
<p>Hold the ring. See <a href="../2-Pair">pairing</a>.</p>
<p>Was this article helpful?</p><button>Yes</button></main><footer>Rimeholt</footer>"""
SEEN = datetime(2026, 3, 5, 2, tzinfo=UTC)


@pytest.fixture
async def site() -> AsyncIterator[Website]:
    async with Website() as server:
        yield server


async def no_sleep(_seconds: float) -> None:
    """Wait for nothing."""


async def fetched(
    site: Website, known: Mapping[str, datetime] | None = None, *, patience: float = 60.0
) -> list[Found]:
    source = SitemapSource("help", site.sitemap, timeout=patience, sleep=no_sleep)
    fetch = source.fetch(None, known)
    assert fetch.complete
    return [found async for found in fetch.found]


def reasons(found: list[Found]) -> dict[str, str]:
    return {bad.path: bad.reason for bad in found if isinstance(bad, BadArticle)}


async def test_pages_become_articles(site: Website) -> None:
    site.add("/en/articles/1-Reset/", RESET, lastmod="2026-03-01T10:00:00+01:00", lang="en-us")
    site.add("/en/articles/2-Pair?utm_source=map", "<h1>Pair</h1><p>Tap.", lastmod="2026-03-02")
    site.add("/de/stecker.html?id=7&gclid=x", "<h1>Stecker</h1><p>Ziehen.", lastmod="")
    first, second, third = await fetched(site)
    assert first == Article(
        external_id="en/articles/1",
        title="Reset the lamp",
        text=f"# Reset the lamp\n\nHold the ring. See [pairing]({site.url}/en/articles/2-Pair).",
        url=f"{site.url}/en/articles/1-Reset/",
        path="en/articles/1",
        locale="en-US",
        product=None,
        audience="public",
        updated_at=datetime(2026, 3, 1, 9, tzinfo=UTC),
    )
    assert isinstance(second, Article)
    assert isinstance(third, Article)
    assert (second.external_id, second.locale) == ("en/articles/2", "en")
    assert (third.external_id, third.locale, third.updated_at) == (
        "de/stecker.html?id=7",
        "de",
        None,
    )


async def test_the_page_itself_is_believed_first(site: Website) -> None:
    head = f"""<html lang="nonsense language"><head><title>Rückgabe | Hilfe</title>
    <meta charset="iso-8859-1"><meta name="audience" content="everybody">
    <meta name="id" content="no">
    <meta property="article:modified_time" content="2026-02-02T02:02:02Z">
    <link rel="canonical" href="{site.url}/rueckgabe"></head><body><p>Zur\u00fcck."""
    site.add("/r?lang=de", head.encode("latin-1"), lastmod="2026-01-01", kind="text/html")
    xhtml = f'<xhtml:link rel="alternate" hreflang="de-AT" href="{site.url}/r?lang=de"/>'
    site.put("/sitemap.xml", site.urlset(site.listed).replace("</loc>", f"</loc>{xhtml}"))
    [article] = await fetched(site)
    assert isinstance(article, Article)
    assert (article.title, article.text) == ("Rückgabe | Hilfe", "Zurück.")
    assert (article.url, article.locale) == (f"{site.url}/rueckgabe", "de-AT")
    assert article.updated_at == datetime(2026, 2, 2, 2, 2, 2, tzinfo=UTC)
    assert article.external_id == "r?lang=de"


@pytest.mark.parametrize(
    ("lastmod", "downloaded"),
    [
        ("2026-03-05T00:59:59Z", False),
        ("2026-03-05T02:00:01Z", True),
        ("2026-03-05T01:30:00Z", True),  # caches before a page lag behind it
        ("2026-03-04T16:00:00-08:00", False),
        ("2026-03-04T18:00:00-08:00", True),
        ("2026-03-03", False),
        ("2026-03-04", True),  # some moment of that day, somewhere
        ("2026-03-05", True),
        ("2026-03", True),
        ("yesterday", True),
        ("9999-12-31T23:59:59Z", True),
        ("", True),
    ],
)
async def test_only_what_may_have_changed_is_downloaded(
    site: Website, lastmod: str, *, downloaded: bool
) -> None:
    site.add("/a", "<p>A.", lastmod=lastmod)
    site.add("/b", "<p>B.", lastmod="2026-03-04T02:00:00Z")
    found = await fetched(site, {"a": SEEN})
    assert isinstance(found[0], Article if downloaded else Unchanged)
    assert isinstance(found[1], Article)
    assert site.pages_asked == (["/a", "/b"] if downloaded else ["/b"])


async def test_a_sitemap_dated_when_it_was_made_dates_no_article(site: Website) -> None:
    for name in "abc":
        site.add(f"/{name}", f"<p>{name}.", lastmod="2026-03-05T02:00:00Z")
    articles = [found for found in await fetched(site) if isinstance(found, Article)]
    assert [article.updated_at for article in articles] == [None, None, None]


async def test_indexes_are_followed_and_circles_are_not(site: Website) -> None:
    site.put("/sitemap.xml", site.index("/sitemap.xml", "/sitemap-1.xml", "/sitemap-2.xml.gz"))
    site.put("/sitemap-1.xml", site.index("/sitemap.xml", "/sitemap-3.xml"))
    site.add("/a", "<p>A.")
    site.add("/b", "<p>B.")
    elsewhere = {"https://other.example/x": "", "ftp://x": "", "http://[": "", "#top": ""}
    site.put("/sitemap-3.xml", "\ufeff \n" + site.urlset({"/a": "", "/a#part": "", **elsewhere}))
    site.put(
        "/sitemap-2.xml.gz", gzip.compress(site.urlset({"/b": ""}).encode()), "application/gzip"
    )
    found = await fetched(site)
    assert {each.external_id for each in found if isinstance(each, Article)} == {"a", "b"}
    assert all(asked.path.count("sitemap") < 2 for asked in site.faults.asked)
    site.put("/sitemap-3.xml", site.index("/sitemap-4.xml"))
    site.put("/sitemap-4.xml", site.urlset({"/a": ""}))
    with pytest.raises(SourceError, match="nests sitemaps"):
        await fetched(site)


async def test_robots_are_heeded(site: Website) -> None:
    site.put(
        "/robots.txt", "User-agent: *\nDisallow: /private/\nDisallow: /*?print=\n", "text/plain"
    )
    for path in ("/a", "/private/b", "/a?print=1"):
        site.add(path, "<p>Text.")
    found = await fetched(site)
    assert [type(each) for each in found] == [Article, BadArticle, BadArticle]
    assert "robots.txt" in reasons(found)["private/b"]
    assert site.pages_asked == ["/a"]
    site.put("/robots.txt", "User-agent: *\nDisallow: /", "text/plain")
    with pytest.raises(SourceError, match=r"robots\.txt"):
        await fetched(site)


async def test_a_site_that_asks_for_a_pause_gets_it(site: Website) -> None:
    site.put("/robots.txt", "User-agent: *\nCrawl-delay: 3\n", "text/plain")
    for path in "abc":
        site.add(f"/{path}", "<p>Text.")
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    found = SitemapSource("help", site.sitemap, sleep=sleep).fetch().found
    assert [type(each) async for each in found] == [Article] * 3
    assert pauses == [3.0] * 3


async def test_a_robots_txt_that_fails_may_forbid_everything(site: Website) -> None:
    site.add("/a", "<p>A.")
    site.faults.always(failing(503), on="/robots.txt")
    with pytest.raises(ProviderUnavailable, match=r"robots\.txt"):
        await fetched(site)
    assert site.pages_asked == []


@pytest.mark.parametrize("fault", [failing(500), throttled("1"), cut(), dropped(), hanging()])
async def test_pages_and_sitemaps_are_asked_for_again(site: Website, fault: object) -> None:
    site.add("/a", "<p>A.")
    for on in ("/robots", "/sitemap", "/a"):
        site.faults.script(fault, on=on)  # type: ignore[arg-type]
    [article] = await fetched(site, patience=0.5)
    assert isinstance(article, Article)
    assert site.faults.unused == 0


async def test_one_page_does_not_stop_the_others(site: Website) -> None:
    for number in range(1, 10):
        site.add(f"/{number}", f"<h1>Page {number}</h1><p>Text.")
    for number, fault in {
        1: failing(404),
        2: failing(410),
        3: failing(403),
        4: failing(500),
        5: redirecting("https://other.example/5"),
        6: redirecting("/9", 301),
        7: redirecting("/hc/signin?return_to=7"),
        8: redirecting("/8"),
    }.items():
        site.faults.always(fault, on=f"/{number}")
    site.put("/hc/signin?return_to=7", "<h1>Sign in</h1><p>Who are you?", "text/html")
    site.add("/file.pdf", b"%PDF", kind="application/pdf")
    site.add("/empty", "<nav>Menu</nav>")
    site.add("/large", "x" * 2_500_000)
    found = await fetched(site)
    gone = [each.external_id for each in found if isinstance(each, Gone)]
    assert gone == ["1", "2", "6"]
    assert [each.external_id for each in found if isinstance(each, Article)] == ["9"]
    told = reasons(found)
    for path, words in {
        "3": "403", "4": "500", "5": "other.example", "7": "sign in", "8": "circle",
        "file.pdf": "application/pdf", "empty": "no text", "large": "2 MB",
    }.items():  # fmt: skip
        assert words in told[path]
        assert "\n" not in told[path]


async def test_a_site_that_goes_down_ends_the_run(site: Website) -> None:
    for number in range(40):
        site.add(f"/p{number}", "<p>Text.")
    site.faults.always(failing(502), on="/p")
    with pytest.raises(ProviderUnavailable, match="502"):
        await fetched(site)
    assert len(site.pages_asked) <= (MOST_UNAVAILABLE + AT_ONCE) * ATTEMPTS


BOMB = """<!DOCTYPE u [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<urlset>&b;</urlset>"""


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html><body>Sign in</body></html>", "no sitemap"),
        (b"", "XML"),
        (b"<urlset><url><loc>/a</loc></url>", "XML"),
        (b"\x1f\x8bdamaged", "unpacked"),
        (gzip.compress(b"<urlset>" + b" " * 65_000_000), "larger than 64 MB"),
        (BOMB.encode(), "document type"),
        (BOMB.encode("utf-16"), "document type"),
        (b'<!DOCTYPE u SYSTEM "file:///etc/passwd"><urlset/>', "document type"),
        (b"<urlset>" + b"<a>" * 100_000, "XML"),
        (b"<urlset></urlset>", "lists no page"),
        (b"<urlset><url><loc>https://other.example/a</loc></url></urlset>", "lists no page"),
        (b'<?xml version="1.0" encoding="made-up"?><urlset/>', "XML"),
    ],
)
async def test_what_is_no_sitemap(site: Website, content: bytes, words: str) -> None:
    site.put("/sitemap.xml", content)
    with pytest.raises(SourceError, match=words) as caught:
        await fetched(site)
    assert str(caught.value).count("\n") <= 1


async def test_a_sitemap_that_fails_or_leaves_raises(site: Website) -> None:
    with pytest.raises(SourceError, match="no page"):
        await fetched(site)
    site.add("/a", "<p>A.")
    site.faults.script(failing(404), on="/sitemap")
    with pytest.raises(SourceError, match=r"404"):
        await fetched(site)
    site.faults.script(redirecting("https://other.example/sitemap.xml"), on="/sitemap")
    with pytest.raises(SourceError, match=r"other\.example"):
        await fetched(site)
    site.put("/sitemap.xml", site.index("/sitemap-gone.xml"))
    with pytest.raises(SourceError, match=r"404"):
        await fetched(site)


async def test_a_reader_that_leaves_early_leaves_nothing_running(site: Website) -> None:
    for number in range(20):
        site.add(f"/p{number}", "<p>Text.")
    found = SitemapSource("help", site.sitemap).fetch().found
    first = await anext(found)
    assert isinstance(first, Article)
    await found.aclose()  # type: ignore[attr-defined]
    assert len(site.pages_asked) <= 2 * AT_ONCE
