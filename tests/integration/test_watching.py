"""Watching: models that end or are gone, voices that drift, two voices compared; told once."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot import records
from bot.app import App, open_app
from bot.chat import model as chat_model
from bot.settings import Settings, VoiceSettings
from bot.voice import radar
from bot.voice.comparison import compare, judge_blindly
from bot.voice.drift import drifted
from bot.voice.evaluation import evaluate
from bot.voice.lifecycle import Author, Lifecycle
from bot.voice.radar import Model, ending, gone
from bot.voice.voices import today
from tests.fakes.grounded_model import cheerful_voice
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.reading import words_of
from tests.fakes.serving import beside
from tests.fakes.slack_server import LEAD, LEADS_GROUP, SlackServer
from tests.integration.command import Command
from tests.integration.desk import replies, serving, settings_for
from tests.integration.reviewed import amended, answers

ANNA = Author("anna", "a test")
DAY = date(2026, 11, 15)


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_model, "LONGEST_WAIT", 0.05)


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as running:
        running.models |= {"ft:warm": cheerful_voice, "ft:flat": cheerful_voice}
        yield running


@pytest.fixture
async def desk(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[App]:
    monkeypatch.setenv("DATABASE_URL", sample_url)
    async with open_app(Settings.load()) as opened:
        yield opened


def life(app: App) -> Lifecycle:
    return Lifecycle(app.database, app.voices)


async def live(app: App, server: OpenAIServer, **more: object) -> None:
    """A live voice named warm."""
    values = {"model": "ft:warm", "base_url": server.base_url, **more}
    await life(app).add("warm", VoiceSettings.model_validate(values), ANNA)
    await life(app).evaluated("warm", {}, None, ANNA)
    await life(app).promote("warm", "", 1.0, ANNA)


# Models that end


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (61, None), (60, "in 60 days"), (31, "in 31 days"), (30, "in 30 days"), (8, "in 8 days"),
        (7, "in 7 days"), (1, "tomorrow"), (0, "and is over"), (-3, "and is over"),
    ],
)  # fmt: skip
def test_leads_are_told_60_30_and_7_days_ahead(left: int, said: str | None) -> None:
    model = Model("ft:warm", "warm", None, DAY + timedelta(days=left))
    found = ending([model], DAY)
    assert bool(found) is (said is not None)
    if said is not None:
        assert said in found[0].lines[0]
        assert "  footnote voice dataset build" in found[0].lines


def test_each_stage_is_told_once() -> None:
    model = Model("ft:warm", "warm", None, DAY + timedelta(days=70))
    told = {each.about for day in range(80) for each in ending([model], DAY + timedelta(days=day))}
    assert len(told) == 4  # 60, 30, 7, over


def test_each_kind_of_model_has_its_own_way_out() -> None:
    models = [Model("m", role, None) for role in ("chat", "judge", "embedding", "warm")]
    ways = [" ".join(each.lines[1:]) for each in gone(models, {"other"})]
    assert "[chat]" in ways[0]
    assert "judge_model under [answers]" in ways[1]
    assert "footnote embeddings switch" in ways[2]
    assert "footnote voice retire warm" in ways[3]
    assert gone(models, {"m"}) == []


async def test_the_models_in_use_and_their_ends(
    desk: App, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await live(desk, server)
    named = "ft:gpt-4.1-mini-2025-04-14:desk:old:1"
    await life(desk).add("tuned", VoiceSettings(model=named), ANNA)
    ends = {"gpt-5-mini": date(2027, 5, 1)}
    settings = desk.settings.model_copy(update={"openai_base_url": server.base_url, "ends": ends})

    found = await radar.in_use(desk.database, desk.voices, settings)

    assert [(each.name, each.role, each.ends) for each in found] == [
        ("gpt-5-mini", "chat", date(2027, 5, 1)),
        ("ft:warm", "warm", None),
        (named, "tuned", date(2027, 1, 14)),
    ]


async def test_leads_are_told_once_of_what_ends_and_what_is_gone(
    desk: App, server: OpenAIServer, sample_url: str
) -> None:
    await live(desk, server, shutdown_date=today() + timedelta(days=20))
    async with (
        SlackServer() as slack,
        serving(settings_for(sample_url, slack, slack={"leads": [LEADS_GROUP]}), slack) as service,
    ):
        ends = await slack.wait_for_message(lambda one: "in 20 days" in one.text, timeout=20)
        assert "`footnote voice retire warm" in words_of(ends.blocks)
        server.gone.add("ft:warm")
        for _ in range(3):
            async with desk.database.session() as session:
                await session.connection.execute(
                    "UPDATE voice_watch SET looked_at = looked_at - interval '2 days'"
                )
            await service.jobs.sweep()
        told = [one.text for one in replies(slack, f"D{LEAD[1:]}") if "ft:warm" in one.text]
        assert len(told) == 2
        assert "is not in its provider's list any more" in told[1]


# Drift


async def test_a_voice_that_words_otherwise_than_when_it_was_tested_has_drifted(
    desk: App, server: OpenAIServer
) -> None:
    await amended(desk.database, 24)
    await live(desk, server)
    await evaluate(desk, "warm", None, ANNA, lambda *_: None)
    assert await drifted(desk.database, desk.settings.style) == []

    async for answer in answers(desk.database, 12):
        assert answer.id is not None
        parts = tuple(
            replace(part, text=f"Hereby be informed: {part.text}") for part in answer.parts
        )
        worded = replace(answer, parts=parts, voice="warm", id=None)
        await records.keep_wording(desk.database, answer.id, worded)
        await desk.database.run(
            "add_use", voice="warm", answer=answer.id, outcome="partly", reason="changed a number",
            parts=10, passed=6, cost_usd=0, ms=1,
        )  # fmt: skip
    (drift,) = await drifted(desk.database, desk.settings.style)

    assert drift.voice == "warm"
    assert drift.changes[0].startswith("agreement with the desk's style: 0.")
    assert drift.changes[1] == "statements kept to their facts: 100% → 60%"


# Comparing


async def test_two_voices_side_by_side(desk: App, server: OpenAIServer) -> None:
    await amended(desk.database, 24)
    await live(desk, server, output_price=2.0)

    found = await compare(desk, ("warm", "neutral"), None, lambda *_: None)

    warm, neutral = found.sides
    assert warm.style is not None
    assert neutral.style is not None
    assert warm.style.overall > neutral.style.overall
    assert warm.figures.cost_usd > neutral.figures.cost_usd == 0
    printed = found.as_json()
    assert set(printed["answers"][0]) == {"question", "neutral", "warm"}
    judged = await judge_blindly(
        desk, found, "anna", lambda _, first, __: 1 if first.startswith("Happy") else 2
    )
    rows = await desk.database.rows("judgements")
    assert [(row["one"], row["for_one"], row["for_other"]) for row in rows] == [("warm", judged, 0)]


def test_the_command(sample_url: str, footnote: Command) -> None:
    server = OpenAIServer()
    server.models["ft:warm"] = cheerful_voice
    with beside(server):
        Path("warm.toml").write_text(
            f'model = "ft:warm"\nbase_url = "{server.base_url}"\n', encoding="utf-8"
        )
        Path("asked.txt").write_text(
            "How much does delivery to Switzerland cost?\n"
            '{"question": "Where can I download the bill for my subscription?"}\n',
            encoding="utf-8",
        )
        assert footnote("voice", "add", "warm", "warm.toml", DATABASE_URL=sample_url).code == 0
        words = ("voice", "compare", "warm", "neutral", "--questions", "asked.txt")
        printed = json.loads(footnote(*words, "--json", DATABASE_URL=sample_url).out)
        assert len(printed["answers"]) == 2
        assert printed["answers"][0]["warm"]["text"].startswith("Happy to help!")
        shown = footnote(*words, DATABASE_URL=sample_url)
        assert "warm: no style profile yet; facts kept in " in shown.out
        footnote("voice", "compare", "warm", "pirate", DATABASE_URL=sample_url).assert_ended(
            "no voice named pirate"
        )
