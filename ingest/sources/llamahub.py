"""Any LlamaHub reader as a source: its documents' texts, and their metadata as articles' facts."""

import asyncio
import importlib
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ingest.articles import Article, BadArticle, assembled, decoded, split_front_matter
from ingest.errors import ArticleError, SourceError
from ingest.locales import as_locale
from ingest.settings import SourceSettings
from ingest.sources import Fetch, Found

FIELDS = ("id", "title", "url", "updated_at", "locale", "product", "audience")
MAX_TOLD = 200  # characters of somebody else's error

# Where readers commonly put what we ask for, the best first. A file's date is not among them: it
# changes with every copy, its text does not.
_USUAL = {
    "id": "page_id document_id article_id url URL link file_path path file_name filename source",
    "title": "title Title page_title",
    "url": "url URL link web_url page_url source",
    "updated_at": "updated_at last_modified last_edited_time",
    "locale": "locale language lang",
    "product": "product",
}
_HTML = re.compile(r"<(?:!doctype\s+html|html)\b", re.IGNORECASE)
MAX_HEAD = 1_000  # characters before a web page says what it is
# What LlamaIndex calls a document whose reader does not name it: another one in every run.
_RANDOM_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_SECRET = re.compile(r"token|secret|password|key|credential|auth", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Part:
    """A document, or what we need of it."""

    text: str
    metadata: Mapping[str, Any]
    name: str


@dataclass(frozen=True, slots=True)
class ReaderSource:
    """A reader as a source: `reader`, `arguments` and `fields` of a `[sources.NAME]`."""

    name: str
    settings: SourceSettings

    def fetch(
        self, since: datetime | None = None, known: Mapping[str, datetime] | None = None
    ) -> Fetch:
        """Every document; those that share an id, such as the pages of a file, are one article.

        Raises SourceError when the reader is not installed, refuses its arguments or fails, and
        when nothing tells its documents apart from one run to the next.
        """
        del since, known
        return Fetch(self._found())

    async def _found(self) -> AsyncIterator[Found]:
        unknown = sorted(set(self.settings.fields) - set(FIELDS))
        if unknown:
            raise SourceError(
                f"[sources.{self.name}.fields] names {', '.join(unknown)}; an article has"
                f" {', '.join(FIELDS)}."
            )
        parts = await asyncio.to_thread(self._parts)
        together: dict[str, list[_Part]] = {}
        for part in parts:
            together.setdefault(self._identity(part), []).append(part)
        for identity, group in together.items():
            yield await asyncio.to_thread(self._article, identity, group)

    def _parts(self) -> list[_Part]:
        """What the reader gives. Blocks for as long as the reader takes."""
        arguments = dict(self.settings.arguments)
        loading = arguments.pop("load_data", {})
        if not isinstance(loading, dict):
            raise SourceError(f"load_data under [sources.{self.name}.arguments] is no table.")
        make = self._reader()
        try:
            return list(_read(make(**arguments).load_data(**loading)))
        except Exception as error:  # a reader is others' code, and may raise anything
            raise self._failed(error, {**arguments, **loading}) from error

    def _reader(self) -> Any:
        """The reader's class. Raises SourceError."""
        written = self.settings.reader or ""
        found = re.fullmatch(r"([A-Za-z_][\w.]*):([A-Za-z_]\w*)", written)
        if found is None:
            raise SourceError(
                f"“{written}” under [sources.{self.name}] is no reader; it is written module:Class."
            )
        try:
            module = importlib.import_module(found[1])
        except ModuleNotFoundError as error:
            missing = error.name or found[1]
            if found[1].startswith(missing):  # the reader itself
                missing = found[1]
            raise SourceError(
                f"The reader {written} needs {missing}, which is not installed.\n"
                f"Install it with: pip install {_package(missing)}"
            ) from error
        except Exception as error:  # as above
            raise self._failed(error, {}) from error
        reader = getattr(module, found[2], None)
        if not callable(getattr(reader, "load_data", None)):
            raise SourceError(f"{found[1]} has no reader {found[2]}; its name may have changed.")
        return reader

    def _failed(self, error: Exception, arguments: Mapping[str, Any]) -> SourceError:
        if isinstance(error, SourceError):
            return error
        told = " ".join(str(error).split())
        for name, value in arguments.items():
            if isinstance(value, str) and value and _SECRET.search(name):
                told = told.replace(value, "…")
        return SourceError(
            f"The reader {self.settings.reader} failed: {type(error).__name__}: {told[:MAX_TOLD]}\n"
            f"Check arguments under [sources.{self.name}]."
        )

    def _identity(self, part: _Part) -> str:
        if key := self.settings.fields.get("id"):
            identity = _value(part, key)
        else:
            usual = (_value(part, each) for each in _USUAL["id"].split())
            named = "" if _RANDOM_ID.fullmatch(part.name) else part.name
            identity = next((value for value in usual if value), named)
        if not identity:
            keys = ", ".join(sorted(map(str, part.metadata))) or "none"
            raise SourceError(
                f"The reader {self.settings.reader} gives documents nothing tells apart between"
                f" runs (metadata: {keys[:MAX_TOLD]}).\n"
                f'Name the key that does: fields = {{ id = "…" }} under [sources.{self.name}].'
            )
        return self._within(identity)

    def _within(self, identity: str) -> str:
        """The id; that of a file is its path in the folder the arguments name."""
        for folder in self.settings.arguments.values():
            if isinstance(folder, str) and folder and Path(identity).is_absolute():
                for root in (Path(folder).absolute(), Path(folder).resolve()):
                    if Path(identity).is_relative_to(root):
                        return Path(identity).relative_to(root).as_posix()
        return identity

    def _article(self, identity: str, parts: list[_Part]) -> Article | BadArticle:
        try:
            raw = [decoded(part.text.encode("utf-8", "surrogatepass")) for part in parts]
            facts, text = _markdown(raw, html=_is_html(parts[0]))
            facts |= self._facts(parts[0]) | {"id": identity}
            decoded(text.encode())  # together they may be too long
            return assembled(
                facts,
                text,
                identity,
                url_template=self.settings.url,
                default_locale=self.settings.locale,
            )
        except ArticleError as error:
            return BadArticle(identity, str(error))

    def _facts(self, part: _Part) -> dict[str, str]:
        """What the metadata says of an article; a guess that is unfit is no fact."""
        facts: dict[str, str] = {}
        for field, keys in _USUAL.items():
            values = (_value(part, key) for key in keys.split())
            facts[field] = next((value for value in values if _is_fit(field, value)), "")
        facts |= {field: _value(part, key) for field, key in self.settings.fields.items()}
        return {field: value for field, value in facts.items() if value}


def _read(documents: Any) -> Iterator[_Part]:
    for document in documents:
        text = getattr(document, "text", None)
        if not isinstance(text, str):
            raise SourceError(f"It gives {type(document).__name__}, which is no document.")
        metadata = getattr(document, "metadata", None)
        yield _Part(text, metadata or {}, str(getattr(document, "id_", "") or ""))


def _is_html(part: _Part) -> bool:
    if part.metadata.get("file_type") == "text/html":
        return True
    head = part.text[:MAX_HEAD].lstrip()
    return head.startswith("<") and _HTML.search(head) is not None


def _markdown(raw: list[str], *, html: bool) -> tuple[dict[str, str], str]:
    """The parts as one text, with the facts at the head of the first one."""
    if not html:
        facts, first = split_front_matter(raw[0])
        return facts, "\n\n".join([first, *raw[1:]])
    from ingest.markup.webpages import read_page  # noqa: PLC0415 - costs 0.1 s

    pages = [read_page(part) for part in raw]
    stated = {
        field: value
        for field, value in pages[0].facts.items()
        if field in ("title", "url", "locale", "updated_at") and _is_fit(field, value)
    }
    return stated, "\n\n".join(page.text for page in pages)


def _value(part: _Part, key: str) -> str:
    value = part.metadata.get(key)
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None or isinstance(value, dict | list) else str(value).strip()


def _is_fit(field: str, value: str) -> bool:
    match field:
        case "url":
            return re.match(r"https?://[^\s/]", value) is not None
        case "locale":
            return as_locale(value) is not None
        case "updated_at":
            return re.fullmatch(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?", value) is not None
        case _:
            return bool(value)


def _package(module: str) -> str:
    """The package that most likely holds a module."""
    parts = module.split(".")
    if parts[:2] == ["llama_index", "readers"] and len(parts) > 2:  # noqa: PLR2004 - the reader's own name
        return "llama-index-readers-" + parts[2].replace("_", "-")
    return "llama-index-core" if parts[0] == "llama_index" else parts[0].replace("_", "-")
