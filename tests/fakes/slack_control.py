"""Lets another process speak as a person: POST /_fake/mention {"channel": …, "text": …}."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from aiohttp import web

from tests.fakes.serving import Json, read_json
from tests.fakes.slack_payloads import message_json
from tests.fakes.slack_state import Delivery, Message, RefusedError, Workspace

Deed = Callable[..., Awaitable[Any]]


def control_routes(workspace: Workspace, deeds: Iterable[Deed]) -> list[web.AbstractRouteDef]:
    """Return a route for each deed by its name, and one that lists what was said and opened.

    A deed's `on` is given as {"channel", "ts"} and its `view` as a view's id.
    """
    routes: list[web.AbstractRouteDef] = [web.get("/_fake/messages", _listing(workspace))]
    routes += [web.post(f"/_fake/{deed.__name__}", _doing(workspace, deed)) for deed in deeds]
    return routes


def _listing(workspace: Workspace) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(_request: web.Request) -> web.Response:
        messages = {
            channel: [_shown(message) | {"deleted": message.deleted} for message in said]
            for channel, said in workspace.messages.items()
        }
        homes = workspace.homes
        return web.json_response({"messages": messages, "views": workspace.views, "homes": homes})

    return handle


def _doing(workspace: Workspace, deed: Deed) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        args = await read_json(request)
        if "on" in args:
            args["on"] = workspace.message(args["on"]["channel"], args["on"]["ts"])
        if "view" in args:
            args["view"] = next(one for one in workspace.views if one["id"] == args["view"])
        try:
            return web.json_response(_shown(await deed(**args)))
        except (LookupError, TypeError, ValueError, TimeoutError, RefusedError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)

    return handle


def _shown(result: Message | Delivery | Json) -> Json:
    if isinstance(result, Message):
        return message_json(result) | {"channel": result.channel, "streaming": result.streaming}
    if isinstance(result, Delivery):
        return {"payload": result.payload, "acks": result.acks}
    return result
