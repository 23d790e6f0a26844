"""Zendesk as a source, against a server that speaks its API and has moods."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from ingest.articles import Article, BadArticle
from ingest.errors import ProviderUnavailable, RateLimited, SourceError
from ingest.sources import Fetch, Found, Gone
from ingest.sources.patience import ATTEMPTS
from ingest.sources.zendesk import ZendeskSource
from tests.fakes.faults import (
    Fault,
    cut,
    dropped,
    failing,
    hanging,
    malformed,
    redirecting,
    throttled,
)
from tests.fakes.zendesk_server import EMAIL, TOKEN, ZendeskServer

SINCE = datetime(2026, 3, 2, tzinfo=UTC)
BODY = """\
<p>The <strong>Bridge</strong> joins your network&nbsp;in two&nbsp;minutes.</p>
<h2 id="h_01">Before you begin</h2>
<div class="callout-warning"><p>Keep the reset pin away from children.</p></div>
<ol>
  <li>Unplug the Bridge.
    <ul><li>Wait <em>ten</em> seconds.</li><li>Plug it in:
      <ol><li>first the cable</li><li>then the power</li></ol></li></ul></li>
  <li>Hold <kbd>Reset</kbd>.</li>
</ol>
<p><img src="/hc/article_attachments/7/ring.png" alt="The ring glows blue" width="300"></p>
<h2>Lights</h2>
<table class="wysiwyg-table"><tbody>
  <tr><th>Light</th><th>Meaning</th></tr>
  <tr><td><p>blue</p></td><td>pairing, <a href="/hc/en-us/articles/2">see Pairing</a></td></tr>
  <tr><td>red</td><td>no network</td></tr>
</tbody></table>
<pre class="wysiwyg-code-block"><code>bridge --reset
bridge --pair "Kitchen"</code></pre>
<script>track()</script>
"""
MARKDOWN = """\
The **Bridge** joins your network in two minutes.

## Before you begin {#h_01}

> Keep the reset pin away from children.

1. Unplug the Bridge.
   - Wait *ten* seconds.
   - Plug it in:
     1. first the cable
     2. then the power
2. Hold `Reset`.

![The ring glows blue](/hc/article_attachments/7/ring.png)

## Lights

| Light | Meaning |
| --- | --- |
| blue | pairing, [see Pairing](/hc/en-us/articles/2) |
| red | no network |

```
bridge --reset
bridge --pair "Kitchen"
```"""


@pytest.fixture
async def server() -> AsyncIterator[ZendeskServer]:
    async with ZendeskServer() as listening:
        yield listening


async def _at_once(_seconds: float) -> None:
    pass


def source_at(server: ZendeskServer, **options: Any) -> ZendeskSource:
    given = {"email": EMAIL, "token": SecretStr(TOKEN), "sleep": _at_once, **options}
    return ZendeskSource("help", server.url, **given)


async def read(fetch: Fetch, found: list[Found]) -> list[Found]:
    """Read on into a list, which keeps what came before an error."""
    async for each in fetch.found:
        found.append(each)  # noqa: PERF401 - a comprehension would lose it
    return found


async def all_of(fetch: Fetch) -> list[Found]:
    return await read(fetch, [])


async def fetched(server: ZendeskServer, **options: Any) -> list[Found]:
    fetch = source_at(server, **options).fetch()
    assert fetch.complete
    return await all_of(fetch)


def ids(found: list[Found]) -> list[str]:
    return [each.external_id for each in found if isinstance(each, Article)]


def gone(found: list[Found]) -> list[str]:
    return [each.external_id for each in found if isinstance(each, Gone)]


def fill(server: ZendeskServer, count: int = 10) -> list[str]:
    """Five pages of two articles."""
    server.page_size = 2
    for number in range(1, count + 1):
        server.add(number, f"Article {number}")
    return [f"{number}-en-us" for number in range(1, count + 1)]


async def test_an_article_with_all_that_is_known_of_it(server: ZendeskServer) -> None:
    server.add(1, "Reset & pair", BODY, section=110, updated_at="2026-03-04T05:06:07Z")
    [article] = await fetched(server)
    assert article == Article(
        external_id="1-en-us",
        title="Reset & pair",
        text=MARKDOWN,
        url="https://help.rimeholt.example/hc/en-us/articles/1",
        path="1-en-us",
        locale="en-US",
        product="Billing",
        audience="public",
        updated_at=datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
    )


async def test_every_page_is_read_with_the_token(server: ZendeskServer) -> None:
    wanted = fill(server)
    assert ids(await fetched(server)) == wanted
    paths = [asked.path for asked in server.faults.asked if "/articles" in asked.path]
    assert len(paths) == 5
    assert "page[size]=100" in paths[0]
    # An order that edits do not change.
    assert all("sort_by=created_at" in path for path in paths)
    assert all("authorization" in asked.headers for asked in server.faults.asked)


async def test_lists_without_cursors_are_read_too(server: ZendeskServer) -> None:
    server.cursors = False
    wanted = fill(server)
    assert ids(await fetched(server)) == wanted


async def test_its_id_stays_when_it_is_retitled_moved_or_reslugged(server: ZendeskServer) -> None:
    article = server.add(1, "Reset")
    [before] = await fetched(server)
    article["section_id"] = 110
    article["translations"][0] |= {"title": "Restart", "html_url": "https://x.example/hc/1-restart"}
    [after] = await fetched(server)
    assert isinstance(before, Article)
    assert isinstance(after, Article)
    assert (before.external_id, before.path) == (after.external_id, after.path)
    assert (after.title, after.product, after.url) == (
        "Restart",
        "Billing",
        "https://x.example/hc/1-restart",
    )


@pytest.mark.parametrize("sideloads", [True, False])
async def test_an_article_for_each_language_it_is_published_in(
    server: ZendeskServer, *, sideloads: bool
) -> None:
    server.sideloads = sideloads
    server.page_size = 2
    server.add(1, "Reset")
    server.translate(1, "de", "Zurücksetzen", "<p>Halten Sie <b>Reset</b>.</p>")
    server.translate(1, "pt-br", "Redefinir", updated_at="2026-03-05T00:00:00Z")
    server.translate(1, "fr", "Réinitialiser", draft=True)
    found = await fetched(server)
    articles = [each for each in found if isinstance(each, Article)]
    assert [(each.external_id, each.locale, each.title) for each in articles] == [
        ("1-en-us", "en-US", "Reset"),
        ("1-de", "de", "Zurücksetzen"),
        ("1-pt-br", "pt-BR", "Redefinir"),
    ]
    assert articles[1].text == "Halten Sie **Reset**."
    assert articles[1].url == "https://help.rimeholt.example/hc/de/articles/1"
    assert articles[2].updated_at == datetime(2026, 3, 5, tzinfo=UTC)
    assert gone(found) == ["1-fr"]


async def test_who_may_read_an_article(server: ZendeskServer) -> None:
    server.add(1, "For everybody")
    server.add(2, "For agents", user_segment=77)
    server.add(3, "For two segments")["user_segment_ids"] = [77, 78]
    del server.add(4, "Nobody says for whom")["user_segment_id"]
    found = await fetched(server)
    audiences = [each.audience for each in found if isinstance(each, Article)]
    assert audiences == ["public", "internal", "internal", "internal"]


async def test_a_draft_is_not_served(server: ZendeskServer) -> None:
    server.add(1, "Published")
    server.add(2, "Draft", draft=True)
    server.add(3, "Hidden")["translations"][0]["hidden"] = True
    found = await fetched(server)
    assert ids(found) == ["1-en-us"]
    assert gone(found) == ["2-en-us", "3-en-us"]


async def test_an_article_that_cannot_be_used_is_named(server: ZendeskServer) -> None:
    server.add(1, "Empty", "")
    server.add(2, "Deep", "<div>" * 500)
    server.add(3, "Broken", "Half a pair \ud800, a NUL \0")
    server.add(4, "Fine", "<p>Half a pair \ud800.</p>")
    server.add(5, "Where?", locale="somewhere")
    found = await fetched(server)
    assert [each.path for each in found if isinstance(each, BadArticle)] == [
        "1-en-us",
        "2-en-us",
        "3-en-us",
        "5-somewhere",
    ]
    assert found[0] == BadArticle("1-en-us", "The article has no text. (“Empty”)")
    assert ids(found) == ["4-en-us"]


async def test_a_section_that_is_not_shown_gives_no_product(server: ZendeskServer) -> None:
    server.add(1, "Astray", section=999)
    [article] = await fetched(server)
    assert isinstance(article, Article)
    assert article.product is None


@pytest.mark.parametrize(
    "mood",
    [throttled("1"), failing(502), malformed(), malformed(b"{}"), dropped(), cut(), hanging()],
    ids=str,
)
async def test_a_mood_on_the_third_page_of_five_loses_nothing(
    server: ZendeskServer, mood: Fault
) -> None:
    wanted = fill(server)
    server.faults.script(mood, mood, on="after-4")
    assert ids(await fetched(server, timeout=0.5)) == wanted
    assert server.faults.unused == 0


@pytest.mark.parametrize(
    ("mood", "error"),
    [
        (throttled("1"), RateLimited),
        (failing(502), ProviderUnavailable),
        (malformed(), ProviderUnavailable),
        (malformed(b'{"articles": [], "next": null}'), ProviderUnavailable),
        (malformed(b'{"articles": [], "meta": {"has_more": true}}'), ProviderUnavailable),
        (malformed(b'{"articles": [{"title": "Nameless"}]}'), ProviderUnavailable),
        (dropped(), ProviderUnavailable),
        (cut(), ProviderUnavailable),
        (hanging(), ProviderUnavailable),
        (failing(401), SourceError),
        (failing(403), SourceError),
        (failing(404), SourceError),
    ],
    ids=str,
)
async def test_a_lasting_mood_is_an_error_and_never_a_short_list(
    server: ZendeskServer, mood: Fault, error: type[Exception]
) -> None:
    fill(server)
    server.faults.always(mood, on="after-4")
    found: list[Found] = []
    with pytest.raises(error):
        await read(source_at(server, timeout=0.1).fetch(), found)
    assert len(found) == 4
    asked = [each for each in server.faults.asked if "after-4" in each.path]
    assert len(asked) in (1, ATTEMPTS)


@pytest.mark.parametrize("path", ["/categories", "/sections"])
async def test_without_categories_nothing_is_served_without_them(
    server: ZendeskServer, path: str
) -> None:
    fill(server)
    server.faults.always(failing(500), on=path)
    with pytest.raises(ProviderUnavailable, match=path):
        await fetched(server)


async def test_pages_in_a_circle_are_an_error(server: ZendeskServer) -> None:
    fill(server, 3)
    page = (
        '{"articles": [], "meta": {"has_more": true}, "links": {"next": "/api/v2/help_center/%s"}}'
    )
    server.faults.always(malformed((page % "articles?a").encode()), on="/articles")
    with pytest.raises(ProviderUnavailable, match="lists its articles in a circle"):
        await fetched(server)


async def test_the_token_does_not_follow_a_link_to_another_host(server: ZendeskServer) -> None:
    fill(server)
    async with ZendeskServer() as other:
        server.link_base = other.url
        with pytest.raises(SourceError, match=f"points to {other.url} for more"):
            await fetched(server)
        with pytest.raises(SourceError, match=f"points to {other.url} for more"):
            await all_of(source_at(server).fetch(since=datetime(2026, 1, 1, tzinfo=UTC)))
        server.faults.always(redirecting(f"{other.url}/api/v2/help_center/articles"))
        with pytest.raises(SourceError, match=f"redirects to {other.url}; other hosts"):
            await fetched(server)
        assert other.faults.asked == []


async def test_a_wrong_token_says_where_to_look(server: ZendeskServer) -> None:
    with pytest.raises(SourceError) as caught:
        await fetched(server, token=SecretStr("stolen"))
    said = str(caught.value)
    assert "127.0.0.1 refuses /api/v2/help_center/categories (401).\nCheck ZENDESK_EMAIL" in said
    assert "ZENDESK_API_TOKEN" in said
    assert "[sources.help]" in said
    assert "stolen" not in said
    assert len(server.faults.asked) == 1


async def changes(server: ZendeskServer, *known: str) -> list[Found]:
    fetch = source_at(server).fetch(SINCE, dict.fromkeys(known, SINCE))
    assert not fetch.complete
    return await all_of(fetch)


@pytest.mark.parametrize("sideloads", [True, False])
async def test_what_changed_since(server: ZendeskServer, *, sideloads: bool) -> None:
    server.sideloads = sideloads
    server.page_size = 2
    server.add(1, "Old")
    for number in range(2, 7):
        server.add(number, f"New {number}", updated_at=f"2026-03-02T0{number}:00:00Z")
    server.add(7, "Unpublished", draft=True, updated_at="2026-03-03T00:00:00Z")
    found = await changes(server)
    assert ids(found) == [f"{number}-en-us" for number in range(2, 7)]
    assert gone(found) == ["7-en-us"]


async def test_a_minute_is_not_lost_between_two_fetches(server: ZendeskServer) -> None:
    server.add(1, "Just before", updated_at="2026-03-01T23:58:00Z")
    assert ids(await changes(server)) == ["1-en-us"]


async def test_nothing_changed(server: ZendeskServer) -> None:
    server.add(1, "Old")
    assert await changes(server, "1-en-us") == []


async def test_a_language_that_was_taken_away_is_gone(server: ZendeskServer) -> None:
    server.add(1, "Reset", updated_at="2026-03-02T05:00:00Z")
    found = await changes(server, "1-en-us", "1-de", "11-de", "2-de")
    assert ids(found) == ["1-en-us"]
    assert gone(found) == ["1-de"]


async def test_changes_survive_moods_and_never_end_in_silence(server: ZendeskServer) -> None:
    server.page_size = 2
    for number in range(1, 7):
        server.add(number, f"New {number}", updated_at=f"2026-03-02T0{number}:00:00Z")
    server.faults.script(cut(), throttled("1"), malformed(), on="start_time=17724")
    assert len(ids(await changes(server))) == 6
    assert server.faults.unused == 0
    server.faults.always(cut(), on="start_time=17724")
    with pytest.raises(ProviderUnavailable, match="dropped half-way"):
        await changes(server)


async def test_more_changes_in_a_second_than_zendesk_can_list(server: ZendeskServer) -> None:
    server.page_size = 1000
    for number in range(1001):
        server.add(number + 1, "Same second", updated_at="2026-03-02T05:00:00Z")
    with pytest.raises(SourceError, match="1000 articles changed in one second"):
        await changes(server)


def test_the_token_is_not_shown() -> None:
    assert TOKEN not in repr(ZendeskSource("help", "https://x.example", EMAIL, SecretStr(TOKEN)))
