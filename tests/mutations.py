"""Articles nobody should have written: sample articles, damaged in every way seen in the wild.

`mutants(count, seed)` gives the same bytes every time, so a failure can be looked at again.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

SAMPLE = Path(__file__).parent.parent / "ingest" / "sample" / "articles"
SMALL = 21_000  # characters: ten thousand lists, one in the other
BIG = 2_100_000  # of a few, more than an article may have
BIG_SHARE = 0.003
HTML_SHARE = 0.25

_MARKS = [
    *("\u202e", "\u202b", "\u2066", "\u2069", "\u200f", "\u200b", "\u00ad", "\ufeff", "\u2028"),
    *("\x0b", "\x0c", "\x1b", "\x7f", "\x85", "\ufffd", "\U0010ffff", "e\u0301" * 9, "\u0301" * 90),
]
_STUMPS = """<div>|<p>|<table><tr><td>|<ul><li>|<ol start=99999999><li>|<pre>|<blockquote>|<b |<!--|
<![CDATA[|<script>|<style>|<td rowspan=99>x|<h1>|<details>|<a href="x|</table>|</div></div>|
<svg>|<dl><dt>|<code>|<img alt="|&#0;|&#xD800;|&x;|<?php|<select><option>|<math>|<template>|<main>|
<article>|<button>|<div class="note">|<div hidden>|<td>""".replace("\n", "").split("|")
_OPENERS = ["- ", "1. ", "> ", "* > ", "> - ", "  - ", "+ ", "99. "]
_LINES = [
    "word ",
    "*",
    "_",
    "[",
    "](",
    "`",
    "<",
    "\\",
    "|",
    "![",
    "a.",
    "汉字。",
    "<b>",
    "~",
    "&amp;",
    "x",
]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A file, what was done to it, and its content."""

    path: str
    done: tuple[str, ...]
    raw: bytes


Mutator = Callable[[random.Random, str], str]


def mutants(count: int, seed: int) -> Iterator[Mutant]:
    """So many damaged articles, Markdown and HTML."""
    texts = {
        suffix: [path.read_text(encoding="utf-8") for path in sorted(SAMPLE.rglob(f"*{suffix}"))]
        for suffix in (".md", ".html")
    }
    chance = random.Random(seed)
    for number in range(count):
        suffix = ".html" if chance.random() < HTML_SHARE else ".md"
        text = chance.choice(texts[suffix])
        done = chance.sample(MUTATORS, chance.choice((1, 1, 2, 3)))
        for mutate in done:
            text = mutate(chance, text)
        text = text[: BIG if chance.random() < BIG_SHARE else SMALL]
        raw = text.encode("utf-8", "surrogatepass")
        names = [mutate.__name__ for mutate in done]
        if chance.random() < 0.25:
            raw, name = _broken_bytes(chance, raw)
            names.append(name)
        yield Mutant(f"{number:04}{suffix}", tuple(names), raw)


def _broken_bytes(chance: random.Random, raw: bytes) -> tuple[bytes, str]:
    at = chance.randrange(len(raw) + 1)
    match chance.randrange(5):
        case 0:
            return raw[:at], "cut"
        case 1:
            return raw[:at] + bytes(chance.randrange(256) for _ in range(9)) + raw[at:], "noise"
        case 2:
            return raw[:at] + b"\0" + raw[at:], "nul"
        case 3:
            return raw.decode("utf-8", "ignore").encode("utf-16"), "utf-16"
        case _:
            return raw.replace(b"\n", chance.choice((b"\r", b"\r\n", b"\n\r"))), "newlines"


def _inserted(chance: random.Random, text: str, piece: str) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + piece + text[at:]


def _often(chance: random.Random) -> int:
    """How often something is repeated: mostly a little, sometimes far too much."""
    return chance.choice((3, 20, 20, 99, 100, 101, 300, 300, 1_000, 10_000))


def nested_lines(chance: random.Random, text: str) -> str:
    opener = chance.choice(_OPENERS)
    return _inserted(chance, text, "\n\n" + opener * _often(chance) + "deep\n\n")


def stairs(chance: random.Random, text: str) -> str:
    count = min(_often(chance), 1_000)
    step, mark = chance.choice((1, 2, 3, 4)), chance.choice(("- ", "1. ", "> ", ""))
    steps = "\n".join(" " * step * n + mark + "step" for n in range(count))
    return _inserted(chance, text, f"\n\n{steps}\n\n")


def unclosed_html(chance: random.Random, text: str) -> str:
    stump = chance.choice(_STUMPS) + chance.choice(("", " text ", "\n", "\n\n"))
    return _inserted(chance, text, stump * _often(chance))


def many_stumps(chance: random.Random, text: str) -> str:
    for _ in range(chance.randrange(1, 60)):
        text = _inserted(chance, text, chance.choice(_STUMPS))
    return text


def giant_table(chance: random.Random, text: str) -> str:
    rows, columns = chance.choice(((1, 900), (300, 5), (40, 40), (9_000, 2)))
    if chance.random() < 0.5:
        table = "\n".join(["| a " * columns + "|", "|---" * columns + "|"])
        table += ("\n" + "| cell " * columns + "|") * rows
    else:
        span = chance.choice(("", " rowspan=99", " colspan=99 rowspan=99", " colspan=-1"))
        cell = chance.choice((f"<td{span}>cell", f"<th{span}><p>cell</p></th>"))
        table = "<table>" + ("<tr>" + cell * columns) * rows + chance.choice(("", "</table>"))
    return _inserted(chance, text, f"\n\n{table}\n\n")


def marks(chance: random.Random, text: str) -> str:
    for _ in range(chance.randrange(1, 40)):
        text = _inserted(chance, text, chance.choice(_MARKS))
    return text


def surrogates(chance: random.Random, text: str) -> str:
    return _inserted(chance, text, chr(chance.randrange(0xD800, 0xE000)))


def long_line(chance: random.Random, text: str) -> str:
    piece = "".join(chance.choices(_LINES, k=chance.randrange(1, 4)))
    size = chance.choice((500, 500, 5_000, 5_000, 19_900, 1_000_000))
    return _inserted(chance, text, f"\n\n{piece * (size // len(piece))}\n\n")


def front_matter(chance: random.Random, text: str) -> str:
    value = chance.choice(
        (
            *("[", "{a: [b, {c: d}]}", "&a [*a]", "!!python/object:os.system x", "|\n  x\n y", "'"),
            *("\t", "2026-99-99", "no", "~", '"\\0\\ud800"', "x" * 10_000, "{{{{", "- - - -", "@"),
            *("<<: *b", "\u202e", "'\u2028'", "javascript:alert(1)", "http://[", "%00", "\x85"),
        )
    )
    key = chance.choice(
        ("title", "id", "url", "updated_at", "locale", "product", "audience", "?", "", "[a]")
    )
    front = f"---\n{key}: {value}\n" * chance.choice((1, 1, 1, 2))
    return front + chance.choice(("---\n", "---\n", "...\n", "", "--- ---\n")) + text


def shuffled(chance: random.Random, text: str) -> str:
    lines = text.split("\n")
    chance.shuffle(lines)
    return "\n".join(lines)


def spliced(chance: random.Random, text: str) -> str:
    first, second = sorted(chance.randrange(len(text) + 1) for _ in range(2))
    return text[:first] + text[second:] if chance.random() < 0.5 else text[first:second] + text


def doubled(chance: random.Random, text: str) -> str:
    return text * chance.choice((2, 3, 10))


def emptied(chance: random.Random, text: str) -> str:
    return chance.choice(
        ("", " \n\t\n", "\ufeff", "#", "---", "---\n---\n", "<p>", "<!--", text[:1])
    )


def fences(chance: random.Random, text: str) -> str:
    fence = chance.choice(("```", "~~~~", "`" * 300, "$$", ":::", "<pre>", "    "))
    for _ in range(chance.randrange(1, 9)):
        text = _inserted(chance, text, f"\n{fence}\n")
    return text


def headings(chance: random.Random, text: str) -> str:
    heading = chance.choice(
        ("# same\n", "# ", "###### x {#a} {#a}\n", "=\n", "x\n---\n", "<h2 id=''>")
    )
    return _inserted(chance, text, ("\n" + heading) * min(_often(chance), 2_000))


def references(chance: random.Random, text: str) -> str:
    count = min(_often(chance), 3_000)
    piece = chance.choice(("[a{n}]: /u\n", "[a][a]", "[^{n}]: x\n", "![a][{n}] ", "<a name={n}>\n"))
    return _inserted(
        chance, text, "\n\n" + "".join(piece.replace("{n}", str(n)) for n in range(count))
    )


MUTATORS: list[Mutator] = [
    nested_lines, stairs, unclosed_html, many_stumps, giant_table, marks, surrogates, long_line,
    front_matter, shuffled, spliced, doubled, emptied, fences, headings, references,
]  # fmt: skip
