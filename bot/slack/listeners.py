"""Listeners: what Slack sends, put where it is worked on.

A question is stored before Slack's event is acknowledged: `process_before_response` makes bolt
wait for the listener, in Socket Mode and over HTTP. If storing fails there is no acknowledgement,
and Slack sends the event again.
"""

import logging
import re
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.response import BoltResponse

from bot.slack.actions.copies import Copies
from bot.slack.actions.handoff import Handoffs
from bot.slack.actions.passages import Passages
from bot.slack.actions.reviews import Reviews
from bot.slack.actions.sharing import Sharing
from bot.slack.actions.voices import Voices
from bot.slack.actions.votes import Votes
from bot.slack.changes import Changes
from bot.slack.desk import Ack, Desk, Payload
from bot.slack.places.channel_form import ChannelForm
from bot.slack.places.commands import Commands
from bot.slack.places.hearing import Hearing
from bot.slack.places.home import Home
from bot.slack.places.pane import Pane
from bot.slack.places.private import PrivateAnswers
from bot.slack.places.shortcuts import Shortcuts
from ingest.errors import FootnoteError

log = logging.getLogger("footnote.slack")

ANYTHING = re.compile(".*")


def build_bolt(desk: Desk, signing_secret: str) -> AsyncApp:
    """The bolt app with every room listening."""
    bolt = AsyncApp(
        client=desk.slack.client,
        signing_secret=signing_secret,
        process_before_response=True,
        logger=logging.getLogger("footnote.bolt"),
        name="footnote.bolt",  # of its logger too, whose level it sets at each request
    )
    pane, private = Pane(desk), PrivateAnswers(desk)
    rooms: tuple[Any, ...] = (
        Changes(desk),
        Hearing(desk, pane),
        Home(desk, pane),
        Commands(desk, private),
        Shortcuts(desk, private),
        ChannelForm(desk),
        *(Votes(desk), Passages(desk), Voices(desk), Copies(desk)),
        *(Sharing(desk), Handoffs(desk), Reviews(desk)),
    )
    for room in rooms:
        room.listen(bolt)
    bolt.action(ANYTHING)(_let_be)
    bolt.event(ANYTHING)(_pass_by)
    bolt.error(_tell_operator)
    return bolt


async def _let_be(ack: Ack, body: Payload) -> None:
    """Acknowledge a control that this version does not know."""
    await ack()
    log.info("unknown action %s", body["actions"][0].get("action_id"))


async def _pass_by() -> None:
    """Acknowledge what is not for us, or of an older version."""


async def _tell_operator(error: Exception, body: Payload) -> BoltResponse:
    """No acknowledgement, so Slack sends an event again; a line for the operator."""
    what = body.get("event_id") or body.get("type") or body.get("command")
    if isinstance(error, FootnoteError):
        log.warning("%s was not taken: %s", what, " ".join(str(error).split()))
    else:
        log.error("%s was not taken", what, exc_info=error)
    return BoltResponse(status=500, body="")
