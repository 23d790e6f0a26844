"""The form in which leads set a channel: what is answered there, in which voice, who takes over."""

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from slack_bolt.app.async_app import AsyncApp

from bot.settings import Audience, ChannelSettings
from bot.slack import modals
from bot.slack.blocks import context, section
from bot.slack.controls import Block, Place, Shown, option
from bot.slack.desk import Ack, Desk, Payload
from bot.voice.voices import NEUTRAL

log = logging.getLogger("footnote.slack")

CHANNEL = "channel"  # of the Home tab's menu, and of the form
MOST_OPTIONS = 100  # of a menu
_GROUP = re.compile(r"(?:<!subteam\^)?(S[A-Z0-9]{6,})")
AUDIENCES = {"public": "Public articles", "internal": "Internal articles"}
LISTENS = {"mentions": "Only when mentioned", "questions": "Every question in the channel"}
LEADS_ONLY = "Channel settings are for leads. Ask one of them to change this channel."
KEPT = "Kept. <#{channel}> is answered that way from the next question on."


class ChannelForm:
    """Opens the form for the channel that was chosen, and keeps what is put into it."""

    def __init__(self, desk: Desk) -> None:
        """Every room works with the desk."""
        self._desk = desk

    def listen(self, bolt: AsyncApp) -> None:
        """Take the Home tab's menu and the form."""
        bolt.action(CHANNEL)(self.open)
        bolt.view(CHANNEL)(self.keep)

    async def open(self, ack: Ack, body: Payload) -> None:
        """Open the form, for leads."""
        await ack()
        user = str(body["user"]["id"])
        channel = str(body["actions"][0].get("selected_conversation") or "")
        if not await self._desk.is_lead(user):
            self._desk.tell_later(Place("", None), user, LEADS_ONLY)
        elif channel:
            self._desk.background.start(self._open(body, user, channel))

    async def _open(self, body: Payload, user: str, channel: str) -> None:
        channels = self._desk.audiences.channels
        view = channel_view(
            channel,
            await channels.settings(channel),
            voices=[NEUTRAL, *await self._desk.app.voices.names()],
            products=await channels.products(),
            locales=await channels.locales(),
        )
        await self._desk.open(body, Shown(0, "", None, "", user), view)

    async def keep(self, ack: Ack, body: Payload, view: Payload) -> None:
        """Keep what was set, or say in the form what is wrong with it."""
        user, channel = str(body["user"]["id"]), str(modals.kept(view)["channel"])
        errors = channel_errors(view)
        if not await self._desk.is_lead(user):
            errors = {"audiences": LEADS_ONLY}
        if errors:
            await ack(response_action="errors", errors=errors)
            return
        await self._desk.audiences.channels.keep(channel, settings_in(view), user)
        await ack()
        log.info("channel %s: set by %s", channel, user)
        self._desk.tell_later(Place("", None), user, KEPT.format(channel=channel))


def channel_view(
    channel: str,
    now: ChannelSettings,
    *,
    voices: Sequence[str],
    products: Sequence[str],
    locales: Sequence[str],
) -> Block:
    """The form, with what counts now."""
    team: Block = {"type": "conversations_select", "filter": {"include": ["public", "private"]}}
    if now.handoff_channel:
        team["initial_conversation"] = now.handoff_channel
    listens = "questions" if now.every_question else "mentions"
    blocks = [
        section(f"How <#{channel}> is answered."),
        modals.field("audiences", "Answer from", _several("checkboxes", AUDIENCES, now.audiences)),
        context(
            "Where there are guests or people of another company, or too many to tell, it is public"
            " articles alone, whatever is set here."
        ),
        modals.field(
            "listens",
            "Answer",
            modals.select("radio_buttons", _options(LISTENS), [listens]),
            optional=False,
        ),
        modals.field(
            "voice",
            "Voice",
            modals.select("static_select", _options(_same(voices)), [now.voice or NEUTRAL]),
            optional=False,
        ),
    ]
    if products:
        menu = _several("multi_static_select", _same(products[:MOST_OPTIONS]), now.products or ())
        blocks.append(modals.field("products", "Products", menu, hint="All, if none is chosen."))
    if locales:
        menu = _several("multi_static_select", _same(locales[:MOST_OPTIONS]), now.locales or ())
        blocks.append(modals.field("locales", "Languages", menu, hint="All, if none is chosen."))
    blocks += [
        modals.field("handoff_channel", "Hand questions off to", team),
        modals.field(
            "handoff_group",
            "User group to mention there",
            modals.text_input(now.handoff_group, multiline=False),
            hint="Its id, as in S012AB3CD: in the group's menu under Copy group ID.",
        ),
    ]
    return modals.form(CHANNEL, "Channel settings", "Save", blocks, channel=channel)


def channel_errors(view: Mapping[str, Any]) -> dict[str, str]:
    """What has to be mended before the form can be kept, by block."""
    errors = {}
    if not modals.entered(view, "audiences"):
        errors["audiences"] = "Choose at least one, or nothing can be answered here."
    group = modals.entered(view, "handoff_group")
    if group and not _GROUP.search(group):
        errors["handoff_group"] = "A group's id begins with S and is in its menu."
    if group and not modals.entered(view, "handoff_channel"):
        errors["handoff_channel"] = "Choose the channel in which the group is mentioned."
    return errors


def settings_in(view: Mapping[str, Any]) -> ChannelSettings:
    """What was put into the form."""
    voice, group = modals.entered(view, "voice"), modals.entered(view, "handoff_group")
    found = _GROUP.search(group or "")
    chosen = set(modals.entered(view, "audiences"))
    return ChannelSettings(
        audiences=tuple(each for each in get_args(Audience) if each in chosen),
        voice=None if voice == NEUTRAL else voice,
        products=tuple(modals.entered(view, "products") or ()) or None,
        locales=tuple(modals.entered(view, "locales") or ()) or None,
        every_question=modals.entered(view, "listens") == "questions",
        handoff_channel=modals.entered(view, "handoff_channel"),
        handoff_group=found[1] if found else None,
    )


def _several(kind: str, labels: Mapping[str, str], chosen: Sequence[str]) -> Block:
    return modals.select(kind, _options(labels), chosen)


def _same(names: Sequence[str]) -> dict[str, str]:
    return {name: name for name in names}


def _options(labels: Mapping[str, str]) -> list[Block]:
    return [option(label, value) for value, label in labels.items()]
