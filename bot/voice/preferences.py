"""Preferences: how a person likes answers worded that only they see."""

from bot.voice.voices import NEUTRAL
from ingest.database import Database


async def chosen(database: Database, person: str) -> str | None:
    """The voice a person has chosen; None until they do."""
    row = await database.row("preference", person=person)
    return str(row["voice"]) if row else None


async def voice_of(database: Database, person: str) -> str:
    """The voice a person has chosen; neutral until they do."""
    return await chosen(database, person) or NEUTRAL


async def choose_voice(database: Database, person: str, voice: str) -> None:
    """Keep a person's choice."""
    await database.run("keep_preference", person=person, voice=voice)
