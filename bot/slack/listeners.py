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

from bot.jobs import Jobs
from bot.questions import Asked, cleaned
from bot.slack.actions import Actions
from bot.slack.client import Workspace
from ingest.database import Database
from ingest.errors import FootnoteError

log = logging.getLogger("footnote.slack")

Payload = dict[str, Any]
ANYTHING = re.compile(".*")


def build_bolt(
    slack: Workspace, database: Database, jobs: Jobs, actions: Actions, signing_secret: str
) -> AsyncApp:
    """The bolt app with every listener."""
    bolt = AsyncApp(
        client=slack.client,
        signing_secret=signing_secret,
        process_before_response=True,
        logger=logging.getLogger("footnote.bolt"),
        name="footnote.bolt",  # of its logger too, whose level it sets at each request
    )

    async def hear(body: Payload, event: Payload) -> None:
        asked = question_in(body, event, slack)
        if asked is None:
            return
        async with database.transaction() as session:
            question_id = await jobs.accept(session, asked)
        if question_id is None:
            log.info("event %s: known already", asked.event_id)
        else:
            log.info("question %d: asked in %s", question_id, asked.channel)

    async def pass_by() -> None:
        """Acknowledge what is not for us: subscribed for the agent view, or of an older version."""

    bolt.event("app_mention")(hear)
    bolt.event("message")(hear)
    actions.listen(bolt)
    bolt.event(ANYTHING)(pass_by)
    bolt.error(_tell_operator)
    return bolt


def question_in(body: Payload, event: Payload, slack: Workspace) -> Asked | None:
    """The question an event asks: a mention, or a person's direct message; None for all else."""
    person = event.get("user")
    if event.get("subtype") not in (None, "file_share") or event.get("bot_id"):
        return None
    if not person or person == slack.bot_user:
        return None
    if event["type"] == "message" and event.get("channel_type") != "im":
        return None
    ts = str(event["ts"])
    return Asked(
        text=cleaned(str(event.get("text") or "")),
        asker=str(person),
        team=body.get("team_id"),
        channel=str(event["channel"]),
        thread_ts=str(event.get("thread_ts") or ts),
        message_ts=ts,
        event_id=str(body["event_id"]),
    )


async def _tell_operator(error: Exception, body: Payload) -> BoltResponse:
    """No acknowledgement, so Slack sends an event again; a line for the operator."""
    what = body.get("event_id") or body.get("type") or body.get("command")
    if isinstance(error, FootnoteError):
        log.warning("%s was not taken: %s", what, " ".join(str(error).split()))
    else:
        log.error("%s was not taken", what, exc_info=error)
    return BoltResponse(status=500, body="")
