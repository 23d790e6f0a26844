"""What the fake workspace knows: people, channels, messages, views, triggers."""

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from tests.fakes.serving import Json

TEAM_ID = "T01DESK0001"
TEAM_DOMAIN = "footnote-desk"
APP_ID = "A01FOOTNOTE"
BOT_USER = "U01BOTUSER1"
BOT_ID = "B01FOOTNOTE"
ALICE, BOB, LEAD = "U01ALICE001", "U01BOB00001", "U01LEAD0001"
SUPPORT, PRIVATE = "C01SUPPORT1", "C01PRIVATE1"
LEADS_GROUP = "S01LEADS001"

Found = TypeVar("Found")


class RefusedError(Exception):
    """Becomes `{"ok": false, "error": …}`, with Slack's messages in `response_metadata`."""

    def __init__(self, error: str, *messages: str) -> None:
        super().__init__(error, *messages)
        self.error = error
        self.messages = messages


@dataclass(slots=True)
class Channel:
    id: str
    name: str
    members: set[str]
    is_private: bool = False
    is_archived: bool = False
    is_ext_shared: bool = False
    im_user: str | None = None

    @property
    def kind(self) -> str:
        """The `channel_type` of a message event."""
        if self.im_user:
            return "im"
        return "group" if self.is_private else "channel"


@dataclass(slots=True, eq=False)
class Message:
    """One message as it stands now; `history` holds what it said before, oldest first.

    A streamed message's `text` is all its Markdown so far; `streaming` is "text" or "chunks"
    while it is open. `events` are the deliveries that announced it to the app.
    """

    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    ephemeral_to: str | None = None
    metadata: Json | None = None
    streaming: str | None = None
    streamed: bool = False
    stream_ends: float = 0.0
    stream_chunks: list[Json] = field(default_factory=list)
    deleted: bool = False
    reactions: list[str] = field(default_factory=list)
    history: list[tuple[str, list[Json]]] = field(default_factory=list)
    events: list["Delivery"] = field(default_factory=list)

    @property
    def by_bot(self) -> bool:
        return self.user == BOT_USER

    @property
    def action_ids(self) -> list[str]:
        return [str(element["action_id"]) for _, element in elements_of(self.blocks)]

    def revise(self, text: str, blocks: list[Json]) -> None:
        self.history.append((self.text, self.blocks))
        self.text, self.blocks = text, blocks


@dataclass(slots=True, eq=False)
class Delivery:
    """One payload sent to the app: how often, under which envelopes, and what came back."""

    kind: str  # events_api, interactive or slash_commands
    payload: Json
    attempts: int = 0
    envelope_ids: list[str] = field(default_factory=list)
    acks: list[Json] = field(default_factory=list)  # the ack's payload, {} where it had none
    acked: asyncio.Event = field(default_factory=asyncio.Event)

    def acknowledge(self, payload: Json) -> None:
        self.acks.append(payload)
        self.acked.set()


@dataclass(slots=True)
class ResponseUrl:
    """Where an interaction or command may be answered, five times at most."""

    channel: str
    user: str
    message: Message | None = None
    uses: int = 0


@dataclass(frozen=True, slots=True)
class ApiCall:
    method: str
    args: Json
    token: str
    at: float = field(default_factory=time.monotonic)


def elements_of(blocks: Sequence[Json]) -> Iterator[tuple[Json, Json]]:
    """Yield (block, interactive element) for everything with an action_id."""
    for block in blocks:
        inner = [block.get("accessory"), block.get("element"), *block.get("elements", [])]
        for element in inner:
            if isinstance(element, dict) and "action_id" in element:
                yield block, element


class Workspace:
    """The workspace's memory. Everything that changes calls `touch`, which wakes waiters."""

    def __init__(self, *, stream_seconds: float = 300.0, trigger_seconds: float = 3.0) -> None:
        self.stream_seconds = stream_seconds
        self.trigger_seconds = trigger_seconds
        people = {BOT_USER: "footnote", ALICE: "alice", BOB: "bob", LEAD: "lead"}
        self.users = dict(people)
        self.groups = {LEADS_GROUP: [LEAD]}
        self.guests: set[str] = set()
        self.foreign: set[str] = set()  # people of another company
        everyone = set(people)
        self.channels = {
            SUPPORT: Channel(SUPPORT, "support", set(everyone)),
            PRIVATE: Channel(PRIVATE, "leads-only", set(everyone), is_private=True),
        }
        self.messages: dict[str, list[Message]] = {SUPPORT: [], PRIVATE: []}
        self.views: list[Json] = []  # every modal, as it stands now, in order of opening
        self.homes: dict[str, Json] = {}
        self.assistant: list[ApiCall] = []  # statuses, titles, suggested prompts as they came
        self.sessions: dict[tuple[str, str], str] = {}  # by channel and thread
        self.triggers: dict[str, float] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self._numbers = itertools.count(1)
        self._second = int(time.time())
        self._changed = asyncio.Event()

    def touch(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait_for(self, find: Callable[[], Found | None], timeout: float, what: str) -> Found:  # noqa: ASYNC109 -- the error has to say what was there instead
        """Return what `find` finds once it finds something; TimeoutError tells what there was."""
        deadline = time.monotonic() + timeout
        while (found := find()) is None:
            try:
                await asyncio.wait_for(self._changed.wait(), deadline - time.monotonic())
            except TimeoutError:
                raise TimeoutError(f"no {what} within {timeout:g} s; {self.summary()}") from None
        return found

    def summary(self) -> str:
        said = [
            f"{message.channel} {message.user}: {message.text!r}"
            for messages in self.messages.values()
            for message in messages
        ]
        titles = [view.get("title", {}).get("text") for view in self.views]
        return f"messages: {said}; modals: {titles}"

    def new_ts(self) -> str:
        return f"{self._second}.{next(self._numbers):06d}"

    def new_id(self, prefix: str) -> str:
        """Return an id that looks like Slack's: a prefix and ten capitals and digits."""
        return f"{prefix}0{next(self._numbers):09d}"

    def new_trigger(self) -> str:
        trigger = f"{next(self._numbers)}.{TEAM_ID}.{next(self._numbers):032x}"
        self.triggers[trigger] = time.monotonic() + self.trigger_seconds
        return trigger

    def use_trigger(self, trigger: str) -> None:
        """Spend a trigger; raises RefusedError when it is unknown, spent or too old."""
        expires = self.triggers.get(trigger)
        if expires is None:
            raise RefusedError("invalid_trigger_id")
        if expires == 0:
            raise RefusedError("exchanged_trigger_id")
        if expires < time.monotonic():
            raise RefusedError("expired_trigger_id")
        self.triggers[trigger] = 0

    def channel(self, channel_id: object) -> Channel:
        """Return a channel or, for a user id, that user's direct messages."""
        if channel_id in self.users:
            return self.direct_channel(str(channel_id))
        if not isinstance(channel_id, str) or channel_id not in self.channels:
            raise RefusedError("channel_not_found")
        return self.channels[channel_id]

    def direct_channel(self, user: str) -> Channel:
        for channel in self.channels.values():
            if channel.im_user == user:
                return channel
        channel = Channel(f"D{user[1:]}", "", {user, BOT_USER}, im_user=user)
        self.add_channel(channel)
        return channel

    def add_channel(self, channel: Channel) -> None:
        self.channels[channel.id] = channel
        self.messages[channel.id] = []

    def message(self, channel_id: object, ts: object) -> Message:
        for message in self.messages[self.channel(channel_id).id]:
            if message.ts == ts and not message.deleted and not message.ephemeral_to:
                return message
        raise RefusedError("message_not_found")

    def store(self, message: Message) -> Message:
        self.messages[message.channel].append(message)
        self.touch()
        return message

    def with_block_ids(self, blocks: Sequence[Mapping[str, object]]) -> list[Json]:
        """Name the blocks that have no block_id, as Slack does."""
        return [{"block_id": f"b{next(self._numbers):04d}", **block} for block in blocks]

    def bot_messages(self) -> list[Message]:
        everything = itertools.chain.from_iterable(self.messages.values())
        said = [message for message in everything if message.by_bot and not message.deleted]
        return sorted(said, key=lambda message: message.ts)
