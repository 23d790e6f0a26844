"""Fifteen ways in which a voice may alter facts: each is caught, and the neutral wording stands."""

from collections.abc import AsyncIterator, Callable

import pytest

from bot.answers import Answer, Citation, Kind, Part, Support, Verdict
from bot.chat import model as chat_model
from bot.chat.model import ChatModel
from bot.evidence import Evidence, Passage
from bot.settings import VoiceSettings
from bot.voice.rewrite import Outcome, reword
from bot.voice.voices import Voice
from tests.fakes.openai_server import OpenAIServer

STATEMENTS = (
    "Pro costs €8.50 a month.",
    "You must not unplug the Bridge for 5 minutes.",
    "Admins may invite up to 20 people to **Settings > Team**.",
    "Invoices are sent on 3 March 2026.",
    "Open **Settings > Billing** and choose the year.",
    "Press **Download** to get the PDF with every invoice.",
    "Write to help@rimeholt.example if the download does not begin.",
)
BODY = f"Compare Home and Business with Pro. {' '.join(STATEMENTS)}"
Altering = Callable[[list[str]], list[str]]


def put(at: int, old: str, new: str) -> Altering:
    """Other words in one line."""

    def alter(said: list[str]) -> list[str]:
        assert old in said[at - 1]
        return [*said[: at - 1], said[at - 1].replace(old, new), *said[at:]]

    return alter


def renumbered(said: list[str]) -> list[str]:
    return [f"{n}. {line.partition('. ')[2]}" for n, line in enumerate(said, start=1)]


def merged(said: list[str]) -> list[str]:
    """Two steps in one line, and a remark where the second was."""
    together = said[4].rstrip(".") + ", then press **Download** to get the PDF with every invoice."
    return [*said[:4], together, "6. Then go on.", *said[6:]]


def in_german(said: list[str]) -> list[str]:
    return [*said[:4], "5. Öffnen Sie **Settings > Billing** und wählen Sie das Jahr.", *said[5:]]


# What was done → the reply made of the faithful one, and the parts that have to stay neutral.
ALTERATIONS: dict[str, tuple[Altering, set[int]]] = {
    "number": (put(3, "20", "25"), {3}),
    "currency": (put(1, "€", "$"), {1}),
    "date": (put(4, "3 March", "8 March"), {4}),
    "duration": (put(2, "5 minutes", "5 hours"), {2}),
    "plan name": (put(1, "Pro", "Business"), {1}),
    "negation": (put(2, "must not", "must"), {2}),
    "must for may": (put(3, "may", "must"), {3}),
    "step dropped": (lambda said: renumbered([*said[:4], *said[5:]]), set(range(1, 8))),
    "steps merged": (merged, {5, 6}),
    "order changed": (lambda said: renumbered([*said[:4], said[5], said[4], said[6]]), {5, 6}),
    "URL added": (put(6, "invoice.", "invoice: https://pay.example/now"), {6}),
    "citation moved": (put(4, "2026.", "2026. [2]"), {4}),
    "part added": (lambda said: [*said, "8. Invoices are free of charge."], set(range(1, 8))),
    "part emptied": (lambda said: [*said[:4], "5. ", *said[5:]], set(range(1, 8))),
    "language changed": (in_german, {5}),
}


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as running:
        yield running


@pytest.fixture
async def brand(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Voice]:
    """A voice at the fake."""
    monkeypatch.setattr(chat_model, "LONGEST_WAIT", 0.05)
    settings = VoiceSettings(base_url=server.base_url, model="ft:brand", timeout_seconds=10)
    voice = Voice("brand", ChatModel(settings, None), settings)
    yield voice
    await voice.model.close()


@pytest.fixture
def neutral() -> Answer:
    """An answer of seven statements, each with its citation."""
    passages = tuple(
        Passage(
            n=n, article_version_id=n, article=f"a{n}", version=1, title="Invoices", url="",
            audience="public", locale="en", updated_at=None, heading_path=("Invoices",),
            anchor=None, start=0, end=len(BODY), text=BODY, score=1.0,
        )
        for n in (1, 2)
    )  # fmt: skip
    parts = tuple(
        Part(
            text,
            (Citation(1, BODY.index(text), BODY.index(text) + len(text), Support.SUPPORTED),),
            Kind.STEP if number in (5, 6) else Kind.STATEMENT,
            Support.SUPPORTED,
        )
        for number, text in enumerate(STATEMENTS, start=1)
    )
    return Answer("How do I get an invoice?", Verdict.ANSWERED, "quotes", parts, Evidence(passages))


def faithful() -> list[str]:
    """What a voice gives back that changes little."""
    said = [f"{n}. {text}" for n, text in enumerate(STATEMENTS, start=1)]
    return [f"1. Happy to help! {STATEMENTS[0]}", *said[1:]]


async def test_a_faithful_voice_passes(neutral: Answer, brand: Voice, server: OpenAIServer) -> None:
    server.script("\n".join(faithful()))

    worded = await reword(neutral, brand)

    assert (worded.answer.voice, worded.answer.note) == ("brand", None)
    assert worded.answer.parts[0].text == f"Happy to help! {STATEMENTS[0]}"
    assert worded.use is not None
    assert (worded.use.outcome, worded.use.passed) == (Outcome.VOICED, 7)


@pytest.mark.parametrize("what", ALTERATIONS)
async def test_each_alteration_is_caught(
    what: str, neutral: Answer, brand: Voice, server: OpenAIServer
) -> None:
    alter, at_stake = ALTERATIONS[what]
    lines = alter(faithful())
    # It insists when it is asked again: then for the failed lines alone, or for all of them.
    again = [lines[at - 1] for at in sorted(at_stake) if at <= len(lines)]
    whole = len(at_stake) == len(STATEMENTS)
    server.script("\n".join(lines), "\n".join(lines if whole else renumbered(again)))

    worded = (await reword(neutral, brand)).answer

    assert server.unused == 0
    assert [part.citations for part in worded.parts] == [part.citations for part in neutral.parts]
    for number, (part, before) in enumerate(zip(worded.parts, neutral.parts, strict=True), start=1):
        if number in at_stake:
            assert part.text == before.text, number
    assert worded.note is not None
    if whole:
        assert worded.parts == neutral.parts
        assert worded.note.startswith("Neutral wording: the voice brand could not be used: it ")
    else:
        assert worded.parts[1 if 1 in at_stake else 0].text != ""
        assert worded.note.startswith(f"Partly in brand voice: {len(at_stake)} of 7 statements")


async def test_a_part_that_fails_is_asked_for_once_more(
    neutral: Answer, brand: Voice, server: OpenAIServer
) -> None:
    lines = put(3, "20", "25")(faithful())
    server.script("\n".join(lines), "1. Admins can invite up to 20 people to **Settings > Team**.")

    worded = await reword(neutral, brand)

    assert (worded.answer.voice, worded.answer.note) == ("brand", None)
    assert worded.answer.parts[2].text.startswith("Admins can invite up to 20")
    again = str(server.requests[1].body["messages"][-1]["content"])
    assert again.splitlines() == [
        "Some lines were not kept to the rules. Reword these anew: line 1 changed a number.",
        f"1. {STATEMENTS[2]}",
    ]


async def test_most_parts_failing_leaves_the_whole_answer_neutral(
    neutral: Answer, brand: Voice, server: OpenAIServer
) -> None:
    lines = [f"{line} It costs $99." for line in faithful()]
    server.script("\n".join(lines), "\n".join(lines))

    worded = await reword(neutral, brand)

    assert worded.answer.parts == neutral.parts
    assert worded.use is not None
    assert worded.use.outcome is Outcome.NEUTRAL


async def test_what_is_told_meanwhile_has_passed(
    neutral: Answer, brand: Voice, server: OpenAIServer
) -> None:
    lines = put(3, "20", "25")(faithful())
    server.script("\n".join(lines), "1. Admins can invite up to 20 people to **Settings > Team**.")
    told: list[Answer] = []

    async def tell(so_far: Answer) -> None:
        told.append(so_far)

    worded = await reword(neutral, brand, on_progress=tell)

    # The third line is asked for again, and all that follows waits for it.
    assert {len(so_far.parts) for so_far in told} == {1, 2}
    assert all("25" not in so_far.text for so_far in told)
    assert told[0].parts[0].text.startswith("Happy to help!")
    assert all(worded.answer.parts[: len(each.parts)] == each.parts for each in told)
