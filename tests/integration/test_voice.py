"""A voice changes words, never facts; where it cannot be used, the neutral wording stands.

What it may not change is tested in test_alterations.py.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot import records
from bot.answers import Answer, Verdict
from bot.app import App, open_app
from bot.asking import answer_once
from bot.chat import model as chat_model
from bot.errors import VoiceError
from bot.settings import Settings
from bot.voice.rewrite import Outcome, reword
from tests.fakes.grounded_model import cheerful_voice
from tests.fakes.openai_server import OpenAIServer, error, text

BILL = "Where can I download the bill for my subscription?"
VOICES = """
[voices.brand]
base_url = "{url}"
model = "ft:brand"
instructions = "Be cheerful; we are the team of Quillbrook."
input_price = 1.0
output_price = 1.0
[[voices.brand.exemplars]]
neutral = "Wait 5 minutes."
wording = "Give it 5 minutes."

[voices.formal]
base_url = "{url}"
model = "ft:formal"
"""


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as running:
        running.models["ft:brand"] = cheerful_voice
        yield running


@pytest.fixture
def voices(server: OpenAIServer) -> None:
    Path("footnote.toml").write_text(VOICES.format(url=server.base_url), encoding="utf-8")


@pytest.fixture
async def voiced(
    sample_url: str, voices: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[App]:
    """The program on the sample help centre, with two voices at the fake."""
    monkeypatch.setenv("DATABASE_URL", sample_url)
    monkeypatch.setattr(chat_model, "LONGEST_WAIT", 0.05)
    async with open_app(Settings.load()) as opened:
        yield opened


@pytest.fixture
async def neutral(voiced: App) -> Answer:
    """An answer of several quoted parts."""
    answer, _ = await voiced.answering.answer(BILL)
    assert len(answer.parts) > 2
    return answer


def lines(answer: Answer) -> list[str]:
    """The answer as a well-behaved voice would give it back."""
    return [f"{n}. {part.text}" for n, part in enumerate(answer.parts, start=1)]


async def test_the_words_change_and_the_citations_do_not(
    voiced: App, neutral: Answer, server: OpenAIServer
) -> None:
    worded = (await reword(neutral, (await voiced.voices.choose("brand")))).answer

    assert (worded.voice, worded.model, worded.note) == ("brand", "ft:brand", None)
    assert worded.parts[0].text == f"Happy to help! {neutral.parts[0].text}"
    assert [part.citations for part in worded.parts] == [part.citations for part in neutral.parts]
    assert [part.kind for part in worded.parts] == [part.kind for part in neutral.parts]
    assert worded.evidence == neutral.evidence
    assert worded.cost_usd > neutral.cost_usd
    messages = server.requests[0].body["messages"]
    assert messages[0]["content"].endswith("the team of Quillbrook.")
    assert [message["content"] for message in messages[1:3]] == [
        "1. Wait 5 minutes.",
        "1. Give it 5 minutes.",
    ]
    assert messages[3]["content"].splitlines() == lines(neutral)


async def test_the_wording_is_kept_beside_the_neutral_one(voiced: App) -> None:
    worded = await answer_once(voiced, BILL, voice="brand")
    assert worded.id is not None
    kept = await records.load(voiced.database, worded.id)
    assert kept is not None
    assert kept.text == worded.text

    neutral = await records.in_voice(voiced.database, worded.id, "neutral")
    assert neutral is not None
    assert neutral.id is not None
    assert neutral.id != worded.id
    assert not neutral.text.startswith("1. Happy")
    back = await records.in_voice(voiced.database, neutral.id, "brand")
    assert back == kept
    assert await records.in_voice(voiced.database, neutral.id, "formal") is None


def spoilt(said: list[str]) -> Iterator[list[str]]:
    """Replies that do not have the shape that was asked for."""
    yield said[:-1]
    yield [*said, f"{len(said) + 1}. Anything else?"]
    yield ["Sure, here you go:", *said]
    yield [said[1], said[0], *said[2:]]
    yield ["1. ", *said[1:]]
    yield ["I cannot do that."]


async def test_a_reply_of_another_shape_leaves_the_neutral_wording(
    voiced: App, neutral: Answer, server: OpenAIServer
) -> None:
    for reply in spoilt(lines(neutral)):
        server.script("\n".join(reply), "\n".join(reply), model="ft:brand")

        worded = (await reword(neutral, (await voiced.voices.choose("brand")))).answer

        assert server.unused == 0
        assert (worded.parts, worded.voice) == (neutral.parts, "neutral")
        assert worded.note == (
            "Neutral wording: the voice brand could not be used: it lost or added a statement."
        )


async def test_what_the_desk_is_called_may_be_in_a_greeting(
    voiced: App, neutral: Answer, server: OpenAIServer
) -> None:
    greeted = [f"{lines(neutral)[0]} Warm wishes from your Quillbrook team.", *lines(neutral)[1:]]
    server.script("\n".join(greeted), greeted[0], model="ft:formal")
    stranger = (await reword(neutral, (await voiced.voices.choose("formal")))).answer
    assert stranger.parts[0].text == neutral.parts[0].text

    server.script("\n".join(greeted), model="ft:brand")
    assert (await reword(neutral, (await voiced.voices.choose("brand")))).answer.note is None


async def test_a_slow_voice_and_one_past_its_end_leave_the_neutral_wording(
    voiced: App, neutral: Answer, server: OpenAIServer
) -> None:
    brand = await voiced.voices.choose("brand")
    hasty = replace(brand, settings=brand.settings.model_copy(update={"timeout_seconds": 0.05}))
    server.script(text("\n".join(lines(neutral)), wait=5), model="ft:brand")
    late = await reword(neutral, hasty)
    assert late.use is not None
    assert late.use.outcome is Outcome.UNAVAILABLE
    assert late.answer.note is not None
    assert late.answer.note.endswith("could not be used: it did not answer within 0.05 s.")

    asked = len(server.requests)
    over = brand.settings.model_copy(update={"shutdown_date": date(2026, 1, 14)})
    past = await reword(neutral, replace(brand, settings=over))
    assert past.answer.parts == neutral.parts
    assert past.answer.note is not None
    assert past.answer.note.endswith("its model was shut down on 2026-01-14.")
    assert len(server.requests) == asked


async def test_markers_a_voice_repeats_where_they_belong_are_no_harm(
    voiced: App, neutral: Answer, server: OpenAIServer
) -> None:
    server.script("\n".join(f"{line} [1]" for line in lines(neutral)), model="ft:brand")

    worded = (await reword(neutral, (await voiced.voices.choose("brand")))).answer

    assert worded.voice == "brand"
    assert worded.text == neutral.text


async def test_a_voice_that_is_down_leaves_the_neutral_wording(
    voiced: App, server: OpenAIServer
) -> None:
    for status in (401, 500):
        server.script(*[error(status)] * (1 if status == 401 else 3), model="ft:brand")

        worded = await answer_once(voiced, BILL, voice="brand")

        assert (worded.verdict, worded.voice) == (Verdict.ANSWERED, "neutral")
        assert worded.note is not None
        assert worded.note.startswith(
            "Neutral wording: the voice brand could not be used: The model"
        )
        assert worded.id is not None
        kept = await records.load(voiced.database, worded.id)
        assert kept is not None
        assert kept.text == worded.text


async def test_one_line_may_come_back_without_its_number(voiced: App, server: OpenAIServer) -> None:
    single, _ = await voiced.answering.answer("How much does delivery to Switzerland cost?")
    assert len(single.parts) == 1
    words = single.parts[0].text
    server.script(f"With pleasure: {words}", model="ft:brand")
    assert (await reword(single, (await voiced.voices.choose("brand")))).answer.voice == "brand"

    chatty = f"Sure! Here is the reworded line:\n\n1. {words}"
    server.script(chatty, chatty, model="ft:brand")
    verbose = (await reword(single, (await voiced.voices.choose("brand")))).answer
    assert verbose.voice == "neutral"
    assert verbose.note is not None
    assert "could not be used" in verbose.note


async def test_what_is_not_covered_is_not_reworded(voiced: App, server: OpenAIServer) -> None:
    answer = await answer_once(voiced, "What is the boiling point of tungsten?", voice="brand")

    assert (answer.verdict, answer.voice) == (Verdict.NOT_COVERED, "neutral")
    assert server.requests == []


async def test_an_unknown_voice_names_those_there_are(voiced: App) -> None:
    with pytest.raises(
        VoiceError, match="no voice named pirate; there are: neutral, brand, formal"
    ):
        await answer_once(voiced, BILL, voice="pirate")
