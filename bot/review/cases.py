"""Cases: an answer as a lead sees it, each statement beside the words it stands on."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot import records
from bot.answers import Answer, Part, layout
from bot.citations import link
from bot.evidence import Passage
from bot.review import verdicts
from bot.review.changes import Run, by_lines, by_words
from bot.review.verdicts import Review
from ingest.database import Database, Row
from ingest.lexicon import language_of, number, stems

AROUND = 700  # characters of a long passage shown before and after what is cited
_WORD = re.compile(r"[\w'’]+")
_LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\s]*\)")
_SIGNS = re.compile(
    r"\*\*|`|^#{1,6} |^> ?(?:\[!\w+\]\n?)?|^>$|^\|(?:[ :]*-+[ :]*\|)+\n?", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a passage: cited or not, and whether its word is one of the statement's."""

    text: str
    cited: bool = False
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Since:
    """What became of an article since it was cited. `gone`: it is no longer served."""

    gone: bool
    version: int | None
    updated_at: datetime | None
    lines: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What one citation points to; `how` and `words` tell what became of the cited words."""

    passage: Passage
    url: str
    pieces: tuple[Piece, ...]
    support: str = "none_needed"
    how: str | None = None
    words: tuple[Run, ...] = ()
    since: Since | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A part with its place in the answer, how it is set, and its grounds."""

    at: int
    lead: str
    part: Part
    grounds: tuple[Ground, ...]

    @property
    def stale(self) -> bool:
        """Whether words it cites have changed."""
        return any(ground.how for ground in self.grounds)


@dataclass(frozen=True, slots=True)
class Case:
    """All there is to know of an answer."""

    answer: Answer
    statements: tuple[Statement, ...]
    nearest: tuple[Ground, ...]  # passages that came near, where none is cited
    asked_at: datetime
    asker: str | None
    channel: str | None
    golden: bool
    neutral_id: int | None
    thread: tuple[Row, ...]
    votes: tuple[Row, ...]
    history: tuple[Review, ...]

    @property
    def id(self) -> int:
        """The answer's number."""
        assert self.answer.id is not None
        return self.answer.id

    @property
    def standing(self) -> Review | None:
        """The review that counts."""
        return next((each for each in self.history if each.undone_at is None), None)

    @property
    def stale(self) -> bool:
        """Whether words it cites have changed."""
        return any(statement.stale for statement in self.statements)


async def load_case(database: Database, answer_id: int) -> Case | None:
    """An answer with its ground, its thread, its votes and its reviews; None when it is gone."""
    answer = await records.load(database, answer_id)
    row = await database.row("case", answer=answer_id)
    if answer is None or row is None:
        return None
    changes = await database.rows("case_changes", answer=answer_id)
    articles = await database.rows("case_articles", answer=answer_id)
    since = {each["n"]: _since(each) for each in articles}
    changed = {(each["position"], each["n"]): each for each in changes}
    thread = (
        await database.rows(
            "case_thread",
            channel=row["channel"],
            thread_ts=row["thread_ts"],
            question=row["question_id"],
        )
        if row["thread_ts"]
        else []
    )
    statements = tuple(_statements(answer, changed, since))
    cited = any(statement.grounds for statement in statements)
    return Case(
        answer,
        statements,
        () if cited else tuple(_nearest(answer, since)),
        row["asked_at"],
        row["asker"],
        row["channel"],
        row["golden"],
        row["neutral_id"],
        tuple(thread),
        tuple(await database.rows("case_votes", answer=answer_id)),
        tuple(await verdicts.history(database, answer_id)),
    )


def _since(row: Row) -> Since:
    if row["body_now"] is None:
        return Since(gone=True, version=None, updated_at=row["removed_at"], lines=())
    lines = by_lines(row["body_then"], row["body_now"])
    return Since(gone=False, version=row["version"], updated_at=row["updated_at"], lines=lines)


def _statements(
    answer: Answer, changed: dict[tuple[int, int], Row], since: dict[int, Since]
) -> Iterator[Statement]:
    for at, (_, lead, part) in enumerate(layout(answer.parts)):
        grounds = []
        for cited in part.citations:
            passage = answer.evidence.numbered(cited.n)
            if passage is None:
                continue
            change = changed.get((at, cited.n))
            quote = passage.text[cited.start - passage.start : cited.end - passage.start]
            grounds.append(
                Ground(
                    passage,
                    link(passage, quote),
                    tuple(_pieces(passage, cited.start, cited.end, part.text)),
                    cited.support.value,
                    change["change"] if change else None,
                    by_words(_bare(quote), change["words_now"] or "") if change else (),
                    since.get(cited.n),
                )
            )
        yield Statement(at, lead.strip(), part, tuple(grounds))


def _nearest(answer: Answer, since: dict[int, Since]) -> Iterator[Ground]:
    for passage in answer.nearest_articles():
        pieces = tuple(_pieces(passage, passage.start, passage.start, answer.question))
        yield Ground(passage, passage.url, pieces, since=since.get(passage.n))


def _pieces(passage: Passage, start: int, end: int, said: str) -> Iterator[Piece]:
    """The passage around what is cited, the cited stretch word by word."""
    low, high = max(0, start - passage.start), min(len(passage.text), end - passage.start)
    begin = passage.text.find(" ", low - AROUND, low) + 1 if low > AROUND else 0
    finish = passage.text.rfind(" ", high, high + AROUND)
    finish = finish if len(passage.text) > high + AROUND and finish > high else len(passage.text)
    before, after = passage.text[begin:low], passage.text[high:finish]
    if before:
        yield Piece(("… " if begin else "") + _bare(before))
    yield from _cited(_bare(passage.text[low:high]), said, language_of(passage.locale))
    if after:
        yield Piece(_bare(after) + (" …" if finish < len(passage.text) else ""))


def _cited(text: str, said: str, language: str) -> Iterator[Piece]:
    wanted, done = stems(said, language), 0
    for match in _WORD.finditer(text):
        if number(match[0].lower(), language) not in wanted:
            continue
        if match.start() > done:
            yield Piece(text[done : match.start()], cited=True)
        yield Piece(match[0], cited=True, shared=True)
        done = match.end()
    if done < len(text):
        yield Piece(text[done:], cited=True)


def _bare(markdown: str) -> str:
    """The words without the signs that set them, and links without their addresses."""
    return _SIGNS.sub("", _LINK.sub(r"\1", markdown))
