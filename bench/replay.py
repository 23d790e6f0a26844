"""A year of a real help centre's nights: its articles at the start and what changed, day by day."""

import json
import shutil
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from bench.hashed import HashedEmbedder
from bench.texts import SHARED
from bot.retrieval import Retriever
from ingest.articles import Article, parse_markdown
from ingest.database import Database
from ingest.errors import ArticleError
from ingest.indexed import IndexedArticle
from ingest.pipeline import ingest_source
from ingest.runs import RunReport
from ingest.settings import Settings, SourceSettings
from ingest.spaces import space_for

REPLAY = SHARED / "arduino-help" / "replay-2023"
URL = "https://help.example.com/{id}"
MOST_EMBEDDED = 1.05  # texts embedded, of the distinct ones

Prints = dict[str, tuple[str, int | None, str | None]]  # path, version and hash, by article


@dataclass(frozen=True, slots=True)
class Tree:
    """The folder in which the help centre is played through."""

    folder: Path

    def begin(self) -> None:
        """As it was before the first day."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(REPLAY / "base", self.folder, copy_function=shutil.copyfile)

    def days(self) -> Iterator[str]:
        """Each day with changes, when they have been made."""
        lines = (REPLAY / "changes.jsonl").read_text(encoding="utf-8").splitlines()
        for day, changes in groupby(map(json.loads, lines), key=lambda change: change["day"]):
            for change in changes:
                self._write(self.folder / change["path"], change["text"])
            yield str(day)

    def articles(self, before: dict[str, Article] | None = None) -> dict[str, Article]:
        """What is to be served of it now, by external id; of an unreadable file, what was."""
        earlier = {article.path: article for article in (before or {}).values()}
        found = {}
        for file in self.folder.rglob("*.md"):
            path = file.relative_to(self.folder).as_posix()
            try:
                article = parse_markdown(file.read_bytes(), path, url_template=URL)
            except ArticleError:
                if path not in earlier:
                    continue
                article = earlier[path]
            found[article.external_id] = article
        return found

    def _write(self, file: Path, text: str | None) -> None:
        if text is None:
            file.unlink()
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


@dataclass(slots=True)
class Played:
    """What a replay came to."""

    nights: int = 0
    changed_articles: int = 0
    seconds: float = 0.0
    slowest_seconds: float = 0.0
    texts_embedded: int = 0
    distinct_texts: int = 0
    passages_embedded: int = 0
    distinct_passages: int = 0
    moved: int = 0
    removed: int = 0
    unreadable: int = 0  # at the end; what was served of them stays
    wrong: list[str] = field(default_factory=list)
    states: list[Prints] = field(default_factory=list)  # after the base and after each night

    def as_json(self) -> dict[str, object]:
        """For the JSON file."""
        kept = [name for name in self.__slots__ if name != "states"]
        return {name: getattr(self, name) for name in kept} | {
            "seconds": round(self.seconds, 1),
            "slowest_seconds": round(self.slowest_seconds, 1),
            "passages_ratio": round(self.passages_embedded / self.distinct_passages, 4),
        }


@dataclass(slots=True)
class Nights:
    """The help centre in one database, under one name."""

    database: Database
    embedder: HashedEmbedder
    tree: Tree
    name: str = "help"

    async def run(self, name: str | None = None) -> RunReport:
        """One night."""
        source = SourceSettings(folder=self.tree.folder, url=URL)
        settings = Settings().with_sources({name or self.name: source})
        return await ingest_source(
            self.database, self.embedder, settings, name or self.name, lambda *_: None
        )

    async def prints(self, name: str | None = None) -> Prints:
        """What is served now."""
        rows = await self.database.rows("served_prints", source=name or self.name)
        return {row["external_id"]: (row["path"], row["version"], row["print"]) for row in rows}

    async def ids(self) -> dict[str, int]:
        """The articles' own ids."""
        rows = await self.database.rows("served_prints", source=self.name)
        return {row["external_id"]: row["id"] for row in rows}


async def play(nights: Nights) -> Played:
    """Run the base and each day, look after each, and compare the end with a fresh ingest."""
    played = Played()
    nights.tree.begin()
    await nights.run()
    before, ids = nights.tree.articles(), await nights.ids()
    texts = _texts(before.values())
    played.states.append(await nights.prints())
    for _ in nights.tree.days():
        report = await nights.run()
        now = nights.tree.articles(before)
        changed = [article for key, article in now.items() if article != before.get(key)]
        texts |= _texts(changed)
        played.nights += 1
        played.changed_articles += len(changed)
        played.seconds += report.seconds
        played.slowest_seconds = max(played.slowest_seconds, report.seconds)
        played.moved += sum(now[key].path != before[key].path for key in now.keys() & before.keys())
        await _look_for_removed(nights, before, now, played)
        known = await nights.ids()
        if known != known | ids:
            played.wrong.append("an article changed its id")
        before, ids = now, known
        played.states.append(await nights.prints())
    _count(played, texts, nights.embedder.texts)
    report = await nights.run("fresh")
    unreadable = {bad.path for bad in report.failures}
    played.unreadable = len(unreadable)
    served = _served(played.states[-1], unreadable)
    if _served(await nights.prints("fresh"), unreadable) != served:
        played.wrong.append("a fresh ingest serves something else")
    return played


def _served(prints: Prints, unreadable: Collection[str]) -> dict[str, tuple[str, str]]:
    return {
        key: (path, text)
        for key, (path, _, text) in prints.items()
        if text is not None and path not in unreadable
    }


def _texts(articles: Iterable[Article]) -> set[str]:
    found: set[str] = set()
    for article in articles:
        found |= set(IndexedArticle.of(article).texts().values())
    return found


def _count(played: Played, texts: set[str], embedded: list[str]) -> None:
    played.texts_embedded, played.distinct_texts = len(embedded), len(texts)
    # A passage has its headings on a line of their own.
    played.passages_embedded = sum("\n" in text for text in embedded)
    played.distinct_passages = sum("\n" in text for text in texts)
    if set(embedded) != texts:
        played.wrong.append("other texts were embedded than there are")
    if played.passages_embedded > MOST_EMBEDDED * played.distinct_passages:
        played.wrong.append("texts were embedded twice")


async def _look_for_removed(
    nights: Nights, before: dict[str, Article], now: dict[str, Article], played: Played
) -> None:
    space = await space_for(nights.database, await nights.embedder.space_name())
    search = Retriever(nights.database, nights.embedder, space)
    for gone in before.keys() - now.keys():
        played.removed += 1
        found = await search.retrieve(before[gone].title)
        if any(passage.article == gone for passage in found.evidence.passages):
            played.wrong.append(f"{gone} is found though it was removed")
        kept = await nights.database.rows("kept_versions", source=nights.name, article=gone)
        if not kept or kept[-1]["body"] != before[gone].text:
            played.wrong.append(f"the text of {gone} is lost")
