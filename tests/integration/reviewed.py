"""A desk with a history in a test: answers from the sample, and what leads made of them."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from bot import records
from bot.answers import Answer, Citation, Kind, Part, Support, Verdict
from bot.evidence import Evidence, Passage
from bot.review import verdicts
from bot.review.verdicts import ReviewVerdict
from bot.wording import wording
from ingest.database import Database
from ingest.markup import sentences

Wording = Callable[[str, int], str]  # a part's text and its place → how the desk words it

_PASSAGES = """
    SELECT DISTINCT ON (v.id) v.id AS article_version_id, o.external_id, v.version, v.title, v.url,
           v.audience, v.locale, v.updated_at, s.heading_path, s.anchor, p.start_offset,
           p.end_offset, substr(v.body, p.start_offset + 1, p.end_offset - p.start_offset) AS text,
           0.5::real AS score
    FROM passage p
    JOIN section s ON s.id = p.section_id
    JOIN article_version v ON v.id = s.article_version_id
    JOIN article o ON o.current_version_id = v.id
    WHERE v.locale = 'en'
    ORDER BY v.id, p.start_offset
"""

_REWRITE = """
    WITH new AS (
        INSERT INTO article_version (article_id, version, title, url, locale, audience, body,
                                     content_hash)
        SELECT article_id, version + 1, title, url, locale, audience, upper(body), 'new'
        FROM article_version WHERE id = %(version)s
        RETURNING id, article_id
    )
    UPDATE article a SET current_version_id = new.id FROM new WHERE a.id = new.article_id
"""


def warmly(text: str, place: int) -> str:
    """The wording of a warm desk: the first statement greets, the last one is kind."""
    return f"Happy to help! {text}" if place == 0 else f"{text} Take care!"


async def answers(database: Database, count: int, parts: int = 2) -> AsyncIterator[Answer]:
    """Kept neutral answers, each of the first sentences of an article, the articles in turn."""
    async with database.session() as session:
        rows = await (await session.connection.execute(_PASSAGES)).fetchall()
    usable = [(row, said) for row in rows if len(said := _spans(row["text"])) >= parts]
    for number in range(count):
        row, said = usable[number % len(usable)]
        turn = number // len(usable)
        chosen = said[turn : turn + parts]
        if len(chosen) < parts:
            chosen = said[:parts]
        passage = Passage.from_row(
            row, n=1, start=row["start_offset"], end=row["end_offset"], text=row["text"]
        )
        found = tuple(
            Part(
                wording(row["text"][start:end]),
                (Citation(1, passage.start + start, passage.start + end, Support.SUPPORTED),),
                Kind.STATEMENT,
                Support.SUPPORTED,
            )
            for start, end in chosen
        )
        answer = Answer(
            f"What about {row['title']}, number {number}?",
            Verdict.ANSWERED,
            "quotes",
            found,
            Evidence((passage,)),
            sufficiency=0.9,
            timings_ms={"total": 100.0},
        )
        yield replace(answer, id=await records.keep_new(database, answer, answer.question))


async def amended(
    database: Database, count: int, worded: Wording = warmly, reviewer: str = "U_LEAD"
) -> list[Answer]:
    """So many answers, each amended by a lead into the desk's wording."""
    found = []
    async for answer in answers(database, count):
        assert answer.id is not None
        said = in_wording(answer, worded)
        await verdicts.review(database, answer.id, reviewer, ReviewVerdict.AMEND, wordings=said)
        found.append(answer)
    return found


def in_wording(answer: Answer, worded: Wording) -> dict[int, str]:
    """How a lead would word an answer, by statement."""
    return {place: worded(part.text, place) for place, part in enumerate(answer.parts)}


async def rewrite(database: Database, answer: Answer) -> None:
    """A new version of the article an answer cites, without the cited words."""
    version = answer.evidence.passages[0].article_version_id
    async with database.session() as session:
        await session.connection.execute(_REWRITE, {"version": version})


def _spans(text: str) -> list[tuple[int, int]]:
    """Where the sentences of a passage stand that may be parts of an answer."""
    return [
        (start, end)
        for start, end in sentences(text, 0, len(text))
        if 30 < end - start < 200
        and text[start:end].endswith(".")
        and "\n" not in text[start:end]
        and text[start].isupper()
    ]
