"""Leases: work that only one process may do at a time, on whichever machine it runs.

A lease ends by itself when its holder stops renewing it, so a killed run blocks nobody for long;
a holder that was merely slow finds its token outdated and can write no more (a fencing token:
Kleppmann, "How to do distributed locking", 2016). Nothing depends on a session, which a
connection pooler may hand to somebody else.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from ingest.background import beside
from ingest.database import Database, Session
from ingest.errors import DatabaseUnavailable, LeaseLost, SourceBusy

SECONDS = 20.0  # a lease lasts unless renewed
RENEWED = 4.0  # seconds between renewals
LOOK = 1.0  # seconds between looks at a lease somebody else holds


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that was taken; `what` says in words for what."""

    name: str
    token: int
    what: str

    async def hold(self, session: Session) -> None:
        """Keep the lease until the session's transaction ends. Raises LeaseLost."""
        if await session.row("hold_lease", name=self.name, token=self.token) is None:
            raise self.lost()

    def lost(self) -> LeaseLost:
        """The error when somebody else took it over."""
        return LeaseLost(f"{self.what}: this run stood still and another one took over.")


@contextlib.asynccontextmanager
async def leased(
    database: Database, name: str, what: str, waiting: Callable[[], None] = lambda: None
) -> AsyncIterator[Lease]:
    """Take a lease, renew it, give it back.

    A lease whose holder lives is renewed while we look: then SourceBusy is raised. One whose
    holder was killed is taken over when it ends; `waiting` is called while that is not decided.
    """
    lease = await _take(database, name, what, waiting)
    try:
        async with beside(_keep_renewing(database, lease)):
            yield lease
    finally:
        # Without Postgres it ends by itself.
        with contextlib.suppress(DatabaseUnavailable):
            await database.run("return_lease", name=lease.name, token=lease.token)


async def _take(database: Database, name: str, what: str, waiting: Callable[[], None]) -> Lease:
    holder = f"{socket.gethostname()}, process {os.getpid()}"
    await database.run("make_lease", name=name)
    first = None
    while True:
        row = await database.row("take_lease", name=name, holder=holder, seconds=SECONDS)
        if row is not None:
            return Lease(name, row["token"], what)
        other = await database.row("lease_holder", name=name)
        if other is not None:
            first = first or other
            if other["expires_at"] > first["expires_at"]:
                raise SourceBusy(f"{what}: another run is at work ({other['holder']}).")
        waiting()
        await asyncio.sleep(LOOK)


async def _keep_renewing(database: Database, lease: Lease) -> None:
    while True:
        await asyncio.sleep(RENEWED)
        # If it cannot be renewed in time it is lost, which the next write finds out.
        with contextlib.suppress(DatabaseUnavailable):
            await database.run("renew_lease", name=lease.name, token=lease.token, seconds=SECONDS)
