"""The ladder: each way in which a message can come to Slack, and which refusal leads to which.

    stream ──→ update ──→ update_classic ──→ update_text      in the message that was begun
       │          │
       ▼          ▼
     blocks ──→ classic ──→ text                              in a new one

`classic` are the blocks without what is new to Slack, `text` has none. Sources and buttons are
never what is cut to make a message fit; the last way, which has no buttons, says so.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.blocks import Message
from bot.slack.streams import Begun, chunks

MARK = "footnote_answer"  # the kind of metadata our answers carry
NO_BUTTONS = "_Slack would not show this answer's buttons here._"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message on its way: what it says, where to, and the message begun there, if any.

    `words` is all of the answer as it is streamed; `question` marks a new message as its answer.
    """

    channel: str
    message: Message
    thread_ts: str | None = None
    words: str = ""
    begun: Begun | None = None
    question: int | None = None

    @property
    def place(self) -> dict[str, Any]:
        """The message that was begun."""
        assert self.begun is not None
        return {"channel": self.channel, "ts": self.begun.ts}

    @property
    def thread(self) -> dict[str, Any]:
        """The thread of a new message, in which no link unfolds."""
        where = {"channel": self.channel, "thread_ts": self.thread_ts, "metadata": self.mark}
        return where | {"unfurl_links": False, "unfurl_media": False}

    @property
    def mark(self) -> dict[str, Any] | None:
        """By which an answer is found that was posted but not noted."""
        return None if self.question is None else mark(self.question)


def mark(question: int) -> dict[str, Any]:
    """The metadata of a question's answer."""
    return {"event_type": MARK, "event_payload": {"question": question}}


# The ways


async def _stream(client: AsyncWebClient, parcel: Parcel) -> Any:
    """End the stream with what is still missing of the answer, and what stands below it."""
    assert parcel.begun is not None
    rest = parcel.words[len(parcel.begun.words or "") :]
    return await client.chat_stopStream(
        **parcel.place,
        chunks=chunks(rest) if rest else None,
        blocks=parcel.message.below,
        metadata=parcel.mark,
    )


async def _close(client: AsyncWebClient, parcel: Parcel) -> Any:
    """End the stream as it is; another way says the rest."""
    return await client.chat_stopStream(**parcel.place)


async def _update(client: AsyncWebClient, parcel: Parcel) -> Any:
    return await client.chat_update(**parcel.place, **_whole(parcel.message))


async def _update_classic(client: AsyncWebClient, parcel: Parcel) -> Any:
    return await client.chat_update(**parcel.place, **_classic(parcel.message))


async def _update_text(client: AsyncWebClient, parcel: Parcel) -> Any:
    return await client.chat_update(**parcel.place, **_text(parcel.message))


async def _blocks(client: AsyncWebClient, parcel: Parcel) -> Any:
    return await client.chat_postMessage(**parcel.thread, **_whole(parcel.message))


async def _classic_blocks(client: AsyncWebClient, parcel: Parcel) -> Any:
    return await client.chat_postMessage(**parcel.thread, **_classic(parcel.message))


async def _plain(client: AsyncWebClient, parcel: Parcel) -> Any:
    return await client.chat_postMessage(**parcel.thread, **_text(parcel.message))


def _whole(message: Message) -> dict[str, Any]:
    return {"text": message.notice, "blocks": message.blocks}


def _classic(message: Message) -> dict[str, Any]:
    """Without what some workspaces refuse among the blocks."""
    return {"text": message.notice, "blocks": message.classic}


def _text(message: Message) -> dict[str, Any]:
    """Without blocks Slack would make links of addresses in the text, unless told not to."""
    buttons = any(block["type"] in ("actions", "context_actions") for block in message.blocks)
    text = f"{message.plain}\n\n{NO_BUTTONS}" if buttons else message.plain
    return {"text": text, "blocks": [], "parse": "none"}


def forms(message: Message) -> list[dict[str, Any]]:
    """A message's forms, each plainer than the one before."""
    classic = [_classic(message)] if message.classic else []
    return [_whole(message), *classic, _text(message)]


# The ladder


@dataclass(frozen=True, slots=True)
class Rung:
    """A way, and which refusal leads to which other one; `then` is what it is followed by.

    A `classic` one is gone only by messages that have such blocks.
    """

    go: Callable[[AsyncWebClient, Parcel], Awaitable[Any]]
    refused: Mapping[frozenset[str], str]
    then: str | None = None
    classic: bool = False

    def after(self, code: str) -> str | None:
        """The way that a refusal leads to; None where it leads nowhere."""
        return next((way for codes, way in self.refused.items() if code in codes), None)


UNFIT = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"}
)
# The message stands, but is not streamed any more, or never was: it expires after five minutes.
CLOSED = frozenset({"message_not_in_streaming_state", "stopped_by_user", "unknown_method"})
UNSTREAMED = frozenset(
    {"streaming_mode_mismatch", "channel_type_not_supported", "invalid_chunks", "no_text"}
)
STREAMING = frozenset({"streaming_state_conflict"})
GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
GONE_STREAM = frozenset({"message_not_found", "message_not_owned_by_app"})

LADDER: Mapping[str, Rung] = {
    "stream": Rung(_stream, {UNFIT | CLOSED | UNSTREAMED: "update", GONE_STREAM: "blocks"}),
    "update": Rung(_update, {STREAMING: "close", UNFIT: "update_classic", GONE: "blocks"}),
    "close": Rung(_close, {CLOSED: "update", GONE_STREAM: "blocks"}, then="update"),
    "update_classic": Rung(
        _update_classic,
        {STREAMING: "close_text", UNFIT: "update_text", GONE: "classic"},
        classic=True,
    ),
    "update_text": Rung(_update_text, {STREAMING: "close_text", GONE: "text"}),
    "close_text": Rung(_close, {CLOSED: "update_text", GONE_STREAM: "text"}, then="update_text"),
    "blocks": Rung(_blocks, {UNFIT: "classic"}),
    "classic": Rung(_classic_blocks, {UNFIT: "text"}, classic=True),
    "text": Rung(_plain, {}),
}
NEW = frozenset({"blocks", "classic", "text"})  # the ways that post another message
MOST_RUNGS = 9  # that one message takes; more would be going in circles


def first_rung(begun: Begun | None, words: str) -> str:
    """The way to begin with: on with the message that was begun, or a new one."""
    if begun is None:
        return "blocks"
    return "stream" if begun.words and words.startswith(begun.words) else "update"
