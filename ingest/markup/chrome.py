"""What surrounds an article on its page and is not the article: navigation, banners, buttons."""

import re
from collections.abc import Iterable, Iterator

from bs4 import Tag

_ELEMENTS = """nav footer script style noscript template svg iframe object video audio canvas dialog
    input select textarea""".split()
_ROLES = frozenset("navigation banner contentinfo search dialog alertdialog menu menubar".split())
HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
_CONTENT = [*HEADINGS, "p", "ul", "ol", "dl", "table", "pre"]

# Classes as help desks, site generators and consent tools write them.
_CLASS = re.compile(
    r"""(?:(?:article|page|site|main|docs?|hc|kb|post|entry|theme|help|content|global)-){0,2}
    (?: breadcrumbs? | pagination | pager | sidebar | sidenav | side-nav | navbar | sub-nav
      | toc | table-of-contents | on-this-page | skip-(?:link|nav|to-\w+)
      | cookies?-(?:banner|consent|notice|bar|popup|law|message|overlay|dialog|modal)
      | consent-(?:banner|popup|dialog) | gdpr(?:-\w+)? | onetrust(?:-\w+)*
      | votes? | helpful | feedback | rating | was-this-helpful | more-questions
      | relatives | related(?:-(?:articles?|posts?|content|pages|topics))? | recent-articles
      | shar(?:e|ing) | social(?:-(?:share|media|links))? | comments? | comment-callout
      | newsletter | subscribe | return-to-top | back-to-top | edit-(?:this-)?page
      | headerlink | hash-link | anchor-link | permalink | copy-(?:button|btn|code|link)
      | sr-only | visually-hidden | screen-reader-text | gutter | line-?nos? | line-numbers-rows
    )(?:-(?:container|wrapper|list|nav|bar|box|block|section|area|widget|links?|buttons?|form))?""",
    re.VERBOSE,
)
_MODULE_HASH = re.compile(r"_{1,3}(?=[A-Za-z0-9]*[A-Z0-9])[A-Za-z0-9]{4,6}$")
_BANNER_ID = re.compile(r"(?:cookie|consent|onetrust|gdpr|cybotcookie|usercentrics|didomi)[\w-]*")
# A collapsed answer is hidden as a menu is, but something on the page opens it.
_OPENED = re.compile(r"accordion|collaps|tab-?p|panel|expand|faq|toggle|details", re.IGNORECASE)
_INVISIBLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)

# The whole of a stretch of text, never a part of a sentence about it.
_ASIDE = re.compile(
    r"""(?: (?:was|is|did\ you\ find)\ (?:this|the)\b.{0,40}\b(?:helpful|useful)\s*\?
      | did\ this\b.{0,30}\b(?:help|answer)\b.{0,30}\? | how\ helpful\ was\b.{0,40}\?
      | \d+\ (?:out\ of|of)\ \d+\ found\ this\ helpful\.? | have\ more\ questions\?
      | war\ die(?:se[rs]?)?\b.{0,40}\bhilfreich\s*\? | \d+\ von\ \d+\ fanden\ dies\ hilfreich
      | (?:cet\ article|cette\ page|ce\ contenu)\b.{0,40}\butiles?\s*\?
      | ¿.{0,40}\bútil\b.{0,30}\? | (?:este\ artigo|esta\ página)\b.{0,30}\bútil\s*\?
      | (?:questo|questa)\b.{0,40}\butile\s*\? | was\ dit\b.{0,30}\b(?:nuttig|behulpzaam)\s*\?
      | この記事は役に立ちましたか[？?]
      | skip\ to\ (?:main\ )?content | (?:back|return)\ to\ top
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_ANSWERS = re.compile(
    r"(?:yes|no|not really|ja|nein|oui|non|sí|si|sim|não|nee|はい|いいえ|thanks?|thank you"
    r"|submit a request|out of|found this helpful|[\W\d_])*",
    re.IGNORECASE,
)
MAX_ASIDE = 200  # characters
MOST = 0.8  # of the page's text: whatever it is called, that is the article


def drop_chrome(main: Tag) -> None:
    """Take everything out of `main` that a reader would not call the article."""
    for tag in living(main.find_all(_ELEMENTS)):
        tag.decompose()
    total = len(main.get_text())
    for tag in living(main.find_all()):
        if _is_chrome(tag) or (_is_named(tag) and not _is_article(tag, total)):
            tag.decompose()
    _drop_asides(main)


def living(tags: Iterable[Tag]) -> Iterator[Tag]:
    """Those that have not been taken out meanwhile, with what they stood in."""
    return (tag for tag in tags if not tag.decomposed)


def attribute(tag: Tag, name: str) -> str:
    """An attribute's value; "" where there is none."""
    value = tag.get(name)
    return " ".join(value) if isinstance(value, list) else (value or "").strip()


def class_names(tag: Tag) -> list[str]:
    """An element's classes, all in one spelling: `articleVotes_x1Yz` is `article-votes`."""
    return [
        re.sub(r"(?<=[a-z])(?=[A-Z])|_+|-{2,}", "-", _MODULE_HASH.sub("", name)).lower()
        for name in attribute(tag, "class").split()
    ]


def _is_chrome(tag: Tag) -> bool:
    """By what it is, or because it cannot be seen."""
    if tag.name == "header":
        inside = tag.find_parent(["main", "article", "section"]) is not None
        return not (inside and tag.find(HEADINGS))
    if tag.name == "form":
        return tag.find(_CONTENT) is None
    if tag.name == "button":
        return tag.find_parent([*HEADINGS, "p", "li", "td", "th", "dt"]) is None and not (
            tag.has_attr("aria-expanded") or tag.has_attr("aria-controls")
        )
    return attribute(tag, "role").lower() in _ROLES or _is_hidden(tag)


def _is_hidden(tag: Tag) -> bool:
    hidden = (
        tag.has_attr("hidden")
        or attribute(tag, "aria-hidden").lower() == "true"
        or _INVISIBLE.search(attribute(tag, "style")) is not None
    )
    if not hidden:
        return False
    names = f"{attribute(tag, 'class')} {attribute(tag, 'id')} {attribute(tag, 'role')}"
    opened = _OPENED.search(names) or attribute(tag, "hidden") == "until-found"
    return not (opened and tag.find(_CONTENT))


def _is_named(tag: Tag) -> bool:
    """By its classes, or by the id of a consent tool."""
    if tag.name in HEADINGS:
        return False
    if any(_CLASS.fullmatch(name) for name in class_names(tag)):
        return True
    name = attribute(tag, "id")
    # A section about cookies has an id made of its heading.
    return bool(name and _BANNER_ID.fullmatch(name.lower()) and tag.find(HEADINGS) is None)


def _is_article(tag: Tag, total: int) -> bool:
    return tag.find(["h1", "main", "article"]) is not None or len(tag.get_text()) > MOST * total


def _drop_asides(main: Tag) -> None:
    """Was this article helpful? With its yes and no, and whatever box holds nothing else."""
    for string in list(main.find_all(string=_is_aside)):
        tag = string.parent
        if tag is None or tag.decomposed or tag is main:
            continue
        while tag.parent is not None and tag.parent is not main and _says_no_more(tag.parent):
            tag = tag.parent
        if _says_no_more(tag):
            tag.decompose()
        else:
            string.extract()


def _is_aside(text: str | None) -> bool:
    return (
        text is not None and len(text) <= MAX_ASIDE and _ASIDE.fullmatch(text.strip()) is not None
    )


def _says_no_more(tag: Tag) -> bool:
    rest = ""
    for text in tag.stripped_strings:
        rest += "" if _is_aside(text) else f" {text}"
        if len(rest) > MAX_ASIDE:
            return False
    return tag.find("img") is None and _ANSWERS.fullmatch(rest) is not None
