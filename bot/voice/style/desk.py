"""The desk's own style: a profile of what its leads approved."""

from bot.settings import StyleSettings
from bot.voice.dataset.approved import approved
from bot.voice.dataset.duplicates import without_duplicates
from bot.voice.style.profile import Profile, fit
from ingest.database import Database


async def desk_profile(database: Database, terms: StyleSettings) -> Profile | None:
    """The profile of today; None while there are too few approved wordings."""
    found, _ = await approved(database)
    return fit(["\n".join(each.pair.wording) for each in without_duplicates(found)], terms)
