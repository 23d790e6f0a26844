"""Real sentences and questions to build benchmark data from.

The corpora beside the checkout are used where they are; else the sample help centre.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.evaluation.golden import FOLDER, golden_questions
from ingest.articles import parse_markdown
from ingest.markup import parse

SHARED = Path(__file__).parents[2] / "shared" / "corpora"
CORPORA = ("doc2dial", "arduino-help")
_SENTENCE = re.compile(r"[A-Z][\w ,'’()–-]{30,220}[.?]")


@dataclass(frozen=True, slots=True)
class Texts:
    """Sentences by the document they stand in, titles, and questions people asked."""

    origin: str
    documents: tuple[tuple[str, ...], ...]
    titles: tuple[str, ...]
    questions: tuple[str, ...]


def real_texts(questions: int = 400) -> Texts:
    """At most `questions` questions; documents with fewer than five sentences are left out."""
    folders = [SHARED / name for name in CORPORA if (SHARED / name / "corpus.jsonl").is_file()]
    if folders:
        rows = [row for folder in folders for row in _rows(folder / "corpus.jsonl")]
        asked = [row["text"] for folder in folders for row in _rows(folder / "queries.jsonl")]
        pages = [(row["title"], row["text"]) for row in rows]
        origin = ", ".join(CORPORA)
    else:
        files = sorted((FOLDER / "articles").rglob("*.md"))
        articles = [
            parse_markdown(file.read_bytes(), file.name, url_template=None) for file in files
        ]
        pages = [(article.title, article.text) for article in articles]
        asked = [golden.question for golden in golden_questions()]
        origin = "the sample help centre"
    found = [(title, _sentences(text)) for title, text in pages]
    kept = [(title, sentences) for title, sentences in found if len(sentences) >= 5]  # noqa: PLR2004
    step = max(1, len(asked) // questions)
    return Texts(
        origin,
        tuple(sentences for _, sentences in kept),
        tuple(title for title, _ in kept),
        tuple(asked[::step][:questions]),
    )


def _rows(file: Path) -> Iterable[dict[str, str]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def _sentences(text: str) -> tuple[str, ...]:
    found: Sequence[str] = [
        match.group() for block in parse(text).blocks for match in _SENTENCE.finditer(block.plain)
    ]
    return tuple(dict.fromkeys(found))
