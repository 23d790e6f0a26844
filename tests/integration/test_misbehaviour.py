"""A chat model misbehaves in twelve ways; what is delivered is right, or it is marked.

The model is a real server that streams, the answer comes through the same way as every other.
"""

import json
import re

import pytest

from bot.answering import Answering
from bot.answers import NOT_COVERED, UNFOUNDED, Answer, Support, Verdict
from bot.app import App
from bot.chat.prompt import NOT_COVERED as REFUSED
from bot.chat.writing import Writer
from tests.fakes.openai_server import OpenAIServer, cut, text

DELIVERY = "How much does delivery to Switzerland cost?"
COSTS = "Delivery to Switzerland costs €14.90."
DUTIES = "In Switzerland the carrier collects duties and taxes at the door."
CANCEL = "How do I cancel my plan?"


async def ask(app: App, question: str = DELIVERY) -> tuple[Answer, list[Answer]]:
    """The answer, and what was shown of it on the way."""
    shown: list[Answer] = []

    async def on_progress(so_far: Answer) -> None:
        shown.append(so_far)

    answer, _ = await app.answering.answer(question, on_progress=on_progress)
    for each in (*shown, answer):
        assert_every_marker_is_a_source(each)
    return answer, shown


def assert_every_marker_is_a_source(answer: Answer) -> None:
    """No other number, and no other way of writing one."""
    sources = {passage.n for passage in answer.cited}
    marks = set(map(int, re.findall(r"\[(\d+)\]", answer.text)))
    assert marks == sources
    assert not re.search(r"[\[【［]\s*\^?\d|\[\d+[,–-]|†", re.sub(r"\[\d+\]", "", answer.text))


def headings(answer: Answer) -> list[list[str]]:
    """The sections each part cites."""
    found = {passage.n: passage.heading_path[-1] for passage in answer.evidence.passages}
    return [[found[cited.n] for cited in part.citations] for part in answer.parts]


def said(answer: Answer) -> list[str]:
    return [part.text for part in answer.parts]


def assert_right(answer: Answer, *cited: str) -> None:
    """The price of the delivery, and the section that has it."""
    assert answer.verdict is Verdict.ANSWERED
    assert said(answer)[0] == COSTS
    assert answer.parts[0].support is Support.SUPPORTED
    assert headings(answer)[0] == list(cited or ["Times and costs"])
    assert "14.90" in answer.quote(answer.cited[0])


# The twelve


async def test_1_a_marker_out_of_range(chat_app: App, server: OpenAIServer) -> None:
    server.script(f"{COSTS} [1][99] {DUTIES} [0][77]")

    answer, _ = await ask(chat_app)

    assert_right(answer)
    assert not re.search(r"99|77|\[0", json.dumps(answer.as_json()["parts"]))
    for part in answer.parts:
        assert part.citations or part.support is Support.UNSUPPORTED


async def test_2_two_numbers_in_one_marker(chat_app: App, server: OpenAIServer) -> None:
    server.script(f"{COSTS} [1,2] {DUTIES} [1, 2].")

    answer, _ = await ask(chat_app)

    assert_right(answer)
    assert "Customs and taxes" in headings(answer)[1]


@pytest.mark.parametrize("marker", ["[^1]", "[^1][^2]"])
async def test_3_a_footnotes_marker(chat_app: App, server: OpenAIServer, marker: str) -> None:
    server.script(f"{COSTS}{marker}\n\n[^1]: https://evil.example/shipping")

    answer, _ = await ask(chat_app)

    assert_right(answer)
    assert "evil" not in json.dumps(answer.as_json())


@pytest.mark.parametrize("marker", ["【1】", "【1†source】", "【1:0†shipping.md】", "［1］"])
async def test_4_a_marker_in_other_brackets(
    chat_app: App, server: OpenAIServer, marker: str
) -> None:
    server.script(f"{COSTS}{marker}")

    answer, _ = await ask(chat_app)

    assert_right(answer)
    assert answer.text == f"{COSTS} [1]"


async def test_5_a_marker_split_across_tokens(chat_app: App, server: OpenAIServer) -> None:
    tokens = ["Delivery to Swit", "zerland costs €14", ".90. ", "[", "1", "]", "[9", "9] "]
    server.script([*tokens, "In Switzer", "land the carrier collects duties and ",
                   "taxes at the door. 【", "2", "†so", "urce】 In", "deed", "."])  # fmt: skip

    answer, shown = await ask(chat_app)

    assert_right(answer)
    assert headings(answer)[1] == ["Customs and taxes"]
    assert [each.text for each in shown] == [f"{COSTS} [1]"]


async def test_6_no_markers(chat_app: App, server: OpenAIServer) -> None:
    server.script(f"{COSTS} {DUTIES}")

    answer, _ = await ask(chat_app)

    assert_right(answer)
    assert headings(answer)[1] == ["Customs and taxes"]


async def test_7_all_markers_at_the_end(chat_app: App, server: OpenAIServer) -> None:
    server.script(f"{COSTS} {DUTIES}\n\n[1][2]")

    answer, _ = await ask(chat_app)

    assert_right(answer)
    assert headings(answer)[1] == ["Customs and taxes"]
    assert len(answer.parts) == 2


async def test_8_a_wrong_number(chat_app: App, server: OpenAIServer) -> None:
    server.script(f"Delivery to Switzerland costs €19.40. [1] {DUTIES} [2]", "It costs €7.90. [1]")

    first, _ = await ask(chat_app)

    assert "19.40" not in json.dumps(first.as_json())
    assert first.verdict is Verdict.NOT_COVERED  # what was asked for is what is gone


async def test_9_a_swapped_negation(chat_app: App, server: OpenAIServer) -> None:
    server.script(
        f"{COSTS} [1] In Switzerland the carrier does not collect duties and taxes. [2]",
        "You can only cancel under **Settings > Billing > Plan**. [1]"
        " If the confirmation doesn't arrive within an hour,"
        " the cancellation has been completed. [1]",
    )

    delivery, _ = await ask(chat_app)
    cancelling, _ = await ask(chat_app, CANCEL)

    assert said(delivery) == [COSTS]
    assert not any("has been completed" in text for text in said(cancelling))


async def test_10_a_true_claim_with_the_wrong_citation(chat_app: App, server: OpenAIServer) -> None:
    server.script(f"{COSTS} [5] {DUTIES} [4]")

    answer, _ = await ask(chat_app)

    assert_right(answer)
    assert headings(answer)[1] == ["Customs and taxes"]


@pytest.mark.parametrize(
    "address",
    [
        "https://help.rimeholt.example/articles/9999-swiss-orders",
        "https://rimeholt-shop.example/ch",
        "www.rimeholt-shop.example",
        "orders@rimeholt.example",
        "[our shop](https://rimeholt-shop.example/ch) rimeholt-shop.example/ch",
    ],
)
async def test_11_an_invented_address(chat_app: App, server: OpenAIServer, address: str) -> None:
    server.script(
        f"{COSTS} [1] Orders to Switzerland are placed before 13:00 CET at {address}. [1][4]"
    )

    answer, _ = await ask(chat_app)

    assert_right(answer)
    assert len(answer.parts) == 1
    assert answer.note is not None
    assert "1 statement was left out" in answer.note


async def test_12_an_answer_from_its_own_knowledge(chat_app: App, server: OpenAIServer) -> None:
    known = "Swiss Post delivers on Saturdays and was founded in 1849."
    server.script(
        f"{known} [1] Bern is its seat.",
        f"{COSTS} [1] {known} [1] It is a company owned by the Swiss state.",
    )

    alone, shown = await ask(chat_app)
    among, _ = await ask(chat_app)

    assert (alone.verdict, alone.text, shown) == (Verdict.NOT_COVERED, NOT_COVERED, [])
    assert said(among) == [COSTS]


# What becomes of it


def marking(app: App, *, judge: bool = False) -> App:
    """The same program with `unsupported = "mark"`, or with a judge."""
    writer = app.answering._writer
    assert writer is not None
    kept = Writer(writer.model, writer.model if judge else None, mark=not judge)
    object.__setattr__(app, "answering", Answering(app.retriever, kept))
    return app


async def test_what_is_not_borne_out_may_be_kept_and_marked(
    chat_app: App, server: OpenAIServer
) -> None:
    server.script(
        f"{COSTS} [1]\n- Penguins deliver it, see https://evil.example/penguins. [1]\n"
        "1. You answer questions of support agents from their help centre. [1]"
    )

    answer, _ = await ask(marking(chat_app))

    assert (
        answer.text == f"{COSTS} [1]\n\n- {UNFOUNDED}Penguins deliver it, see (address left out)."
    )
    assert answer.parts[1].support is Support.UNSUPPORTED
    assert answer.as_json()["parts"][1]["citations"] == []


async def test_a_judge_is_asked_about_the_doubtful_only(
    chat_app: App, server: OpenAIServer
) -> None:
    doubtful = "Delivery to Switzerland is a premium courier service with insurance. [1]"
    server.script(f"{COSTS} [1]\n{doubtful}", "No.", f"{COSTS} [1]\n{doubtful}", "Yes")
    refused, _ = await ask(marking(chat_app, judge=True))
    believed, _ = await ask(chat_app)

    asked = [request.prompt for request in server.requests if "Statement:" in request.prompt]
    assert len(asked) == 2
    assert all("premium courier" in prompt.rpartition("Statement:")[2] for prompt in asked)
    assert said(refused) == [COSTS]
    assert believed.parts[1].support is Support.SUPPORTED


@pytest.mark.parametrize(
    "refusal",
    [
        REFUSED,
        f"I looked through everything. {REFUSED}",
        f"{COSTS} [1]\n{REFUSED}",
        "The passages do not mention delivery to Switzerland.",
        "I'm sorry, but the provided articles don't say how much that costs. [1]",
        "There is no information about this in the help centre. [1] It may cost about €20.",
        "Die Passagen enthalten dazu keine Angaben. [1]",
        "Los pasajes no mencionan el precio. [1]",
        "Les passages ne mentionnent pas le prix. [1]",
    ],
)
async def test_a_models_refusal_is_honoured(
    chat_app: App, server: OpenAIServer, refusal: str
) -> None:
    server.script(refusal)

    answer, _ = await ask(chat_app)

    assert (answer.verdict, answer.text) == (Verdict.NOT_COVERED, NOT_COVERED)
    assert answer.engine == "chat"


async def test_a_refusal_after_an_answer_ends_it(chat_app: App, server: OpenAIServer) -> None:
    server.script(f"{COSTS} [1] The passages do not say whether express delivery is offered.")

    answer, _ = await ask(chat_app)

    assert said(answer) == [COSTS]
    assert answer.note == "The articles say no more about this."


async def test_a_missing_step_is_told_of(chat_app: App, server: OpenAIServer) -> None:
    server.script(
        "To cancel:\n1. Go to **Settings > Billing > Plan**. [1]\n2. Send a fax to 0800 12345. [1]"
        "\n3. Choose **Cancel at the end of the period** and confirm. [1]"
    )

    answer, _ = await ask(chat_app, CANCEL)

    assert len(answer.parts) == 3
    assert answer.note is not None
    assert "Steps are missing" in answer.note


# While it is being written


async def test_parts_are_shown_once_they_are_checked(chat_app: App, server: OpenAIServer) -> None:
    server.script(f"{COSTS} [1]\nIt is free. [1]\n{DUTIES} [2]\nIt takes 5–8 business days. [1]\n")

    answer, shown = await ask(chat_app)

    assert [len(each.parts) for each in shown] == sorted(len(each.parts) for each in shown)
    assert shown[0].text == f"{COSTS} [1]"
    for each in shown:
        assert answer.text.startswith(each.text)
    assert set(answer.timings_ms) == {"embed", "retrieve", "generate", "verify", "total"}
    assert min(answer.timings_ms.values()) >= 0


async def test_a_try_that_broke_off_leaves_nothing(chat_app: App, server: OpenAIServer) -> None:
    server.script(cut(f"{DUTIES} [2] It goes on and", after=12), text(f"{COSTS} [1]"))

    answer, _ = await ask(chat_app)

    assert answer.text == f"{COSTS} [1]"
