"""The web side: what Slack calls over HTTP, and a health check."""

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ingest.database import Database
from ingest.errors import DatabaseUnavailable


def build_web(database: Database, bolt: AsyncApp | None) -> Starlette:
    """/healthz, and /slack/events where Slack's requests come by HTTP."""

    async def healthz(_: Request) -> Response:
        try:
            await database.row("corpus")
        except DatabaseUnavailable:
            return JSONResponse({"database": "unreachable"}, status_code=503)
        return JSONResponse({"database": "reachable"})

    routes = [Route("/healthz", healthz)]
    if bolt is not None:
        handler = AsyncSlackRequestHandler(bolt)

        async def events(request: Request) -> Response:
            return await handler.handle(request)

        routes.append(Route("/slack/events", events, methods=["POST"]))
    return Starlette(routes=routes)
