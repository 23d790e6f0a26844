"""The console's routes, in one list, and what its handlers work with."""

import getpass
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.staticfiles import StaticFiles

from bot.app import App
from bot.errors import SlackError
from bot.review.people import LOCAL, People
from bot.web.console.actions import Actions
from bot.web.console.guard import HOME, Armour, Guard, Throttle, own_path
from bot.web.console.pages import Pages
from bot.web.console.reports import Reports
from bot.web.console.sessions import Sessions, Visitor
from bot.web.console.signing_in import (
    BACK,
    STATE,
    STATE_SECONDS,
    Entrance,
    SlackSignIn,
    new_state,
    same_state,
    wanted_in,
)
from bot.web.console.views import HERE, Views
from ingest.errors import Retryable

LOOPBACK = ["127.0.0.1", "localhost"]


def build_console(
    app: App, people: People, *, entrance: Entrance | None = None, slack: SlackSignIn | None = None
) -> list[Route | Mount]:
    """Everything under /review, for people who come by `entrance` or by `slack`."""
    secure = slack is not None and slack.url.startswith("https:")
    views = Views()
    sessions = Sessions(app.database, people, app.settings.review.session_hours, secure=secure)
    guard = Guard(sessions, views.refuse)
    doors = Doors(sessions, people, views, entrance, slack)
    pages = Pages(app, views)
    routes = [
        Mount("/static", StaticFiles(directory=HERE / "static")),
        *doors.routes(guard),
        *pages.routes(guard),
        *Actions(app, views, pages).routes(guard),
        *Reports(app, views).routes(guard),
        Route("/{rest:path}", doors.nowhere, methods=["GET", "POST"]),
    ]
    middleware = [Middleware(Armour, secure=secure)]
    if slack is None:
        # A page elsewhere that calls itself by our address gets nothing.
        middleware.append(Middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK))
    return [Mount(HOME, Router(routes, middleware=middleware))]


class Doors:
    """Where people come in and go out."""

    def __init__(
        self,
        sessions: Sessions,
        people: People,
        views: Views,
        entrance: Entrance | None,
        slack: SlackSignIn | None,
    ) -> None:
        """With neither an entrance nor Slack nobody comes in."""
        self._sessions = sessions
        self._people = people
        self._views = views
        self._entrance = entrance
        self._slack = slack
        self._throttle = Throttle()

    def routes(self, guard: Guard) -> list[Route]:
        """The way out, and the only routes that are open to everybody."""
        return [
            Route("/sign-in", self.sign_in),
            Route("/enter", self._patiently(self.enter)),
            Route("/slack", self.ask_slack),
            Route(BACK.removeprefix(HOME), self._patiently(self.back_from_slack)),
            guard.route("/sign-out", self.sign_out, changes=True),
        ]

    def _patiently(
        self, door: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """A door that is slow for those who were wrong too often."""

        async def slowed(request: Request) -> Response:
            address = request.client.host if request.client else ""
            wait = self._throttle.wait(address)
            if wait:
                refused = self._views.refuse(
                    request, 429, f"Too many attempts. Try again in {wait} seconds."
                )
                refused.headers["Retry-After"] = str(wait)
                return refused
            response = await door(request)
            if response.status_code == 403:  # noqa: PLR2004 - refused
                self._throttle.failed(address)
            return response

        return slowed

    async def sign_in(self, request: Request) -> Response:
        """Say how to come in."""
        wanted = own_path(request.query_params.get("next"))
        return self._views.page(
            "sign_in.html", slack=self._slack is not None, query=urlencode({"next": wanted})
        )

    async def enter(self, request: Request) -> Response:
        """Let in who has the token from the terminal, once."""
        token = request.query_params.get("token", "")
        if self._entrance is None or not self._entrance.enter(token):
            return self._views.refuse(
                request, 403, "This link has been used or was never right. Run: footnote review"
            )
        response = RedirectResponse(HOME, 303)
        name = getpass.getuser()
        await self._sessions.open(response, f"{LOCAL}{name}", name)
        return response

    async def ask_slack(self, request: Request) -> Response:
        """Send somebody to Slack, who will send them back."""
        if self._slack is None:
            return self._views.refuse(request, 404, "Sign in with Slack is not set up.")
        state = new_state(own_path(request.query_params.get("next")))
        response = RedirectResponse(self._slack.address(state), 303)
        response.set_cookie(
            STATE,
            state,
            max_age=STATE_SECONDS,
            path=BACK,
            secure=self._slack.url.startswith("https:"),
            httponly=True,
            samesite="lax",
        )
        return response

    async def back_from_slack(self, request: Request) -> Response:
        """Let in whom Slack names, if they have a role."""
        state, code = same_state(request), request.query_params.get("code")
        if self._slack is None or state is None or not code:
            return self._views.refuse(
                request, 403, "That sign-in was not begun here, or took too long. Please try again."
            )
        try:
            who = await self._slack.identity(code, state)
            role = await self._people.role(who.person)
        except (SlackError, Retryable) as error:
            return self._views.refuse(request, 403, str(error).partition("\n")[0])
        if role is None:
            return self._views.refuse(
                request,
                403,
                f"{who.name}, the review is for leads. Ask whoever runs Footnote to add"
                f" {who.person} to [slack] leads, or to [review] viewers.",
            )
        response = RedirectResponse(own_path(wanted_in(state)), 303)
        response.delete_cookie(STATE, path=BACK)
        await self._sessions.open(response, who.person, who.name)
        return response

    async def nowhere(self, request: Request) -> Response:
        """Say so."""
        return self._views.refuse(request, 404, "There is no such page.")

    async def sign_out(self, request: Request, _: Visitor) -> Response:
        """Let somebody out."""
        response = RedirectResponse(f"{HOME}/sign-in", 303)
        await self._sessions.close(request, response)
        return response
