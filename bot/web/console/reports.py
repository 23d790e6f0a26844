"""Reports: what reviews add up to, for leads, for writers, and for spreadsheets."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.app import App
from bot.review.figures import KEYS, PERIODS, Figures
from bot.review.gaps import find_gaps, gaps, news
from bot.review.people import Role, names
from bot.review.writers import articles_to_mend
from bot.web.console.charts import drawn, series
from bot.web.console.guard import HOME, Guard, number
from bot.web.console.sessions import Visitor
from bot.web.console.tables import csv_response
from bot.web.console.views import Views, who_is

USUAL = PERIODS[1]


class Reports:
    """Content gaps, articles to mend, and the dashboard."""

    def __init__(self, app: App, views: Views) -> None:
        """The app's database is what is reported on."""
        self._app = app
        self._views = views
        self._figures = Figures(app.database)

    def routes(self, guard: Guard) -> list[Route]:
        """All may be seen by everybody who may come in."""
        return [
            guard.route("/gaps", self.gaps),
            guard.route("/gaps.csv", self.gaps_csv),
            guard.route("/gaps/find", self.find_gaps, Role.LEAD, changes=True),
            guard.route("/articles", self.articles),
            guard.route("/articles.csv", self.articles_csv),
            guard.route("/dashboard", self.dashboard),
            guard.route("/dashboard/{key}.csv", self.figure_csv),
        ]

    async def gaps(self, _: Request, visitor: Visitor) -> Response:
        """What is asked and not covered."""
        database = self._app.database
        found = await gaps(database)
        return self._views.page(
            "gaps.html",
            here="/gaps",
            visitor=visitor,
            gaps=[gap for gap in found if gap.questions > 1],
            single=sum(gap.questions == 1 for gap in found),
            news=await news(database),
        )

    async def gaps_csv(self, _: Request, __: Visitor) -> Response:
        """The gaps, those of a single question too."""
        columns = ("question", "asked", "last_30_days", "30_days_before", "first", "last")
        rows = [
            (
                *(gap.label, gap.questions, gap.lately, gap.before, gap.first_at, gap.last_at),
                gap.nearest,
                " | ".join(gap.examples),
            )
            for gap in await gaps(self._app.database)
        ]
        return csv_response("content-gaps", (*columns, "nearest_article", "examples"), rows)

    async def find_gaps(self, _: Request, __: Visitor) -> Response:
        """Group the uncovered questions anew."""
        served = self._app.retriever.served
        await find_gaps(self._app.database, served.embedder, served.space)
        return RedirectResponse(f"{HOME}/gaps", 303)

    async def articles(self, _: Request, visitor: Visitor) -> Response:
        """What writers are asked to mend."""
        database = self._app.database
        return self._views.page(
            "articles.html",
            here="/articles",
            visitor=visitor,
            articles=await articles_to_mend(database),
            who=who_is(await names(database)),
        )

    async def articles_csv(self, _: Request, __: Visitor) -> Response:
        """The same, a line for each report."""
        columns = ("article", "title", "url", "changed_since", "answers_in_30_days", "question")
        rows = [
            (
                *(each.article, each.title, each.url, each.changed_since, each.spoiled),
                *(report.question, report.note, report.reviewer, report.at),
            )
            for each in await articles_to_mend(self._app.database)
            for report in each.reports
        ]
        return csv_response("articles-to-mend", (*columns, "note", "lead", "at"), rows)

    async def dashboard(self, request: Request, visitor: Visitor) -> Response:
        """Every figure, drawn and as a table."""
        days = _days(request)
        found = await self._figures.all(days)
        return self._views.page(
            "dashboard.html",
            here="/dashboard",
            visitor=visitor,
            figures=found,
            days=days,
            periods=PERIODS,
            drawn=drawn,
            series=series,
        )

    async def figure_csv(self, request: Request, _: Visitor) -> Response:
        """One figure."""
        key = request.path_params["key"]
        if key not in KEYS:
            return self._views.refuse(request, 404, "There is no such figure.")
        found = await self._figures.one(key, _days(request))
        return csv_response(key, found.columns, found.rows)


def _days(request: Request) -> int:
    asked = number(request.query_params.get("days"))
    return asked if asked in PERIODS else USUAL
