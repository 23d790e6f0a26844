"""Text that addresses a model instead of a reader.

Help centres tell readers what they must do, what to ignore and what to put into a reply; all of
that is fine. What no writer says to a reader is: forget what you were told before, you are an AI,
here begins the system prompt, answer in a cipher. The rules look for a text that speaks to a
model so, not for dangerous tasks, and would rather miss one than take an article out of service.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from ingest.articles import Article
from ingest.checks.disguises import Reading, readings
from ingest.checks.foreign import FOREIGN
from ingest.checks.phrases import Phrase
from ingest.checks.spoken import BENT, FORGET, HIDDEN, NAMED, PROMPT, TWISTED

MOST_SHOWN = 300  # characters of a sentence
_BEFORE = 40  # of them before what was found in a long one

_ALWAYS = FORGET + NAMED + PROMPT + TWISTED + FOREIGN
# What templates put around a model's turns; met in the text as written.
_MARKS = re.compile(
    r"<\|(?:im_start|im_end|im_sep|system|user|assistant|endoftext|begin_of_text|start_header_id"
    r"|end_header_id|eot_id)\|>|\[/?INST\]|<</?SYS>>|<start_of_turn>"
    r"|</?(?i:system[_-](?:prompt|message|instructions?|reminder))\b[^<>]*>"
)


def instructions_in(article: Article) -> str | None:
    """The first sentence of an article that speaks to a model, None if there is none."""
    text = f"{article.title}\n\n{article.text}"
    if _MARKS.search(text):
        line = next(line for line in text.splitlines() if _MARKS.search(line))
        return _shortened(line, 0)
    phrases = _ALWAYS + BENT if article.audience == "public" else _ALWAYS
    spoken = (found for reading in readings(text) for found in _spoken(reading, phrases))
    return next(spoken, None)


def _spoken(reading: Reading, phrases: Sequence[Phrase]) -> Iterator[str]:
    candidates = [*phrases, *HIDDEN] if reading.hidden else phrases
    places = _places(candidates, reading.words)
    sentences = reading.sentences() if places else []
    starts = [sentence.start for sentence in sentences]
    for number, rank in sorted({(bisect_right(starts, at) - 1, rank) for at, rank in places}):
        sentence = sentences[number]
        found = candidates[rank].search(reading.words[sentence.start : sentence.stop])
        if found is not None:
            yield _shortened(reading.shown[sentence.start : sentence.end], found)


def _places(phrases: Sequence[Phrase], text: str) -> list[tuple[int, int]]:
    """Where a word stands, and of which phrase: far cheaper than to search for the phrases.

    Most phrases share no word with a text, and the others share one with few of its sentences.
    """
    known: dict[str, list[int]] = {}
    found: list[tuple[int, int]] = []
    for rank, phrase in enumerate(phrases):
        for word in phrase.words:
            if word not in known:
                known[word] = list(_occurrences(text, word))
            found += [(at, rank) for at in known[word]]
    return found


def _occurrences(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def _shortened(sentence: str, at: int) -> str:
    """A sentence on one line; a long one from a little before what was found in it."""
    if len(sentence) > MOST_SHOWN:
        sentence = sentence[max(0, at - _BEFORE) :]
    return " ".join(sentence.split())[:MOST_SHOWN]
