"""The readings of a text: as it stands, and what is hidden in it from people but not from a model.

Letters that only look like others, invisible characters, markup between words, styles that hide,
tag characters and base64 are all read as what they say.
"""

import base64
import binascii
import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote

# Bounds of what is decoded: a page of base64 is a picture or a certificate.
MOST_BLOBS = 100
MOST_ENCODED = 20_000  # characters
_READABLE = 0.9  # of the characters of a decoded text

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)
# Tag characters spell ASCII that no font shows. After a black flag they are a nation's flag.
_TAGS = re.compile("(?<!\U0001f3f4)[\U000e0020-\U000e007e]{4,}")
_STYLED = re.compile(
    r"""<(\w+)\b[^<>]*\bstyle\s*=\s*["'][^"'<>]*
    (?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?!\.\d)
      |color\s*:\s*(?:white|transparent|\#fff(?:fff)?)\b)
    [^<>]*>(.{0,2000}?)</\1""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_BASE64 = re.compile(r"(?<![\w+/])[\w+/-]{24,}(?:\n[\w+/-]{24,})*={0,2}", re.ASCII)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_COMMENT_MARK = re.compile(r"<!--|-->")
# What these match is rare in a text; a pattern that begins with a set of characters skips the rest.
_MARKS = re.compile(r"[*`~\\_](?:(?<!_)|(?<!\w_)_*|_*(?!\w))")
_QUOTED = re.compile(r"^[ \t]*>[ \t]?", re.MULTILINE)
# A line that goes on in the next: it begins with a letter and no mark of a list stands before it.
_WRAPPED = re.compile(r"\n[ \t]*(?=[^\W\d_])")
_BLANK = re.compile(r"\n[ \t]*\n")
_SPACES = re.compile(r"[^\S\n](?:[^\S\n]+|(?<! ))")  # but a single one
_OTHER_LETTERS = re.compile(r"[\u0370-\u03ff\u0400-\u04ff]")
# Greek or Cyrillic letters and Latin ones in a word.
_MIXED = re.compile(r"\b(?=\w*[a-z])\w*?[\u0370-\u03ff\u0400-\u04ff]\w*")
_ENDS = re.compile(r"[.!?\n。！？](?:(?<![.!?])|[.!?]*(?=[\s\"')\]]|$)[\"')\]]*)")
_LOOKALIKES = str.maketrans("аеорсухіјѕԁһαοινρυκ", "aeopcyxijsdhaoivpuk")
_QUOTES = str.maketrans("’‘ʼ“”„«»", '\'\'\'"""""')


class Sentence(NamedTuple):
    """Where a sentence begins, where its words stop, and where it ends with its full stop."""

    start: int
    stop: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as a model may take it: `words` in lower case for matching, `shown` to be quoted.

    Both have the same length. `hidden` is what a reader of the page would not see.
    """

    shown: str
    words: str
    hidden: bool = False

    def sentences(self) -> list[Sentence]:
        """Where each sentence, line or heading is."""
        found, start = [], 0
        for match in _ENDS.finditer(self.words):
            stop, end = match.span()
            found.append(Sentence(start, stop, end))
            start = end
        return [*found, Sentence(start, len(self.words), len(self.words))]

    @classmethod
    def of(cls, text: str, *, hidden: bool = False) -> "Reading":
        """Read through markup and disguises; paragraphs stay apart by line feeds."""
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", html.unescape(text)))
        text = _MARKS.sub("", _QUOTED.sub("", _COMMENT_MARK.sub("\n\n", text)))
        if not text.isascii():
            text = text.translate(_QUOTES)
        text = _BLANK.sub("\n\0", text)
        text = _SPACES.sub(" ", _WRAPPED.sub(" ", text)).replace("\0", "\n")
        words = text.lower()
        if len(words) != len(text):  # a few letters have two in lower case
            words = "".join(c if len(c) == 1 else " " for c in map(str.lower, text))
        if _OTHER_LETTERS.search(words):
            words = _MIXED.sub(lambda match: match[0].translate(_LOOKALIKES), words)
        return cls(text, words, hidden)


def readings(text: str) -> Iterator[Reading]:
    """The text itself first, then what is hidden in it."""
    bare = _TAG.sub("", text)
    yield Reading.of(bare)
    if len(bare) != len(text):
        yield Reading.of(text)  # attributes speak too
        for match in _STYLED.finditer(text):
            yield Reading.of(_TAG.sub("", match[2]), hidden=True)
    if "%20" in text:
        yield Reading.of(unquote(text))
    for match in _TAGS.finditer(text):
        spelled = "".join(chr(ord(character) - 0xE0000) for character in match[0])
        yield Reading.of(spelled, hidden=True)
    for decoded in _decoded(text):
        yield Reading.of(decoded, hidden=True)


def _decoded(text: str) -> Iterator[str]:
    """What stands in base64 and is text."""
    for count, match in enumerate(_BASE64.finditer(text)):
        if count == MOST_BLOBS:
            return
        blob = match[0][:MOST_ENCODED].replace("\n", "").rstrip("=").translate(_URL_SAFE)
        try:
            raw = base64.b64decode(blob[: len(blob) // 4 * 4] + _rest(blob))
        except binascii.Error:
            continue
        decoded = raw.decode("utf-8", "replace")
        if _is_readable(decoded):
            yield decoded


def _is_readable(text: str) -> bool:
    """Whether nearly all of a decoded text is characters that people write."""
    most = (1 - _READABLE) * len(text)
    if not text or text.count("\ufffd") > most:  # as most long words are that only look encoded
        return False
    return sum(not c.isprintable() and c not in "\n\t" for c in text) + text.count("\ufffd") <= most


_URL_SAFE = str.maketrans("-_", "+/")


def _rest(blob: str) -> str:
    """The last characters that are no full group of four, with their padding."""
    rest = blob[len(blob) // 4 * 4 :]
    return rest + "=" * (4 - len(rest)) if len(rest) > 1 else ""
