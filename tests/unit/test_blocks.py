"""An answer's message and modals: Slack's limits, and nothing that acts on a reader uninvited."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answers import FAILED, Answer, Kind, Part, Verdict, without_ground
from bot.evidence import Evidence
from bot.review.verdicts import ReviewVerdict
from bot.slack import blocks, mrkdwn
from bot.slack.actions import passages as passages_room
from bot.slack.actions import reviews
from bot.slack.controls import Place
from tests.fakes.block_kit import check_message, check_modal_or_home
from tests.fakes.reading import letters, passages_shown
from tests.fakes.slack_state import elements_of
from tests.unit.answered import NOW, answer, answers, cited, passage

TAGS = re.compile(r"<([^>]*)>")


def texts_of(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["text"]] if node.get("type") == "mrkdwn" else []
        return own + [each for value in node.values() for each in texts_of(value)]
    return [each for item in node for each in texts_of(item)] if isinstance(node, list) else []


def own_links(said: Answer) -> set[str]:
    urls = {each.url for each in said.evidence.passages}
    urls |= {said.source_link(each.n) for each in said.cited}
    return {url.replace("&", "&amp;") for url in urls}


@settings(max_examples=60, deadline=None)
@given(answers())
def test_every_message_keeps_slacks_limits_its_buttons_and_its_links(said: Answer) -> None:
    message = blocks.answer_message(said, NOW, blocks.Look("warm"))

    for way in (message.blocks, message.classic):
        assert way is not None
        check_message(way)  # raises
        assert len(way) <= blocks.MOST_BLOCKS
        assert blocks.characters(way) <= blocks.MOST_CHARACTERS
    assert 0 < len(message.notice) <= blocks.LONGEST_NOTICE
    assert len(message.plain) <= 4_000
    shown = [*texts_of(message.blocks), message.notice, message.plain]
    for tag in (tag for text in shown for tag in TAGS.findall(text)):
        assert tag.split("|")[0] in own_links(said)
    if said.verdict is not Verdict.FAILED:
        assert message.blocks[-1]["type"] == "actions"
        listed = "\n".join(texts_of(message.blocks))
        assert all(f"[{each.n}] " in listed for each in said.cited)


@settings(max_examples=40, deadline=None)
@given(answers())
def test_every_modal_keeps_slacks_limits_and_shows_passages_verbatim(said: Answer) -> None:
    view = passages_room.passages_view(said, NOW)

    check_modal_or_home(view)  # raises
    assert len(json.dumps(view)) < 250_000
    check_modal_or_home(reviews.review_view(said, Place("C1", None)))
    shown = list(map(letters, passages_shown(view)))
    cited = said.cited or said.evidence.passages[:3]
    assert shown == [letters(each.text) for each in cited][: len(shown)]
    for tag in (tag for text in texts_of(view) for tag in TAGS.findall(text)):
        assert tag.split("|")[0] in own_links(said)


@given(st.text())
def test_words_are_escaped_whatever_they_are(text: str) -> None:
    said = mrkdwn.words(text)
    assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", said)


def test_bold_and_code_are_put_slacks_way() -> None:
    assert (
        mrkdwn.words("Open **Menu > Wi-Fi**, then `<id>`.")
        == "Open *Menu &gt; Wi-Fi*, then `&lt;id&gt;`."
    )


def test_a_marker_links_to_the_cited_words() -> None:
    message = blocks.answer_message(answer(), NOW)
    assert message.blocks[0]["text"]["text"] == (
        "Open *Settings* and tap `Reset`. It takes 5 minutes. "
        "<https://help.example/articles/1?a=1&amp;b=2#restart:~:text=Open%20Settings%20and%20tap%20Reset.|[1]>"
    )
    assert message.notice == "Open Settings and tap Reset."


def test_sources_say_how_old_they_are_and_that_they_are_internal() -> None:
    secret = Evidence((passage(audience="internal"),))
    message = blocks.answer_message(answer(evidence=secret), NOW)
    sources = message.blocks[1]["elements"][0]["text"]
    assert sources.startswith("*Sources*\n[1] <https://help.example/")
    assert sources.endswith("|Reset a bridge › Restart> · updated 12 days ago · 🔒 internal")


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (-1, "updated today"),
        (0, "updated today"),
        (1, "updated yesterday"),
        (12, "updated 12 days ago"),
        (30, "updated 1 month ago"),
        (300, "updated 10 months ago"),
        (800, "updated 2 years ago"),
    ],
)
def test_ages_read_as_people_say_them(days: int, said: str) -> None:
    assert blocks.ago(NOW - timedelta(days=days), NOW) == said


def test_steps_are_numbered_and_items_listed() -> None:
    said = answer(
        replace(cited("First:"), citations=()),
        replace(cited("Open it."), kind=Kind.STEP, citations=()),
        replace(cited("Close it."), kind=Kind.STEP),
    )
    body = blocks.answer_message(said, NOW).blocks[0]["text"]["text"]
    assert body.startswith("First:\n\n1. Open it.\n2. Close it. <https://")


def test_a_long_answer_is_broken_between_parts_and_cut_before_its_sources() -> None:
    part = cited("This is a statement of some length. " * 20)
    message = blocks.answer_message(answer(*[part] * 60), NOW)
    body = [each["text"]["text"] for each in message.blocks if each["type"] == "section"]
    assert len(body) > 2
    assert all(text.endswith(("|[1]>", blocks.CUT)) for text in body)
    assert body[-1].endswith(blocks.CUT)
    assert "*Sources*" in message.blocks[-4]["elements"][0]["text"]


def test_not_covered_names_the_nearest_articles_and_offers_no_voice() -> None:
    said = replace(without_ground("?", Evidence((passage(), passage(2))), 0.1), id=7)
    message = blocks.answer_message(said, NOW, blocks.Look("warm"))
    assert message.notice == "The help centre does not cover this."
    shown = "\n".join(texts_of(message.blocks))
    assert (
        "*The nearest articles*\n•  <https://help.example/articles/1?a=1&amp;b=2|Reset a bridge>"
        in shown
    )
    assert "*Sources*" not in shown
    assert actions(message) == ["vote", "show_passages", "hand_off", "more"]


def actions(message: blocks.Message) -> list[str]:
    return [element["action_id"] for _, element in elements_of(message.blocks)]


def test_a_failure_is_one_plain_sentence() -> None:
    said = answer(Part(FAILED), verdict=Verdict.FAILED, note="Postgres is not to be reached: x")
    message = blocks.answer_message(said, NOW, blocks.Look("warm"))
    assert texts_of(message.blocks) == [FAILED]
    assert message.plain == FAILED


def test_the_voice_button_goes_there_and_back() -> None:
    assert "brand_voice" not in actions(blocks.answer_message(answer(), NOW))
    assert "brand_voice" in actions(blocks.answer_message(answer(), NOW, blocks.Look("warm")))
    worded = actions(blocks.answer_message(answer(voice="warm"), NOW, blocks.Look("warm")))
    assert "neutral_voice" in worded
    assert "brand_voice" not in worded


@pytest.mark.parametrize(
    ("note", "said"),
    [
        (
            "Quoted from the articles: The model m does not answer: APIConnectionError.",
            "The model that writes answers was not available, so these are the articles' words.",
        ),
        (
            "Neutral wording: the voice warm could not be used: it changed a number.",
            "Neutral wording: the voice warm could not be used: it changed a number.",
        ),
        (
            "Neutral wording: the voice warm could not be used: The model m does not answer: X.",
            "Neutral wording: the voice warm could not be used.",
        ),
    ],
)
def test_notes_are_said_without_exception_text(note: str, said: str) -> None:
    assert blocks.writer(answer(note=note), NOW).splitlines() == [
        "Quoted from the articles · neutral voice",
        said,
    ]


def test_the_cited_words_of_a_passage_stand_out() -> None:
    text = "## Restart\n1. Open **Settings** & tap <Reset>. It takes 5 minutes.\n- Then wait."
    found = Evidence((passage(text=text),))
    start, end = 100 + text.index("Open"), 100 + text.index(" It takes")
    view = passages_room.passages_view(answer(cited(start=start, end=end), evidence=found), NOW)
    assert view["blocks"][1]["text"]["text"] == (
        "Restart\n1. *Open Settings &amp; tap &lt;Reset&gt;.* It takes 5 minutes.\n•  Then wait."
    )


def test_a_review_is_read_as_it_was_submitted() -> None:
    view = reviews.review_view(answer(), Place("C1", "1.2"), seen=5)
    inputs = {block["block_id"]: block["element"] for block in view["blocks"][1:]}
    values: dict[str, Any] = {
        "verdict": {"verdict": {"selected_option": {"value": "amend"}}},
        "note": {"note": {"value": " look again "}},
    }
    for name in inputs.keys() - values.keys():
        values[name] = {name: {"value": inputs[name]["initial_value"]}}
    values["wording-0"]["wording-0"]["value"] = None
    form = reviews.ReviewForm.read(view | {"state": {"values": values}})
    texts = {at: part.text for at, part in enumerate(answer().parts)}
    assert form == reviews.ReviewForm(
        7, Place("C1", "1.2"), 5, ReviewVerdict.AMEND, texts | {0: ""}, "look again"
    )
