"""What people do in the fake workspace, as the app gets to see it."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from tests.fakes.serving import Json
from tests.fakes.slack_limits import check_view
from tests.fakes.slack_outbox import ACK_SECONDS, Outbox
from tests.fakes.slack_payloads import (
    VERIFICATION_TOKEN,
    block_action,
    changed_event,
    deleted_event,
    event_callback,
    interaction,
    message_context,
    message_event,
    rich_text,
    state_of,
    view_json,
)
from tests.fakes.slack_state import (
    APP_ID,
    BOT_USER,
    TEAM_DOMAIN,
    TEAM_ID,
    Delivery,
    Message,
    ResponseUrl,
    Workspace,
)
from tests.fakes.slack_web import WebApi


class People:
    """Each deed returns once its payload was sent; events not acked are repeated behind it."""

    def __init__(
        self, workspace: Workspace, web: WebApi, outbox: Outbox, url: Callable[[], str]
    ) -> None:
        self.workspace = workspace
        self._web = web
        self._outbox = outbox
        self._url = url

    async def mention(
        self, channel: str, user: str, text: str, thread_ts: str | None = None
    ) -> Message:
        """Mention the bot: stores the message, sends `app_mention` and its twin `message`."""
        whole = text if f"<@{BOT_USER}>" in text else f"<@{BOT_USER}> {text}"
        return await self._speak(channel, user, whole, thread_ts, ("app_mention", "message"))

    async def say(
        self, channel: str, user: str, text: str, thread_ts: str | None = None
    ) -> Message:
        """Say something in a channel that does not mention the bot."""
        return await self._speak(channel, user, text, thread_ts, ("message",))

    async def direct_message(self, user: str, text: str, thread_ts: str | None = None) -> Message:
        channel = self.workspace.direct_channel(user).id
        return await self._speak(channel, user, text, thread_ts, ("message",))

    async def edit(self, message: Message, text: str) -> Delivery:
        """Change what a message says."""
        event = changed_event(message, self.workspace.channel(message.channel), text)
        message.revise(text, self.workspace.with_block_ids(rich_text(text)))
        self.workspace.touch()
        return await self.send_event(event | {"event_ts": self.workspace.new_ts()})

    async def delete_message(self, message: Message) -> Delivery:
        """Delete one's own message."""
        event = deleted_event(message, self.workspace.channel(message.channel))
        message.deleted = True
        self.workspace.touch()
        return await self.send_event(event | {"event_ts": self.workspace.new_ts()})

    async def stop(self, asked: Message, user: str) -> Delivery:
        """Press "stop" in a message's thread: Slack ends its streams and tells the app."""
        thread = asked.thread_ts or asked.ts
        streams = [
            each
            for each in self.workspace.messages[asked.channel]
            if each.streaming and each.thread_ts == thread
        ]
        for stream in streams:
            stream.streaming = None
        self.workspace.touch()
        event: Json = {"type": "agent_session_stopped", "channel": asked.channel, "user": user}
        event |= {"thread_ts": thread, "streaming_message_ts": [each.ts for each in streams]}
        return await self.send_event(event | {"event_ts": self.workspace.new_ts()})

    async def send_event(self, event: Json) -> Delivery:
        """Send any inner event (`reaction_added`, `message_changed`, …) in a new envelope."""
        return await self._outbox.deliver("events_api", event_callback(self.workspace, event))

    async def open_home(self, user: str, tab: str = "home") -> Delivery:
        channel = self.workspace.direct_channel(user).id
        event: Json = {"type": "app_home_opened", "user": user, "channel": channel, "tab": tab}
        if tab == "home" and user in self.workspace.homes:
            event["view"] = self.workspace.homes[user]
        return await self.send_event(event | {"event_ts": self.workspace.new_ts()})

    async def redeliver(self, event: Message | Delivery) -> None:
        """Send the same event again (same event_id), or all events of a message."""
        for delivery in event.events if isinstance(event, Message) else [event]:
            delivery.acked.clear()
            await self._outbox.send(delivery)

    async def click(
        self, on: Message | Json, action_id: str, user: str, value: Any = None
    ) -> Delivery:
        """Click a button, or choose `value`, in a message or a view (as `views` has it)."""
        if isinstance(on, Message):
            blocks = on.blocks
            context = message_context(self.workspace, on, self._response_url(on.channel, user, on))
        else:
            blocks = on["blocks"]
            context = {"container": {"type": "view", "view_id": on["id"]}, "view": on}
        action = block_action(self.workspace, blocks, action_id, value)
        return await self._interact("block_actions", user, actions=[action], **context)

    async def shortcut(self, callback_id: str, user: str, on: Message | None = None) -> Delivery:
        """Use a global shortcut, or a message shortcut on a message."""
        rest: Json = {"callback_id": callback_id, "action_ts": self.workspace.new_ts()}
        if on is None:
            return await self._interact("shortcut", user, **rest)
        context = message_context(self.workspace, on, self._response_url(on.channel, user, on))
        del context["container"], context["state"]
        return await self._interact("message_action", user, message_ts=on.ts, **context, **rest)

    async def submit_view(self, view: Json, user: str, state_values: Mapping[str, Any]) -> Json:
        """Submit a modal and return the ack's payload, its response_action carried out.

        `state_values` are what the person put in, by action_id. Raises ValueError where a
        required input is empty, and TimeoutError where no ack comes within three seconds.
        """
        filled = view | {"state": {"values": state_of(view, state_values)}}
        delivery = await self._interact("view_submission", user, view=filled, response_urls=[])
        await asyncio.wait_for(delivery.acked.wait(), ACK_SECONDS)
        answer = delivery.acks[-1]
        if answer.get("response_action") in {"update", "push"}:
            check_view(answer["view"])
            shown = view_json(self.workspace, answer["view"])
            if answer["response_action"] == "push":
                self.workspace.views.append(shown | {"previous_view_id": view["id"]})
            else:
                view.update(shown | {"id": view["id"], "root_view_id": view["root_view_id"]})
            self.workspace.touch()
        return answer

    async def slash_command(self, user: str, channel: str, command: str, text: str) -> Delivery:
        """Type a slash command; what the ack says is shown to the user (or the channel)."""
        where = self.workspace.channel(channel)
        payload = {
            "token": VERIFICATION_TOKEN,
            "team_id": TEAM_ID,
            "team_domain": TEAM_DOMAIN,
            "channel_id": where.id,
            "channel_name": where.name or "directmessage",
            "user_id": user,
            "user_name": self.workspace.users[user],
            "command": command,
            "text": text,
            "api_app_id": APP_ID,
            "is_enterprise_install": "false",
            "response_url": self._response_url(where.id, user),
            "trigger_id": self.workspace.new_trigger(),
        }
        delivery = await self._outbox.deliver("slash_commands", payload)
        await asyncio.wait_for(delivery.acked.wait(), ACK_SECONDS)
        if delivery.acks[-1]:
            self._web.apply_response(ResponseUrl(where.id, user), delivery.acks[-1])
        return delivery

    async def _speak(
        self, channel: str, user: str, text: str, thread_ts: str | None, kinds: tuple[str, ...]
    ) -> Message:
        where = self.workspace.channel(channel)
        blocks = self.workspace.with_block_ids(rich_text(text))
        message = Message(where.id, self.workspace.new_ts(), user, text, blocks, thread_ts)
        self.workspace.store(message)
        for kind in kinds:
            delivery = await self.send_event(message_event(message, where, kind))
            message.events.append(delivery)
        return message

    async def _interact(self, kind: str, user: str, **rest: Any) -> Delivery:
        return await self._outbox.deliver(
            "interactive", interaction(self.workspace, kind, user, **rest)
        )

    def _response_url(self, channel: str, user: str, message: Message | None = None) -> str:
        key = self.workspace.new_id("R")
        self.workspace.response_urls[key] = ResponseUrl(channel, user, message)
        return f"{self._url()}/actions/{key}"
