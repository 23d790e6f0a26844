"""The whole path of a voice: reviews → dataset → gate → job → live in Slack → gone → neutral."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from pydantic import SecretStr

from bot import records
from bot.app import App, open_app
from bot.chat import model as chat_model
from bot.errors import GateClosed
from bot.review import verdicts
from bot.review.verdicts import ReviewVerdict
from bot.settings import PriceSettings, Settings, VoiceSettings
from bot.voice.dataset.building import build
from bot.voice.evaluation import evaluate
from bot.voice.lifecycle import Author, Lifecycle
from bot.voice.training import openai_jobs
from bot.voice.training.openai_jobs import OpenAIJobs
from bot.voice.training.training import Training, Wanted
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.reading import words_of
from tests.fakes.slack_server import ALICE, SUPPORT, SlackServer
from tests.integration.desk import WHERE_FROM, answer_to, said, serving, settings_for
from tests.integration.reviewed import amended, answers, in_wording, warmly

BILL = "Where can I download the bill for my subscription?"
MODEL = "gpt-4.1-mini-2025-04-14"
ANNA = Author("anna", "leads like it")
PRICES = {MODEL: PriceSettings(training=5.0, input=0.4, output=1.6)}


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OpenAIServer]:
    monkeypatch.setattr(openai_jobs, "POLL", 0.01)
    monkeypatch.setattr(chat_model, "LONGEST_WAIT", 0.05)
    async with OpenAIServer() as running:
        yield running


@pytest.fixture
async def desk(
    sample_url: str, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[App]:
    monkeypatch.setenv("DATABASE_URL", sample_url)
    settings = Settings.load().model_copy(update={"prices": PRICES})
    async with open_app(settings) as opened:
        yield opened


async def test_from_sixty_reviews_to_a_voice_and_back(
    desk: App, server: OpenAIServer, sample_url: str
) -> None:
    database = desk.database
    await amended(database, 60)
    dataset = await build(database, "Be warm.", MODEL, PRICES[MODEL], "anna")
    assert dataset.card["hash"] == dataset.hash
    trainer = OpenAIJobs(SecretStr("sk-test"), server.base_url)
    training = Training(database, desk.voices, trainer, desk.settings)
    wanted = Wanted("brand", "openai", "supervised", MODEL, 3)
    told: list[str] = []

    # The gate is closed until a prompted voice was tried and fell short.
    with pytest.raises(GateClosed, match="use exemplars"):
        await training.train(wanted, None, "anna", lambda *_: None)
    await tried_in_vain(desk)
    done = await training.train(wanted, None, "anna", lambda stage, *_: told.append(stage))
    await trainer.close()

    assert done.run.verdict == "fine-tune for style"
    assert "Step 4/4: training loss=0.5" in told
    assert done.run.model in server.models
    found = await evaluate(desk, "brand", None, ANNA, lambda *_: None)
    assert found.refused is None
    assert found.style is not None
    await Lifecycle(database, desk.voices).promote("brand", "", 1.0, ANNA)
    async with SlackServer() as slack, serving(settings_for(sample_url, slack), slack):
        first = await answer_to(slack, await slack.mention(SUPPORT, ALICE, BILL))
        assert "brand voice" in said(first)
        assert "Happy to help!" in said(first)
        assert WHERE_FROM in said(first)
        server.gone.add(str(done.run.model))
        second = await answer_to(slack, await slack.mention(SUPPORT, ALICE, BILL))
        assert "neutral voice" in words_of(second.blocks)
        assert "Happy to help!" not in said(second)
        await slack.wait_for_message(lambda one: "brand was taken off" in one.text, timeout=20)


async def tried_in_vain(desk: App) -> None:
    """A prompted voice has worded thirty answers, and leads reworded them all."""
    life = Lifecycle(desk.database, desk.voices)
    await life.add("plain", VoiceSettings(model="gpt-5-mini"), ANNA)
    async for answer in answers(desk.database, 30, parts=3):
        assert answer.id is not None
        parts = tuple(replace(part, text=f"Note: {part.text}") for part in answer.parts)
        worded = replace(answer, parts=parts, voice="plain", id=None)
        kept = await records.keep_wording(desk.database, answer.id, worded)
        assert kept.id is not None
        said = in_wording(answer, warmly)
        await verdicts.review(desk.database, kept.id, "U1", ReviewVerdict.AMEND, wordings=said)
