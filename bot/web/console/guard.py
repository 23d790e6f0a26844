"""The guard: who gets to a page, and what a browser may do with it.

Every route of the console is made by `Guard.route`, so that none is open by oversight.
"""

import hmac
import time
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl, quote, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.review.people import Role
from bot.web.console.sessions import Sessions, Visitor

LONGEST_FORM = 200_000  # bytes
LARGEST = 2**53  # a number in an address
HOME = "/review"
TRIES, WINDOW = 5, 60.0  # wrong tokens from an address within so many seconds
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}

Handler = Callable[[Request, Visitor], Awaitable[Response]]
Refusal = Callable[[Request, int, str], Response]


class Guard:
    """Lets people in, by their session and their role."""

    def __init__(self, sessions: Sessions, refuse: Refusal) -> None:
        """`refuse` makes the page that says why not."""
        self._sessions = sessions
        self._refuse = refuse

    def route(
        self, path: str, handler: Handler, role: Role = Role.VIEWER, *, changes: bool = False
    ) -> Route:
        """A page for a role and those above it; what `changes` something is a POST."""

        async def guarded(request: Request) -> Response:
            visitor = await self._sessions.visitor(request)
            if visitor is None:
                if changes:
                    return self._refuse(request, 401, "You are signed out. Sign in and try again.")
                here = quote(f"{request.url.path}?{request.url.query}".rstrip("?"), safe="")
                return RedirectResponse(f"{HOME}/sign-in?next={here}", 303)
            if visitor.role < role:
                return self._refuse(request, 403, f"This is for a {role.name.lower()}.")
            if changes and not await _meant(request, visitor):
                return self._refuse(
                    request, 403, "That did not come from this page. Go back, reload, try again."
                )
            if any(isinstance(n, int) and n > LARGEST for n in request.path_params.values()):
                return self._refuse(request, 404, "There is no such page.")
            return await handler(request, visitor)

        return Route(path, guarded, methods=["POST"] if changes else ["GET"])


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a submitted form; of several with one name the last. Too long a form is none.

    Read once and kept with the request.
    """
    if not hasattr(request.state, "form"):
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > LONGEST_FORM:
                body = b""
                break
        text = body.decode("utf-8", "replace")
        request.state.form = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=None))
    form: dict[str, str] = request.state.form
    return form


def number(written: str | None) -> int | None:
    """A number that came with a request; None where it is none, or none of ours."""
    fits = (
        written is not None
        and written.isascii()
        and written.isdecimal()
        and len(written) < len(str(LARGEST))
    )
    return int(written) if written and fits else None


async def _meant(request: Request, visitor: Visitor) -> bool:
    """Whether a change comes from a page of ours: its token came along, and no other site did."""
    origin = request.headers.get("origin")
    if origin and urlsplit(origin).netloc != request.url.netloc:
        return False
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    sent = request.headers.get("x-csrf-token") or (await form_of(request)).get("csrf", "")
    return hmac.compare_digest(sent.encode(), visitor.csrf.encode())


def own_path(wanted: str | None) -> str:
    """Where to go after signing in: a page of the console, whatever the address asked for."""
    if not wanted or not wanted.isprintable() or "\\" in wanted:
        return HOME
    parts = urlsplit(wanted)
    inside = parts.path == HOME or parts.path.startswith((f"{HOME}/", f"{HOME}?"))
    if parts.scheme or parts.netloc or not inside or ".." in parts.path or "//" in parts.path:
        return HOME
    return wanted


class Throttle:
    """Slows down whoever guesses: TRIES wrong ones, then twice as long a wait after each."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` counts seconds."""
        self._clock = clock
        self._failed: dict[str, tuple[int, float]] = {}

    def wait(self, address: str) -> int:
        """Seconds until the address may try again; 0 is now."""
        count, last = self._failed.get(address, (0, 0.0))
        due = last + WINDOW * 2.0 ** min(count - TRIES, 8) if count >= TRIES else 0.0
        return max(0, round(due - self._clock()))

    def failed(self, address: str) -> None:
        """Note a wrong one."""
        now = self._clock()
        self._failed = {
            each: (count, at)
            for each, (count, at) in self._failed.items()
            if now - at < WINDOW * 512
        }
        count, last = self._failed.get(address, (0, now))
        self._failed[address] = (1 if count < TRIES and now - last > WINDOW else count + 1, now)


class Armour:
    """Sets the headers that tell a browser what it may do with a page."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        """`secure` pages are asked for by https ever after."""
        more = {"Strict-Transport-Security": "max-age=31536000"} if secure else {}
        self._app = app
        self._headers = _HEADERS | more

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        static = scope["path"].startswith(f"{HOME}/static/")

        async def armoured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                if not static:
                    headers["Cache-Control"] = "no-store"
            await send(message)

        await self._app(scope, receive, armoured)
