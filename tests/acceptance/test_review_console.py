"""The review console in a real browser: a lead's day, by pointer, by keys, on a phone, attacked."""

import itertools
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot import records
from bot.answers import Answer, Citation, Part, Support, Verdict
from bot.app import App
from bot.asking import answer_once
from bot.evidence import Evidence, Passage
from bot.review import verdicts
from bot.review.gaps import find_gaps
from bot.review.verdicts import ReviewVerdict
from bot.settings import Settings
from bot.web.console.opening import open_console
from ingest.database import Database
from ingest.embeddings import Embedder
from ingest.pipeline import ingest_source
from ingest.settings import SourceSettings
from tests.acceptance.browser import chromium, page_of, violations
from tests.conftest import SAMPLE
from tests.integration.test_review import sql

ASKED = "What does Home Plus cost per month?"
REWORDED = "How much is Home Plus a month?"
REVIEWS = 20
KINDS = ("approve", "reject", "amend", "article_wrong")
OURS = re.compile(r"^https://help\.rimeholt\.example/")


@pytest.fixture(scope="module")
def browser() -> Iterator[str]:
    with chromium() as address:
        yield address


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """The sample's articles, to be edited."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "articles"))


@pytest.fixture
async def address(app: App) -> AsyncIterator[str]:
    """The console; this address lets in once."""
    async with open_console(app.settings) as opened:
        yield opened


async def enter(page: Page, address: str) -> str:
    """Come in, and return the console's address."""
    await page.goto(address)
    await page.wait_for_url("**/review/")
    return address.split("/review/", maxsplit=1)[0]


async def ingest(database: Database, embedder: Embedder, articles: Path) -> None:
    settings = Settings().with_sources({"sample": SourceSettings(folder=articles)})
    await ingest_source(database, embedder, settings, "sample", lambda *_: None)


async def test_a_leads_day(
    app: App, address: str, browser: str, articles: Path, embedder: Embedder, tmp_path: Path
) -> None:
    first = await answer_once(app, ASKED)
    assert first.id is not None
    await verdicts.vote(app.database, first.id, "U0ALICE", helpful=False)
    async with page_of(browser, viewport={"width": 1440, "height": 900}) as page:
        # Open with the token, walk the queue
        await enter(page, address)
        await expect(page.get_by_role("heading", level=1)).to_have_text(ASKED)
        await expect(page.locator(".queue .why").first).to_have_text("Voted down")
        statement = page.locator(".statement", has_text="Home Plus").first
        await statement.locator(".pick").click()
        ground = statement.locator(".ground")
        await expect(ground).to_be_visible()
        await expect(ground.locator("mark").first).to_be_visible()
        await expect(ground.get_by_role("link", name="Open the article")).to_have_attribute(
            "href", OURS
        )

        # Amend a statement: the fact check objects to a changed number
        await statement.get_by_text("Edit").click()
        area = statement.get_by_role("textbox")
        words = await area.input_value()
        price = next(word for word in words.split() if word[-1:].isdigit() or "." in word[:-1])
        await area.fill(words.replace(price, "999"))
        await expect(statement.locator(".checked")).to_contain_text("999")
        approve = page.locator('[name="verdict"][value="approve"]')
        await expect(approve).to_contain_text("Save the amendment")
        await approve.click()
        await expect(page.get_by_role("alert")).to_contain_text("do not bear this out")
        amended = words.rstrip(".") + ", at present."
        await page.locator(".statement .amend[open] textarea").fill(amended)
        await page.locator('[name="verdict"][value="approve"]').click()
        await expect(page.get_by_role("status").first).to_contain_text("Amended")

        # The verified answer is given to the same and to a reworded question, with its citations
        for question in (ASKED, REWORDED):
            again = await answer_once(app, question)
            assert again.verified is not None, question
            assert amended in again.text
            assert again.cited == first.cited[: len(again.cited)]

        # Edit the cited article, ingest: it is no longer given, and back in the queue as stale
        cited = first.cited[0]
        (row,) = await sql(
            app.database,
            "SELECT path FROM article o JOIN article_version v ON v.article_id = o.id"
            " WHERE v.id = %s",
            cited.article_version_id,
        )
        file = articles / row["path"]
        file.write_text(file.read_text(encoding="utf-8").replace(price, "7777"), encoding="utf-8")
        await ingest(app.database, embedder, articles)
        assert (await answer_once(app, REWORDED)).verified is None
        await page.goto(address.split("enter?", maxsplit=1)[0])
        entry = page.locator(".queue li", has_text=ASKED).first
        await expect(entry.locator(".why")).to_have_text("Out of date")
        await entry.locator("a").click()
        stale = page.locator(".statement.stale").first
        await stale.locator(".pick").click()
        change = stale.locator(".change .diff")
        await expect(change.locator("del").first).to_be_visible()
        await expect(change.locator("ins").first).to_contain_text("7777")
        await page.screenshot(path=tmp_path / "stale.png")


async def copies(app: App, count: int) -> list[int]:
    """Answers that wait, each to a question of its own."""
    answer = await answer_once(app, ASKED)
    found = []
    for number in range(count):
        question = f"{ASKED} ({number})"
        found.append(
            await records.keep_new(app.database, replace(answer, question=question), question)
        )
        await verdicts.vote(app.database, found[-1], "U0ALICE", helpful=False)
    return found


async def test_twenty_reviews_by_keyboard_alone(app: App, address: str, browser: str) -> None:
    await copies(app, REVIEWS)
    kinds = list(itertools.islice(itertools.cycle(KINDS), REVIEWS))
    async with page_of(browser, viewport={"width": 1280, "height": 800}) as page:
        await enter(page, address)
        for number, kind in enumerate(kinds):
            press = page.keyboard.press
            if kind == "approve":
                await press("ArrowDown")
                await press("a")
            elif kind == "reject":
                await press("r")
                await press("Space")  # the first reason
                await press("Tab")
                await page.keyboard.type(f"Not so ({number}).")
                await press("Tab")
                await press("Enter")
            elif kind == "amend":
                await press("e")
                await press("End")
                await page.keyboard.type(" ")
                await press("Control+End")
                await page.keyboard.type(" That is all.")
                await press("Escape")
                await press("a")
            else:
                await press("w")
                await page.keyboard.type("The price is old.")
                await press("Tab")
                await press("Enter")
            said = {"approve": "Approved", "reject": "Rejected", "amend": "Amended"}
            await expect(page.locator(".flash")).to_contain_text(
                said.get(kind, "The writers are told")
            )
            await page.wait_for_url(f"**reviewed={number + 1}")
        await page.keyboard.press("u")
        await expect(page.locator(".flash")).to_have_count(0)
    rows = await sql(
        app.database, "SELECT verdict, reason, note, undone_at FROM review ORDER BY id"
    )
    assert [row["verdict"] for row in rows] == kinds
    assert {row["reason"] for row in rows if row["verdict"] == "reject"} == {"wrong"}
    assert {row["note"] for row in rows if row["verdict"] == "article_wrong"} == {
        "The price is old."
    }
    assert [row["undone_at"] is not None for row in rows] == [False] * 19 + [True]


async def prepared(app: App) -> None:
    """Something on every page."""
    for question in (ASKED, "Who wrote Don Quixote?", "Who was the author of Don Quixote?"):
        answer = await answer_once(app, question)
        assert answer.id is not None
        await verdicts.vote(app.database, answer.id, "U0ALICE", helpful=False)
    await verdicts.review(
        app.database, 1, "U0LENA", ReviewVerdict.ARTICLE_WRONG, note="The price is old."
    )
    served = app.retriever.served
    await find_gaps(app.database, served.embedder, served.space)


PAGES = ("/", "/answers/1", "/?show=done", "/gaps", "/articles", "/dashboard", "/log", "/sign-in")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious(app: App, address: str, browser: str, scheme: str) -> None:
    await prepared(app)
    async with page_of(browser, color_scheme=scheme) as page:
        home = await enter(page, address)
        for path in PAGES:
            await page.goto(f"{home}/review{path}")
            await page.evaluate(
                "document.querySelectorAll('details').forEach(each => each.open = true)"
            )
            assert await violations(page) == [], path


async def test_it_reads_on_a_phone(app: App, address: str, browser: str) -> None:
    await prepared(app)
    async with page_of(
        browser, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    ) as page:
        home = await enter(page, address)
        for path in PAGES:
            await page.goto(f"{home}/review{path}")
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= 390, path
        await page.goto(f"{home}/review/answers/1")
        await page.locator(".statement .pick").first.tap()
        ground = page.locator(".statement .ground").first
        await expect(ground).to_be_visible()
        said, shown = await page.locator(".said").first.bounding_box(), await ground.bounding_box()
        assert said is not None
        assert shown is not None
        assert shown["y"] >= said["y"] + said["height"]  # below, not beside


# Hostile texts

_CALLS = "window.ran=1"
_SCRIPTS = (
    f"<script>{_CALLS}</script>",
    f"<img src=x onerror={_CALLS}>",
    f"<svg onload={_CALLS}>",
    f"<svg><script>{_CALLS}</script></svg>",
    "<iframe srcdoc='<script>parent.ran=1</script>'></iframe>",
    f"<a href=javascript:{_CALLS}>here</a>",
    f"[here](javascript:{_CALLS})",
    f"<body onload={_CALLS}>",
    f"<details open ontoggle={_CALLS}>x</details>",
    f"<input autofocus onfocus={_CALLS}>",
    f"<style>@import 'javascript:{_CALLS}'</style>",
    f"<form action=javascript:{_CALLS}><button autofocus>x</button></form>",
    f"<object data=javascript:{_CALLS}></object>",
    f"<math><mi xlink:href=javascript:{_CALLS}>x</mi></math>",
    f"<meta http-equiv=refresh content='0;url=javascript:{_CALLS}'>",
    "<base href=//evil.example/><script src=x></script>",
    f"{{{{ ''.__class__ }}}}{{% if 1 %}}<script>{_CALLS}</script>{{% endif %}}",
    f"${{{_CALLS}}}<%={_CALLS}%>",
    f"\u202e<scr\u0000ipt>{_CALLS}</script>".replace("\0", ""),
    f"＜script＞{_CALLS}＜/script＞",
)
_AROUND = (
    "{}", '"{}', "'{}", '">{}', "'>{}", "</textarea>{}", "</title>{}", "--></style>{}", "`{}`",
    "&lt;{}&gt;",
)  # fmt: skip
HOSTILE = [around.replace("{}", each) for each in _SCRIPTS for around in _AROUND]
FOREIGN = "main :is(script, iframe, object, style, meta, base, math, img, input[autofocus])"


async def hostile_answers(app: App) -> list[int]:
    """Questions, statements, passages, notes and gaps made of hostile texts."""
    body = "\n\n".join(HOSTILE)
    (version,) = await sql(
        app.database,
        "INSERT INTO article_version (article_id, version, title, url, locale, audience, body,"
        " content_hash) SELECT id, 99, %s, 'javascript:window.ran=1', 'en', 'public', %s, 'x'"
        " FROM article LIMIT 1 RETURNING id, title",
        HOSTILE[0],
        body,
    )
    passage = Passage(
        n=1, article_version_id=version["id"], article="x", version=99, title=version["title"],
        url="javascript:window.ran=1", audience="public", locale='en" onload="window.ran=1',
        updated_at=None, heading_path=(HOSTILE[3],), anchor=HOSTILE[1], start=0, end=len(body),
        text=body, score=1.0,
    )  # fmt: skip
    kept = []
    for start in range(0, len(HOSTILE), 50):
        parts = tuple(
            Part(text, (Citation(1, 0, len(body), Support.PARTLY),), support=Support.PARTLY)
            for text in HOSTILE[start : start + 50]
        )
        answer = Answer(HOSTILE[start], Verdict.ANSWERED, "chat", parts, Evidence((passage,)),
                        model=HOSTILE[4], voice=HOSTILE[5], note=HOSTILE[6])  # fmt: skip
        kept.append(await records.keep_new(app.database, answer, HOSTILE[start + 1]))
    for text in HOSTILE:
        declined = Answer(text, Verdict.NOT_COVERED, "quotes", (Part(text),), Evidence((passage,)))
        await records.keep_new(app.database, declined, text)
    await verdicts.review(
        app.database, kept[0], HOSTILE[7], ReviewVerdict.ARTICLE_WRONG, note="\n".join(HOSTILE)
    )
    served = app.retriever.served
    await find_gaps(app.database, served.embedder, served.space)
    return kept


async def test_two_hundred_hostile_texts_are_inert(app: App, address: str, browser: str) -> None:
    assert len(set(HOSTILE)) == 200
    kept = await hostile_answers(app)
    strange: list[str] = []
    async with page_of(browser) as page:
        page.on("dialog", lambda dialog: strange.append(dialog.message))
        page.on("request", lambda request: strange.append(request.url)
                if "evil.example" in request.url else None)  # fmt: skip
        page.on("console", lambda line: strange.append(line.text)
                if "Content Security Policy" in line.text else None)  # fmt: skip
        home = await enter(page, address)
        paths = [f"/answers/{each}" for each in kept]
        paths += [f"/?page={number}" for number in range(1, 7)]
        paths += ["/gaps", "/articles", "/dashboard", "/?show=done", "/log"]
        paths += [f"/?channel={text}" for text in ("'\"><script>window.ran=1</script>",)]
        for path in paths:
            await page.goto(f"{home}/review{path}")
            assert await page.evaluate("window.ran") is None, path
            foreign = (
                "main :is(script, iframe, object, style, meta, base, math, img, input[autofocus])"
            )
            assert await page.locator(foreign).count() == 0, path
            odd = await page.evaluate(
                "[...document.querySelectorAll('*')].flatMap(e => [...e.attributes])"
                ".filter(a => a.name.startsWith('on') || /^\\s*javascript:/i.test(a.value)).length"
            )
            assert odd == 0, path
        await page.goto(f"{home}/review/answers/{kept[0]}")
        await page.locator(".statement .pick").nth(3).click()
        await page.locator(".statement .amend summary").nth(3).click()
        await page.locator(".statement textarea").nth(3).fill(HOSTILE[1])
        await expect(page.locator("#checked-3")).not_to_be_empty()
        assert await page.evaluate("window.ran") is None
    assert strange == []
