"""How near the words of a question come to what was found, and what of it is read."""

from dataclasses import replace

import pytest

from bot.closeness import READ, Closeness, closeness
from bot.evidence import Evidence, Passage
from ingest.embeddings.embedded import EmbeddedEmbedder
from ingest.lexicon import asked_words

REFUND = "You get your money back within 14 days.\n\nTap **Refund** in the list of orders."
LAMP = "Turn the knob of the lamp.\n\nIts light gets warmer."


def passage(text: str, n: int = 1, heading: str = "Heading") -> Passage:
    return Passage(
        n, n, f"a{n}", 1, "Title", "", "public", "en", None, ("Title", heading), None,
        0, len(text), text, 1.0,
    )  # fmt: skip


async def found(local: EmbeddedEmbedder, question: str, *passages: Passage) -> Closeness:
    """The closeness of passages for a question whose words are equally rare."""
    idfs = (2.0,) * len(dict.fromkeys(asked_words(question)))
    return await closeness(question, Evidence(passages, idfs=idfs), local)


@pytest.mark.parametrize(
    ("nearer", "farther"),
    [
        ("How do I get a refund?", "How do I get a visa?"),
        ("When do I have my money again?", "When do I have my passport again?"),
        ("refund", "penguins"),
    ],
)
async def test_words_that_are_there_or_nearly_are_nearer(
    embedder: EmbeddedEmbedder, nearer: str, farther: str
) -> None:
    one, other = [await found(embedder, each, passage(REFUND)) for each in (nearer, farther)]

    assert 0 < other.words < one.words <= 1


async def test_the_best_sentence_of_a_question_counts(embedder: EmbeddedEmbedder) -> None:
    asked = "How do I get a refund?"
    told = f"My aunt in Peru bought eleven violins by accident. {asked}"

    alone = await found(embedder, asked, passage(REFUND))
    after = await found(embedder, told, passage(REFUND))

    assert after.words == pytest.approx(alone.words, abs=0.15)


async def test_the_best_passage_counts(embedder: EmbeddedEmbedder) -> None:
    asked = "How do I get a refund?"

    one = await found(embedder, asked, passage(REFUND))
    both = await found(embedder, asked, passage(LAMP), passage(REFUND, 2))

    assert both.words == pytest.approx(one.words, abs=0.05)


async def test_rare_words_weigh_most(embedder: EmbeddedEmbedder) -> None:
    asked = "refund violins"
    evidence = Evidence((passage(REFUND),))

    known = await closeness(asked, replace(evidence, idfs=(5.0, 1.0)), embedder)
    strange = await closeness(asked, replace(evidence, idfs=(1.0, 5.0)), embedder)

    assert known.words > strange.words


async def test_a_heading_that_has_the_words_is_told(embedder: EmbeddedEmbedder) -> None:
    there = await found(embedder, "Where is my refund?", passage(LAMP, heading="Refunds"))
    elsewhere = await found(embedder, "Where is my refund?", passage(LAMP))

    assert (there.headed, elsewhere.headed) == (1, 0)


async def test_every_place_has_a_fit_though_few_are_read(embedder: EmbeddedEmbedder) -> None:
    text = "\n\n".join(f"Room {n} has {n} lamps." for n in range(3 * READ)) + f"\n\n{REFUND}"

    close = await found(embedder, "How do I get a refund?", passage(text))
    (fits,) = close.fits

    assert len(fits) == 3 * READ + 2
    assert max(fits, key=fits.__getitem__).span.text == "Tap **Refund** in the list of orders."


@pytest.mark.parametrize("question", ["", "?!", "👍", "the of and", "\ud800", "x" * 5_000, "返金"])
async def test_no_question_is_too_odd(embedder: EmbeddedEmbedder, question: str) -> None:
    close = await found(embedder, question, passage(REFUND))

    assert -1e-6 <= close.words <= 1 + 1e-6


async def test_nothing_found_is_not_near(embedder: EmbeddedEmbedder) -> None:
    assert await found(embedder, "refund") == Closeness()
    assert await found(embedder, "refund", passage("---")) == Closeness()
