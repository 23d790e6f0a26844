"""Sign in with Slack, as far as the console sees it: the token endpoint and who is in a group."""

import base64
import json
import time
from typing import Any

from aiohttp import web

from tests.fakes.serving import HOST, Listener

TEAM = "T01TEAM00001"
CLIENT, SECRET = "1234.5678", "openid-secret"


class OpenIDServer:
    """People sign in by their id as the code. `claims` change what is said of them."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.groups: dict[str, list[str]] = {}
        self.nonce = ""
        self.listener = Listener(
            (
                web.post("/api/openid.connect.token", self._token),
                web.post("/api/auth.test", self._auth_test),
                web.get("/api/usergroups.users.list", self._members),
            )
        )

    @property
    def api_url(self) -> str:
        return f"http://{HOST}:{self.listener.port}/api/"

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        basic = base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
        if basic != f"{CLIENT}:{SECRET}":
            return web.json_response({"ok": False, "error": "bad_client_secret"})
        claims = {
            "aud": CLIENT,
            "exp": time.time() + 300,
            "nonce": self.nonce,
            "name": "Lena Lindqvist",
            "https://slack.com/user_id": form["code"],
            "https://slack.com/team_id": TEAM,
            **self.claims,
        }
        payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        return web.json_response({"ok": True, "access_token": "xoxp", "id_token": f"e.{payload}.s"})

    async def _auth_test(self, _: web.Request) -> web.Response:
        return web.json_response({"ok": True, "team_id": TEAM, "user_id": "U0BOT", "team": "Desk"})

    async def _members(self, request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "users": self.groups[request.query["usergroup"]]})
