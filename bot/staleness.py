"""Staleness: answers that cite words which their article no longer has.

After each ingest the words that recent answers cite of an older version are looked for in the one
served now. Where they are still there nothing is said, however the article changed around them.
Looking again changes nothing, and words that come back are no longer stale.
"""

import asyncio
import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from bot.review.queue import requeue
from ingest.database import Database, Row, Session
from ingest.markup import parse, plain_text, sentences

ALIKE = 0.5  # share of words in common from which a sentence is the cited one, changed
_SAID = {
    "changed": "the words have changed",
    "removed": "the words are no longer there",
    "gone": "the article is gone",
}
_MARKER = re.compile(r"^\s*(?:\d{1,9}[.)]|[-+•])\s+", re.MULTILINE)
_MARKUP = re.compile(r"[*_`~|\\]")
_QUOTES = str.maketrans("‘’“”„", '\'\'"""')


@dataclass(frozen=True, slots=True)
class Change:
    """What became of words that an answer cites; `now` is how they read where they changed."""

    n: int
    article: str
    title: str
    url: str
    how: str
    words: str
    now: str | None

    @classmethod
    def from_row(cls, row: Row) -> "Change":
        """Read a row of the query `stale_citations`."""
        return cls(
            **{name: row[name] for name in ("n", "article", "title", "url")},
            how=row["change"],
            words=_plain(row["words"]),
            now=row["words_now"],
        )

    def as_json(self) -> dict[str, Any]:
        """The form `footnote answers stale --json` prints."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class StaleAnswer:
    """An answer that was right when it was given. `message_ts` is where Slack shows it."""

    answer: int
    question: str
    asked_at: datetime
    channel: str | None
    message_ts: str | None
    changes: tuple[Change, ...]

    def as_json(self) -> dict[str, Any]:
        """The form `footnote answers stale --json` prints."""
        own = {name: getattr(self, name) for name in self.__slots__}
        return own | {
            "asked_at": self.asked_at.isoformat(),
            "changes": [change.as_json() for change in self.changes],
        }

    def lines(self) -> list[str]:
        """How a terminal shows it."""
        found = [f"{self.answer}  {self.asked_at:%Y-%m-%d}  {self.question}"]
        for change in self.changes:
            found.append(f"    [{change.n}] {change.title}: {_SAID[change.how]}")
            found.append(f"        was: {change.words}")
            found += [f"        now: {change.now}"] if change.now else []
            found += [f"        {change.url}"] if change.url else []
        return found


async def mark_stale(database: Database, days: int) -> list[StaleAnswer]:
    """Look again for what the answers of the last `days` cite; return those now found stale.

    An answer that was stale before is not returned again. Raises DatabaseUnavailable.
    """
    async with database.transaction() as session:
        await session.row("look_for_staleness")
        unseen = await session.row("unseen_versions")
        assert unseen is not None
        rows = await session.rows("unjudged_stretches", days=days, **unseen)
        marked: list[Row] = []
        for current, stretches in groupby(rows, key=lambda row: row["current"]):
            marked += await _judge(session, current, list(stretches))
        await session.run("note_look")
        await requeue(session, *{row["answer_id"] for row in marked})
    before = {row["answer_id"] for row in marked if row["was_stale"]}
    fresh = {row["answer_id"] for row in marked if row["is_stale"]} - before
    return await stale_answers(database, days, sorted(fresh)) if fresh else []


async def look(database: Database, days: int) -> None:
    """Mark what ingest has made stale since the last look, if it has changed anything."""
    unseen = await database.row("unseen_versions")
    if unseen is not None and unseen["versions"]:
        await mark_stale(database, days)


async def stale_answers(
    database: Database, days: int, answers: list[int] | None = None
) -> list[StaleAnswer]:
    """The answers of the last `days` that are marked stale, the latest first; of some, or all."""
    rows = await database.rows("stale_citations", days=days, answers=answers)
    return [
        StaleAnswer(
            **{name: first[name] for name in ("answer", "question", "asked_at", "channel")},
            message_ts=first["message_ts"],
            # Several parts may cite the same words.
            changes=tuple(dict.fromkeys(map(Change.from_row, [first, *others]))),
        )
        for first, *others in (
            list(each) for _, each in groupby(rows, key=lambda row: row["answer"])
        )
    ]


def stale_lines(stale: Sequence[StaleAnswer]) -> list[str]:
    """What a run's report says of the answers that it made stale; nothing where there are none."""
    if not stale:
        return []
    what = "1 answer cites" if len(stale) == 1 else f"{len(stale)} answers cite"
    return [f"{what} words that have changed: footnote answers stale"]


async def _judge(session: Session, current: int | None, stretches: list[Row]) -> list[Row]:
    """Note what became of stretches in a version, or of those whose article is gone."""
    fates: list[_Fate] = [("gone", None)] * len(stretches)
    if current is not None:
        row = await session.row("version_body", version=current)
        assert row is not None
        words = [stretch["words"] for stretch in stretches]
        # Whoever asks meanwhile is not to wait for it.
        fates = await asyncio.to_thread(_fates, words, row["body"])
    return await session.rows(
        "judge_citations",
        versions=[stretch["version"] for stretch in stretches],
        starts=[stretch["start"] for stretch in stretches],
        ends=[stretch["end"] for stretch in stretches],
        changes=[change for change, _ in fates],
        now=[now for _, now in fates],
    )


# Null where the words are there, else how they changed, and into which.
_Fate = tuple[str | None, str | None]


def _fates(cited: Sequence[str], body: str) -> list[_Fate]:
    """What became of each of some stretches in a version's text."""
    served = _plain(body)
    lost = {words for words in set(cited) if not _holds(served, _plain(words))}
    candidates = list(dict.fromkeys(_sentences(body))) if lost else []
    now = {words: _most_alike(_plain(words), candidates) for words in lost}
    changes = {words: "removed" if now[words] is None else "changed" for words in lost}
    return [(changes.get(words), now.get(words)) for words in cited]


def _holds(served: str, words: str) -> bool:
    # 10 is not in 100, nor in 10.5.
    pattern = rf"(?<!\w)(?<!\d[.,]){re.escape(words)}(?!\w|[.,]\d)"
    return re.search(pattern, served) is not None


def _plain(markdown: str) -> str:
    """The words as they read, on one line: how they are set and numbered is no change of them."""
    unmarked = _MARKUP.sub(" ", _MARKER.sub("", plain_text(markdown.strip())))
    return " ".join(unmarked.translate(_QUOTES).split())


def _sentences(body: str) -> Iterable[str]:
    for block in parse(body).blocks:
        yield _plain(body[block.start : block.end])
        if block.kind in ("paragraph", "quote"):
            for start, end in sentences(body, block.start, block.end):
                yield _plain(body[start:end])


def _most_alike(cited: str, candidates: Sequence[str]) -> str | None:
    matcher = difflib.SequenceMatcher(autojunk=False)
    matcher.set_seq2(cited.split())
    best, most = None, ALIKE
    for candidate in candidates:
        matcher.set_seq1(candidate.split())
        if matcher.quick_ratio() > most and (alike := matcher.ratio()) > most:
            best, most = candidate, alike
    return best
