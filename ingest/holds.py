"""Holds: what ingest does not do before a person has looked, and their word that it may."""

from ingest.database import Database
from ingest.errors import SourceError


async def approve(database: Database, run: int, by: str) -> str:
    """Let a held run remove what it wanted to; the name of its source, which is to be run again.

    Raises SourceError when there is nothing to approve. A source that was empty is not believed:
    to stop serving it is `footnote ingest forget`.
    """
    found = await database.row("run_by_id", run=run)
    if found is None:
        raise SourceError(f"There is no run {run}.\nList them: footnote ingest runs")
    if found["state"] != "held":
        raise SourceError(f"Run {run} is not held; it is {found['state']}.")
    if found["empty"]:
        raise SourceError(
            f"{found['source']} was empty in run {run}, which nobody can approve.\n"
            f"To stop serving it: footnote ingest forget {found['source']}"
        )
    await database.run("approve_run", run=run, by=by)
    return str(found["source"])


async def let_pass(database: Database, hold: int, by: str) -> str:
    """Let a held article be served; the name of its source, which is to be run again.

    Raises SourceError when there is no such hold.
    """
    row = await database.row("pass_article", hold=hold, by=by)
    if row is None:
        raise SourceError(f"No article is held as {hold}.\nList them: footnote ingest held")
    return str(row["source"])
