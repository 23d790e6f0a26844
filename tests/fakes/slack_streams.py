"""Streamed messages: chat.startStream, chat.appendStream, chat.stopStream."""

import time

from tests.fakes.serving import Json
from tests.fakes.slack_limits import MAX_MARKDOWN, check_message_blocks, parse_blocks, required
from tests.fakes.slack_payloads import message_json
from tests.fakes.slack_state import BOT_USER, Message, RefusedError, Workspace


def start_stream(workspace: Workspace, args: Json) -> Json:
    channel = workspace.channel(required(args, "channel"))
    thread_ts = str(required(args, "thread_ts"))
    if not channel.im_user:
        for name in ("recipient_user_id", "recipient_team_id"):
            if not args.get(name):
                raise RefusedError(f"missing_{name}")
    message = Message(channel.id, workspace.new_ts(), BOT_USER, thread_ts=thread_ts)
    # A stream keeps the shape of its opening call: text alone, or chunks of any kind.
    message.streamed = True
    message.streaming = "text" if args.get("markdown_text") else "chunks"
    message.stream_ends = time.monotonic() + workspace.stream_seconds
    _append(workspace, message, args)
    workspace.store(message)
    return {"channel": message.channel, "ts": message.ts}


def append_stream(workspace: Workspace, args: Json) -> Json:
    message = _open_stream(workspace, args)
    if not args.get("markdown_text") and not args.get("chunks"):
        raise RefusedError("markdown_text_or_chunks_required")
    _append(workspace, message, args)
    workspace.touch()
    return {"channel": message.channel, "ts": message.ts}


def stop_stream(workspace: Workspace, args: Json) -> Json:
    message = _open_stream(workspace, args)
    blocks = parse_blocks(args["blocks"]) if args.get("blocks") else []
    check_message_blocks(message.blocks + blocks)
    _append(workspace, message, args)
    message.blocks = message.blocks + workspace.with_block_ids(blocks)
    message.metadata = args.get("metadata")
    message.streaming = None
    workspace.sessions[message.channel, str(message.thread_ts)] = (
        args.get("session_status") or "active"
    )
    workspace.touch()
    return {"channel": message.channel, "ts": message.ts, "message": message_json(message)}


def _open_stream(workspace: Workspace, args: Json) -> Message:
    message = workspace.message(required(args, "channel"), required(args, "ts"))
    if not message.by_bot:
        raise RefusedError("message_not_owned_by_app")
    if message.streaming and message.stream_ends < time.monotonic():
        message.streaming = None
    if not message.streaming:
        raise RefusedError("message_not_in_streaming_state")
    return message


def _append(workspace: Workspace, message: Message, args: Json) -> None:
    markdown, chunks = args.get("markdown_text"), args.get("chunks") or []
    if markdown and chunks:
        raise RefusedError("cannot_provide_both_markdown_text_and_chunks")
    if (markdown and message.streaming != "text") or (chunks and message.streaming != "chunks"):
        raise RefusedError("streaming_mode_mismatch")
    pieces = [markdown or ""]
    pieces += [str(one.get("text")) for one in chunks if one.get("type") == "markdown_text"]
    if any(len(piece) > MAX_MARKDOWN for piece in pieces):
        raise RefusedError("msg_too_long")
    blocks = [block for one in chunks if one.get("type") == "blocks" for block in one["blocks"]]
    check_message_blocks(message.blocks + blocks)
    message.blocks = message.blocks + workspace.with_block_ids(blocks)
    message.text += "".join(pieces)
    message.stream_chunks += [{"type": "markdown_text", "text": markdown}] if markdown else chunks
