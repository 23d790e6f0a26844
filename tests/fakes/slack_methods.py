"""The Web API methods of the fake workspace, each with the refusals a client has to expect."""

from collections.abc import Callable, Mapping, Sequence

from tests.fakes.serving import Json
from tests.fakes.slack_limits import (
    MAX_MARKDOWN,
    MAX_UPDATE_TEXT,
    check_message_blocks,
    check_view,
    parse_blocks,
    required,
)
from tests.fakes.slack_payloads import channel_json, message_json, user_json, view_json
from tests.fakes.slack_state import (
    BOT_ID,
    BOT_USER,
    TEAM_DOMAIN,
    TEAM_ID,
    ApiCall,
    Message,
    RefusedError,
    Workspace,
)
from tests.fakes.slack_streams import append_stream, start_stream, stop_stream

Method = Callable[[Workspace, Json], Json]


def auth_test(_workspace: Workspace, _args: Json) -> Json:
    return {
        "url": f"https://{TEAM_DOMAIN}.slack.com/",
        "team": TEAM_DOMAIN,
        "user": "footnote",
        "team_id": TEAM_ID,
        "user_id": BOT_USER,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


def post_message(workspace: Workspace, args: Json) -> Json:
    message = workspace.store(_new_message(workspace, args))
    return {"channel": message.channel, "ts": message.ts, "message": message_json(message)}


def post_ephemeral(workspace: Workspace, args: Json) -> Json:
    message = _new_message(workspace, args)
    message.ephemeral_to = str(required(args, "user"))
    if message.ephemeral_to not in workspace.channels[message.channel].members:
        raise RefusedError("user_not_in_channel")
    workspace.store(message)
    return {"message_ts": message.ts}


def update(workspace: Workspace, args: Json) -> Json:
    """Text without blocks removes the blocks, as Slack does."""
    message = workspace.message(required(args, "channel"), required(args, "ts"))
    if not message.by_bot:
        raise RefusedError("cant_update_message")
    if message.streaming:
        raise RefusedError("streaming_state_conflict")
    text, blocks = _content(args)
    if len(text) > MAX_UPDATE_TEXT:
        raise RefusedError("msg_too_long")
    message.revise(text, workspace.with_block_ids(blocks))
    workspace.touch()
    answer = {"channel": message.channel, "ts": message.ts, "text": message.text}
    return answer | {"message": message_json(message)}


def delete(workspace: Workspace, args: Json) -> Json:
    message = workspace.message(required(args, "channel"), required(args, "ts"))
    if not message.by_bot:
        raise RefusedError("cant_delete_message")
    message.deleted = True
    workspace.touch()
    return {"channel": message.channel, "ts": message.ts}


def permalink(workspace: Workspace, args: Json) -> Json:
    message = workspace.message(required(args, "channel"), required(args, "message_ts"))
    place = f"{message.channel}/p{message.ts.replace('.', '')}"
    link = f"https://{TEAM_DOMAIN}.slack.com/archives/{place}"
    return {"channel": message.channel, "permalink": link}


def open_view(workspace: Workspace, args: Json) -> Json:
    workspace.use_trigger(str(required(args, "trigger_id")))
    view = required(args, "view")
    check_view(view)
    opened = view_json(workspace, view)
    workspace.views.append(opened)
    workspace.touch()
    return {"view": opened}


def update_view(workspace: Workspace, args: Json) -> Json:
    view = required(args, "view")
    check_view(view)
    for known in workspace.views:
        if args.get("view_id") == known["id"] or (
            args.get("external_id") and args["external_id"] == known["external_id"]
        ):
            if args.get("hash") and args["hash"] != known["hash"]:
                raise RefusedError("hash_conflict")
            kept = {name: known[name] for name in ("id", "root_view_id")}
            known.update(view_json(workspace, view) | kept)
            workspace.touch()
            return {"view": known}
    raise RefusedError("not_found")


def publish_view(workspace: Workspace, args: Json) -> Json:
    user, view = str(required(args, "user_id")), required(args, "view")
    check_view(view)
    workspace.homes[user] = view_json(workspace, view)
    workspace.touch()
    return {"view": workspace.homes[user]}


def channel_info(workspace: Workspace, args: Json) -> Json:
    return {"channel": channel_json(workspace.channel(required(args, "channel")))}


def open_channel(workspace: Workspace, args: Json) -> Json:
    users = str(args.get("users") or "").split(",")
    if users[0] not in workspace.users:
        raise RefusedError("user_not_found")
    return {"channel": channel_json(workspace.direct_channel(users[0]))}


def replies(workspace: Workspace, args: Json) -> Json:
    channel, ts = workspace.channel(required(args, "channel")), required(args, "ts")
    thread = [
        message
        for message in workspace.messages[channel.id]
        if ts in (message.ts, message.thread_ts) and not _hidden(message)
    ]
    if not thread:
        raise RefusedError("thread_not_found")
    answers = [message.ts for message in thread if message.ts != ts]
    head = {"thread_ts": ts, "reply_count": len(answers)} if answers else {}
    shown = [message_json(one) | (head if one.ts == ts else {}) for one in thread]
    return _page("messages", shown, args)


def history(workspace: Workspace, args: Json) -> Json:
    channel = workspace.channel(required(args, "channel"))
    top = [
        message_json(message)
        for message in reversed(workspace.messages[channel.id])
        if message.thread_ts in (None, message.ts)
        and not _hidden(message)
        and str(args.get("oldest") or "0") <= message.ts <= str(args.get("latest") or "9" * 12)
    ]
    return _page("messages", top, args)


def members(workspace: Workspace, args: Json) -> Json:
    return _page("members", sorted(workspace.channel(required(args, "channel")).members), args)


def user_info(workspace: Workspace, args: Json) -> Json:
    user = str(required(args, "user"))
    if user not in workspace.users:
        raise RefusedError("user_not_found")
    return {"user": user_json(workspace, user)}


def user_list(workspace: Workspace, args: Json) -> Json:
    return _page("members", [user_json(workspace, user) for user in workspace.users], args)


def group_users(workspace: Workspace, args: Json) -> Json:
    group = str(required(args, "usergroup"))
    if group not in workspace.groups:
        raise RefusedError("no_such_subteam")
    return {"users": workspace.groups[group]}


def assistant_call(name: str) -> Method:
    """Make a method that records a thread's status, title or suggested prompts."""

    def method(workspace: Workspace, args: Json) -> Json:
        workspace.channel(required(args, "channel_id"))
        if name == "setSuggestedPrompts" and len(required(args, "prompts")) > 4:
            raise RefusedError("invalid_arguments", "[ERROR] no more than 4 items allowed")
        if name != "setSuggestedPrompts":
            required(args, "thread_ts")  # prompts belong to the whole pane where there is none
        workspace.assistant.append(ApiCall(name, args, ""))
        workspace.touch()
        return {}

    return method


def set_session_status(workspace: Workspace, args: Json) -> Json:
    """Processing shows a stop button."""
    workspace.channel(required(args, "channel_id"))
    required(args, "thread_ts")
    if required(args, "status") not in {"active", "processing", "suspended", "closed"}:
        raise RefusedError("invalid_arguments", "[ERROR] unknown status")
    workspace.sessions[args["channel_id"], args["thread_ts"]] = args["status"]
    workspace.touch()
    return {"status": args["status"]}


def add_reaction(workspace: Workspace, args: Json) -> Json:
    message = workspace.message(required(args, "channel"), required(args, "timestamp"))
    name = str(required(args, "name")).strip(":")
    if name in message.reactions:
        raise RefusedError("already_reacted")
    message.reactions.append(name)
    workspace.touch()
    return {}


METHODS: Mapping[str, Method] = {
    "auth.test": auth_test,
    "chat.postMessage": post_message,
    "chat.postEphemeral": post_ephemeral,
    "chat.update": update,
    "chat.delete": delete,
    "chat.getPermalink": permalink,
    "chat.startStream": start_stream,
    "chat.appendStream": append_stream,
    "chat.stopStream": stop_stream,
    "views.open": open_view,
    "views.update": update_view,
    "views.publish": publish_view,
    "conversations.info": channel_info,
    "conversations.open": open_channel,
    "conversations.replies": replies,
    "conversations.history": history,
    "conversations.members": members,
    "users.info": user_info,
    "users.list": user_list,
    "usergroups.users.list": group_users,
    "reactions.add": add_reaction,
    "agents.sessions.setStatus": set_session_status,
    **{
        f"assistant.threads.{name}": assistant_call(name)
        for name in ("setStatus", "setTitle", "setSuggestedPrompts")
    },
}


def _hidden(message: Message) -> bool:
    return message.deleted or message.ephemeral_to is not None


def _page(name: str, items: Sequence[object], args: Json) -> Json:
    start, limit = int(args.get("cursor") or 0), int(args.get("limit") or 1_000)
    more = start + limit < len(items)
    cursor = str(start + limit) if more else ""
    page = {name: items[start : start + limit], "has_more": more}
    return page | {"response_metadata": {"next_cursor": cursor}}


def _content(args: Json) -> tuple[str, list[Json]]:
    """Return a message's text and blocks; raises RefusedError as Slack would."""
    text, markdown = str(args.get("text") or ""), args.get("markdown_text")
    blocks = parse_blocks(args["blocks"]) if args.get("blocks") else []
    if markdown is not None:
        if text or blocks:
            raise RefusedError("markdown_text_conflict")
        if len(markdown) > MAX_MARKDOWN:
            raise RefusedError("msg_too_long")
        return markdown, [{"type": "markdown", "text": markdown}]
    if not text and not blocks:
        raise RefusedError("no_text")
    check_message_blocks(blocks)
    return text, blocks


def _new_message(workspace: Workspace, args: Json) -> Message:
    channel = workspace.channel(required(args, "channel"))
    if channel.is_archived:
        raise RefusedError("is_archived")
    if BOT_USER not in channel.members:
        raise RefusedError("not_in_channel")
    text, blocks = _content(args)
    return Message(
        channel=channel.id,
        ts=workspace.new_ts(),
        user=BOT_USER,
        text=text[:40_000],  # Slack cuts here without a word
        blocks=workspace.with_block_ids(blocks),
        thread_ts=args.get("thread_ts"),
        metadata=args.get("metadata"),
    )
