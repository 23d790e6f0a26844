"""Intercom as a source, against a server that speaks its API and has moods."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from ingest.articles import Article, BadArticle
from ingest.errors import ProviderUnavailable, RateLimited, SourceError
from ingest.sources import Fetch, Found, Gone
from ingest.sources.intercom import IntercomSource
from ingest.sources.patience import ATTEMPTS
from tests.fakes.faults import Fault, cut, dropped, failing, hanging, malformed, throttled
from tests.fakes.intercom_server import SECOND, TOKEN, IntercomServer, content

BODY = """\
<p class="no-margin">Invoices are issued on the day of the payment.</p>
<h2 id="h_5d1">Find an invoice</h2>
<ol><li><p class="no-margin">Open <b>Settings</b>.</p></li><li><p>Choose the year.</p></li></ol>
<div class="intercom-interblocks-callout" style="background-color:#feedaf">
<p>Only the Owner sees invoices.</p></div>
<div class="intercom-interblocks-table-container"><table><tbody>
<tr><td>Plan</td><td>VAT</td></tr><tr><td>Pro</td><td>19 %</td></tr></tbody></table></div>
<div class="intercom-container"><img src="https://cdn.example/a.png" alt="The arrow"></div>
<pre><code>invoice.xml</code></pre>
"""
MARKDOWN = """\
Invoices are issued on the day of the payment.

## Find an invoice {#h_5d1}

1. Open **Settings**.
2. Choose the year.

> Only the Owner sees invoices.

|  |  |
| --- | --- |
| Plan | VAT |
| Pro | 19 % |

![The arrow](https://cdn.example/a.png)

```
invoice.xml
```"""


@pytest.fixture
async def server() -> AsyncIterator[IntercomServer]:
    async with IntercomServer() as listening:
        yield listening


async def _at_once(_seconds: float) -> None:
    pass


def source_at(server: IntercomServer, **options: Any) -> IntercomSource:
    given = {"token": SecretStr(TOKEN), "sleep": _at_once, **options}
    return IntercomSource("help", server.url, **given)


async def read(fetch: Fetch, found: list[Found]) -> list[Found]:
    """Read on into a list, which keeps what came before an error."""
    async for each in fetch.found:
        found.append(each)  # noqa: PERF401 - a comprehension would lose it
    return found


async def fetched(server: IntercomServer, **options: Any) -> list[Found]:
    # Intercom cannot tell what has changed, so to ask for that is to get everything.
    fetch = source_at(server, **options).fetch(since=datetime(2026, 3, 2, tzinfo=UTC))
    assert fetch.complete
    return await read(fetch, [])


def ids(found: list[Found]) -> list[str]:
    return sorted(each.external_id for each in found if isinstance(each, Article))


def fill(server: IntercomServer) -> list[str]:
    """Five pages of two articles, the first on the first page."""
    server.page_size = 2
    for number in range(10):
        server.add(number + 1, f"Article {number}", updated_at=SECOND - number)
    return sorted(f"{number + 1}-en" for number in range(10))


async def test_an_article_with_all_that_is_known_of_it(server: IntercomServer) -> None:
    server.add(1, "Invoices & VAT", BODY)
    [article] = await fetched(server)
    assert article == Article(
        external_id="1-en",
        title="Invoices & VAT",
        text=MARKDOWN,
        url="https://help.rimeholt.example/en/articles/1",
        path="1-en",
        locale="en",
        product=None,
        audience="public",
        updated_at=datetime(2026, 3, 1, 8, tzinfo=UTC),
    )
    headers = server.faults.asked[0].headers
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["intercom-version"] == "2.14"


async def test_an_article_for_each_language_it_is_published_in(server: IntercomServer) -> None:
    server.add(
        1,
        "Rechnungen",
        default_locale="de",
        translated={
            "de": content("Rechnungen"),
            "en": content("Invoices", url="https://help.rimeholt.example/en/articles/1-invoices"),
            "pt-BR": content("Faturas", updated_at=SECOND + 60),
            "fr": content("Factures", state="draft"),
        },
    )
    server.add(2, "Einkaufen", state="draft", translated={"de": content("Shop")})
    found = await fetched(server)
    articles = [each for each in found if isinstance(each, Article)]
    assert [(each.external_id, each.locale, each.title) for each in articles] == [
        ("1-de", "de", "Rechnungen"),
        ("1-en", "en", "Invoices"),
        ("1-pt-BR", "pt-BR", "Faturas"),
        ("2-de", "de", "Shop"),
    ]
    assert articles[1].url == "https://help.rimeholt.example/en/articles/1-invoices"
    assert articles[2].updated_at == datetime(2026, 3, 1, 8, 1, tzinfo=UTC)
    assert [each for each in found if isinstance(each, Gone)] == [Gone("1-fr"), Gone("2-en")]


async def test_an_article_that_cannot_be_used_is_named(server: IntercomServer) -> None:
    server.add(1, "Empty", "")
    server.add(2, "Dateless")["updated_at"] = 10**30
    found = await fetched(server)
    assert BadArticle("1-en", "The article has no text. (“Empty”)") in found
    [article] = [each for each in found if isinstance(each, Article)]
    assert article.updated_at is None


@pytest.mark.parametrize("cursors", [False, True])
async def test_every_page_is_read(server: IntercomServer, *, cursors: bool) -> None:
    server.cursors = cursors
    wanted = fill(server)
    assert ids(await fetched(server)) == wanted
    assert len(server.faults.asked) == 5


async def test_a_list_on_one_page_may_say_nothing_of_pages(server: IntercomServer) -> None:
    page = b'{"data": [{"id": "1", "title": "One", "body": "Text.", "state": "published"}], %s}'
    server.faults.script(malformed(page % b'"total_count": 1, "pages": null'))
    assert ids(await fetched(server)) == ["1-en"]
    server.faults.always(malformed(page % b'"total_count": 2, "pages": null'))
    with pytest.raises(ProviderUnavailable, match="goes on after page 1"):
        await fetched(server)


async def test_an_edit_between_two_pages_hides_nothing(server: IntercomServer) -> None:
    wanted = fill(server)

    def edit(page: int) -> None:
        if page == 2:
            server.articles[8]["updated_at"] = SECOND + 1  # from the last page to the first
            server.between = lambda _page: None

    server.between = edit
    assert ids(await fetched(server)) == wanted


async def test_a_deletion_between_two_pages_hides_nothing(server: IntercomServer) -> None:
    wanted = fill(server)

    def delete(page: int) -> None:
        if page == 2:
            del server.articles[0]
            server.between = lambda _page: None

    server.between = delete
    # What was deleted had been read before; the next fetch does not find it.
    assert ids(await fetched(server)) == wanted
    assert ids(await fetched(server)) == [each for each in wanted if each != "1-en"]


async def test_a_list_that_never_stands_still_is_an_error(server: IntercomServer) -> None:
    fill(server)

    def write(page: int) -> None:
        server.add(1000 + len(server.articles), "New", updated_at=SECOND + page)

    server.between = write
    with pytest.raises(ProviderUnavailable, match="change faster than they can be read"):
        await fetched(server)


@pytest.mark.parametrize(
    "mood",
    [
        throttled("1"),
        throttled(headers={"X-RateLimit-Reset": "1"}),
        failing(502),
        malformed(),
        malformed(b"{}"),
        dropped(),
        cut(),
        hanging(),
    ],
    ids=str,
)
async def test_a_mood_on_the_third_page_of_five_loses_nothing(
    server: IntercomServer, mood: Fault
) -> None:
    wanted = fill(server)
    server.faults.script(mood, mood, on="&page=3")
    assert ids(await fetched(server, timeout=0.5)) == wanted
    assert server.faults.unused == 0


@pytest.mark.parametrize(
    ("mood", "error"),
    [
        (throttled("1"), RateLimited),
        (failing(502), ProviderUnavailable),
        (malformed(), ProviderUnavailable),
        (malformed(b'{"data": []}'), ProviderUnavailable),
        (malformed(b'{"data": [], "pages": {"total_pages": 5}}'), ProviderUnavailable),
        (malformed(b'{"data": [{"title": "Nameless"}]}'), ProviderUnavailable),
        (dropped(), ProviderUnavailable),
        (cut(), ProviderUnavailable),
        (hanging(), ProviderUnavailable),
        (failing(401), SourceError),
        (failing(404), SourceError),
    ],
    ids=str,
)
async def test_a_lasting_mood_is_an_error_and_never_a_short_list(
    server: IntercomServer, mood: Fault, error: type[Exception]
) -> None:
    fill(server)
    server.faults.always(mood, on="&page=3")
    found: list[Found] = []
    with pytest.raises(error):
        await read(source_at(server, timeout=0.1).fetch(), found)
    assert len(found) == 4
    asked = [each for each in server.faults.asked if "&page=3" in each.path]
    assert len(asked) in (1, ATTEMPTS)


async def test_the_token_does_not_follow_a_link_to_another_host(server: IntercomServer) -> None:
    fill(server)
    async with IntercomServer() as other:
        server.link_base = other.url
        with pytest.raises(SourceError, match=f"points to {other.url} for more"):
            await fetched(server)
        assert other.faults.asked == []


async def test_a_wrong_token_says_where_to_look(server: IntercomServer) -> None:
    with pytest.raises(SourceError) as caught:
        await fetched(server, token=SecretStr("stolen"))
    assert str(caught.value) == (
        "127.0.0.1 refuses /articles (401).\n"
        "Check INTERCOM_TOKEN and intercom under [sources.help]."
    )
    assert len(server.faults.asked) == 1
