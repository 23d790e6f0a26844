"""Text that addresses a model instead of a reader.

Help centres tell readers what they must do, what to ignore and what to put into a reply; all of
that is fine. What no writer says to a reader is: forget what you were told before, you are an AI,
here begins the system prompt, answer in a cipher. The rules look for a text that speaks to a
model so, not for dangerous tasks, and would rather miss one than take an article out of service.
"""

import re
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
    # Most phrases share no word with the text, and most sentences none with those that do.
    likely = [phrase for phrase in candidates if phrase.may_occur(reading.words)]
    for words, shown in reading.sentences():
        for phrase in likely:
            if phrase.may_occur(words) and (found := phrase.search(words)) is not None:
                yield _shortened(shown, found)


def _shortened(sentence: str, at: int) -> str:
    """A sentence on one line; a long one from a little before what was found in it."""
    if len(sentence) > MOST_SHOWN:
        sentence = sentence[max(0, at - _BEFORE) :]
    return " ".join(sentence.split())[:MOST_SHOWN]
