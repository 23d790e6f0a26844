"""Where sentences begin and end in Markdown, so that a quotation is never half a sentence.

Rules, no model: a terminator followed by something that can begin a sentence, unless an
abbreviation, an ordinal or an initial explains the dot. Links, code and addresses are opaque.
"""

import re
from collections.abc import Iterator

# Never the end of a sentence.
_TITLES = frozenset(
    """
    mr mrs ms dr prof st sr sra srta dra ud uds mme mlle hr fr
    nr no núm num fig abb art abs vgl bzw ggf inkl evtl sog
    e.g i.e eg vs cf approx ca z.b z d.h d u.a o.ä p.ej p p.ex ej ex pág pag aprox ee tel str
    jan feb mar apr jun jul aug sep sept oct okt nov dec dez vol ed eds al incl
    """.split()
)
# The end of a sentence only before a word that often begins one.
_MAYBE = frozenset("u.s u.k u.n inc ltd co corp gmbh etc usw uu mio mrd min max".split())
_STARTERS = frozenset(
    """
    the this that these those if you your we our in it to for a an when then after before please
    click select open go see there he she they however
    der die das wenn sie wir bitte dann es ist ein eine klicken
    el la los las si usted para en haga seleccione un una
    le les il elle vous nous pour cliquez
    """.split()
)
_MONTHS = (
    "januar februar märz april mai juni juli august september oktober november dezember quartal"
)
_GERMAN_ORDINAL = frozenset(_MONTHS.split())
_NUMBERED = frozenset("step schritt paso étape figure section kapitel".split())

_TOKEN = re.compile(
    r"""
    (?P<tag>
        </?(?:li|p|[ou]l|div|h[1-6]|table|thead|tbody|tr|t[dh]|figure|figcaption)\b[^<>]*>
    )
  | (?P<opaque>
        ```.*?(?:```|\Z) | ~~~.*?(?:~~~|\Z)
      | ``.+?`` | `[^`]+`
      | (?P<label>!?\[(?:[^\[\]]|\[[^\[\]]*\])*\])
        (?: \((?:[^()\n]|\([^()\n]*\))*\) | \[[^\[\]\n]*\] )?
      | (?i:<br\s*/?>)(?=(?P<br>))
      | </?[a-zA-Z][^<>]*> | <[^<>\s]+>
      | (?:https?://|www\.) [^\s<>()\[\]"“”]* [^\s<>()\[\]"“”.,;:!?*_]
      | [\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+
    )
  | (?P<gap>
        \n[ \t>]*\n
      | (?:(?<![ ])[ ]{2,}+|\\)\n
      | \n[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+
    )
  | (?P<stop>(?<![.!?…])[.!?…]++[\"'”’»)\]*_~]*+(?=\s|$) | [。！？]+[”’」』）)*_]*)
    """,
    re.VERBOSE | re.DOTALL,
)
_LEAD = re.compile(r"(?:[ \t\n>]|\[!\w+\]|(?:[-*+]|\d{1,9}[.)])[ \t\n]+(?:\[[ xX]\][ \t]+)?)+")
_SPACE = re.compile(r"(?:[ \t]*\n[ \t>]*)*\s*")
_MARKS = re.compile(r"\A[\"'“‘«„¿¡(\[*_~<!`]+")
_ORDINAL_DIGITS = 2
_WORD_BEFORE = re.compile(r"[\w.]+$")


def sentences(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Offsets of the sentences between two offsets, in order, without white space around them.

    Blank lines, hard line breaks, HTML blocks and list markers separate too; list and quotation
    markers at the beginning belong to no sentence.
    """
    stretch = text[start:end]
    found: list[tuple[int, int]] = []
    begin, led = _begin(_LEAD, stretch, 0), True
    for last, following, lead in [*_cuts(stretch), (len(stretch), len(stretch), _LEAD)]:
        if last < begin:  # the dot of a list marker, or a gap right after a sentence
            if following > begin or not led:  # else these marks have been skipped already
                begin, led = max(begin, _begin(lead, stretch, following)), lead is _LEAD
            continue
        stop = begin + len(stretch[begin:last].rstrip())
        if stop > begin:
            found.append((start + begin, start + stop))
        begin, led = _begin(lead, stretch, following), lead is _LEAD
    return found


def _begin(lead: re.Pattern[str], stretch: str, at: int) -> int:
    match = lead.match(stretch, at)
    return match.end() if match else at


def _cuts(stretch: str) -> Iterator[tuple[int, int, re.Pattern[str]]]:
    """Where a sentence ends, where what follows begins, and the marks to skip there."""
    for match in _TOKEN.finditer(stretch):
        if match["gap"] or match["tag"] or match["br"] is not None:
            yield *match.span(), _LEAD
        elif match["opaque"] and not _ends_sentence(match["label"]):
            continue
        elif _is_end(stretch, match.start(), match.end(), stops=match["stop"] or ""):
            yield match.end(), match.end(), _SPACE


def _ends_sentence(label: str | None) -> bool:
    return label is not None and label.rstrip("])*_ \"'”").endswith((".", "!", "?"))


def _is_end(text: str, begin: int, end: int, *, stops: str) -> bool:
    """Whether the terminator at `begin` ends a sentence, from the words on both sides."""
    if stops and stops[0] in "。！？":
        return True
    rest = _MARKS.sub("", text[end : end + 80].lstrip(), count=1)
    if not rest:
        return True
    following = re.match(r"[\w’']*", rest)
    word = following[0] if following else ""
    if not _may_begin(word, rest):
        return False
    if not stops.startswith(".") or stops.startswith(".."):
        return True
    return _dot_is_final(text[max(0, begin - 30) : begin], word.lower())


def _may_begin(word: str, rest: str) -> bool:
    if not word:
        return rest[0] not in ",;:)"
    # iOS and eBay begin sentences; "yahoo! mail" does not.
    return not word[0].islower() or word != word.lower()


def _dot_is_final(before: str, following: str) -> bool:
    found = _WORD_BEFORE.search(before)
    word = found[0].lower() if found else ""
    above = before[: -len(word)] if word else before
    starter = following in _STARTERS
    if word.isdigit() and len(word) <= _ORDINAL_DIGITS:
        numbered = above.split()[-1:] and above.split()[-1].lower() in _NUMBERED
        return not numbered and following not in _GERMAN_ORDINAL
    if word in _TITLES:
        # The "p" of a path is not the page; "no." is "number" only before one.
        return not _alone(above) or (word == "no" and not following[:1].isdigit())
    if word in _MAYBE or (len(word) == 1 and word.isalpha() and _alone(above)):
        return starter
    return True


def _alone(above: str) -> bool:
    return not above or above[-1] in " \n(\u00a0*_"
