"""Harmless rewordings pass and altered ones do not, over every sentence of the sample."""

from collections.abc import Callable, Sequence

import pytest

from bot.evaluation import perturbations
from bot.voice.facts import altered, names
from bot.wording import wording
from ingest.markup import parse, sentences
from tests.alterations import BY_RULE
from tests.conftest import SAMPLE
from tests.rewordings import RULES, harmless

HARMLESS = 300
MOST_FALLING_BACK = 0.10


@pytest.fixture(scope="module")
def said() -> list[str]:
    """The sentences of the sample help centre, as they stand in an answer's parts."""
    found = []
    for file in sorted(SAMPLE.rglob("*.md")):
        body = file.read_text(encoding="utf-8")
        for block in parse(body).blocks:
            for start, end in sentences(body, block.start, block.end):
                words = wording(body[start:end])
                if 25 < len(words) < 240 and words.endswith("."):
                    found.append(words)
    return list(dict.fromkeys(found))


@pytest.fixture(scope="module")
def known(said: list[str]) -> frozenset[str]:
    """The names of the sample's articles."""
    return names(*said)


def test_few_harmless_rewordings_fall_back(said: list[str], known: frozenset[str]) -> None:
    made = list(harmless(said, HARMLESS))

    fallen = [(new, why) for old, new, _ in made if (why := altered(old, new, known=known))]

    assert len(made) == HARMLESS
    assert len({new for _, new, _ in made}) > 0.95 * HARMLESS
    for rule in RULES:
        assert sum(rule in used.split("+") for _, _, used in made) >= 10, rule
    assert len(fallen) <= MOST_FALLING_BACK * HARMLESS, fallen


@pytest.mark.parametrize(
    ("rule", "least"),
    [
        ("number", 1.0), ("negation", 0.99), ("unit", 0.99), ("label", 1.0), ("only", 1.0),
        ("must and may", 0.95), ("bound", 0.95), ("condition dropped", 0.95),
        ("condition added", 0.95), ("statement added", 0.95), ("statement dropped", 0.85),
    ],
)  # fmt: skip
def test_altered_sentences_are_caught(
    rule: str, least: float, said: list[str], known: frozenset[str]
) -> None:
    _assert_caught(BY_RULE[rule], least, said, known)


def test_another_name_is_caught(said: list[str], known: frozenset[str]) -> None:
    others = sorted({name for each in said for name in perturbations.names(each)})

    def renamed(sentence: str, turn: int) -> str | None:
        return perturbations.entity_swapped(sentence, others, turn * 37)

    _assert_caught(renamed, 0.95, said, known)


def _assert_caught(
    alter: Callable[[str, int], str | None],
    least: float,
    said: Sequence[str],
    known: frozenset[str],
) -> None:
    made = [
        (old, new)
        for turn, old in enumerate(said)
        if (new := alter(old, turn)) is not None and new != old
    ]
    missed = [new for old, new in made if altered(old, new, known=known) is None]
    assert len(made) > 15
    assert len(missed) <= (1 - least) * len(made), missed
