"""Threads: which messages in a thread are meant for us, without a mention.

A thread is the bot's once it was asked there; that is read from Postgres, so a restart forgets
nothing. Whoever asked may go on asking. As soon as somebody else writes, or somebody else is
mentioned, people talk to one another, and the bot is quiet until it is mentioned again.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

from bot.chat.courtesies import is_courtesy
from ingest.database import Database, Session
from ingest.lexicon import words

_MENTION = re.compile(r"<@\w[^>]*>|<!(?:subteam\^|here|channel|everyone)[^>]*>")
_QUESTION_MARK = re.compile(r"[?？؟]")
# A message that begins with one of these asks, also without a question mark.
_ASKS = frozenset(
    "and how what when where which who whom whose why can could do does did is are may should will"
    " would"
    " und wie was wann wo wohin woher welche welcher welches wer wen wem warum wieso weshalb kann"
    " können muss darf gibt cómo qué cuándo dónde cuál cuáles quién cuánto cuánta puedo puede hay"
    " et comment quand où quel quelle quels quelles qui pourquoi combien puis peut"
    " come cosa quando dove quale chi perché quanto hoe wat wanneer waar welke wie waarom".split()
)


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread of the bot's: who asked in it, and whether people talk among themselves there."""

    askers: frozenset[str]
    quiet: bool


class Meant(Enum):
    """Whom a message in a thread of the bot's is meant for."""

    FOR_US = auto()
    FOR_PEOPLE = auto()  # and from now on the thread is theirs
    FOR_NOBODY = auto()  # thanks, or a thought: said to us, but asking nothing


async def thread(database: Database, channel: str, thread_ts: str) -> Thread | None:
    """A thread, if it is the bot's."""
    row = await database.row("thread", channel=channel, thread_ts=thread_ts)
    return Thread(frozenset(row["askers"]), row["quiet"]) if row else None


async def quieten(database: Database, channel: str, thread_ts: str) -> None:
    """Leave a thread to people."""
    await database.run("quieten_thread", channel=channel, thread_ts=thread_ts)


async def reopen(session: Session, channel: str, thread_ts: str) -> None:
    """The bot was mentioned: it listens again."""
    await session.run("reopen_thread", channel=channel, thread_ts=thread_ts)


def meant(text: str, author: str, found: Thread) -> Meant:
    """Whom a message without a mention of the bot is meant for."""
    if mentions_someone(text) or author not in found.askers:
        return Meant.FOR_PEOPLE
    if found.quiet:
        return Meant.FOR_PEOPLE
    return Meant.FOR_US if asks(text) else Meant.FOR_NOBODY


def mentions_someone(text: str) -> bool:
    """Whether a person or group is mentioned."""
    return _MENTION.search(text) is not None


def asks(text: str) -> bool:
    """Whether a message reads as a question."""
    if is_courtesy(text):
        return False
    said = words(text)
    return bool(_QUESTION_MARK.search(text)) or (len(said) > 1 and said[0] in _ASKS)
