"""The sources' web client against a server with moods: what is tried again, and what is refused."""

import gzip
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from aiohttp import web

from ingest.errors import ProviderUnavailable, RateLimited, SourceError
from ingest.sources.patience import ATTEMPTS, LONGEST_WAIT, told
from ingest.sources.web import WebClient
from tests.fakes.faults import (
    Fault,
    Faults,
    cut,
    dropped,
    failing,
    hanging,
    malformed,
    redirecting,
    throttled,
)
from tests.fakes.serving import HOST, Listener

Open = Callable[..., WebClient]


class Site:
    """Two pages and a list."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.listener = Listener(
            (
                web.get("/page", self.faults.around(self._page)),
                web.get("/list", self.faults.around(self._list)),
                web.get("/old", self.faults.around(self._moved)),
                web.get("/packed", self.faults.around(self._packed)),
            )
        )

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.listener.port}"

    async def _page(self, _request: web.Request) -> web.Response:
        return web.Response(text="Grüße " * 1000, content_type="text/html", charset="utf-8")

    async def _list(self, request: web.Request) -> web.Response:
        return web.json_response({"items": [1, 2], "asked": request.path_qs})

    async def _moved(self, _request: web.Request) -> web.Response:
        return web.Response(status=301, headers={"Location": "page?from=old"})

    async def _packed(self, _request: web.Request) -> web.Response:
        packed = gzip.compress(b"0" * 1_000_000)
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    served = Site()
    await served.listener.start()
    yield served
    await served.listener.stop()


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
async def opened(site: Site, slept: list[float]) -> AsyncIterator[Open]:
    """Opens clients that remember how long they should have slept, and closes them."""
    clients = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    def open_one(url: str = "", **options: Any) -> WebClient:
        clients.append(WebClient(url or site.url, sleep=sleep, **options))
        return clients[-1]

    yield open_one
    for client in clients:
        await client.__aexit__()


async def test_an_answer_says_what_and_whence_it_is(site: Site, opened: Open) -> None:
    answer = await opened().get("/old")
    assert (answer.url, answer.status) == (f"{site.url}/page?from=old", 200)
    assert (answer.content_type, answer.charset) == ("text/html", "utf-8")
    assert answer.content.decode() == "Grüße " * 1000
    assert site.faults.asked[0].headers["user-agent"] == "footnote-desk"


async def test_parameters_join_those_of_the_address(opened: Open) -> None:
    answer = await opened().get_json("/list?a=1", params={"page[size]": 2}, holding="items")
    assert answer == {"items": [1, 2], "asked": "/list?a=1&page%5Bsize%5D=2"}


@pytest.mark.parametrize(
    "mood",
    [
        throttled("0"),
        failing(500),
        failing(503, {"Retry-After": "1"}),
        failing(408),
        malformed(),
        malformed(b"[1, 2]"),
        malformed(b'{"error": "none of your lists"}'),
        malformed(b"[" * 100_000),
        malformed(b"\xff\xfe"),
        dropped(),
        cut(),
        hanging(),
        Fault(body=b"no gzip", headers={"Content-Encoding": "gzip"}),
    ],
    ids=str,
)
async def test_a_passing_mood_is_waited_out(
    site: Site, opened: Open, slept: list[float], mood: Fault
) -> None:
    site.faults.script(mood, mood, on="/list")
    answer = await opened(timeout=0.3).get_json("/list", holding="items")
    assert answer["items"] == [1, 2]
    assert site.faults.unused == 0
    assert len(slept) == 2


@pytest.mark.parametrize(
    ("mood", "what"),
    [
        (failing(500), "500 Internal Server Error"),
        (malformed(), "the answer is not JSON"),
        (malformed(b'{"items": null}'), "the answer holds no list of items"),
        (dropped(), "the connection dropped half-way"),
        (cut(), "the connection dropped half-way"),
        (hanging(), "no answer within 0.1 s"),
    ],
    ids=str,
)
async def test_a_lasting_mood_is_named(site: Site, opened: Open, mood: Fault, what: str) -> None:
    site.faults.always(mood)
    with pytest.raises(ProviderUnavailable) as caught:
        await opened(timeout=0.1).get_json("/list", holding="items")
    assert str(caught.value).startswith(f"{HOST} did not answer properly, 6 times: {what}")
    assert len(site.faults.asked) == ATTEMPTS


async def test_nobody_there(opened: Open) -> None:
    with pytest.raises(ProviderUnavailable, match=r"no connection \(/list\)"):
        await opened("http://127.0.0.1:1").get_json("/list", holding="items")


async def test_it_waits_as_long_as_it_is_told_within_reason(
    site: Site, opened: Open, slept: list[float]
) -> None:
    site.faults.script(throttled("7"), throttled("86400"), failing(503, {"Retry-After": "3"}))
    await opened().get("/page")
    assert slept == [7.0, LONGEST_WAIT, 3.0]


async def test_it_gives_up_when_it_is_told_to_wait_for_ever(
    site: Site, opened: Open, slept: list[float]
) -> None:
    site.faults.always(throttled("30"))
    with pytest.raises(RateLimited, match="asks us to wait, 6 times") as caught:
        await opened().get("/page")
    assert caught.value.retry_after == 30
    assert slept == [30.0] * (ATTEMPTS - 1)


def test_retry_after_is_in_seconds_or_a_date_and_a_window_may_say_when_it_ends() -> None:
    later = datetime.now(UTC) + timedelta(seconds=90)
    for headers in (
        {"retry-after": format_datetime(later, usegmt=True)},
        {"x-ratelimit-reset": str(int(later.timestamp()) + 1)},
    ):
        seconds = told(headers)
        assert seconds is not None
        assert 30 < seconds <= 91
    assert told({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
    assert told({"retry-after": "1.5", "x-ratelimit-reset": "99999999999"}) == 1.5
    for written in ("", "soon", "-1", "nan", "1e9", "²"):
        assert told({"retry-after": written}) is None
    assert told({"x-ratelimit-reset": "9" * 40}) is None


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_refusal_is_final_and_says_what_to_check(
    site: Site, opened: Open, status: int
) -> None:
    site.faults.always(failing(status))
    with pytest.raises(SourceError) as caught:
        await opened(way_out="Check TOKEN.").get("/page")
    said = "has no" if status == 404 else "refuses"
    assert str(caught.value) == f"{HOST} {said} /page ({status}).\nCheck TOKEN."
    assert len(site.faults.asked) == 1


async def test_a_refusal_that_was_reckoned_with_is_an_answer(site: Site, opened: Open) -> None:
    site.faults.script(failing(404), redirecting("https://elsewhere.example/x"))
    assert (await opened().get("/page", accepted=(404,))).status == 404
    answer = await opened().get("/page", accepted=(302,))
    assert (answer.status, answer.location) == (302, "https://elsewhere.example/x")


@pytest.mark.parametrize("packed", [False, True])
async def test_an_answer_has_a_size_limit_unpacked(opened: Open, *, packed: bool) -> None:
    path = "/packed" if packed else "/page"
    with pytest.raises(SourceError, match=f"{path} is larger than 0.005 MB"):
        await opened().get(path, max_bytes=5_000)


async def test_it_is_not_led_to_another_host(site: Site, opened: Open) -> None:
    other = Site()
    await other.listener.start()
    try:
        client = opened(auth=("me", "secret"), way_out="Check [sources.x].")
        with pytest.raises(SourceError, match=f"points to {other.url} for more"):
            await client.get_json(f"{other.url}/list", holding="items")
        site.faults.script(redirecting(f"{other.url}/page"))
        with pytest.raises(SourceError, match=f"redirects to {other.url}; other hosts"):
            await client.get("/page")
        assert other.faults.asked == []
    finally:
        await other.listener.stop()


async def test_a_circle_of_redirects_ends(site: Site, opened: Open) -> None:
    site.faults.always(redirecting("/page"))
    with pytest.raises(SourceError, match="redirects in a circle"):
        await opened().get("/page")


async def test_what_a_host_owns(opened: Open) -> None:
    client = opened("https://help.example.com/hc", auth=("me", "secret"))
    for mine in ("x", "/x?y=1", "https://help.example.com/x", "https://HELP.example.com:443/"):
        assert client.owns(mine), mine
    for foreign in (
        "http://help.example.com/x",  # in the clear
        "https://help.example.com:8443/x",
        "https://help.example.com.evil.example/",
        "https://help.example.com@evil.example/",
        "//evil.example/x",
        "mailto:me@help.example.com",
        "https://[",
    ):
        assert not client.owns(foreign), foreign
    assert opened("http://help.example.com").owns("https://help.example.com/x")


@pytest.mark.parametrize("address", ["help.example.com", "ftp://help.example.com", "https://", "["])
def test_an_address_is_one(address: str) -> None:
    with pytest.raises(SourceError, match="is no web address"):
        WebClient(address)


def test_a_token_does_not_travel_in_the_clear() -> None:
    for options in ({"auth": ("me", "secret")}, {"headers": {"Authorization": "Bearer secret"}}):
        with pytest.raises(SourceError, match="it must be https") as caught:
            WebClient("http://help.example.com", **options)
        assert "secret" not in str(caught.value)
