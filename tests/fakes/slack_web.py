"""The HTTP end of the fake workspace: /api/*, response_url, and misbehaviour on demand."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from bot.slack.client import manifest
from tests.fakes.serving import Json, abort, read_json
from tests.fakes.slack_limits import check_message_blocks, parse_blocks
from tests.fakes.slack_methods import METHODS
from tests.fakes.slack_state import (
    BOT_USER,
    ApiCall,
    Message,
    RefusedError,
    ResponseUrl,
    Workspace,
)

_NESTED = ("blocks", "view", "chunks", "prompts", "metadata", "attachments")  # JSON in forms
MAX_RESPONSES = 5


@dataclass(slots=True)
class Fault:
    """One way a method misbehaves, for so many `times`, or always where that is None."""

    kind: Literal["fail", "throttle", "slow", "drop"]
    times: int | None
    error: str = ""
    seconds: float = 0.0
    status: int = 200
    done_first: bool = False


class WebApi:
    """Answers Web API calls; `calls` lists them all, refused ones too."""

    def __init__(
        self, workspace: Workspace, *, bot_token: str, app_token: str, socket_url: Callable[[], str]
    ) -> None:
        self.calls: list[ApiCall] = []
        self.faults: defaultdict[str, list[Fault]] = defaultdict(list)
        self.scopes = list(manifest()["oauth_config"]["scopes"]["bot"])
        self._workspace = workspace
        self._bot_token = bot_token
        self._app_token = app_token
        self._socket_url = socket_url

    async def handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        args = await _arguments(request)
        header = request.headers.get("Authorization", "")
        token = header.removeprefix("Bearer ").strip() or str(args.pop("token", ""))
        self.calls.append(ApiCall(method, args, token))
        self._workspace.touch()
        fault = await self._next_fault(method)
        if fault is not None and fault.kind == "drop":
            if fault.done_first:
                self._answer(method, args, token)
            abort(request)
            return web.Response()
        if fault is not None and fault.kind == "throttle":
            headers = {"Retry-After": f"{fault.seconds:g}"}
            return web.json_response(_refusal("ratelimited"), status=429, headers=headers)
        if fault is not None:
            return web.json_response(_refusal(fault.error), status=fault.status)
        headers = {"X-OAuth-Scopes": ",".join(self.scopes)} if self.scopes else {}
        return web.json_response(self._answer(method, args, token), headers=headers)

    async def respond(self, request: web.Request) -> web.StreamResponse:
        """Take what the app posts to a response_url."""
        target = self._workspace.response_urls.get(request.match_info["key"])
        if target is None:
            return web.json_response(_refusal("expired_url"), status=404)
        if target.uses >= MAX_RESPONSES:
            return web.json_response(_refusal("used_url"), status=404)
        try:
            self.apply_response(target, await read_json(request))
        except RefusedError as refused:
            return web.json_response(_refusal(refused.error, *refused.messages), status=400)
        return web.json_response({"ok": True})

    def apply_response(self, target: ResponseUrl, body: Json) -> None:
        """Replace, delete or add to what the interaction happened on; raises RefusedError."""
        blocks = parse_blocks(body.get("blocks") or [])
        check_message_blocks(blocks)
        text, named = str(body.get("text") or ""), self._workspace.with_block_ids(blocks)
        target.uses += 1
        if target.message is not None and body.get("delete_original"):
            target.message.deleted = True
        elif target.message is not None and body.get("replace_original"):
            target.message.revise(text, named)
        elif text or named:
            message = Message(target.channel, self._workspace.new_ts(), BOT_USER, text, named)
            message.thread_ts = body.get("thread_ts")
            if body.get("response_type", "ephemeral") == "ephemeral":
                message.ephemeral_to = target.user
            self._workspace.store(message)
        else:
            raise RefusedError("no_text")
        self._workspace.touch()

    def _answer(self, method: str, args: Json, token: str) -> Json:
        try:
            self._check_token(method, token)
            if method == "apps.connections.open":
                return {"ok": True, "url": self._socket_url()}
            if method not in METHODS:
                return _refusal("unknown_method")
            return {"ok": True} | METHODS[method](self._workspace, args)
        except RefusedError as refused:
            return _refusal(refused.error, *refused.messages)

    def _check_token(self, method: str, token: str) -> None:
        if not token:
            raise RefusedError("not_authed")
        if token not in {self._bot_token, self._app_token}:
            raise RefusedError("invalid_auth")
        wanted = self._app_token if method.startswith("apps.connections.") else self._bot_token
        if token != wanted:
            raise RefusedError("not_allowed_token_type")

    async def _next_fault(self, method: str) -> Fault | None:
        """Take the next fault of a method, waiting out the slow ones that come before it."""
        for fault in [*self.faults[method]]:
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.faults[method].remove(fault)
            if fault.kind != "slow":
                return fault
            await asyncio.sleep(fault.seconds)
        return None


def _refusal(error: str, *messages: str) -> Json:
    answer: Json = {"ok": False, "error": error}
    if messages:
        answer["response_metadata"] = {"messages": list(messages)}
    return answer


async def _arguments(request: web.Request) -> Json:
    """Return a call's arguments from its query, form or JSON body, nested JSON read."""
    args: Json = dict(request.query)
    if request.content_type == "application/json":
        args |= await read_json(request)
    else:
        args |= dict(await request.post())
    for name in _NESTED:
        if isinstance(args.get(name), str):
            try:
                args[name] = json.loads(args[name])
            except ValueError:
                continue  # the method refuses it in its own words
    return args
