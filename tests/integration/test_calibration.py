"""Calibration of what is served: kept, followed from the next question on, told by a command."""

import json
import re
from pathlib import Path

import pytest

from bot.answers import Verdict
from bot.app import App, open_app
from bot.settings import Settings
from bot.sufficiency.calibration import calibrate, calibrated, due
from bot.sufficiency.judgement import Calibration
from bot.sufficiency.questions import own_questions, strangers
from ingest.database import Database
from ingest.pipeline import ingest_source
from ingest.settings import SourceSettings
from tests.integration.command import Command

ARTICLE = """---
title: Boiling water in the Tolle kettle
---
Fill the kettle with cold water up to the line and press the lever.

Wait until the light goes out before you open the lid.
"""


@pytest.fixture
async def kettle_url(empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A help centre of one article, with DATABASE_URL pointing to it."""
    monkeypatch.setenv("DATABASE_URL", empty_url)
    (tmp_path / "kettle.md").write_text(ARTICLE, encoding="utf-8")
    settings = Settings.load().with_sources({"one": SourceSettings(folder=tmp_path)})
    async with open_app(settings, may_be_empty=True) as app:
        await ingest_source(app.database, app.embedder, settings, "one", silent)
    return empty_url


def silent(stage: str, done: int, total: int) -> None:
    """Show nothing."""


async def test_a_calibration_is_kept_and_judged_by(app: App) -> None:
    before = await app.retriever.retrieve("How do I return a device?")
    told: list[tuple[str, int, int]] = []

    measured = await calibrate(app.database, app.retriever, lambda *step: told.append(step))
    after = await app.retriever.retrieve("How do I return a device?")

    assert before.calibration == Calibration()
    assert after.calibration == measured.calibration != Calibration()
    assert told[-1][1] == told[-1][2] == len(measured.strangers)
    assert len(measured.answerable) == len(measured.near) > 60
    assert (measured.auroc(measured.strangers) or 0) > 0.95
    assert (measured.answered(measured.answerable) or 0) > 0.8
    assert (measured.answered(measured.strangers) or 1) < 0.1
    assert (measured.answered(measured.near) or 1) < 0.5


async def test_it_is_due_until_made_and_again_when_much_has_changed(app: App) -> None:
    space = app.retriever.served.space.id
    assert await due(app.database, space)

    await app.database.run("keep_calibration", space=space, threshold=0.5, sure=0.6)
    assert not await due(app.database, space)

    async with app.database.session() as session:
        await session.connection.execute(
            "UPDATE article SET current_version_id = NULL WHERE id % 2 = 0"
        )
    assert await due(app.database, space)


async def test_verdicts_move_the_line(kettle_url: str) -> None:
    low, lower = 0.35, 0.25
    async with open_app(Settings.load()) as app:
        space = app.retriever.served.space.id
        await app.database.run("keep_calibration", space=space, threshold=0.5, sure=0.6)
        for score, verdict in ((low, "reject"), (lower, "approve")) * 40:
            await reviewed(app.database, score, verdict)

        found = await calibrate(app.database, app.retriever, silent)

    unmoved = calibrated(found.answerable, found.near, found.strangers).threshold
    assert lower < found.calibration.threshold < unmoved - 0.03


async def reviewed(database: Database, score: float, verdict: str) -> None:
    """A question that was not answered, and a lead's verdict on that."""
    async with database.session() as session:
        await session.connection.execute(
            "WITH q AS (INSERT INTO question (text) VALUES ('?') RETURNING id),"
            " a AS (INSERT INTO answer (question_id, verdict, engine, sufficiency, timings_ms,"
            " cost_usd) SELECT id, 'not_covered', 'quotes', %s, '{}', 0 FROM q RETURNING id)"
            " INSERT INTO review (answer_id, reviewer, verdict) SELECT id, 'U1', %s FROM a",
            [score, verdict],
        )


@pytest.mark.parametrize("question", ["", "   ", "?!", "👍", "Zyzzx qwfpg vrrbnl", "the of and"])
async def test_a_question_without_a_known_word_is_not_covered(app: App, question: str) -> None:
    answer, _ = await app.answering.answer(question)

    assert answer.verdict is Verdict.NOT_COVERED


async def test_one_article_can_be_calibrated(kettle_url: str) -> None:
    async with open_app(Settings.load()) as app:
        measured = await calibrate(app.database, app.retriever, silent)
        answered, _ = await app.answering.answer("How do I boil water in the kettle?")
        refused, _ = await app.answering.answer("Which vaccinations do I need for the safari?")

    assert len(measured.answerable) == 1
    assert answered.verdict is Verdict.ANSWERED
    assert refused.verdict is Verdict.NOT_COVERED


async def test_no_article_leaves_the_default(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_url)
    async with open_app(Settings.load(), may_be_empty=True) as app:
        measured = await calibrate(app.database, app.retriever, silent)

    assert measured.calibration == Calibration()
    assert measured.as_json()["auroc"] is None


async def test_questions_come_from_all_articles_and_main_languages(app: App) -> None:
    own = await own_questions(app.database, 40)
    foreign = [each.text for each in await strangers(app.database)]

    assert len({article for each in own for article in each.articles}) == 40
    assert all(5 <= len(each.text.split()) <= 30 for each in own)
    assert "Can this wool coat be machine washed?" in foreign
    assert not any(question.startswith("¿") for question in foreign)


def test_the_command_tells_and_keeps(footnote: Command, kettle_url: str) -> None:
    told = json.loads(footnote("calibrate", "--json").out)
    shown = footnote("calibrate")

    assert told.keys() >= {"auroc", "auroc_near", "threshold", "answered", "risk_coverage"}
    line = re.search(r"from a score of ([\d.]+) on", shown.out)
    assert line is not None
    assert float(line[1]) == pytest.approx(told["threshold"], abs=0.00055)  # both are rounded
    assert "█" in shown.out
    assert "▲" in shown.out


def test_without_articles_the_command_says_so(footnote: Command, empty_url: str) -> None:
    footnote("calibrate", DATABASE_URL=empty_url).assert_told("Nothing has been ingested")
