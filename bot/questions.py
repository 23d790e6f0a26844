"""Questions: what was asked, where, and how a follow-up is made to stand alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.database import Row
from ingest.lexicon import content_words, words

LONGEST = 2_000  # characters of a question that are read
SHORT = 4  # naming words; a shorter question in a thread leans on the one before
_LEANING = frozenset(
    "it its they them their this that these those one ones also too instead then there same he she"
    " es sie ihn ihm das dies dort dann auch esto eso ello ellos allí también".split()
)
_MENTION = re.compile(r"<[@!#][^>]*>")
_LINK = re.compile(r"<(?:https?|mailto):[^|>]*(?:\|([^>]*))?>")


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
    channel: str | None
    thread_ts: str | None
    message_ts: str | None
    state: str

    @classmethod
    def from_row(cls, row: Row) -> "StoredQuestion":
        """Read a row of `question`."""
        return cls(
            **{name: row[name] for name in ("id", "text", "asker", "channel")},
            **{name: row[name] for name in ("thread_ts", "message_ts", "state")},
        )


def readable(text: str) -> str:
    """What was asked on one line, as far as it is read; what Postgres cannot store is taken out."""
    whole = text.encode(errors="replace").decode().replace("\0", " ")
    return " ".join(whole.split())[:LONGEST].rstrip()


def cleaned(text: str) -> str:
    """What was asked, from a Slack message: mentions gone, links reduced to their labels."""
    bare = _MENTION.sub(" ", _LINK.sub(lambda match: match.group(1) or " ", text))
    unescaped = bare.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return readable(unescaped)


def is_follow_up(question: str) -> bool:
    """Whether a question in a thread leans on what was asked before."""
    return len(content_words(question)) < SHORT or bool(_LEANING & set(words(question)))


def condensed(question: str, earlier: Sequence[str]) -> str:
    """The question with the one before it, where it leans on it. For when there is no model."""
    if earlier and is_follow_up(question):
        return f"{earlier[-1]} {question}"
    return question
