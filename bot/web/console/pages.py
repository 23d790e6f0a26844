"""Pages: what the console shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.app import App
from bot.review import audit, verdicts
from bot.review.cases import Case, load_case
from bot.review.objections import Checked
from bot.review.people import Role, names
from bot.review.queue import PAGE, Claim, Filters, Queue, Why, claim, queue, reviewed
from bot.staleness import look
from bot.web.console.guard import HOME, Guard, number
from bot.web.console.sessions import Visitor
from bot.web.console.views import Views, who_is
from bot.wording import styled

LAST_PAGE = 10_000
SUPPORTS = {
    "supported": "Supported",
    "partly": "Partly supported",
    "unsupported": "Not in the articles",
    "none_needed": "States nothing",
    "stale": "Article changed",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the queue somebody is: its filters, its page, what waits or what is done."""

    filters: Filters = field(default_factory=Filters)
    page: int = 1
    show: str | None = None

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Place":
        """Read an address's query."""
        return cls(
            Filters.of(given),
            min(max(number(given.get("page")) or 1, 1), LAST_PAGE),
            "done" if given.get("show") == "done" else None,
        )

    @classmethod
    def of_query(cls, query: str) -> "Place":
        """Read a query that came back in a form."""
        return cls.of(dict(parse_qsl(query)))

    @property
    def query(self) -> dict[str, str]:
        """What an address says of it."""
        more = {"page": str(self.page)} if self.page > 1 else {}
        shown = {"show": self.show} if self.show else {}
        return {**self.filters.given(), **more, **shown}

    def address(self, path: str, **more: object) -> str:
        """A page of the console that keeps the place."""
        query = urlencode(self.query | more)
        return f"{HOME}{path}{'?' if query else ''}{query}"


@dataclass(frozen=True, slots=True)
class Draft:
    """What a lead has entered and could not be kept, with why not."""

    wordings: Mapping[int, str] = field(default_factory=dict)
    checked: Mapping[int, Checked] = field(default_factory=dict)
    problem: str | None = None


class Pages:
    """Everything that is only looked at."""

    def __init__(self, app: App, views: Views) -> None:
        """The app's database is what is looked at."""
        self._app = app
        self._views = views

    def routes(self, guard: Guard) -> list[Route]:
        """Who may see what."""
        return [
            guard.route("/", self.queue),
            guard.route("/answers/{answer:int}", self.answer),
            guard.route("/log", self.log, Role.ADMIN),
        ]

    async def queue(self, request: Request, visitor: Visitor) -> Response:
        """The queue, with its first answer open."""
        database = self._app.database
        await look(database, self._app.settings.answers.stale_days)
        place = Place.of(request.query_params)
        listed = await self.listed(place, visitor)
        first = listed.after(None)
        case = await load_case(database, first.id) if first else None
        return await self.show(request, visitor, place, listed, case)

    async def answer(self, request: Request, visitor: Visitor) -> Response:
        """One answer, with the queue beside it."""
        place = Place.of(request.query_params)
        case = await load_case(self._app.database, request.path_params["answer"])
        if case is None:
            return self._views.refuse(request, 404, "That answer is gone; it may have been erased.")
        return await self.show(request, visitor, place, await self.listed(place, visitor), case)

    async def listed(self, place: Place, visitor: Visitor) -> Queue:
        """The page of the queue that somebody is on."""
        if place.show == "done":
            return await reviewed(self._app.database, place.filters, page=place.page)
        return await queue(self._app.database, visitor.person, place.filters, page=place.page)

    async def show(
        self,
        request: Request,
        visitor: Visitor,
        place: Place,
        listed: Queue,
        case: Case | None,
        draft: Draft | None = None,
        status: int = 200,
    ) -> Response:
        """The page of an answer, which is the lead's from now on unless another has it open."""
        draft = draft or Draft()
        held: Claim | None = None
        if case is not None and visitor.may_review and case.standing is None:
            held = await claim(self._app.database, case.id, visitor.person)
        called = await names(self._app.database)
        return self._views.page(
            "case.html",
            status,
            here="/",
            visitor=visitor,
            case=case,
            queue=listed,
            held=held,
            filters=place.filters,
            page=place.page,
            page_size=PAGE,
            show=place.show,
            query=urlencode(place.query),
            flash=await self._flash(request, visitor, place),
            problem=draft.problem,
            wordings=draft.wordings,
            checked=draft.checked,
            whys=list(Why),
            supports=SUPPORTS,
            reasons=list(verdicts.Reason),
            styled=styled,
            who=who_is(called),
        )

    async def _flash(
        self, request: Request, visitor: Visitor, place: Place
    ) -> dict[str, Any] | None:
        """What was done just now, so that it can be undone."""
        given = request.query_params
        skipped, done = number(given.get("skipped")), number(given.get("reviewed"))
        if skipped is not None:
            return {
                "text": "Skipped for a week.",
                "action": f"{HOME}/answers/{skipped}/unskip",
                "back": place.address(f"/answers/{skipped}"),
            }
        if done is None:
            return None
        row = await self._app.database.row("review_of", review=done)
        if row is None or row["undone_at"] or row["reviewer"] != visitor.person:
            return None
        said = {
            "approve": "Approved",
            "amend": "Amended",
            "reject": "Rejected",
            "article_wrong": "The writers are told",
        }[row["verdict"]]
        return {
            "text": f"{said}: “{row['question'][:80]}”",
            "action": f"{HOME}/reviews/{done}/undo",
            "back": place.address(f"/answers/{row['answer_id']}"),
        }

    async def log(self, _: Request, visitor: Visitor) -> Response:
        """What was done by whom, and whether the log is whole."""
        database = self._app.database
        return self._views.page(
            "log.html",
            here="/log",
            visitor=visitor,
            entries=await audit.entries(database),
            broken=await audit.broken_at(database),
            who=who_is(await names(database)),
        )
