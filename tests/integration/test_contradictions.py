"""Articles that disagree, ingested and asked about as in production."""

from pathlib import Path

import pytest

from bot.app import open_app
from bot.contradictions import contradictions
from bot.settings import Settings
from ingest.pipeline import ingest_source
from ingest.settings import SourceSettings

REFUNDS = """---
id: 1
updated_at: 2024-01-12
---
# Refunds

You can ask for a refund of your plan within 30 days.
"""
POLICY = """---
id: 2
updated_at: 2025-05-03
---
# Refund policy

You can ask for a refund of your plan within 14 days of the payment.
"""
PRICES = """---
id: 3
updated_at: 2025-05-03
---
# Plans and prices

| Plan | Price |
|---|---|
| Home | €3 |
| Team | €12 |
"""


async def test_the_answer_can_show_both_with_their_dates(
    empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_url)
    for name, text in (("old", REFUNDS), ("new", POLICY), ("prices", PRICES)):
        (tmp_path / f"{name}.md").write_text(text)
    settings = Settings.load().with_sources({"help": SourceSettings(folder=tmp_path)})
    async with open_app(settings, may_be_empty=True) as app:
        await ingest_source(app.database, app.embedder, settings, "help", lambda *_: None)
        answer, _ = await app.answering.answer("How long can I ask for a refund of my plan?")
        plans, _ = await app.answering.answer("What does the Home plan cost?")

    assert [answer.evidence.passages[part.citations[0].n - 1].article for part in answer.parts] == [
        "2", "1", "2",
    ]  # fmt: skip
    (found,) = contradictions(answer.parts, answer.evidence)
    assert [side.passage.article for side in (found.newer, found.older)] == ["2", "1"]
    assert "(updated 3 May 2025) says “You can ask for a refund" in found.part.text
    assert (
        "within 14 days of the payment”; **Refunds** (updated 12 January 2024)" in found.part.text
    )
    for citation in found.part.citations:
        passage = answer.evidence.numbered(citation.n)
        assert passage is not None
        assert (
            "refund" in passage.text[citation.start - passage.start : citation.end - passage.start]
        )
    assert contradictions(plans.parts, plans.evidence) == ()
