"""Datasets: made of reviews, masked, without duplicates, in splits that share no article."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import DatasetError
from bot.privacy import CARD, E_MAIL, PHONE
from bot.review import verdicts
from bot.review.verdicts import ReviewVerdict
from bot.settings import PriceSettings
from bot.voice.dataset.approved import approved
from bot.voice.dataset.building import build, load
from bot.voice.pairs import system
from ingest.database import Database, open_pool
from tests.integration.command import Command
from tests.integration.reviewed import amended, answers, in_wording, rewrite, warmly

MODEL = "gpt-4.1-mini-2025-04-14"
PLANTED = ("eva.planted@example.com", "+49 170 1234567", "4111 1111 1111 1111")


@pytest.fixture
async def database(sample_url: str) -> AsyncIterator[Database]:
    async with open_pool(sample_url) as opened:
        yield opened


async def test_sixty_reviews_become_a_dataset(database: Database) -> None:
    await amended(database, 60)

    prices = PriceSettings(training=5.0, tokens_per_minute=10_000)
    dataset = await build(database, "Be warm.", MODEL, prices, "anna")

    counts = dataset.card["examples"]
    assert counts["train"] + counts["validation"] + counts["test"] > 40
    assert counts["test"] > 0 < counts["validation"]
    assert counts["preferences"] == counts["train"]
    dataset.check()
    first = json.loads(dataset.files["train"].splitlines()[0])["messages"]
    assert [turn["role"] for turn in first] == ["system", "user", "assistant"]
    assert first[0]["content"] == system("Be warm.").content
    assert first[2]["content"].startswith("1. Happy to help! ")
    better = json.loads(dataset.files["preferences"].splitlines()[0])
    assert better["preferred_output"][0]["content"] == first[2]["content"]
    assert better["non_preferred_output"][0]["content"] == first[1]["content"]
    tokens = dataset.card["tokens"]["train"]
    assert dataset.card["cost"]["usd"] == pytest.approx(tokens * 3 * 5 / 1_000_000)
    assert f"{tokens:,} tokens × 3 epochs × $5" in dataset.card["cost"]["formula"]
    assert dataset.card["minutes"] == pytest.approx(tokens * 3 / 10_000, abs=0.1)
    # The same reviews are the same dataset.
    again = await build(database, "Be warm.", MODEL, prices, "bob")
    assert again.hash == dataset.hash
    assert (await load(database, dataset.hash[:8])).files == dataset.files


async def test_no_articles_family_is_in_two_splits(database: Database) -> None:
    await amended(database, 60)
    found, _ = await approved(database)
    families = {str(each.review): set(each.families) for each in found}

    dataset = await build(database, "Be warm.", MODEL, None, "anna")

    by_split: dict[str, set[str]] = {}
    for review, split in dataset.reviews.items():
        by_split.setdefault(split, set()).update(families[review])
    assert len(by_split) == 3
    assert by_split["train"].isdisjoint(by_split["test"] | by_split["validation"])
    assert by_split["test"].isdisjoint(by_split["validation"])


async def test_personal_data_that_was_planted_is_in_no_row(database: Database) -> None:
    def with_contact(text: str, place: int) -> str:
        return f"{text} Thanks, {PLANTED[place % 3]}" if place else f"Hello {PLANTED[0]}! {text}"

    async for answer in answers(database, 24):
        assert answer.id is not None
        asked = f"My mail is {PLANTED[0]}, my card {PLANTED[2]}, call {PLANTED[1]}"
        async with database.session() as session:
            await session.connection.execute("UPDATE question SET text = %s", (asked,))
            # It stood in the article, too.
            await session.connection.execute(
                "UPDATE part SET text = text || %s WHERE answer_id = %s",
                (f" Write to {PLANTED[0]}, call {PLANTED[1]}, pay with {PLANTED[2]}.", answer.id),
            )
        parts = [f"{part.text} Write to {PLANTED[0]}, call {PLANTED[1]}, pay with {PLANTED[2]}."
                 for part in answer.parts]  # fmt: skip
        said = {at: warmly(text, at) for at, text in enumerate(parts)}
        await verdicts.review(
            database, answer.id, "U1", ReviewVerdict.AMEND, wordings=said, note=PLANTED[1]
        )
    await amended(database, 12, with_contact)

    dataset = await build(database, "Be warm.", MODEL, None, "anna")

    assert dataset.count("train") >= 10
    everything = "".join(dataset.files.values()) + json.dumps(dataset.card)
    for secret in (*PLANTED, "1234567", "1111 1111"):
        assert secret not in everything
    for mask in (E_MAIL, PHONE, CARD):
        assert mask in everything


async def test_what_is_no_example_is_left_out_and_said(database: Database, sample_url: str) -> None:
    async def review(verdict: ReviewVerdict, wordings: dict[int, str] | None = None) -> int:
        async for answer in answers(database, 1):
            assert answer.id is not None
            said = in_wording(answer, warmly) if wordings is None else wordings
            await verdicts.review(database, answer.id, "U1", verdict, wordings=said)
            return answer.id
        raise AssertionError

    await amended(database, 20)
    await review(ReviewVerdict.APPROVE)  # neutral, as it was
    await review(ReviewVerdict.REJECT)
    await review(ReviewVerdict.ARTICLE_WRONG)
    await review(ReviewVerdict.AMEND, {0: "It takes 99 days."})  # mends a fact
    await review(ReviewVerdict.AMEND, {0: "Short.", 1: ""})
    await review(ReviewVerdict.AMEND)  # says what the first of all says
    stale = [answer async for answer in answers(database, 12)][-1]
    assert stale.id is not None
    await verdicts.review(
        database, stale.id, "U1", ReviewVerdict.AMEND, wordings=in_wording(stale, warmly)
    )
    await rewrite(database, stale)

    dataset = await build(database, "Be warm.", MODEL, None, "anna")

    left_out = dataset.card["left_out"]
    assert left_out["approved as it was, so there is no wording to learn"] == 1
    assert left_out["rejected, or its article is wrong"] == 2
    assert left_out["it was amended for its facts"] == 1
    assert left_out["its statements could not be told apart"] == 1
    assert left_out["what it cites has changed"] == 2  # the twelfth of the twenty, too
    assert left_out["near-duplicates"] == 1


def test_the_commands(sample_url: str, footnote: Command) -> None:
    def run(*words: str) -> str:
        ended = footnote("voice", "dataset", *words, DATABASE_URL=sample_url)
        assert ended.code == 0, ended.err
        return ended.out

    async def with_reviews(count: int) -> None:
        async with open_pool(sample_url) as opened:
            await amended(opened, count)

    asyncio.run(with_reviews(4))
    few = footnote("voice", "dataset", "build", DATABASE_URL=sample_url)
    assert "4 examples to train on; 10 are the least and 50 to 100 better" in few.err
    asyncio.run(with_reviews(30))
    assert "- train: " in run("build", "--out", "data")
    assert Path("data/train.jsonl").read_text(encoding="utf-8").count("\n") >= 10
    assert "# Dataset" in Path("data/card.md").read_text(encoding="utf-8")
    shown = json.loads(run("show", "--json"))
    assert {each["split"] for each in shown} >= {"train"}
    review = shown[0]["review"]
    assert f"review {review} · train" in run("show")
    run("strike", str(review), "--why", "too chatty")
    run("build")
    assert review not in [each["review"] for each in json.loads(run("show", "--json"))]
    run("strike", str(review), "--back")
    footnote("voice", "dataset", "strike", "999999", DATABASE_URL=sample_url).assert_told(
        "There is no review 999999"
    )


async def test_there_is_none_before_one_is_built(database: Database) -> None:
    with pytest.raises(DatasetError, match="footnote voice dataset build"):
        await load(database)
