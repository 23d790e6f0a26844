"""Runs an aiohttp application on loopback, inside a test's loop or as a process of its own."""

import asyncio
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any, Protocol

from aiohttp import web

Json = dict[str, Any]

HOST = "127.0.0.1"
# Requests still running at shutdown (a scripted slow reply, say) are cancelled after this.
SHUTDOWN_SECONDS = 0.1


class Listener:
    """One listening socket; port 0 asks the system for a free one."""

    def __init__(self, routes: Iterable[web.AbstractRouteDef], *, port: int = 0) -> None:
        self._routes = tuple(routes)
        self._wanted_port = port
        self._runner: web.AppRunner | None = None
        self._port: int | None = None

    @property
    def port(self) -> int:
        if self._port is None:
            raise RuntimeError("the server is not listening: use it as `async with`")
        return self._port

    async def start(self) -> None:
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.add_routes(self._routes)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self._wanted_port)
        await site.start()
        self._port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None


def abort(request: web.BaseRequest) -> None:
    """Cut the connection a request came on, as a crash or a broken network would."""
    if request.transport is not None:
        request.transport.abort()


async def read_json(request: web.Request) -> Json:
    """Read a JSON object from the body; anything else is an empty object."""
    try:
        body = await request.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


class Served(AbstractAsyncContextManager["Served"], Protocol):
    """What `serve_until_stopped` needs to know of a server."""

    @property
    def url(self) -> str: ...


async def serve_until_stopped(server: Served) -> None:
    """Serve until SIGTERM or SIGINT; prints `listening on URL` once ready."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    async with server:
        sys.stdout.write(f"listening on {server.url}\n")
        sys.stdout.flush()
        await stopped.wait()


@contextmanager
def beside(server: AbstractAsyncContextManager[Any]) -> Iterator[None]:
    """A server that runs in a thread of its own, for tests whose main thread runs commands."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result()
        yield
        asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
