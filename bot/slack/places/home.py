"""The Home tab: ask, see what you asked, choose your voice; for leads what needs a look."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from slack_bolt.app.async_app import AsyncApp

from bot.questions import Asked, cleaned
from bot.review.queue import VotesAgainst, Waiting, queue, votes_against
from bot.slack import modals, mrkdwn
from bot.slack.blocks import MOST_CHARACTERS, body_blocks, context, plain_text, section
from bot.slack.client import refusals
from bot.slack.controls import REVIEW, Block, Shown, button, option
from bot.slack.desk import Ack, Desk, Payload
from bot.slack.places.channel_form import CHANNEL
from bot.slack.places.commands import status
from bot.slack.places.pane import Pane
from bot.voice import preferences
from bot.voice.voices import NEUTRAL
from ingest.database import Row

log = logging.getLogger("footnote.slack")

ASK, MY_VOICE, OPEN_ANSWER = "ask", "my_voice", "open_answer"
RECENT = 5
QUEUE = 10
LONGEST_QUESTION = 200  # characters shown of one
STATES = {
    "answered": "answered",
    "not_covered": "not in the help centre",
    "failed": "could not be answered",
}
REASONS = {
    "wrong": "wrong",
    "outdated": "out of date",
    "wrong_source": "wrong article",
    "incomplete": "incomplete",
    "tone": "tone",
}


@dataclass(frozen=True, slots=True)
class HomePage:
    """What one person's Home tab shows. `to_review` is None for those who do not review."""

    status: str
    recent: Sequence[Row]
    voices: Sequence[str]
    voice: str
    to_review: "ToReview | None"


@dataclass(frozen=True, slots=True)
class ToReview:
    """How many answers wait for a lead, the first of them, and the votes against those."""

    total: int = 0
    answers: Sequence[Waiting] = ()
    against: Mapping[int, VotesAgainst] = field(default_factory=dict)


class Home:
    """Publishes the tab, and takes what is done in it."""

    def __init__(self, desk: Desk, pane: Pane) -> None:
        """Every room works with the desk."""
        self._desk = desk
        self._pane = pane

    def listen(self, bolt: AsyncApp) -> None:
        """Take the event that the app was opened, the question, the voice and an answer asked for.

        Reviews and channels are taken by their own rooms.
        """
        bolt.event("app_home_opened")(self.open)
        bolt.action(ASK)(self.open_box)
        bolt.view(ASK)(self.ask)
        bolt.action(MY_VOICE)(self.choose_voice)
        bolt.action(OPEN_ANSWER)(self.show_answer)

    async def open(self, event: Payload) -> None:
        """Publish the tab; the Messages tab gets suggestions instead."""
        work = self._pane.suggest(event) if event.get("tab") == "messages" else self._publish(event)
        self._desk.background.start(work)

    async def _publish(self, event: Payload) -> None:
        await self.publish(str(event["user"]))

    async def publish(self, user: str) -> None:
        """Show a person's tab as it is now."""
        view = home_view(await self._page(user), datetime.now(UTC))
        with refusals():
            await self._desk.slack.client.views_publish(user_id=user, view=view)

    async def _page(self, user: str) -> HomePage:
        app, database = self._desk.app, self._desk.app.database
        lead = await self._desk.is_lead(user)
        return HomePage(
            await status(database),
            await database.rows("recent_questions", asker=user, limit=RECENT),
            [NEUTRAL, *await app.voices.names()],
            await preferences.voice_of(database, user),
            await self._to_review(user) if lead else None,
        )

    async def _to_review(self, lead: str) -> "ToReview":
        """The front of the queue, without what another lead has open."""
        database = self._desk.app.database
        found = await queue(database, lead)
        free = tuple(each for each in found.answers if each.held_by is None)[:QUEUE]
        return ToReview(
            found.total, free, await votes_against(database, *(each.id for each in free))
        )

    async def open_box(self, ack: Ack, body: Payload) -> None:
        """Open the box to ask in."""
        await ack()
        nowhere = Shown(0, "", None, "", str(body["user"]["id"]))
        self._desk.background.start(self._desk.open(body, nowhere, ask_view()))

    async def ask(self, ack: Ack, body: Payload, view: Payload) -> None:
        """Ask what was typed; the answer comes in the person's messages."""
        text = cleaned(modals.entered(view, "question") or "")
        if not text:
            await ack(response_action="errors", errors={"question": "Write what you want to know."})
            return
        await ack()
        user, team = str(body["user"]["id"]), (body.get("team") or {}).get("id")
        self._desk.background.start(self._ask(user, text, team, f"home-{view['id']}"))

    async def _ask(self, user: str, text: str, team: str | None, event: str) -> None:
        """A message of ours takes the place of the person's own: the answer goes in its thread."""
        with refusals():
            posted = await self._desk.slack.client.chat_postMessage(
                channel=user, text=f"You asked: {mrkdwn.escaped(text)}"
            )
        ts = str(posted["ts"])
        asked = Asked(text, user, team, str(posted["channel"]), ts, ts, event)
        async with self._desk.app.database.transaction() as session:
            await self._desk.jobs.accept(session, asked)
        await self.publish(user)

    async def choose_voice(self, ack: Ack, body: Payload) -> None:
        """Keep the voice a person likes."""
        await ack()
        chosen = body["actions"][0].get("selected_option") or {}
        if chosen.get("value") in [NEUTRAL, *await self._desk.app.voices.names()]:
            user = str(body["user"]["id"])
            await preferences.choose_voice(self._desk.app.database, user, chosen["value"])
            self._desk.background.start(self.publish(user))

    async def show_answer(self, ack: Ack, body: Payload) -> None:
        """Open the answer to one of the recent questions."""
        await ack()
        self._desk.background.start(self._show_answer(body, Shown.clicked(body)))

    async def _show_answer(self, body: Payload, shown: Shown) -> None:
        answer = await self._desk.answer(shown)
        if answer is not None:
            question = mrkdwn.escaped(mrkdwn.shortened(answer.question, 500))
            blocks = body_blocks(answer, datetime.now(UTC), MOST_CHARACTERS, 90)
            view = modals.page("Answer", [section(f"*{question}*"), *blocks])
            await self._desk.open(body, shown, view)


def home_view(page: HomePage, now: datetime) -> Block:
    """The tab."""
    blocks = [
        *_asking(page),
        {"type": "divider"},
        *_recent(page, now),
        {"type": "divider"},
        *_voice(page),
    ]
    if page.to_review is not None:
        blocks += [{"type": "divider"}, *_queue(page.to_review)]
        blocks += [{"type": "divider"}, _channels()]
    return {"type": "home", "blocks": blocks}


def ask_view() -> Block:
    """The box to ask in."""
    box = modals.text_input() | {"placeholder": plain_text("How does a customer change plans?")}
    hint = "The answer comes under Messages, for you alone."
    field = modals.field("question", "Your question", box, optional=False, hint=hint)
    return modals.form(ASK, "Ask the help centre", "Ask", [field])


def _asking(page: HomePage) -> list[Block]:
    ask = button(ASK, "Ask a question", ASK) | {"style": "primary"}
    about = "*Ask the help centre*\nEvery statement comes with its source."
    return [section(about) | {"accessory": ask}, context(mrkdwn.escaped(page.status))]


def _recent(page: HomePage, now: datetime) -> list[Block]:
    if not page.recent:
        return [section("*Your recent questions*\nNone yet. Ask one above, or mention me.")]
    found = [section("*Your recent questions*")]
    for row in page.recent:
        state = STATES.get(row["verdict"] or row["state"], "being answered")
        block = section(f"{_question(row['text'])}\n{state} · {_when(row['asked_at'], now)}")
        if row["answer_id"]:
            block["accessory"] = button(OPEN_ANSWER, "Open", str(row["answer_id"]))
        found.append(block)
    return found


def _voice(page: HomePage) -> list[Block]:
    if len(page.voices) == 1:
        return [section("*Your voice*\nOnly the neutral voice is set up.")]
    options = [option(name, name) for name in page.voices]
    menu = modals.select("static_select", options, [page.voice])
    block = section(f"*Your voice*\nWhat only you see is worded in the {page.voice} voice.")
    return [block | {"accessory": {**menu, "action_id": MY_VOICE}}]


def _queue(waiting: ToReview) -> list[Block]:
    if not waiting.answers:
        held = "All that waits for a review is open with other leads."
        return [section(f"*To review*\n{held if waiting.total else 'Nothing waits for a review.'}")]
    more = waiting.total - len(waiting.answers)
    first = f"The first {len(waiting.answers)} of {waiting.total}." if more else ""
    found = [section(f"*To review*\nWhat matters most comes first. {first}".rstrip())]
    for each in waiting.answers:
        why = _why(each, waiting.against.get(each.id))
        block = section(f"{_question(each.question)}\n{why}")
        block["accessory"] = button(REVIEW, "Review", str(each.id))
        found.append(block)
    return found


def _why(waiting: Waiting, against: VotesAgainst | None) -> str:
    why = waiting.why.label if waiting.why else ""
    if against is None:
        return why
    reasons = ", ".join(REASONS[each] for each in against.reasons)
    votes = f"👎 {against.count}" + (f" ({reasons})" if reasons else "")
    comment = mrkdwn.escaped(mrkdwn.shortened(against.comment or "", LONGEST_QUESTION))
    return f"{why} · {votes}" + (f"\n“{comment}”" if comment else "")


def _channels() -> Block:
    where = {
        "type": "conversations_select",
        "action_id": CHANNEL,
        "placeholder": plain_text("Choose a channel"),
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    text = "*Channel settings*\nWhat is answered in a channel, in which voice, and who takes over."
    return section(text) | {"accessory": where}


def _question(text: str) -> str:
    return f"*{mrkdwn.escaped(mrkdwn.shortened(text, LONGEST_QUESTION))}*"


def _when(moment: datetime, now: datetime) -> str:
    minutes = max(0, int((now - moment).total_seconds() // 60))
    for unit, length in (("day", 1_440), ("hour", 60), ("minute", 1)):
        count = minutes // length
        if count:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"
