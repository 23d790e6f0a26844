"""Questions without labels: a help centre's own opening sentences, and strangers' questions.

Titles would be questions too easy, for they stand over their own article. The sentence a passage
opens with says what it is about in words that need nothing before them: of titles, headings,
any sentences and shortened ones, these scored most like the questions people ask.
"""

from importlib import resources

from bot.sufficiency.trials import TrialQuestion
from ingest.database import Database, Row
from ingest.markup import plain_text, sentences

OWN = 300  # questions taken from a help centre, at most
SHORTEST, LONGEST = 5, 30  # words


async def own_questions(database: Database, limit: int = OWN) -> list[TrialQuestion]:
    """Opening sentences, spread over the articles."""
    rows = await database.rows("opening_passages", limit=2 * limit)  # some open with no sentence
    found = {opening: row["external_id"] for row in rows if (opening := _opening(row))}
    return [TrialQuestion(text, frozenset({article})) for text, article in found.items()][:limit]


async def strangers(database: Database) -> list[TrialQuestion]:
    """What customers of many other businesses ask, in the help centre's main languages."""
    rows = await database.rows("main_languages")
    main = {row["language"] for row in rows}
    file = resources.files("bot.sufficiency").joinpath("strangers.tsv")
    lines = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()]
    known = [question for language, question in lines if language in main]
    return [TrialQuestion(question) for question in known or [line[1] for line in lines]]


def _opening(row: Row) -> str | None:
    """The first sentence of a passage that is as long as a question may be."""
    text = row["text"]
    for start, end in sentences(text, 0, len(text)):
        sentence = " ".join(plain_text(text[start:end]).split())
        if SHORTEST <= len(sentence.split()) <= LONGEST:
            return sentence
    return None
