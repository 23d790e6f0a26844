"""Articles: one help-centre page as text with the facts that identify, link and date it.

`parse_markdown` and `parse_html` take a file's bytes and raise ArticleError, and only that, when
nothing useful can be made of them. Whatever the file does not say is derived from its path.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from urllib.parse import quote, urljoin

import yaml

from ingest.errors import ArticleError
from ingest.locales import as_locale, locale_of_path, without_locale
from ingest.markup import nesting, parse
from ingest.markup.inline import MAX_NESTING, one_line, slugged

MAX_BYTES = 2_000_000
_MAX_FACTS = 100_000
_MAX_FACTS_DEPTH = 50

# Most of a line of list and quotation marks, or a list mark far to the right: worth a closer look.
_DEEP = re.compile(
    r"^(?:[ \t]*(?:[>*+-]|\d{1,9}[.)])){40}|^[ \t]{80,}(?:[*+-]|\d{1,9}[.)])[ \t]", re.MULTILINE
)
_NO_VALUE = frozenset(("", "~", "null", "Null", "NULL"))


@dataclass(frozen=True, slots=True)
class Article:
    """One page of a help centre. `text` is Markdown, verbatim; `updated_at` knows its zone.

    `url` is absolute, or "" where none could be derived; `path` is relative to the source;
    `audience` is "public" or "internal".
    """

    external_id: str
    title: str
    text: str
    url: str
    path: str
    locale: str
    product: str | None
    audience: str
    updated_at: datetime | None

    @property
    def content_hash(self) -> str:
        """SHA-256 (hex) over everything that is shown or searched; the path is neither."""
        updated = self.updated_at.astimezone(UTC).isoformat() if self.updated_at else None
        facts = [self.title, self.text, self.url, self.locale, self.product, self.audience, updated]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class BadArticle:
    """A page that could not be used, and why, in one sentence."""

    path: str
    reason: str


def parse_markdown(
    raw: bytes,
    path: str,
    *,
    url_template: str | None,
    default_locale: str = "en",
    file_url: str = "",
) -> Article:
    """Read a Markdown or plain text file, with or without front matter.

    `url_template` may hold {id}, {path} (without extension) and {slug}; `file_url` is what the
    url becomes when neither front matter nor template gives one. Raises ArticleError.
    """
    facts, text = split_front_matter(decoded(raw))
    if not text.strip():
        # Pages whose body a layout fills in still say in a sentence what they are.
        text = facts.get("description", "")
    return assembled(
        facts,
        text,
        path,
        url_template=url_template,
        default_locale=default_locale,
        file_url=file_url,
    )


def parse_html(
    raw: bytes,
    path: str,
    *,
    url_template: str | None,
    default_locale: str = "en",
    file_url: str = "",
) -> Article:
    """Read a web page: its main part becomes the article's Markdown. As `parse_markdown`."""
    # BeautifulSoup costs a tenth of a second to import; a folder of Markdown never needs it.
    from ingest.markup.webpages import read_page  # noqa: PLC0415

    page = read_page(decoded(raw))
    return assembled(
        page.facts,
        page.text,
        path,
        url_template=url_template,
        default_locale=default_locale,
        file_url=file_url,
    )


def decoded(raw: bytes) -> str:
    """The bytes as text with line feeds for newlines. Raises ArticleError."""
    if len(raw) > MAX_BYTES:
        raise ArticleError(f"The file is larger than {MAX_BYTES // 1_000_000} MB.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ArticleError(f"The file is not UTF-8 (byte {error.start}).") from error
    if "\0" in text:
        raise ArticleError("The file contains a NUL byte, so it is not a text file.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def assembled(
    facts: Mapping[str, str],
    text: str,
    path: str,
    *,
    url_template: str | None = None,
    default_locale: str = "en",
    file_url: str = "",
) -> Article:
    """An article from what is known of it; any source can build its articles with this.

    `facts` may hold title, id, url, updated_at, locale, product and audience, and others, which
    are ignored. Raises ArticleError.
    """
    text = re.sub(r"\A(?:[ \t]*\n)+", "", text).rstrip()
    if not text:
        raise ArticleError("The article has no text.")
    if _DEEP.search(text) and nesting(text) >= MAX_NESTING - 1:
        raise ArticleError("Lists or quotations are nested too deep.")
    known = {key: one_line(_storable(value)) for key, value in facts.items()}
    known = {key: value for key, value in known.items() if value not in _NO_VALUE}
    title = known.get("title") or _first_heading(text) or _words_of(path)
    stem = path.removesuffix(PurePosixPath(path).suffix)
    external_id = known.get("id", stem)
    return Article(
        external_id=external_id,
        title=title,
        text=text,
        url=_url(known.get("url"), url_template, external_id, stem, title) or file_url,
        path=path,
        locale=_locale(known.get("locale"), path, default_locale),
        product=known.get("product"),
        audience=_audience(known.get("audience", "public")),
        updated_at=_moment(known["updated_at"]) if "updated_at" in known else None,
    )


def split_front_matter(text: str) -> tuple[dict[str, str], str]:
    """The front matter's scalar values as written, and the rest. Raises ArticleError."""
    opening = re.match(r"---[ \t]*\n", text)
    if opening is None:
        return {}, text
    closing = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.MULTILINE).search(
        text, opening.end()
    )
    if closing is None:
        if re.match(r"[ \t]*[\w-]+[ \t]*:", text[opening.end() :]):
            raise ArticleError("The front matter has no closing line of three hyphens.")
        return {}, text
    facts = _loaded(text[opening.end() : closing.start()])
    # Two rules with text between them are not front matter.
    return (facts, text[closing.end() :]) if facts is not None else ({}, text)


def _loaded(source: str) -> dict[str, str] | None:
    """A YAML mapping's scalar values, uninterpreted: "no" stays a language, 007 an id.

    None if the source is YAML but no mapping. Read event by event, because building nested
    values recurses: in C, where deep nesting ends the process.
    """
    if len(source) > _MAX_FACTS:
        raise ArticleError("The front matter is too long.")
    try:
        return _scalars(yaml.parse(source, Loader=yaml.CBaseLoader))
    except yaml.MarkedYAMLError as error:
        line = f" (line {error.problem_mark.line + 2})" if error.problem_mark else ""
        raise ArticleError(f"The front matter is not valid YAML{line}: {error.problem}.") from error
    except yaml.YAMLError as error:
        raise ArticleError("The front matter is not valid YAML.") from error


def _scalars(events: Iterable[yaml.Event]) -> dict[str, str] | None:
    """Keys and values of the outermost mapping; a value that is no scalar becomes ""."""
    written: list[str] = []  # keys and values in turn
    depth = 0
    for event in events:
        if isinstance(event, yaml.CollectionStartEvent):
            if depth == 0 and not isinstance(event, yaml.MappingStartEvent):
                return None
            depth += 1
            if depth > _MAX_FACTS_DEPTH:
                raise ArticleError("The front matter is nested too deep.")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
            written += [""] if depth == 1 else []
        elif isinstance(event, yaml.NodeEvent):  # a scalar or an alias
            value = event.value if isinstance(event, yaml.ScalarEvent) else ""
            if depth == 0 and value:
                return None
            written += [value] if depth == 1 else []
    return dict(zip(written[::2], written[1::2], strict=True))


def _storable(value: str) -> str:
    """Without what Postgres or JSON cannot carry; escapes in YAML can produce it."""
    return value.replace("\0", "").encode("utf-8", "replace").decode()


def _first_heading(text: str) -> str:
    return next((heading.title for heading in parse(text).headings if heading.title), "")


def _words_of(path: str) -> str:
    """A file's name as words; an index file is named after its folder."""
    file = PurePosixPath(path)
    stem = without_locale(file.stem)
    if stem.lower() in ("index", "readme") and file.parent.name:
        stem = file.parent.name
    words = one_line(re.sub(r"[-_]+", " ", stem)) or stem
    return words[:1].upper() + words[1:]


def _url(known: str | None, template: str | None, external_id: str, stem: str, title: str) -> str:
    if known is not None and re.match(r"https?://[^\s/]", known):
        return known
    if known is not None and not (known.startswith("/") and template):
        raise ArticleError(f"The url “{known[:80]}” does not begin with http:// or https://.")
    if template is None:
        return ""
    # In one pass, so that a title with braces in it is only a title.
    values = {"id": external_id, "path": stem, "slug": re.sub("-{2,}", "-", slugged(title))}
    url = re.sub(r"\{(id|path|slug)\}", lambda m: quote(values[m[1]], safe="/"), template)
    return urljoin(url, known) if known is not None else url


def _locale(known: str | None, path: str, default: str) -> str:
    if known is None:
        return locale_of_path(path) or default
    locale = as_locale(known)
    if locale is None:
        raise ArticleError(f"The locale “{known[:40]}” is not a language code such as en or es-MX.")
    return locale


def _audience(known: str) -> str:
    audience = known.lower()
    if audience not in ("public", "internal"):
        # Guessing could show an internal page to customers.
        raise ArticleError(f"The audience “{known[:40]}” is neither public nor internal.")
    return audience


def _moment(known: str) -> datetime:
    # YAML allows a space before the zone, ISO 8601 does not.
    written = re.sub(r"\s+(?=[+-]\d|Z$)", "", known)
    try:
        moment = datetime.fromisoformat(written)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError as error:
        raise ArticleError(
            f"The date updated_at “{known[:40]}” is not like 2026-01-31 or 2026-01-31T08:00:00Z."
        ) from error
