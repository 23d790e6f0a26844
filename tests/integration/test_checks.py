"""The checks read what is served of a source, of its own and of other sources."""

from pathlib import Path

import pytest

from ingest.checks import Finding, find
from ingest.database import Database
from ingest.embeddings import Embedder
from tests.integration.help_centre import HelpCentre

URL = "https://help.example.com/{path}"
# The same paragraph again and again: a long article with little to embed.
PARAGRAPH = " ".join(f"word{n}" for n in range(60))
LONG = "\n\n".join([PARAGRAPH] * 27)


@pytest.fixture
def help_centre(empty_database: Database, embedder: Embedder, tmp_path: Path) -> HelpCentre:
    (tmp_path / "articles").mkdir()
    return HelpCentre(empty_database, embedder, tmp_path / "articles")


async def found(help_centre: HelpCentre, *unread: str, name: str = "help") -> list[Finding]:
    source = await help_centre.database.row("source_by_name", name=name)
    assert source is not None
    async with help_centre.database.session() as session:
        return await find(session, source["id"], unread)


async def test_links_follow_what_is_served(help_centre: HelpCentre) -> None:
    help_centre.write("terms.md", "# Terms\n\nThere are few.")
    for number in range(5):
        help_centre.write(f"{number}.md", f"# Article {number}\n\nIt says something.")
    help_centre.write("pay.md", "# Pay\n\nSee [the terms](https://help.example.com/terms).")
    help_centre.write("fees.md", "# Fees\n\nSee [the terms](terms.md).")
    await help_centre.run(url=URL)
    assert await found(help_centre) == []

    (help_centre.folder / "terms.md").unlink()
    await help_centre.run(url=URL)
    fees, pay = sorted(await found(help_centre), key=lambda finding: finding.path)
    assert (fees.kind, fees.path) == ("broken_link", "fees.md")
    assert fees.message == "The link terms.md leads to no article."
    assert (pay.path, pay.title) == ("pay.md", "Pay")
    assert "leads to “Terms”, which was removed on 20" in pay.message

    # The file is there, only unreadable, or held: the link to it is no mistake of its writer.
    assert [finding.path for finding in await found(help_centre, "terms.md")] == ["pay.md"]

    help_centre.write("terms.md", "# Terms\n\nThere are many.")
    await help_centre.run(url=URL)
    assert await found(help_centre) == []


async def test_an_address_is_served_whichever_source_serves_it(help_centre: HelpCentre) -> None:
    help_centre.write("terms.md", "# Terms\n\nThere are few.", url="https://help.example.com/t")
    for number in range(5):
        help_centre.write(f"{number}.md", f"# Article {number}\n\nSee https://help.example.com/t")
    await help_centre.run()
    (help_centre.folder / "terms.md").unlink()
    await help_centre.run()
    assert len(await found(help_centre)) == 5

    other = HelpCentre(help_centre.database, help_centre.embedder, help_centre.folder / "other")
    other.write("moved.md", "# Terms\n\nThey moved here.", url="https://help.example.com/t")
    await other.run(name="other")
    assert await found(help_centre) == []
    assert await found(other, name="other") == []


async def test_copies_and_long_articles_are_listed(help_centre: HelpCentre) -> None:
    help_centre.write("long.md", f"# Long\n\n{LONG}")
    help_centre.write("copy.md", f"# Copy\n\n{LONG} and more")
    help_centre.write("parts.md", f"# Parts\n\n## One\n\n{PARAGRAPH[::-1]}")
    await help_centre.run()
    twin, *long = await found(help_centre)
    assert twin.kind == "near_duplicate"
    assert twin.path in ("copy.md", "long.md")
    assert {(finding.kind, finding.path) for finding in long} == {
        ("no_heading", "copy.md"),
        ("no_heading", "long.md"),
    }


async def test_every_page_of_articles_is_read(
    help_centre: HelpCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.checks.PAGE", 2)
    for number in range(5):
        help_centre.write(f"{number}.md", f"# Article {number}\n\nSee [nothing](gone.md).")
    await help_centre.run()
    assert {finding.path for finding in await found(help_centre)} == {f"{n}.md" for n in range(5)}
