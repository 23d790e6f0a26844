"""Evidence: the ranked stretches of articles an answer may stand on."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from bot.addresses import site_of, web_address, withheld
from bot.stretches import stretch
from bot.sufficiency.signals import Signals
from bot.wording import literal
from ingest.database import Row


@dataclass(frozen=True, slots=True)
class Passage:
    """One numbered stretch of one section, pinned to its article version.

    `start` and `end` count characters of the article version; `text` is exactly that stretch.
    """

    n: int
    article_version_id: int
    article: str  # the article's id in its source
    version: int
    title: str
    url: str
    audience: str
    locale: str
    updated_at: datetime | None
    heading_path: tuple[str, ...]
    anchor: str | None
    start: int
    end: int
    text: str
    score: float
    stale: bool = False  # the article no longer has the words that were cited

    @classmethod
    def from_row(cls, row: Row, *, n: int, start: int, end: int, text: str) -> Self:
        """Read a row of the queries `retrieve` or `evidence`.

        Title, headings and address are shown beside what an answer says, so whatever an article
        smuggled into them is taken out here, once.
        """
        url = web_address(row["url"])
        site = site_of(url)
        return cls(
            n=n,
            article_version_id=row["article_version_id"],
            article=row["external_id"],
            version=row["version"],
            title=withheld(literal(row["title"]), {site}),
            url=url,
            audience=row["audience"],
            locale=row["locale"],
            updated_at=row["updated_at"],
            heading_path=tuple(withheld(literal(each), {site}) for each in row["heading_path"]),
            anchor=row["anchor"],
            start=start,
            end=end,
            text=text,
            score=row["score"],
            stale=row.get("stale", False),
        )

    @property
    def heading(self) -> str:
        """`Title › Heading`."""
        return " › ".join(self.heading_path) or self.title


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found for a question, best first, with what sufficiency is judged by.

    `idfs` are what each of the question's words tells, in the order of `lexicon.asked_words`.
    """

    passages: tuple[Passage, ...] = ()
    signals: Signals = field(default_factory=Signals)
    idfs: tuple[float, ...] = ()

    def numbered(self, n: int) -> Passage | None:
        """The passage with this number, if there is one."""
        return next((passage for passage in self.passages if passage.n == n), None)

    def renumbered(self, first: Sequence[int]) -> tuple["Evidence", dict[int, int]]:
        """The passages `first` in that order, then the others; and old number → new number."""
        rest = [passage.n for passage in self.passages if passage.n not in first]
        order = {old: new for new, old in enumerate([*first, *rest], start=1)}
        passages = sorted(
            (replace(passage, n=order[passage.n]) for passage in self.passages),
            key=lambda passage: passage.n,
        )
        return replace(self, passages=tuple(passages)), order


def evidence_from_rows(rows: Sequence[Row], limit: int) -> Evidence:
    """Rows of the query `retrieve`, best first, as at most `limit` passages.

    Hits in one section become one passage, so that no procedure is seen in halves.
    """
    if not rows:
        return Evidence()
    sections: dict[tuple[int, int], list[Row]] = {}
    for row in rows:
        sections.setdefault((row["article_version_id"], row["section_start"]), []).append(row)
    best = list(sections.values())[:limit]
    return Evidence(
        passages=tuple(_passage(n, hits) for n, hits in enumerate(best, start=1)),
        signals=Signals.of(rows),
        idfs=tuple(rows[0]["idfs"]),
    )


def _passage(n: int, hits: Sequence[Row]) -> Passage:
    row = hits[0]
    first = row["section_start"]
    start, end = stretch(
        row["section_text"],
        [(hit["start_offset"] - first, hit["end_offset"] - first) for hit in hits],
    )
    text = row["section_text"][start:end]
    return Passage.from_row(row, n=n, start=first + start, end=first + end, text=text)
