"""HTML as Markdown, with what the library's conversion leaves out: callouts, spans, languages."""

import contextlib
import re
from collections.abc import Iterator
from urllib.parse import urljoin

from bs4 import Tag
from bs4.element import NavigableString, PreformattedString
from markdownify import MarkdownConverter

from ingest.markup.chrome import HEADINGS, attribute, class_names, drop_chrome, living
from ingest.markup.inline import one_line
from ingest.markup.tables import CELL, table_markdown, unwrap_layout

_CALLOUT = re.compile(
    r"""(?:(?:c|md|docs?|theme|box|panel|callout|admonition|alert|message|is|intercom-interblocks)-)*
    (?: callout | note(?:card)? | notice | tip | hint | warn(?:ing)? | caution | danger | important
      | attention | info(?:box)? | alert | admonition | confluence-information-macro )
    (?:-(?: box | block | panel | callout | alert | message | container | wrapper | note | tip
      | info | warning | danger | important | caution | success | error | primary | secondary
      | default | light | dark | macro | blue | green | yellow | orange | red | gr[ae]y ))*""",
    re.VERBOSE,
)
_LANGUAGE = re.compile(
    r"(?:^|\s)(?:(?:lang(?:uage)?|highlight(?:-source|-text)?)-|brush:\s*"
    r"|(?:hljs|sourceCode)\s+(?!lang))([A-Za-z][\w+#.]*)"
)
_NO_LANGUAGE = frozenset(
    "text plain plaintext plain-text none default language notranslate nohighlight code txt".split()
)
# Said by browsers only: where a word may break, and which way a text runs.
_UNSEEN: dict[int, str | None] = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
_SYMBOLS = re.compile(
    r"[\W_]*|permalink|link|anchor|copy link|(?:direct )?link to this.*", re.IGNORECASE
)
_LINES = frozenset(("div", "p", "li", "tr"))


def to_markdown(main: Tag, base: str | None = None) -> str:
    """A part of a page as Markdown; the part is used up. `base` makes relative links absolute."""
    drop_chrome(main)
    unwrap_layout(main)
    _anchor_headings(main)
    _quote_callouts(main)
    _number_items(main)
    _make_safe(main, base)
    text: str = _Converter(heading_style="atx", bullets="-").convert_soup(main)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _anchor_headings(main: Tag) -> None:
    """Give every heading the id a link would use, wherever the page keeps it."""
    for tag in main.find_all(role="heading"):
        level = attribute(tag, "aria-level")
        if tag.name not in HEADINGS:
            tag.name = f"h{level}" if level in {"1", "2", "3", "4", "5", "6"} else "h2"
    for heading in main.find_all(HEADINGS):
        anchor = attribute(heading, "id")
        for link in living(heading.find_all("a")):
            named = attribute(link, "id") or attribute(link, "name")
            if _SYMBOLS.fullmatch(link.get_text().translate(_UNSEEN)) and not link.find("img"):
                target = attribute(link, "href")
                named = (target[1:] if target.startswith("#") else "") or named
                link.decompose()
            anchor = anchor or named
        heading["id"] = anchor or _id_before(heading) or _section_id(heading)


def _id_before(heading: Tag) -> str:
    before = heading.find_previous_sibling()
    if isinstance(before, Tag) and before.name == "a" and not before.get_text(strip=True):
        return attribute(before, "id") or attribute(before, "name")
    return ""


def _section_id(heading: Tag) -> str:
    section = heading.parent
    if section is None or section.find(True) is not heading:  # noqa: FBT003 - any tag
        return ""
    is_section = section.name == "section" or "section" in attribute(section, "class").split()
    return attribute(section, "id") if is_section else ""


def _quote_callouts(main: Tag) -> None:
    for tag in living(main.find_all("aside")):
        if not _is_callout(tag):
            tag.decompose()
    for tag in main.find_all(["aside", "div", "section", "details", "p"]):
        if not _is_callout(tag) or tag.find_parent("blockquote") is not None:
            continue
        headings = tag.find_all(HEADINGS)
        if len(headings) > 1 or (headings and tag.name == "section" and attribute(tag, "id")):
            continue
        for heading in headings:
            heading.name = "strong"
            heading.wrap(Tag(name="p"))
        tag.name = "blockquote"


def _is_callout(tag: Tag) -> bool:
    names = [*class_names(tag), attribute(tag, "role").lower(), attribute(tag, "data-type").lower()]
    return any(_CALLOUT.fullmatch(name) for name in names)


def _number_items(main: Tag) -> None:
    """Note every step's number, so that it is not counted again for each of its siblings."""
    for items in main.find_all("ol"):
        number = _number(items, "start") or 1
        for item in items.find_all("li", recursive=False):
            number = _number(item, "value") or number
            item["data-ordinal"] = str(number)
            number += 1


def _number(tag: Tag, name: str) -> int:
    written = attribute(tag, name)
    return int(written) if re.fullmatch(r"[0-9]{1,6}", written) else 0


def _make_safe(main: Tag, base: str | None) -> None:
    """Addresses, which the converter copies as they are; alternative texts."""
    for tag in main.find_all("a"):
        del tag["title"]
        if hidden := attribute(tag, "data-cfemail"):
            tag.string = _deciphered(hidden)
        tag["href"] = _address(attribute(tag, "href"), base)
    for tag in main.find_all("img"):
        del tag["title"]
        source = attribute(tag, "src")
        if not source or source.startswith("data:"):
            source = attribute(tag, "data-src")
        # Signatures and sizes in the query change nightly; the picture does not.
        tag["src"] = re.sub(r"[?#].*", "", _address(source, base), flags=re.DOTALL)
        tag["alt"] = re.sub(r"[\[\]\s]+", " ", attribute(tag, "alt")).strip()


def _address(written: str, base: str | None) -> str:
    if written.lower().startswith(("data:", "javascript:", "/cdn-cgi/l/email-protection")):
        return ""
    if base is not None and written and not written.startswith("#"):
        with contextlib.suppress(ValueError):  # what cannot be joined stays as it was written
            written = urljoin(base, written)
    return re.sub(r"[\s()<>]", lambda m: f"%{ord(m[0]):02X}", written)


def _deciphered(hidden: str) -> str:
    """A mail address as Cloudflare hides it: with another key in every answer."""
    try:
        key, *rest = bytes.fromhex(hidden)
        return bytes(byte ^ key for byte in rest).decode()
    except ValueError:
        return "[email protected]"


class _Converter(MarkdownConverter):
    """What Markdown needs beyond the library's conversion."""

    def process_text(self, el: NavigableString, parent_tags: set[str]) -> str:
        """As the library, in text as it is seen."""
        if isinstance(el, PreformattedString):  # comments, declarations
            return ""
        text: str = super().process_text(el, parent_tags)  # type: ignore[misc]
        return re.sub("[ \u00a0]+", " ", text.translate(_UNSEEN))

    def escape(self, text: str, parent_tags: set[str]) -> str:
        """Escape what would be read as markup, and nothing else: quotes stay readable."""
        text = re.sub(r"[\\`*]|<(?=[A-Za-z/!?])|&(?=#?\w+;)|\](?=[(\[:])", r"\\\g<0>", text)
        text = re.sub(r"(?<![^\W_])_|_(?![^\W_])", r"\\_", text)
        if "_inline" in parent_tags:
            return text.replace("|", "\\|") if parent_tags & {"td", "th"} else text
        text = re.sub(r"(?m)^(#{1,6}|[-+>]|=+|-{2,})(?=[ \t]|$)", r"\\\1", text)
        return re.sub(r"(?m)^([0-9]{1,9})([.)])(?=[ \t]|$)", r"\1\\\2", text)

    def convert_hN(self, n: int, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: N802 - the library's name
        text = one_line(text)
        if not text or "_inline" in parent_tags:
            return f" {text} "
        anchor = re.sub(r"[\s{}]", "", attribute(el, "id"))
        if anchor:
            text = f"{text} {{#{anchor}}}"
        return f"\n\n{'#' * min(max(n, 1), 6)} {text}\n\n"

    def convert_li(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """As the library, without counting the siblings again for every item."""
        text = (text or "").strip()
        if not text:
            return "\n"
        ordinal = attribute(el, "data-ordinal")
        if "_inline" in parent_tags:
            return f" {ordinal}. {text} " if ordinal else f" {text}{_between(el, text)} "
        bullet = f"{ordinal}. " if ordinal else "- "
        indent = " " * len(bullet)
        lines = (indent + line if line else "" for line in text.split("\n"))
        return bullet + "\n".join(lines)[len(bullet) :] + "\n"

    def convert_dt(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002 - called by name
        text = one_line(text)
        if not text or "_inline" in parent_tags:
            return f" {text} "
        # A term that is marked up already keeps its marks.
        return f"\n\n{text}\n\n" if "**" in text else f"\n\n**{text}**\n\n"

    def convert_summary(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return text if el.find(HEADINGS) else self.convert_dt(el, text, parent_tags)

    def convert_dd(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002 - called by name
        return f"\n\n{text.strip()}\n\n"

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002 - called by name
        code = "".join(_code(el)).translate(_UNSEEN).strip("\n").rstrip()
        if not code.strip():
            return ""
        longest = max((len(run) for run in re.findall("`+", code)), default=0)
        if "_inline" in parent_tags:
            mark = "`" * (longest + 1)
            return f" {mark} {one_line(code)} {mark} " if longest else f" `{one_line(code)}` "
        fence = "`" * max(3, longest + 1)
        return f"\n\n{fence}{_language(el)}\n{code}\n{fence}\n\n"

    def convert_td(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if "table" not in parent_tags:
            return f" {text} "
        el[CELL] = text
        return ""

    convert_th = convert_td

    def convert_tr(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002 - called by name
        return text

    def convert_table(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002 - called by name
        return f"\n\n{text.strip()}\n\n{table_markdown(el)}\n\n"


def _between(item: Tag, text: str) -> str:
    """What parts an item of a list within a cell from the next one."""
    last = item.find_next_sibling("li") is None
    return "" if last or text.endswith((".", "!", "?", ";", ",", ":")) else ";"


def _code(el: Tag) -> Iterator[str]:
    """What stands in a `pre`, a line for each element that is one."""
    for child in el.children:
        if isinstance(child, NavigableString):
            yield "" if isinstance(child, PreformattedString) else child
        elif isinstance(child, Tag):
            if child.name == "br":
                yield "\n"
            written = "".join(_code(child))
            yield written
            if child.name in _LINES and not written.endswith("\n"):
                yield "\n"


def _language(el: Tag) -> str:
    """The language some class or attribute names, on the block, inside it or around it."""
    around = [el.parent, el.parent.parent if el.parent else None]
    for tag in [el.find("code"), el, *around]:
        if not isinstance(tag, Tag) or tag.name in ("body", "main", "article", "[document]"):
            continue
        found = _LANGUAGE.search(attribute(tag, "class"))
        for name in (
            attribute(tag, "data-lang"),
            attribute(tag, "data-language"),
            attribute(tag, "lang") if tag.name in ("pre", "code") else "",
            found[1] if found else "",
        ):
            if re.fullmatch(r"[A-Za-z][\w+#.-]{0,30}", name) and name.lower() not in _NO_LANGUAGE:
                return name.lower()
    return ""
