"""Any LlamaHub reader is a source of articles."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from llama_index.core import SimpleDirectoryReader
from llama_index.core.readers.base import BaseReader
from llama_index.core.schema import Document

from ingest.articles import Article, BadArticle
from ingest.errors import SourceError
from ingest.settings import SourceSettings
from ingest.sources import Found
from ingest.sources.llamahub import ReaderSource

MODULE = "desk_readers"


class PagesReader(BaseReader):
    """Gives what it is told to, and remembers what it was asked."""

    def __init__(self, pages: list[dict[str, Any]], token: str = "") -> None:
        self.pages, self.token = pages, token

    def load_data(self, limit: int = 100, *, fail: str = "") -> list[Document]:
        if fail:
            raise ConnectionError(f"{fail} with {self.token}\nat line 1")
        return [
            Document(text=page.get("text", "Text."), metadata=page["is"], id_=page.get("id"))
            if "id" in page
            else Document(text=page.get("text", "Text."), metadata=page["is"])
            for page in self.pages[:limit]
        ]


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType(MODULE)
    module.PagesReader = PagesReader  # type: ignore[attr-defined]
    module.Thing = object  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, MODULE, module)


async def fetched(
    reader: str = f"{MODULE}:PagesReader", *, fields: dict[str, str] | None = None, **arguments: Any
) -> list[Found]:
    settings = SourceSettings(reader=reader, arguments=arguments, fields=fields or {}, locale="de")
    return [found async for found in ReaderSource("wiki", settings).fetch().found]


async def test_a_folder_through_llama_index(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "lamp.md").write_text(
        "---\ntitle: The lamp\nlocale: en\n---\n# Lamp\n\nHold the ring.", encoding="utf-8"
    )
    (tmp_path / "plug.html").write_text(
        "<html lang='fr'><body><nav>Menu</nav><h1>Prise</h1><p>Tirez.", encoding="utf-8"
    )
    reader = f"{SimpleDirectoryReader.__module__}:SimpleDirectoryReader"
    lamp, plug = sorted(
        (
            found
            for found in await fetched(reader, input_dir=str(tmp_path), recursive=True)
            if isinstance(found, Article)
        ),
        key=lambda article: article.title,
        reverse=True,
    )
    assert (lamp.external_id, lamp.title, lamp.locale) == ("sub/lamp.md", "The lamp", "en")
    assert lamp.text == "# Lamp\n\nHold the ring."
    assert (plug.external_id, plug.title, plug.locale) == ("plug.html", "Prise", "fr")
    assert plug.text == "# Prise\n\nTirez."
    assert plug.updated_at is None


async def test_pages_of_a_file_are_one_article() -> None:
    pages = [
        {"text": f"Page {number}.", "is": {"file_name": name, "page_label": str(number)}}
        for name, number in (("a.pdf", 1), ("b.pdf", 1), ("a.pdf", 2), ("a.pdf", 3))
    ]
    first, second = await fetched(pages=pages)
    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert (first.external_id, first.text) == ("a.pdf", "Page 1.\n\nPage 2.\n\nPage 3.")
    assert (second.title, second.locale, second.text) == ("B", "de", "Page 1.")


async def test_usual_metadata_is_understood() -> None:
    facts = {
        "page_id": 77,
        "title": "Refunds",
        "source": "https://wiki.example/77",
        "language": "English",
        "last_modified": datetime(2026, 2, 1, tzinfo=UTC),
        "tags": ["a"],
    }
    [article] = await fetched(pages=[{"is": facts}])
    assert article == Article(
        external_id="77",
        title="Refunds",
        text="Text.",
        url="https://wiki.example/77",
        path="77",
        locale="de",  # "English" is no code, and only a guess
        product=None,
        audience="public",
        updated_at=datetime(2026, 2, 1, tzinfo=UTC),
    )


async def test_fields_say_where_the_facts_are() -> None:
    facts = {"key": "K-1", "head": "Refunds", "day": date(2026, 2, 1), "who": "internal", "l": "x1"}
    fields = {"id": "key", "title": "head", "updated_at": "day", "audience": "who"}
    [article] = await fetched(pages=[{"is": facts}], fields=fields)
    assert isinstance(article, Article)
    assert (article.external_id, article.title, article.audience) == ("K-1", "Refunds", "internal")
    assert article.updated_at == datetime(2026, 2, 1, tzinfo=UTC)
    [bad] = await fetched(pages=[{"is": facts}], fields={**fields, "locale": "l"})
    assert isinstance(bad, BadArticle)
    assert "x1" in bad.reason
    with pytest.raises(SourceError, match="titel"):
        await fetched(pages=[], fields={"titel": "head"})


async def test_arguments_reach_the_reader_and_its_load_data() -> None:
    pages = [{"is": {"url": f"https://wiki.example/{n}"}} for n in range(5)]
    assert len(await fetched(pages=pages, load_data={"limit": 2})) == 2
    for wrong in ({"load_data": 3}, {"load_data": {"bogus": 1}}, {"bogus": 1}):
        with pytest.raises(SourceError, match=r"sources\.wiki") as caught:
            await fetched(pages=pages, **wrong)
        assert str(caught.value).count("\n") <= 1


async def test_an_id_that_changes_with_every_run_is_none() -> None:
    [article] = await fetched(pages=[{"is": {}, "id": "docs/faq"}])
    assert isinstance(article, Article)
    assert article.external_id == "docs/faq"
    with pytest.raises(SourceError, match=r"fields = \{ id"):
        await fetched(pages=[{"is": {"name": "faq"}}])


async def test_a_bad_document_does_not_stop_the_others() -> None:
    texts = ["", "a\0b", "lone \ud800", "<!DOCTYPE html><p>Fine.", "---\na: [\n---\nx"]
    pages = [{"text": text, "is": {"file_name": f"{n}"}} for n, text in enumerate(texts)]
    found = await fetched(pages=pages)
    assert [type(each) for each in found] == [BadArticle] * 3 + [Article, BadArticle]


@pytest.mark.parametrize(
    ("reader", "words"),
    [
        ("llama_index.readers.no_such_wiki:Reader", "pip install llama-index-readers-no-such-wiki"),
        ("no_such_module.wiki:Reader", "pip install no-such-module"),
        (f"{MODULE}:Other", "no reader Other"),
        (f"{MODULE}:Thing", "no reader Thing"),
        ("os.system", "module:Class"),
        ("a b:c", "module:Class"),
    ],
)
async def test_readers_that_are_none(reader: str, words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        await fetched(reader)
    assert str(caught.value).count("\n") <= 1


async def test_without_llama_index_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*filter(lambda name: name.startswith("llama_index"), sys.modules)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "llama_index", None)
    with pytest.raises(SourceError, match="pip install llama-index-core"):
        await fetched("llama_index.core.readers:SimpleDirectoryReader")


async def test_a_reader_that_fails_says_why_in_two_lines_and_keeps_the_secret() -> None:
    with pytest.raises(SourceError) as caught:
        await fetched(pages=[], token="s3cr3t", load_data={"fail": "No answer"})
    lines = str(caught.value).splitlines()
    assert len(lines) == 2
    assert "ConnectionError: No answer with … at line 1" in lines[0]
    assert "arguments under [sources.wiki]" in lines[1]
