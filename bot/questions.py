"""Questions: what was asked, by whom and where, as all that comes after reads it."""

import re
from dataclasses import dataclass, fields
from typing import Literal

from bot.privacy import masked
from ingest.database import Row

LONGEST = 2_000  # characters of a question that are read
_MENTION = re.compile(r"<[@!#][^>]*>")
_LINK = re.compile(r"<(?:https?|mailto|tel):[^|>]*(?:\|([^>]*))?>")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as Slack delivered it: who, where, by which event."""

    text: str
    asker: str
    team: str | None
    channel: str
    thread_ts: str
    message_ts: str
    event_id: str


@dataclass(frozen=True, slots=True)
class StoredQuestion:
    """A question that was accepted and is kept."""

    id: int
    text: str
    asker: str | None
    team: str | None
    channel: str | None
    thread_ts: str | None
    message_ts: str | None
    state: str
    attempts: int = 0  # works begun on it, with this one
    started_ts: str | None = None  # the message in which its answer is being written
    ended: Literal["stopped", "deleted"] | None = None  # nobody waits for the answer any more

    @classmethod
    def from_row(cls, row: Row) -> "StoredQuestion":
        """Read a row of `question`."""
        return cls(**{each.name: row[each.name] for each in fields(cls)})


def own_words(text: str) -> str:
    """What was asked on one line, as far as it is read, for its asker alone."""
    return _one_line(text)[:LONGEST].rstrip()


def readable(text: str) -> str:
    """What was asked on one line, as far as it is read, with personal data masked.

    All that is done with a question is done with this.
    """
    return masked(_one_line(text)[: 2 * LONGEST])[:LONGEST].rstrip()


def cleaned(text: str) -> str:
    """What was asked, from a Slack message: mentions gone, links reduced to their labels."""
    bare = _MENTION.sub(" ", _LINK.sub(lambda match: match.group(1) or " ", text))
    unescaped = bare.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return readable(unescaped)


def _one_line(text: str) -> str:
    """What Postgres cannot store is taken out."""
    return " ".join(text.encode(errors="replace").decode().replace("\0", " ").split())
