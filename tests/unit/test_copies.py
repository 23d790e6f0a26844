"""Copies for customers: plain words, and nothing that is internal."""

from dataclasses import replace

from bot.answers import UNFOUNDED, Kind, Support
from bot.evidence import Evidence
from bot.slack.actions.copies import NOTHING, copy_view, customer_text
from tests.fakes.block_kit import check_modal_or_home
from tests.unit.answered import answer, cited, passage

PUBLIC = passage(url="https://help.example/articles/1")
INTERNAL = passage(2, audience="internal", title="Fraud signals")
BOTH = Evidence((PUBLIC, INTERNAL))


def test_markers_and_marks_are_left_out_and_articles_are_named() -> None:
    said = answer(cited("Tap **Reset**."), cited("Wait `5` minutes."), evidence=Evidence((PUBLIC,)))
    text, left_out = customer_text(said)
    assert text == "Tap Reset. Wait 5 minutes.\n\nReset a bridge: https://help.example/articles/1"
    assert left_out == 0


def test_what_rests_on_an_internal_article_is_left_out_and_steps_are_counted_anew() -> None:
    steps = [replace(cited(f"Step {n}."), kind=Kind.STEP) for n in (1, 2)]
    secret = replace(cited("Ask fraud.", n=2), kind=Kind.STEP)
    text, left_out = customer_text(answer(steps[0], secret, steps[1], evidence=BOTH))
    assert text.splitlines()[:2] == ["1. Step 1.", "2. Step 2."]
    assert "Fraud" not in text
    assert left_out == 1


def test_what_rests_on_no_article_is_left_out() -> None:
    guess = replace(cited("It is blue."), citations=(), support=Support.UNSUPPORTED)
    text, left_out = customer_text(answer(cited(), guess))
    assert UNFOUNDED not in text
    assert "blue" not in text
    assert left_out == 1


def test_an_answer_that_is_internal_alone_is_not_copied() -> None:
    view = copy_view(answer(cited("Ask fraud.", n=2), evidence=BOTH))
    assert view["blocks"][0]["text"]["text"] == NOTHING
    check_modal_or_home(view)


def test_a_long_answer_is_in_several_texts() -> None:
    long = answer(*[replace(cited(f"{n} " + "word " * 80), kind=Kind.ITEM) for n in range(20)])
    view = copy_view(long)
    check_modal_or_home(view)
    texts = [block["element"]["initial_value"] for block in view["blocks"] if "element" in block]
    assert len(texts) > 2
    assert " ".join("\n".join(texts).split()) == " ".join(customer_text(long)[0].split())
