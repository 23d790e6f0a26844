"""Which messages in a thread of ours are meant for us."""

import pytest

from bot.threads import Meant, Thread, asks, meant

ALICE, BOB = "U01ALICE001", "U01BOB00001"
OURS = Thread(frozenset({ALICE}), quiet=False)


@pytest.mark.parametrize(
    "text",
    [
        "And to Norway?",
        "what about the Pro plan",
        "How long does that take",
        "Und in die Schweiz?",
        "¿Y en Noruega?",
        "送料はいくらですか？",
        "It says E12 on the lamp, is that bad?",
        "and on Android",
    ],
)
def test_the_asker_may_go_on_asking_without_a_mention(text: str) -> None:
    assert asks(text)
    assert meant(text, ALICE, OURS) is Meant.FOR_US


@pytest.mark.parametrize(
    "text",
    ["Thanks!", "Perfect, that helps.", "I will tell them.", "ok", "Danke dir", "👍", "And thanks"],
)
def test_what_asks_nothing_is_left_alone(text: str) -> None:
    assert meant(text, ALICE, OURS) is Meant.FOR_NOBODY


@pytest.mark.parametrize(
    ("text", "author"),
    [
        ("Can you call them?", BOB),
        ("Nice.", BOB),
        (f"<@{BOB}> what do you think?", ALICE),
        ("<!subteam^S01LEADS001> who takes this?", ALICE),
        ("<!here> anyone?", ALICE),
    ],
)
def test_people_who_talk_to_one_another_are_left_alone(text: str, author: str) -> None:
    assert meant(text, author, OURS) is Meant.FOR_PEOPLE


def test_a_thread_that_people_have_taken_over_stays_theirs() -> None:
    theirs = Thread(frozenset({ALICE}), quiet=True)
    assert meant("And to Norway?", ALICE, theirs) is Meant.FOR_PEOPLE
