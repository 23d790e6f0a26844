"""Advice: three histories and their verdicts, the gate before training, the report."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot import records
from bot.answers import Answer
from bot.errors import GateClosed
from bot.review import verdicts
from bot.review.verdicts import ReviewVerdict
from bot.settings import PriceSettings, Settings, StyleSettings, VoiceSettings
from bot.voice.advice.evidence import Evidence, gather
from bot.voice.advice.gate import pass_gate
from bot.voice.advice.verdict import Advice, Verdict, judge
from bot.voice.lifecycle import Author, Lifecycle
from bot.voice.voices import Voices
from ingest.database import Database, open_pool
from tests.integration.command import Command
from tests.integration.reviewed import amended, answers, in_wording, warmly

MODEL = "gpt-4.1-mini-2025-04-14"
PRICES = f"""
[prices."{MODEL}"]
training = 5.0
input = 0.4
output = 1.6
tuned_input = 0.8
tuned_output = 3.2
"""


@pytest.fixture
async def database(sample_url: str) -> AsyncIterator[Database]:
    async with open_pool(sample_url) as opened:
        yield opened


async def verdict_on(database: Database, **more: object) -> tuple[Verdict, Evidence]:
    prices = {MODEL: PriceSettings(training=5.0, input=0.4, output=1.6)}
    settings = Settings.load().model_copy(update={"prices": prices, **more})
    voices = Voices(settings, database)
    evidence = await gather(database, voices, settings, MODEL)
    await voices.close()
    return judge(evidence), evidence


async def approve(database: Database, count: int) -> None:
    async for answer in answers(database, count):
        assert answer.id is not None
        await verdicts.review(database, answer.id, "U1", ReviewVerdict.APPROVE)


async def in_plain_voice(database: Database, count: int, *, reworded: bool) -> None:
    """A prompted voice named plain has worded answers; leads reword or approve them."""
    settings = Settings.load()
    life = Lifecycle(database, Voices(settings, database))
    defined = VoiceSettings(model="gpt-5-mini", instructions="Be plain.", nearest=2)
    await life.add("plain", defined, Author("anna", "a trial"))
    async for answer in answers(database, count, parts=3):
        assert answer.id is not None
        worded = await records.keep_wording(database, answer.id, _plainly(answer))
        assert worded.id is not None
        verdict = ReviewVerdict.AMEND if reworded else ReviewVerdict.APPROVE
        said = in_wording(answer, warmly) if reworded else None
        await verdicts.review(database, worded.id, "U1", verdict, wordings=said)


def _plainly(answer: Answer) -> Answer:
    parts = tuple(replace(part, text=f"Please note: {part.text}") for part in answer.parts)
    return replace(answer, parts=parts, voice="plain", id=None)


async def test_without_a_history_it_says_what_to_collect(database: Database) -> None:
    verdict, _ = await verdict_on(database)

    assert verdict.advice is Advice.COLLECT
    assert verdict.reasons == ("0 of the 30 reviews that are needed are there.",)
    assert "30 more reviews by leads" in verdict.missing


async def test_answers_that_leads_approve_stay_with_retrieval(database: Database) -> None:
    await approve(database, 40)
    await amended(database, 3)

    verdict, evidence = await verdict_on(database)

    assert verdict.advice is Advice.STAY
    assert verdict.reasons[0].startswith("Leads reword 7% of the answers they review")
    assert evidence.reviewed.approved == 40
    assert evidence.reviewed.edit_distance < 0.05


async def test_facts_that_leads_correct_come_first(database: Database) -> None:
    await amended(database, 40, lambda text, _: f"{text} It takes 99 days.")
    verdict, _ = await verdict_on(database)
    assert verdict.advice is Advice.STAY
    assert verdict.reasons[0] == "Leads correct the facts of 100% of the answers they review."


async def test_wordings_that_leads_mend_ask_for_exemplars_first(database: Database) -> None:
    await amended(database, 40)

    verdict, evidence = await verdict_on(database)

    assert verdict.advice is Advice.EXEMPLARS
    assert "No prompted voice was tried on 20 answers yet (0 so far)." in verdict.reasons
    assert evidence.profile is not None
    neutral = evidence.of_kind("neutral")
    assert neutral is not None
    assert neutral.style is not None
    assert evidence.own_style is not None
    assert evidence.own_style - neutral.style.overall > 0.2


async def test_a_prompted_voice_that_suffices_is_kept(database: Database) -> None:
    await amended(database, 40)
    life = Lifecycle(database, Voices(Settings.load(), database))
    await life.add("warm", VoiceSettings(model="gpt-5-mini"), Author("anna", "a trial"))
    async for answer in answers(database, 30):
        assert answer.id is not None
        parts = tuple(
            replace(part, text=warmly(part.text, at)) for at, part in enumerate(answer.parts)
        )
        worded = replace(answer, parts=parts, voice="warm", id=None)
        kept = await records.keep_wording(database, answer.id, worded)
        assert kept.id is not None
        await verdicts.review(database, kept.id, "U1", ReviewVerdict.APPROVE)

    verdict, _ = await verdict_on(database)

    assert verdict.advice is Advice.EXEMPLARS
    assert verdict.reasons[-1] == "The prompted voice warm meets the desk's style well enough."


async def test_a_prompted_voice_that_falls_short_is_a_case_for_training(
    database: Database,
) -> None:
    await amended(database, 60)
    await in_plain_voice(database, 30, reworded=True)

    verdict, evidence = await verdict_on(database)

    assert verdict.advice is Advice.TUNE
    assert "Leads still reword 100% of the answers in the voice plain." in verdict.reasons
    assert evidence.examples >= 50
    economics = evidence.economics
    assert economics.training.usd is not None
    assert economics.prompted.usd is not None
    assert economics.tuned.usd is not None
    saved = economics.prompted.usd - economics.tuned.usd
    assert economics.break_even.usd == pytest.approx(economics.training.usd / 12 / saved, abs=1)
    assert pass_gate(verdict, None).verdict is Advice.TUNE
    # The style of the prompted voice lies between the neutral one and the desk's.
    assert evidence.of_kind("prompted") is not None


async def test_terms_the_desk_asks_for_and_bans_count(database: Database) -> None:
    await amended(database, 20)
    style = StyleSettings(required=("happy to help",), banned=("no problem",))
    _, evidence = await verdict_on(database, style=style)
    neutral = evidence.of_kind("neutral")
    assert neutral is not None
    assert neutral.style is not None
    assert neutral.style.terms == 0
    assert evidence.profile is not None
    assert evidence.profile.agreement(["Happy to help! It is done."]).terms == 1
    assert evidence.profile.agreement(["Happy to help! No problem."]).terms == 0


def test_the_gate_is_closed_without_a_reason() -> None:
    verdict = Verdict(Advice.STAY, ("Leads approve nearly all.",))
    with pytest.raises(GateClosed, match=r"The verdict is: stay with retrieval\. Leads approve"):
        pass_gate(verdict, None)
    allowed = pass_gate(verdict, "the board wants it")
    assert (allowed.verdict, allowed.despite) == (Advice.STAY, "the board wants it")


def test_the_commands(sample_url: str, footnote: Command) -> None:
    async def prepare() -> None:
        async with open_pool(sample_url) as opened:
            await amended(opened, 40)
            await in_plain_voice(opened, 10, reworded=True)

    asyncio.run(prepare())
    Path("footnote.toml").write_text(PRICES, encoding="utf-8")

    ended = footnote("voice", "advise", "--html", "report.html", DATABASE_URL=sample_url)

    assert ended.code == 0, ended.err
    assert ended.out.startswith("# Use exemplars\n")
    assert "| freshness | nightly; " in ended.out
    assert re.search(r"training \| \$[\d.]+ \| [\d,]+ tokens × 3 epochs × \$5 per", ended.out)
    assert re.search(r"tuning pays \| (unknown \| never|[\d,e+]+ \| \$)", ended.out)
    page = Path("report.html").read_text(encoding="utf-8")
    assert page.count("<svg") >= 4
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    printed = json.loads(footnote("voice", "advise", "--json", DATABASE_URL=sample_url).out)
    assert printed["verdict"] == "use exemplars"
    assert printed["evidence"]["reviewed"]["reworded"] == 50
    footnote("voice", "dataset", "build", DATABASE_URL=sample_url)
    refused = footnote("voice", "train", "x", DATABASE_URL=sample_url, OPENAI_API_KEY="sk-x")
    refused.assert_ended("The verdict is: use exemplars.", "--despite")
