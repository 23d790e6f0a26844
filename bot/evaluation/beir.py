"""Labelled questions in the field's usual form (BEIR, Thakur et al. 2021).

`corpus.jsonl` has a document a line with `_id`, `title` and `text`; `queries.jsonl` a question a
line with `_id` and `text`; the judgements are tab-separated: query id, document id, relevance.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingest.articles import Article, BadArticle, parse_markdown
from ingest.errors import ArticleError, SourceError
from ingest.sources import Fetch, Source

JUDGEMENTS = ("qrels.tsv", "qrels/test.tsv")


@dataclass(frozen=True, slots=True)
class Dataset:
    """A corpus with its judged questions. `judged` maps query → document → relevance above 0.

    `fingerprint` changes with the corpus, so that a scratch database made for it is found again.
    """

    corpus: Source
    fingerprint: str
    queries: Mapping[str, str]
    judged: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Corpus:
    """corpus.jsonl as a source: each document is an article in Markdown."""

    file: Path

    @property
    def name(self) -> str:
        """The name its articles are kept under: the folder's."""
        return self.file.parent.name

    def fetch(
        self, since: datetime | None = None, known: Mapping[str, datetime] | None = None
    ) -> Fetch:
        """Every document. Raises SourceError when the file is not as it should be."""
        del since, known
        return Fetch(self._articles())

    async def _articles(self) -> AsyncIterator[Article | BadArticle]:
        for document in _lines(self.file):
            identity = str(document["_id"])
            try:
                yield _article(identity, document)
            except ArticleError as error:
                yield BadArticle(identity, str(error))


def load(folder: Path, qrels: str | None = None) -> Dataset:
    """Read questions and judgements. Raises SourceError that names the file and what is wrong.

    `qrels` is another judgements file than the usual ones, relative to the folder.
    """
    corpus = Corpus(folder / "corpus.jsonl")
    if not corpus.file.is_file():
        raise SourceError(f"{folder} has no corpus.jsonl; a BEIR folder is needed.")
    judged: dict[str, dict[str, float]] = {}
    for query, document, relevance in _judgements(_judgements_file(folder, qrels)):
        if relevance > 0:
            judged.setdefault(query, {})[document] = relevance
    texts = {str(row["_id"]): str(row["text"]) for row in _lines(folder / "queries.jsonl")}
    queries = {query: texts[query] for query in judged if query in texts}
    if not queries:
        raise SourceError(f"{folder}: no question of queries.jsonl is judged.")
    digest = hashlib.sha256(corpus.file.read_bytes()).hexdigest()
    return Dataset(corpus, digest[:12], queries, {query: judged[query] for query in queries})


def _article(identity: str, document: Mapping[str, object]) -> Article:
    """As the same text in a folder would be read, but with the title and id it has here."""
    article = parse_markdown(
        str(document.get("text") or "").encode(), f"{identity}.md", url_template=None
    )
    title = str(document.get("title") or "") or article.title
    return Article(
        external_id=identity,
        title=title,
        text=article.text,
        url="",
        path=identity,
        locale=str(document.get("locale") or "en"),
        product=None,
        audience="public",
        updated_at=None,
    )


def _judgements_file(folder: Path, qrels: str | None) -> Path:
    for name in (qrels,) if qrels else JUDGEMENTS:
        if (folder / name).is_file():
            return folder / name
    wanted = qrels or " or ".join(JUDGEMENTS)
    raise SourceError(f"{folder} has no judgements ({wanted}).")


def _judgements(file: Path) -> Iterator[tuple[str, str, float]]:
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        cells = line.split("\t")
        try:
            yield cells[0], cells[1], float(cells[2])
        except (IndexError, ValueError) as error:
            if number > 1:  # the first line may name the columns
                raise SourceError(f"{file}, line {number}: three columns are needed.") from error


def _lines(file: Path) -> Iterator[Mapping[str, object]]:
    try:
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    row = json.loads(line)
                    if "_id" not in row:
                        raise SourceError(f"{file}, line {number}: there is no _id.")
                    yield row
    except (OSError, ValueError) as error:
        raise SourceError(f"{file} cannot be read: {error}") from error
