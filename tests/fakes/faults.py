"""What goes wrong on the way to an HTTP server, on demand.

    faults = Faults()
    faults.script(cut(), throttled(retry_after="2"), on="page-3")
    routes = [web.get("/articles", faults.around(handler))]

The next requests whose path and query contain `on` get these faults, one each; later ones are
answered. `faults.always(failing(500), on=…)` never stops.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from aiohttp import web

from tests.fakes.serving import abort

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way of not answering properly; without any of them, an answer of `status` and `body`."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs: bool = False  # until the client has had enough
    drops: bool = False  # the connection, before a byte
    cuts: bool = False  # the connection, after half of the body


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came."""

    path: str  # with its query, unquoted
    headers: Mapping[str, str]  # names in lower case


def throttled(retry_after: str | None = None, headers: Mapping[str, str] | None = None) -> Fault:
    """429, as if asked too often."""
    told = {} if retry_after is None else {"Retry-After": retry_after}
    return Fault(status=429, body=b'{"error": "too many"}', headers={**told, **(headers or {})})


def failing(status: int = 500, headers: Mapping[str, str] | None = None) -> Fault:
    """An error status with a web page for a body."""
    return Fault(status=status, body=b"<html>Something went wrong.</html>", headers=headers or {})


def malformed(body: bytes = b'{"articles": [{"id": 1, "ti') -> Fault:
    """200 with something that is no JSON."""
    return Fault(body=body, headers={"Content-Type": "application/json"})


def redirecting(location: str, status: int = 302) -> Fault:
    """Off to another address."""
    return Fault(status=status, headers={"Location": location})


def hanging() -> Fault:
    """No answer at all."""
    return Fault(hangs=True)


def dropped() -> Fault:
    """The connection reset before anything is said."""
    return Fault(drops=True)


def cut() -> Fault:
    """Half of the true answer, then the end of the connection."""
    return Fault(cuts=True)


class Faults:
    """Which requests go wrong; `asked` are all that came, in order."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._scripts: list[tuple[str, deque[Fault]]] = []
        self._always: list[tuple[str, Fault]] = []

    def script(self, *faults: Fault, on: str = "") -> None:
        """Queue faults for the next requests whose path and query contain `on`."""
        self._scripts.append((on, deque(faults)))

    def always(self, fault: Fault, *, on: str = "") -> None:
        """The same fault for every such request."""
        self._always.append((on, fault))

    @property
    def unused(self) -> int:
        """How many scripted faults nobody has met."""
        return sum(len(queue) for _, queue in self._scripts)

    def around(self, handler: Handler) -> Handler:
        """The handler, whose requests are recorded and may go wrong."""

        async def handle(request: web.Request) -> web.StreamResponse:
            path = unquote(request.path_qs)
            headers = {name.lower(): value for name, value in request.headers.items()}
            self.asked.append(Asked(path, headers))
            fault = self._next(path)
            return await handler(request) if fault is None else await _go(fault, request, handler)

        return handle

    def _next(self, path: str) -> Fault | None:
        for on, queue in self._scripts:
            if queue and on in path:
                return queue.popleft()
        return next((fault for on, fault in self._always if on in path), None)


async def _go(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    if fault.hangs:
        await asyncio.Event().wait()
    if fault.drops:
        abort(request)
    if fault.cuts:
        answer = await handler(request)
        assert isinstance(answer, web.Response)
        assert isinstance(answer.body, bytes)
        return await _half(request, answer.body, answer.headers)
    return web.Response(body=fault.body, status=fault.status, headers=fault.headers)


async def _half(
    request: web.Request, whole: bytes, headers: Mapping[str, str]
) -> web.StreamResponse:
    """Promise the whole body, send half of it and close the connection."""
    response = web.StreamResponse(headers={**headers, "Content-Length": str(len(whole))})
    await response.prepare(request)
    await response.write(whole[: len(whole) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
