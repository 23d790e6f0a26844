"""Answers for tests of what is made of them: one as it should be, and any that could be."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from bot.answers import Answer, Citation, Kind, Part, Support, Verdict
from bot.evidence import Evidence, Passage

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TEXT = "Open **Settings** and tap `Reset`. It takes 5 minutes."

hostile = st.sampled_from(
    [
        "<!channel>",
        "<!here> read this",
        "<@U01ALICE001>",
        "<https://evil.example|our help centre>",
        "https://evil.example/now",
        "**bold `code` <b>",
        "a & b < c > d",
        "*" * 50,
        "`" * 9,
        "x" * 4_000,
        "wort " * 900,
        "&lt;!channel&gt;",
        "",
        "\n\n- a\n> b",
    ]
)
texts = st.one_of(hostile, st.text(max_size=400), st.lists(hostile, max_size=5).map(" ".join))


def passage(n: int = 1, text: str = TEXT, **changes: Any) -> Passage:
    made = Passage(
        n=n,
        article_version_id=n,
        article=str(1000 + n),
        version=3,
        title="Reset a bridge",
        url=f"https://help.example/articles/{n}?a=1&b=2",
        audience="public",
        locale="en",
        updated_at=NOW - timedelta(days=12),
        heading_path=("Reset a bridge", "Restart"),
        anchor="restart",
        start=100,
        end=100 + len(text),
        text=text,
        score=1.0,
    )
    return replace(made, **changes)


def cited(text: str = TEXT, *, start: int = 100, end: int = 134, n: int = 1) -> Part:
    return Part(text, (Citation(n, start, end, Support.SUPPORTED),), support=Support.SUPPORTED)


def answer(*parts: Part, **changes: Any) -> Answer:
    given_parts = parts or (cited(),)
    made = Answer(
        "How do I reset it?",
        Verdict.ANSWERED,
        "quotes",
        parts=given_parts,
        evidence=Evidence((passage(),)),
        id=7,
    )
    return replace(made, **changes)


passages = st.builds(
    lambda text, title, url, internal: passage(
        text=text or "x",
        title=title or "t",
        url=url,
        heading_path=(title,) if title else (),
        audience="internal" if internal else "public",
    ),
    texts,
    texts,
    st.sampled_from(
        ["https://help.example/a", "javascript:alert(1)", "", "https://h.example/" + "p" * 2_000]
    ),
    st.booleans(),
)


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    found = [
        replace(each, n=n)
        for n, each in enumerate(draw(st.lists(passages, min_size=1, max_size=12)), 1)
    ]
    citation = st.sampled_from(found).map(
        lambda each: Citation(each.n, each.start, each.end, Support.SUPPORTED)
    )
    part = st.builds(Part, texts, st.lists(citation, max_size=6).map(tuple), st.sampled_from(Kind))
    return answer(
        *draw(st.lists(part, min_size=1, max_size=40)),
        evidence=Evidence(tuple(found)),
        verdict=draw(st.sampled_from(Verdict)),
        voice=draw(st.sampled_from(["neutral", "warm"])),
        note=draw(st.one_of(st.none(), texts.filter(bool))),
    )
