"""Sessions: who sends a request, proven by a cookie, and that they meant to."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from bot.review import audit
from bot.review.people import People, Role
from ingest.database import Database

COOKIE = "footnote"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in. `csrf` has to come back with whatever changes something."""

    person: str
    name: str
    role: Role
    csrf: str

    @property
    def may_review(self) -> bool:
        """Whether verdicts are theirs to give."""
        return self.role >= Role.LEAD

    @property
    def is_admin(self) -> bool:
        """Whether the rest is, too."""
        return self.role >= Role.ADMIN


class Sessions:
    """Opens sessions and knows them again. Postgres keeps a hash, the browser the token."""

    def __init__(self, database: Database, people: People, hours: float, *, secure: bool) -> None:
        """`secure` cookies travel by https alone."""
        self._database = database
        self._people = people
        self._hours = hours
        self._secure = secure

    @property
    def _cookie(self) -> str:
        # Browsers take a name with this prefix from the host itself only, and by https only.
        return f"__Host-{COOKIE}" if self._secure else COOKIE

    async def visitor(self, request: Request) -> Visitor | None:
        """Who it is; None when nobody is signed in, any more, or may come in."""
        token = request.cookies.get(self._cookie)
        if not token:
            return None
        row = await self._database.row("session", token_hash=_hash(token))
        role = await self._people.role(row["person"]) if row else None
        if row is None or role is None:
            return None
        return Visitor(row["person"], row["name"], role, _csrf(token))

    async def open(self, response: Response, person: str, name: str) -> None:
        """Sign somebody in: a new token each time, so that none can be foisted on them."""
        token = secrets.token_urlsafe(32)
        async with self._database.transaction() as session:
            await session.run("drop_expired_sessions")
            await session.run("note_person", person=person, name=name)
            await session.run(
                "open_session", token_hash=_hash(token), person=person, hours=self._hours
            )
            await audit.note(session, person, "sign_in")
        response.set_cookie(
            self._cookie,
            token,
            max_age=int(self._hours * 3600),
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )

    async def close(self, request: Request, response: Response) -> None:
        """Sign out, here and in the database."""
        token = request.cookies.get(self._cookie, "")
        async with self._database.transaction() as session:
            row = await session.row("close_session", token_hash=_hash(token))
            if row is not None:
                await audit.note(session, row["person"], "sign_out")
        response.delete_cookie(
            self._cookie, path="/", secure=self._secure, httponly=True, samesite="lax"
        )


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _csrf(token: str) -> str:
    """Derived from the token, which no other site can read."""
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()
