"""The web side: what Slack calls over HTTP, a health check, and what an operator watches."""

from collections.abc import Sequence

from prometheus_client import CONTENT_TYPE_LATEST
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.metrics import Metrics
from ingest.database import Database
from ingest.errors import DatabaseUnavailable


def build_web(
    database: Database,
    metrics: Metrics,
    bolt: AsyncApp | None,
    console: Sequence[BaseRoute] = (),
) -> Starlette:
    """/healthz, /metrics, /slack/events where Slack's requests come by HTTP, and the console."""

    async def healthz(_: Request) -> Response:
        try:
            await database.row("corpus")
        except DatabaseUnavailable:
            return JSONResponse({"database": "unreachable"}, status_code=503)
        return JSONResponse({"database": "reachable"})

    async def watched(_: Request) -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)

    routes = [Route("/healthz", healthz), Route("/metrics", watched)]
    if bolt is not None:
        handler = AsyncSlackRequestHandler(bolt)

        async def events(request: Request) -> Response:
            return await handler.handle(request)

        routes.append(Route("/slack/events", events, methods=["POST"]))
    return Starlette(routes=[*routes, *console])
