"""Actions: what leads do in the console. Each ends in a page that can be reloaded."""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot import records
from bot.app import App
from bot.errors import ReviewedMeanwhile, ReviewError
from bot.review import verdicts
from bot.review.cases import Case, load_case
from bot.review.objections import Checked, check, check_all
from bot.review.people import Role, names
from bot.review.queue import claim, skip, unskip
from bot.review.verdicts import Reason, ReviewVerdict
from bot.web.console.guard import Guard, form_of, number, own_path
from bot.web.console.pages import Draft, Pages, Place
from bot.web.console.sessions import Visitor
from bot.web.console.views import Views, who_is

WORDING = "wording-"
LONGEST_WORDING = 4_000  # characters of a statement


class Actions:
    """Everything that changes something."""

    def __init__(self, app: App, views: Views, pages: Pages) -> None:
        """`pages` are shown again where something could not be kept."""
        self._app = app
        self._views = views
        self._pages = pages

    def routes(self, guard: Guard) -> list[Route]:
        """All for leads."""
        answer = "/answers/{answer:int}"
        return [
            guard.route(f"{answer}/verdict", self.verdict, Role.LEAD, changes=True),
            guard.route(f"{answer}/check", self.check, Role.LEAD, changes=True),
            guard.route(f"{answer}/golden", self.golden, Role.LEAD, changes=True),
            guard.route(f"{answer}/again", self.again, Role.LEAD, changes=True),
            guard.route(f"{answer}/skip", self.skip, Role.LEAD, changes=True),
            guard.route(f"{answer}/unskip", self.unskip, Role.LEAD, changes=True),
            guard.route("/reviews/{review:int}/undo", self.undo, Role.LEAD, changes=True),
        ]

    async def verdict(self, request: Request, visitor: Visitor) -> Response:
        """Keep a review and go on to the next answer, or say what stands against it."""
        database, form = self._app.database, await form_of(request)
        case = await load_case(database, request.path_params["answer"])
        if case is None:
            return self._views.refuse(request, 404, "That answer is gone; it may have been erased.")
        place = Place.of_query(form.get("query", ""))
        wordings = verdicts.changes(case.answer, _wordings(form))
        verdict, checked = _verdict(form, wordings), dict[int, Checked]()
        if verdict is ReviewVerdict.AMEND and not form.get("even_so"):
            checked = check_all(case.answer.parts, wordings, case.answer.evidence)
        if checked:
            said = "The articles do not bear this out as it stands. Mend it, or keep it knowingly."
            draft = Draft(wordings, checked, said)
            return await self._again(request, visitor, place, case, draft)
        note = form.get("article_note" if verdict is ReviewVerdict.ARTICLE_WRONG else "note", "")
        listed = await self._pages.listed(place, visitor)
        try:
            review = await verdicts.review(
                database,
                case.id,
                visitor.person,
                verdict,
                wordings=wordings,
                reason=Reason(form["reason"]) if form.get("reason") in set(Reason) else None,
                note=note.strip() or None,
                seen=number(form.get("seen")),
            )
        except ReviewError as error:
            draft = Draft(wordings, problem=await self._told(error))
            case = await load_case(database, case.id) or case
            return await self._again(request, visitor, place, case, draft)
        following = listed.after(case.id)
        path = f"/answers/{following.id}" if following else "/"
        return RedirectResponse(place.address(path, reviewed=review), 303)

    async def _again(
        self, request: Request, visitor: Visitor, place: Place, case: Case, draft: Draft
    ) -> Response:
        listed = await self._pages.listed(place, visitor)
        return await self._pages.show(request, visitor, place, listed, case, draft, 409)

    async def _told(self, error: ReviewError) -> str:
        if not isinstance(error, ReviewedMeanwhile):
            return str(error)
        who = who_is(await names(self._app.database))(error.reviewer)
        said = error.verdict.replace("_", " ")
        return (
            f"{who} was first: {said}, at {error.at:%H:%M}. Yours is not kept yet, but what you"
            " wrote is still here. Give your verdict again to put it in place of theirs."
        )

    async def check(self, request: Request, _: Visitor) -> Response:
        """Say what stands against a wording, while it is written."""
        form = await form_of(request)
        answer = await records.load(self._app.database, request.path_params["answer"])
        at = number(form.get("at"))
        if answer is None or at is None or at >= len(answer.parts):
            return JSONResponse({"support": None, "objections": []}, 404)
        wording = " ".join(form.get("wording", "")[:LONGEST_WORDING].split())
        checked = check(answer.parts[at], wording, answer.evidence)
        return JSONResponse(
            {"support": checked.support.value, "objections": list(checked.objections)}
        )

    async def golden(self, request: Request, visitor: Visitor) -> Response:
        """Put the question into the golden set, or take it out."""
        form, answer = await form_of(request), request.path_params["answer"]
        if await records.load(self._app.database, answer) is None:
            return self._views.refuse(request, 404, "That answer is gone; it may have been erased.")
        picked = bool(form.get("golden"))
        await verdicts.pick_golden(self._app.database, answer, visitor.person, picked=picked)
        place = Place.of_query(form.get("query", ""))
        return RedirectResponse(place.address(f"/answers/{answer}"), 303)

    async def again(self, request: Request, visitor: Visitor) -> Response:
        """Answer the question anew, from the articles as they are now."""
        database, form = self._app.database, await form_of(request)
        row = await database.row("case", answer=request.path_params["answer"])
        old = await records.load(database, request.path_params["answer"])
        if row is None or old is None:
            return self._views.refuse(request, 404, "That answer is gone; it may have been erased.")
        asked = old.standalone or old.question
        answer, standalone = await self._app.answering.answer(asked)
        async with database.transaction() as session:
            kept = await records.keep(
                session, row["question_id"], replace(answer, question=old.question), standalone
            )
        await claim(database, kept, visitor.person)
        place = Place.of_query(form.get("query", ""))
        return RedirectResponse(place.address(f"/answers/{kept}"), 303)

    async def skip(self, request: Request, visitor: Visitor) -> Response:
        """Leave the answer to others and go on to the next."""
        form, answer = await form_of(request), request.path_params["answer"]
        if await records.load(self._app.database, answer) is None:
            return self._views.refuse(request, 404, "That answer is gone; it may have been erased.")
        place = Place.of_query(form.get("query", ""))
        following = (await self._pages.listed(place, visitor)).after(answer)
        await skip(self._app.database, answer, visitor.person)
        path = f"/answers/{following.id}" if following else "/"
        return RedirectResponse(place.address(path, skipped=answer), 303)

    async def unskip(self, request: Request, visitor: Visitor) -> Response:
        """Take a skipped answer back."""
        await unskip(self._app.database, request.path_params["answer"], visitor.person)
        return _back(await form_of(request))

    async def undo(self, request: Request, visitor: Visitor) -> Response:
        """Take a review back."""
        try:
            await verdicts.undo(
                self._app.database,
                request.path_params["review"],
                visitor.person,
                of_anyone=visitor.is_admin,
            )
        except ReviewError as error:
            return self._views.refuse(request, 409, str(error))
        return _back(await form_of(request))


def _verdict(form: dict[str, str], wordings: dict[int, str]) -> ReviewVerdict:
    """What is meant: an approval of statements that were worded anew is an amendment."""
    try:
        verdict = ReviewVerdict(form.get("verdict", ""))
    except ValueError:
        verdict = ReviewVerdict.APPROVE
    return ReviewVerdict.AMEND if verdict is ReviewVerdict.APPROVE and wordings else verdict


def _wordings(form: dict[str, str]) -> dict[int, str]:
    return {
        int(at): value[:LONGEST_WORDING]
        for name, value in form.items()
        if name.startswith(WORDING) and (at := name.removeprefix(WORDING)).isdecimal()
    }


def _back(form: dict[str, str]) -> Response:
    return RedirectResponse(own_path(form.get("back")), 303)
