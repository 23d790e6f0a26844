"""The life of a voice: added, tested, live, on trial, taken off, rolled back, retired."""

import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot import records
from bot.answers import Answer
from bot.app import App, open_app
from bot.asking import answer_once
from bot.chat import model as chat_model
from bot.errors import VoiceError
from bot.review import verdicts
from bot.review.verdicts import ReviewVerdict
from bot.serving import open_service
from bot.settings import Settings, SlackSettings, VoiceSettings
from bot.voice.evaluation import evaluate
from bot.voice.lifecycle import Author, Lifecycle
from bot.voice.voices import NEUTRAL
from tests.fakes.grounded_model import cheerful_voice
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.reading import words_of
from tests.fakes.serving import beside
from tests.fakes.slack_server import ALICE, LEAD, SUPPORT, SlackServer
from tests.integration.command import Command
from tests.integration.command import Outcome as Ended
from tests.integration.desk import WHERE_FROM, answer_to, said, serving, settings_for

BILL = "Where can I download the bill for my subscription?"
DELIVERY = "How much does delivery to Switzerland cost?"
ANNA = Author("anna", "the desk likes it")
WARM = 'model = "ft:warm"\nbase_url = "{url}"\ninput_price = 1.0\noutput_price = 1.0\n'


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_model, "LONGEST_WAIT", 0.05)


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as running:
        running.models |= {"ft:warm": cheerful_voice, "ft:other": cheerful_voice}
        yield running


@pytest.fixture
def limits() -> None:
    """A canary that is judged soon."""
    Path("footnote.toml").write_text("[canary]\nanswers = 3\nvotes = 2\n", encoding="utf-8")


@pytest.fixture
async def desk(
    sample_url: str, server: OpenAIServer, limits: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[App]:
    """The program on the sample help centre, with a draft voice named warm."""
    monkeypatch.setenv("DATABASE_URL", sample_url)
    async with open_app(Settings.load()) as opened:
        await life(opened).add("warm", defined(server), ANNA)
        yield opened


def life(app: App) -> Lifecycle:
    return Lifecycle(app.database, app.voices)


def defined(server: OpenAIServer, model: str = "ft:warm", **more: object) -> VoiceSettings:
    values = {"model": model, "base_url": server.base_url, **more}
    return VoiceSettings.model_validate(values)


async def passed(app: App, name: str = "warm") -> None:
    await life(app).evaluated(name, {}, None, ANNA)


async def asked(app: App, question: str = BILL, channel: str | None = "C1") -> Answer:
    """The answer as a channel gets it."""
    answer = await answer_once(app, question)
    assert answer.id is not None
    name = await app.speaking.voice_for(channel, answer.id)
    if name == NEUTRAL:
        return answer
    worded = await app.speaking.in_voice(answer, name)
    assert worded is not None
    return worded


async def told(app: App) -> list[list[str]]:
    """What the leads are to be told."""
    found = []
    while row := await app.database.row("take_notice"):
        found.append(row["lines"])
    return found


def test_the_commands(sample_url: str, footnote: Command) -> None:
    def run(*words: str) -> Ended:
        return footnote("voice", *words, DATABASE_URL=sample_url)

    server = OpenAIServer()
    server.models["ft:warm"] = cheerful_voice
    with beside(server):
        Path("warm.toml").write_text(WARM.format(url=server.base_url), encoding="utf-8")
        assert run("add", "warm", "warm.toml", "--who", "anna").code == 0
        run("promote", "warm", "--why", "now").assert_told("not evaluated yet", "voice test")
        tested = run("test", "warm", "--json")
        assert tested.code == 0, tested.err
        figures = json.loads(tested.out)
        assert figures["voiced"] + figures["partly"] == figures["answers"] > 2
        assert figures["cost_usd"] > 0
        promoted = run("promote", "warm", "--why", "leads like it", "--who", "anna")
        assert promoted.out.strip() == "warm is live everywhere."
        listed = json.loads(run("list", "--json").out)
        assert [(each["name"], each["state"], each["channels"]) for each in listed] == [
            ("neutral", "", []),
            ("warm", "live", [""]),
        ]
        assert run("rollback", "--why", "a second look").out.startswith("neutral is live")
        assert run("retire", "warm", "--why", "the model ends").code == 0
        shown = json.loads(run("show", "warm", "--json").out)
        assert shown["state"] == "retired"
        assert [(change["what"], change["why"]) for change in shown["changes"]] == [
            ("added", "to try it"),
            ("tested: it passed", "tested"),
            ("live everywhere", "leads like it"),
            ("rolled back to neutral", "a second look"),
            ("retired", "the model ends"),
        ]
        assert shown["changes"][0]["who"] == "anna"
        assert "retired" in run("show", "warm").out
        run("show", "pirate").assert_told("no voice named pirate; there are: neutral, warm")
        run("add", "new", "none.toml").assert_told("none.toml cannot be read")
        Path("bad.toml").write_text("modle = 1", encoding="utf-8")
        run("add", "new", "bad.toml").assert_told("bad.toml: model: field required")


async def test_a_test_that_is_not_passed_leaves_a_draft(
    desk: App, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.models["ft:warm"] = lambda _: "I cannot do that."
    found = await evaluate(desk, "warm", [BILL, DELIVERY, BILL], ANNA, lambda *_: None)

    assert (found.answers, found.fell_back) == (3, 3)
    assert found.refused == "3 of 3 answers stayed neutral; 20% may"
    with pytest.raises(VoiceError, match="not evaluated"):
        await life(desk).promote("warm", "", 1.0, ANNA)


async def test_a_live_voice_words_the_answers_of_its_channel(
    desk: App, server: OpenAIServer
) -> None:
    await life(desk).add("other", defined(server, "ft:other"), ANNA)
    await passed(desk)
    await passed(desk, "other")
    await life(desk).promote("warm", "", 1.0, ANNA)
    await life(desk).promote("other", "C2", 1.0, ANNA)

    everywhere, there = await asked(desk), await asked(desk, channel="C2")

    assert (everywhere.voice, there.voice) == ("warm", "other")
    assert everywhere.parts[0].text.startswith("Happy to help! ")
    assert everywhere.id is not None
    neutral = await records.in_voice(desk.database, everywhere.id, "neutral")
    assert neutral is not None
    assert [part.citations for part in everywhere.parts] == [
        part.citations for part in neutral.parts
    ]
    back = await life(desk).rollback("C2", ANNA)
    assert (back.voice, (await asked(desk, channel="C2")).voice) == ("warm", "warm")
    await life(desk).promote("neutral", "C2", 1.0, ANNA)
    assert (await asked(desk, channel="C2")).voice == "neutral"


async def test_a_model_that_is_gone_is_neutral_within_a_question(
    desk: App, server: OpenAIServer
) -> None:
    await passed(desk)
    await life(desk).promote("warm", "", 1.0, ANNA)
    assert (await asked(desk)).voice == "warm"

    server.gone.add("ft:warm")
    first = await asked(desk)
    second = await asked(desk)

    assert first.voice == second.voice == "neutral"
    assert first.note is not None
    assert "the voice warm could not be used: The model ft:warm is not there" in first.note
    assert second.note is None
    assert await told(desk) == [
        [
            "The voice warm was taken off: The model ft:warm is not there (any more).",
            "  Everywhere answers come in the neutral voice again.",
            "  To use it again: footnote voice test warm",
        ]
    ]


@pytest.mark.parametrize("why", ["fell back", "voted down", "slow"])
async def test_a_canary_returns_by_itself(
    why: str, desk: App, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await life(desk).add("other", defined(server, "ft:other"), ANNA)
    await passed(desk)
    await passed(desk, "other")
    await life(desk).promote("other", "", 1.0, ANNA)
    await life(desk).promote("warm", "", 0.5, ANNA)
    if why == "fell back":
        server.models["ft:warm"] = lambda _: "No."
    if why == "slow":
        limits = desk.settings.canary.model_copy(update={"seconds": 0.0001})
        monkeypatch.setattr(desk.canary, "_limits", limits)

    voices = []
    for _ in range(60):
        answer = await asked(desk, DELIVERY)
        voices.append(answer.voice if answer.note is None else f"not {answer.note.split()[4]}")
        if why == "voted down" and answer.voice == "warm":
            assert answer.id is not None
            await verdicts.vote(desk.database, answer.id, "U1", helpful=False)
            await desk.canary.look_at_all()
        if (await life(desk).live_in(None)).share == 1:
            break

    assert {"other"} < set(voices)  # both were used
    live = await life(desk).live_in(None)
    assert (live.voice, live.share) == ("other", 1.0)
    (notice,) = await told(desk)
    assert notice[0].startswith("The voice warm was taken off: ")
    assert notice[1] == "  Everywhere answers come in the other voice again."


async def test_a_prompted_voice_is_shown_the_approved_answers_nearest_to_the_question(
    desk: App, server: OpenAIServer
) -> None:
    for question in (BILL, DELIVERY):
        answer = await answer_once(desk, question)
        assert answer.id is not None
        said = {0: f"Lovely. {answer.parts[0].text}"}
        await verdicts.review(desk.database, answer.id, "U1", ReviewVerdict.AMEND, wordings=said)
    await life(desk).add("near", defined(server, nearest=1), ANNA)

    answer = await answer_once(desk, "What does shipping to Switzerland cost?", voice="near")

    assert answer.voice == "near"
    shown: Sequence[dict[str, str]] = server.requests[-1].body["messages"]
    assert "Switzerland" in shown[1]["content"]
    assert shown[2]["content"].startswith("1. Lovely.")
    assert len(shown) == 4


async def test_a_budget_that_is_spent_leaves_the_neutral_wording(
    desk: App, server: OpenAIServer
) -> None:
    await life(desk).add("thrifty", defined(server, input_price=1000.0, budget_usd=0.01), ANNA)
    assert (await answer_once(desk, BILL, voice="thrifty")).voice == "thrifty"
    over = await answer_once(desk, BILL, voice="thrifty")
    assert over.voice == "neutral"
    assert over.note is not None
    assert over.note.endswith("its budget of $0.01 for this month is spent.")


async def test_the_voice_in_slack_and_its_end_told_to_leads(
    desk: App, server: OpenAIServer, sample_url: str
) -> None:
    await passed(desk)
    await life(desk).promote("warm", "", 1.0, ANNA)
    async with SlackServer() as slack, serving(settings_for(sample_url, slack), slack):
        first = await answer_to(slack, await slack.mention(SUPPORT, ALICE, BILL))
        assert "warm voice" in words_of(first.blocks)
        assert "Happy to help!" in said(first)
        assert WHERE_FROM in said(first)
        server.gone.add("ft:warm")
        second = await answer_to(slack, await slack.mention(SUPPORT, ALICE, BILL))
        assert "neutral voice" in words_of(second.blocks)
        notice = await slack.wait_for_message(lambda one: "taken off" in one.text, timeout=20)
        assert "`footnote voice test warm`" in words_of(notice.blocks)
        assert notice.channel == f"D{LEAD[1:]}"


@pytest.mark.parametrize(
    "named", [{"voice": "pirate"}, {"channels": {"C012AB3CD": {"voice": "pirate"}}}]
)
async def test_a_voice_that_is_named_has_to_exist(
    sample_url: str, named: dict[str, object]
) -> None:
    """That of the button, or of a channel: voices may be rows, so it is seen at the start."""
    async with SlackServer() as slack:
        settings = settings_for(sample_url, slack)
        settings = settings.model_copy(update={"slack": SlackSettings.model_validate(named)})
        with pytest.raises(VoiceError, match="no voice named pirate"):
            async with open_service(settings):
                pass
