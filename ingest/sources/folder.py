"""A folder of articles: Markdown, HTML and plain text files, at any depth."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingest.articles import MAX_BYTES, Article, BadArticle, parse_html, parse_markdown
from ingest.errors import ArticleError, SourceError
from ingest.sources import Fetch

MARKDOWN = frozenset((".md", ".markdown", ".txt"))
HTML = frozenset((".html", ".htm"))


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A folder as a source; `url_template` may hold {id}, {path} (without extension), {slug}."""

    name: str
    folder: Path
    url_template: str | None = None
    locale: str = "en"

    def check(self) -> None:
        """Raise SourceError unless this is a folder that can be listed."""
        self._files()

    def fetch(
        self, since: datetime | None = None, known: Mapping[str, datetime] | None = None
    ) -> Fetch:
        """Every article, ordered by path: to read a file costs no more than to ask for its date.

        Raises SourceError if the folder cannot be listed. Of two files with one id the second is
        a BadArticle.
        """
        del since, known
        return Fetch(self._articles())

    async def _articles(self) -> AsyncIterator[Article | BadArticle]:
        owners: dict[str, str] = {}
        for path in await asyncio.to_thread(self._files):
            found = await asyncio.to_thread(self._read, path)
            if isinstance(found, Article):
                owner = owners.setdefault(found.external_id, found.path)
                if owner != found.path:
                    found = BadArticle(
                        found.path, f"The id “{found.external_id}” already belongs to {owner}."
                    )
            yield found

    def _files(self) -> list[str]:
        """Relative posix paths in a fixed order."""
        if not self.folder.exists():
            raise SourceError(f"There is no folder {self.folder}.")
        if not self.folder.is_dir():
            raise SourceError(f"{self.folder} is a file; a source is a folder of articles.")
        found: list[str] = []
        for place, folders, files in os.walk(self.folder, onerror=_unlisted):
            folders[:] = [name for name in folders if not name.startswith(".")]
            inside = Path(place).relative_to(self.folder)
            found += [
                (inside / name).as_posix()
                for name in files
                if not name.startswith(".") and Path(name).suffix.lower() in MARKDOWN | HTML
            ]
        return sorted(found)

    def _read(self, path: str) -> Article | BadArticle:
        shown = os.fsencode(path).decode("utf-8", "replace")
        if shown != path:
            return BadArticle(shown, "The file's name is not UTF-8.")
        file = self.folder / path
        parse = parse_html if file.suffix.lower() in HTML else parse_markdown
        try:
            with file.open("rb") as stream:
                raw = stream.read(MAX_BYTES + 1)
            return parse(
                raw,
                path,
                url_template=self.url_template,
                default_locale=self.locale,
                file_url=file.absolute().as_uri(),
            )
        except OSError as error:
            return BadArticle(path, f"The file cannot be read: {error.strerror}.")
        except ArticleError as error:
            return BadArticle(path, str(error))


def _unlisted(error: OSError) -> None:
    # Going on would make everything below this folder look removed.
    raise SourceError(f"The folder {error.filename} cannot be read: {error.strerror}.") from error
