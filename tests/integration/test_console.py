"""The console's doors and locks: who gets in, who may do what, and what is refused."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount, Route

from bot.answers import Answer
from bot.app import App
from bot.asking import answer_once
from bot.review import verdicts
from bot.review.people import People
from bot.review.verdicts import ReviewVerdict
from bot.settings import ReviewSettings, SlackSettings
from bot.web.console.app import build_console
from bot.web.console.guard import TRIES, Throttle, own_path
from bot.web.console.opening import open_console
from bot.web.console.sessions import Sessions
from bot.web.console.signing_in import SlackSignIn
from tests.fakes.openid_server import CLIENT, SECRET, OpenIDServer
from tests.integration.test_review import sql

ORIGIN = "http://127.0.0.1"
LENA, VERA, ADA, STRANGER = "U0LENA", "U0VERA", "U0ADA", "U0NOBODY"
PUBLIC = {"/static", "/sign-in", "/enter", "/slack", "/slack/back", "/{rest:path}"}
CSRF = re.compile(r'name="csrf" value="(\w+)"')


@pytest.fixture
def people(app: App) -> People:
    return People(
        app.settings.model_copy(
            update={
                "slack": SlackSettings(leads=(LENA,)),
                "review": ReviewSettings(admins=(ADA,), viewers=(VERA,)),
            }
        )
    )


@pytest.fixture
async def asked(app: App) -> Answer:
    return await answer_once(app, "How do I reset my password?")


@asynccontextmanager
async def browsing(
    app: App, people: People, person: str | None
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser, signed in as somebody."""
    web = Starlette(routes=build_console(app, people))
    transport = httpx.ASGITransport(web)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as browser:
        if person is not None:
            response = Response()
            await Sessions(app.database, people, 1, secure=False).open(response, person, person)
            cookie = response.headers["set-cookie"].split(";")[0].split("=", 1)
            browser.cookies.set(*cookie)
        yield browser


async def csrf(browser: httpx.AsyncClient) -> str:
    found = CSRF.search((await browser.get("/review/")).text)
    assert found
    return found[1]


def paths(app: App, people: People) -> list[tuple[str, str]]:
    (mount,) = build_console(app, people)
    assert isinstance(mount, Mount)
    found = []
    for route in mount.routes:
        assert isinstance(route, Route | Mount)
        path = re.sub(r"\{key[^}]*\}", "questions", re.sub(r"\{\w+:int\}", "1", route.path))
        if route.path not in PUBLIC:
            assert isinstance(route, Route)
            found.append(("POST" if "POST" in (route.methods or ()) else "GET", f"/review{path}"))
    return found


async def test_nothing_is_seen_or_done_without_a_session(
    app: App, people: People, asked: Answer
) -> None:
    found = paths(app, people)
    assert len(found) > 15
    async with browsing(app, people, None) as browser:
        for method, path in found:
            response = await browser.request(method, path)
            if method == "POST":
                assert response.status_code == 401, path
            else:
                assert response.status_code == 303, path
                assert response.headers["location"].startswith("/review/sign-in?next="), path
            assert asked.question not in response.text
    assert await sql(app.database, "SELECT * FROM audit WHERE action <> 'sign_in'") == []


@pytest.mark.parametrize(
    ("person", "may_review", "may_log"),
    [(VERA, False, False), (LENA, True, False), (ADA, True, True)],
)
async def test_a_role_is_enough_or_refused(
    app: App, people: People, asked: Answer, person: str, *, may_review: bool, may_log: bool
) -> None:
    async with browsing(app, people, person) as browser:
        assert (await browser.get("/review/log")).status_code == (200 if may_log else 403)
        page = await browser.get("/review/answers/1")
        assert page.status_code == 200
        assert ("Approve" in page.text) is may_review
        form = {"csrf": await csrf(browser), "verdict": "approve"}
        done = await browser.post("/review/answers/1/verdict", data=form)
        assert done.status_code == (303 if may_review else 403)
    assert len(await verdicts.history(app.database, 1)) == int(may_review)


async def test_who_lost_their_role_is_out(app: App, people: People) -> None:
    async with browsing(app, people, STRANGER) as browser:
        assert (await browser.get("/review/")).status_code == 303


async def test_a_session_ends(app: App, people: People) -> None:
    async with browsing(app, people, LENA) as browser:
        await sql(app.database, "UPDATE web_session SET expires_at = now() RETURNING person")
        assert (await browser.get("/review/")).status_code == 303
    async with browsing(app, people, LENA) as browser:
        left = await browser.post("/review/sign-out", data={"csrf": await csrf(browser)})
        assert left.status_code == 303
        assert await sql(app.database, "SELECT * FROM web_session") == []


@pytest.mark.parametrize(
    ("token", "headers"),
    [
        ("", {}),
        ("0" * 64, {}),
        ("right", {"Origin": "https://evil.example"}),
        ("right", {"Origin": "null"}),
        ("right", {"Sec-Fetch-Site": "cross-site"}),
    ],
)
async def test_what_another_site_sends_is_refused(
    app: App, people: People, asked: Answer, token: str, headers: dict[str, str]
) -> None:
    async with browsing(app, people, LENA) as browser:
        sent = await csrf(browser) if token == "right" else token
        form = {"csrf": sent, "verdict": "approve"}
        done = await browser.post("/review/answers/1/verdict", data=form, headers=headers)
        assert done.status_code == 403
    assert await verdicts.history(app.database, 1) == []


async def test_every_page_says_what_a_browser_may_do(app: App, people: People) -> None:
    async with browsing(app, people, LENA) as browser:
        for path in ("/review/", "/review/sign-in", "/review/static/console.js", "/review/nothing"):
            headers = (await browser.get(path)).headers
            assert "default-src 'none'" in headers["content-security-policy"]
            assert "unsafe" not in headers["content-security-policy"]
            assert headers["x-frame-options"] == "DENY"
            assert headers["x-content-type-options"] == "nosniff"
        page = await browser.get("/review/")
        assert page.headers["cache-control"] == "no-store"
        assert not re.search(r"<script(?![^>]*src=)|\son\w+=|style=|javascript:", page.text)


async def test_odd_requests_are_refused_politely(app: App, people: People, asked: Answer) -> None:
    async with browsing(app, people, ADA) as browser:
        form = {"csrf": await csrf(browser)}
        for path in ("/review/answers/99", f"/review/answers/{10**30}", "/review/dashboard/x.csv"):
            assert (await browser.get(path)).status_code == 404, path
        for path in ("skip", "golden", "again", "verdict"):
            done = await browser.post(f"/review/answers/99/{path}", data=form)
            assert done.status_code == 404, path
        undone = await browser.post("/review/reviews/99/undo", data=form)
        assert undone.status_code == 409
        for query in ("page=0", "page=-1", "page=x", f"page={10**20}", "since=0", "reviewed=x"):
            assert (await browser.get(f"/review/?{query}")).status_code == 200, query
        long = await browser.post("/review/answers/1/check", data=form | {"wording": "x" * 300_000})
        assert long.status_code == 403  # not read, so its token is not seen


async def test_another_host_name_is_refused(app: App, people: People) -> None:
    async with browsing(app, people, LENA) as browser:
        found = await browser.get("/review/", headers={"Host": "rebound.example"})
        assert found.status_code == 400


# Coming in


async def test_the_printed_address_works_once(app: App, sample_url: str) -> None:
    async with open_console(app.settings) as address:
        assert urlsplit(address).hostname == "127.0.0.1"
        async with httpx.AsyncClient() as first, httpx.AsyncClient() as second:
            came = await first.get(address)
            cookie = came.headers["set-cookie"]
            assert came.status_code == 303
            assert "HttpOnly" in cookie
            assert "SameSite=lax" in cookie
            assert (await second.get(address)).status_code == 403
            assert "set-cookie" not in (await second.get(address)).headers
            home = address.split("enter?")[0]
            assert (await first.get(home)).status_code == 200
            assert (await second.get(home)).status_code == 303


async def test_guessing_is_slowed(app: App) -> None:
    async with open_console(app.settings) as address, httpx.AsyncClient() as browser:
        wrong = address.split("token=")[0] + "token=wrong"
        codes = [(await browser.get(wrong)).status_code for _ in range(TRIES + 2)]
        assert codes == [403] * TRIES + [429] * 2
        refused = await browser.get(address)  # even the right one has to wait
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 30


def test_each_wrong_guess_doubles_the_wait() -> None:
    now = 1000.0
    throttle = Throttle(lambda: now)
    for _ in range(TRIES):
        assert throttle.wait("a") == 0
        throttle.failed("a")
    assert throttle.wait("a") == 60
    assert throttle.wait("b") == 0
    now += 60
    assert throttle.wait("a") == 0
    throttle.failed("a")
    assert throttle.wait("a") == 120


@pytest.mark.parametrize(
    "wanted",
    [
        None,
        "",
        "https://evil.example/review/",
        "//evil.example/review/",
        "/\\evil.example",
        "\\\\evil.example",
        "/review/../../evil",
        "/review//evil.example",
        "/reviewer",
        "javascript:alert(1)",
        "/review/\r\nSet-Cookie: a=b",
        "/elsewhere",
    ],
)
def test_after_signing_in_one_is_led_nowhere_else(wanted: str | None) -> None:
    assert own_path(wanted) == "/review"


@pytest.mark.parametrize("wanted", ["/review/", "/review/answers/3?why=2", "/review?page=2"])
def test_after_signing_in_one_is_led_where_one_wanted(wanted: str) -> None:
    assert own_path(wanted) == wanted


# Sign in with Slack


@pytest.fixture
async def slack() -> AsyncIterator[OpenIDServer]:
    server = OpenIDServer()
    await server.listener.start()
    yield server
    await server.listener.stop()


@asynccontextmanager
async def at_slack(app: App, slack: OpenIDServer, *leads: str) -> AsyncIterator[httpx.AsyncClient]:
    url = "https://desk.example"
    client = AsyncWebClient("xoxb", base_url=slack.api_url)

    async def members(group: str) -> list[str]:
        return list((await client.usergroups_users_list(usergroup=group))["users"])

    told = app.settings.model_copy(update={"slack": SlackSettings(leads=leads)})
    sign_in = SlackSignIn(client, CLIENT, SECRET, url)
    web = Starlette(routes=build_console(app, People(told, members), slack=sign_in))
    transport = httpx.ASGITransport(web)
    async with httpx.AsyncClient(transport=transport, base_url=url) as browser:
        yield browser


async def come_back(
    browser: httpx.AsyncClient, slack: OpenIDServer, person: str, wanted: str
) -> httpx.Response:
    """What a browser does that Slack sends back."""
    sent = await browser.get(f"/review/slack?next={quote(wanted, safe='')}")
    asked = parse_qs(urlsplit(sent.headers["location"]).query)
    assert asked["redirect_uri"] == ["https://desk.example/review/slack/back"]
    slack.nonce = asked["nonce"][0]
    return await browser.get(
        "/review/slack/back", params={"code": person, "state": asked["state"][0]}
    )


async def test_a_lead_signs_in_with_slack(app: App, slack: OpenIDServer) -> None:
    async with at_slack(app, slack, LENA) as browser:
        came = await come_back(browser, slack, LENA, "/review/gaps")
        assert (came.status_code, came.headers["location"]) == (303, "/review/gaps")
        cookie = came.headers["set-cookie"]
        assert "__Host-footnote=" in cookie
        assert "Secure" in cookie
        page = await browser.get("/review/gaps")
        assert "Lena Lindqvist" in page.text
        assert "max-age" in page.headers["strict-transport-security"]


async def test_a_lead_by_user_group(app: App, slack: OpenIDServer) -> None:
    slack.groups["S0LEADS"] = [LENA]
    async with at_slack(app, slack, "S0LEADS") as browser:
        assert (await come_back(browser, slack, LENA, "/review/")).status_code == 303
        refused = await come_back(browser, slack, STRANGER, "/review/")
        assert refused.status_code == 403
        assert "[slack] leads" in refused.text


async def test_an_outside_address_is_not_gone_to(app: App, slack: OpenIDServer) -> None:
    async with at_slack(app, slack, LENA) as browser:
        came = await come_back(browser, slack, LENA, "https://evil.example/")
        assert came.headers["location"] == "/review"


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another.app"},
        {"exp": 1},
        {"nonce": "of another attempt"},
        {"https://slack.com/team_id": "T0OTHER"},
        {"https://slack.com/user_id": None},
    ],
)
async def test_an_identity_that_is_not_for_us_is_refused(
    app: App, slack: OpenIDServer, claims: dict[str, object]
) -> None:
    slack.claims = claims
    async with at_slack(app, slack, "*") as browser:
        refused = await come_back(browser, slack, LENA, "/review/")
        assert refused.status_code == 403
        assert (await browser.get("/review/")).status_code == 303


async def test_a_state_of_another_browser_is_refused(app: App, slack: OpenIDServer) -> None:
    async with at_slack(app, slack, LENA) as browser:
        sent = await browser.get("/review/slack")
        state = parse_qs(urlsplit(sent.headers["location"]).query)["state"][0]
        browser.cookies.clear()
        back = {"code": LENA, "state": state}
        refused = await browser.get("/review/slack/back", params=back)
        assert refused.status_code == 403


# What is done in the console


async def test_the_console_leaves_the_rows_that_slack_does(
    app: App, people: People, asked: Answer
) -> None:
    texts = {f"wording-{at}": part.text for at, part in enumerate(asked.parts)}
    worded = texts | {"wording-0": asked.parts[0].text.rstrip(".") + ", please."}
    async with browsing(app, people, LENA) as browser:
        form = {"csrf": await csrf(browser), "verdict": "approve", "note": " Kinder. ", **worded}
        done = await browser.post("/review/answers/1/verdict", data=form)
        assert done.status_code == 303, done.text
    from_console = await sql(app.database, _ROWS)
    await sql(app.database, "DELETE FROM review RETURNING id")
    await verdicts.review(
        app.database,
        1,
        LENA,
        ReviewVerdict.AMEND,
        wordings={at: worded[f"wording-{at}"] for at in range(len(asked.parts))},
        note="Kinder.",
        seen=0,
    )
    assert await sql(app.database, _ROWS) == from_console


_ROWS = """
    SELECT r.answer_id, r.reviewer, r.verdict, r.wording, r.reason, r.note, p.position,
           p.wording AS part
    FROM review r LEFT JOIN review_part p ON p.review_id = r.id ORDER BY p.position
"""


async def test_the_second_lead_keeps_what_they_wrote(
    app: App, people: People, asked: Answer
) -> None:
    async with browsing(app, people, LENA) as browser:
        form = {"csrf": await csrf(browser), "verdict": "approve", "seen": "0"}
        form |= {f"wording-{at}": part.text for at, part in enumerate(asked.parts)}
        mine = "Open the sign-in page."
        await verdicts.review(app.database, 1, ADA, ReviewVerdict.REJECT)
        form |= {"wording-0": mine, "even_so": "1"}
        refused = await browser.post("/review/answers/1/verdict", data=form)
        assert refused.status_code == 409
        assert "U0ADA was first: reject" in refused.text
        assert mine in refused.text
        seen = re.search(r'name="seen" value="(\d+)"', refused.text)
        assert seen
        again = await browser.post("/review/answers/1/verdict", data=form | {"seen": seen[1]})
        assert again.status_code == 303
    kept = await verdicts.history(app.database, 1)
    assert [each.verdict for each in kept] == [ReviewVerdict.AMEND, ReviewVerdict.REJECT]


async def test_tables_are_no_formulas(app: App, people: People) -> None:
    answer = await answer_once(app, "=HYPERLINK(1) boiling point of tungsten?")
    assert answer.id is not None
    await verdicts.review(app.database, answer.id, LENA, ReviewVerdict.ARTICLE_WRONG, note="@x")
    async with browsing(app, people, LENA) as browser:
        done = await browser.post("/review/gaps/find", data={"csrf": await csrf(browser)})
        assert done.status_code == 303
        gaps = (await browser.get("/review/gaps.csv")).text
        assert "'=HYPERLINK(1)" in gaps
        articles = (await browser.get("/review/articles.csv")).text
        assert "'=HYPERLINK(1)" in articles
        assert "'@x" in articles
        for path in ("/review/gaps", "/review/articles", "/review/dashboard"):
            assert (await browser.get(path)).status_code == 200
