"""The Home tab, the forms and the hand-off: Slack's limits, whatever they are made of."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.review.queue import VotesAgainst, Waiting, Why
from bot.settings import ChannelSettings
from bot.slack.actions.handoff import handoff_message, handoff_view
from bot.slack.actions.sharing import share_view
from bot.slack.actions.votes import why_view
from bot.slack.controls import Place, Shown
from bot.slack.places.channel_form import channel_errors, channel_view, settings_in
from bot.slack.places.home import HomePage, ToReview, ask_view, home_view
from tests.fakes.block_kit import check_message, check_modal_or_home
from tests.fakes.reading import words_of
from tests.fakes.slack_payloads import state_of
from tests.unit.answered import NOW, answers, texts

SHOWN = Shown(7, "C01SUPPORT1", "1.1", "1.2", "U01ALICE001")

recent = st.builds(
    lambda text, answered: {
        "id": 1,
        "text": text,
        "state": "accepted",
        "asked_at": NOW - timedelta(hours=3),
        "answer_id": answered,
        "verdict": "answered" if answered else None,
    },
    texts.filter(str.strip),
    st.sampled_from([None, 7]),
)
waiting = st.builds(
    lambda why, text: Waiting(7, why, text, NOW, "U1", "C1", "neutral", "not_covered"),
    st.sampled_from(Why),
    texts.filter(str.strip),
)
against = st.builds(
    lambda votes, comment: VotesAgainst(votes, ("wrong", "tone")[:votes], comment),
    st.integers(1, 2),
    st.one_of(st.none(), texts),
)
to_review = st.builds(
    lambda answers, votes: ToReview(700, answers, {7: votes} if votes else {}),
    st.lists(waiting, max_size=10),
    st.one_of(st.none(), against),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(recent, max_size=5), st.one_of(st.none(), to_review))
def test_every_home_keeps_slacks_limits(asked: list[Any], queue: ToReview | None) -> None:
    page = HomePage("The help centre has 3 articles.", asked, ["neutral", "warm"], "warm", queue)
    check_modal_or_home(home_view(page, NOW))


def test_home_tells_nothing_to_review_from_what_others_review() -> None:
    pages = (HomePage("", [], ["neutral"], "neutral", ToReview(total)) for total in (0, 3))
    nothing, held = (words_of(home_view(page, NOW)["blocks"]) for page in pages)

    assert "Nothing waits for a review." in nothing
    assert "All that waits for a review is open with other leads." in held


def test_home_says_what_became_of_a_question() -> None:
    rows: list[Any] = [
        {"id": n, "text": f"Q{n}?", "state": state, "verdict": verdict, "answer_id": n or None}
        | {"asked_at": NOW - timedelta(days=n)}
        for n, (state, verdict) in enumerate(
            [("accepted", None), ("answered", "answered"), ("answered", "not_covered")]
        )
    ]
    shown = words_of(home_view(HomePage("", rows, ["neutral"], "neutral", None), NOW)["blocks"])
    assert "*Q0?*\nbeing answered · just now" in shown
    assert "*Q1?*\nanswered · 1 day ago" in shown
    assert "*Q2?*\nnot in the help centre · 2 days ago" in shown
    assert "To review" not in shown


def test_the_forms_keep_slacks_limits() -> None:
    for view in (
        ask_view(),
        why_view(7, Place("C1", None)),
        share_view(SHOWN),
        handoff_view(SHOWN, "C01TEAM"),
    ):
        check_modal_or_home(view)


@settings(max_examples=30, deadline=None)
@given(answers(), texts, st.booleans())
def test_every_hand_off_keeps_slacks_limits(said: Any, note: str, visible: bool) -> None:  # noqa: FBT001
    team = ChannelSettings(handoff_channel="C01TEAM", handoff_group="S01LEADS001")
    given_answer = said if visible else None
    message = handoff_message(given_answer, "How?", team, "U1", note, "https://slack.example/p1")
    check_message(message.blocks)
    assert message.notice.startswith("<!subteam^S01LEADS001> <@U1> hands off a question")


def filled(now: ChannelSettings, **values: Any) -> Any:
    view = channel_view(
        "C01SUPPORT1",
        now,
        voices=["neutral", "warm"],
        products=["Bridge", "Pip"],
        locales=["de", "en"],
    )
    check_modal_or_home(view)
    return view | {"state": {"values": state_of(view, values)}}


def test_a_channel_that_is_kept_as_it_is_stays_as_it_is() -> None:
    now = ChannelSettings(
        audiences=("public",),
        voice="warm",
        products=("Pip",),
        locales=("de",),
        every_question=True,
        handoff_channel="C01TEAM",
        handoff_group="S01LEADS001",
    )
    assert settings_in(filled(now)) == now
    assert settings_in(filled(ChannelSettings())) == ChannelSettings()


def test_a_group_may_be_pasted_as_a_mention() -> None:
    view = filled(ChannelSettings(handoff_channel="C1"), handoff_group="<!subteam^S01LEADS001|@x>")
    assert channel_errors(view) == {}
    assert settings_in(view).handoff_group == "S01LEADS001"


def test_what_cannot_be_kept_is_said_beside_its_field() -> None:
    nothing = filled(ChannelSettings(), audiences=[], handoff_group="@team")
    assert set(channel_errors(nothing)) == {"audiences", "handoff_group", "handoff_channel"}
