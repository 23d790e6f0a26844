"""A help centre that its writers change night after night, by dice that always fall the same."""

import random
from dataclasses import dataclass, field

from ingest.articles import parse_markdown
from ingest.indexed import IndexedArticle
from tests.integration.help_centre import HelpCentre

GOODS = (
    "lamps chairs desks shelves rugs beds sofas mirrors clocks stools benches vases curtains"
    " cushions candles baskets hooks ladders trays frames"
).split()
PLACES = ("store", "care", "returns", "care/old")
# In every article: one text, one vector.
BOILERPLATE = "## Need help?\n\nWrite to the desk at any hour; it answers within a day."


@dataclass(slots=True)
class Page:
    """One article as its writers have it now."""

    number: int
    place: str
    title: str
    edition: int = 1
    twin: bool = False

    @property
    def path(self) -> str:
        return f"{self.place}/{self.number}.md"

    @property
    def text(self) -> str:
        """Each of its own sections says which edition it is of; a twin says nothing of its own."""
        goods, mark = GOODS[self.number % len(GOODS)], f"edition{self.edition}"
        own = "" if self.twin else f" They are number {self.number} of {mark}."
        return "\n\n".join([
            f"What to know about {goods}.{own}",
            f"## Care of {goods}\n\n1. Dust the {goods}.{own}\n2. Let them dry.",
            f"## Return {goods}\n\nSend {goods} back within thirty days.{own}",
            BOILERPLATE,
        ])  # fmt: skip


@dataclass(slots=True)
class ChangingCentre:
    """The pages there are; `gone` are those removed last night, `moved` those that ever moved."""

    centre: HelpCentre
    dice: random.Random
    pages: dict[int, Page] = field(default_factory=dict)
    gone: list[Page] = field(default_factory=list)
    moved: set[int] = field(default_factory=set)
    _next: int = 0

    def add(self, count: int) -> None:
        for _ in range(count):
            title = f"About {GOODS[self._next % len(GOODS)]} {self._next}"
            self._write(Page(self._next, self.dice.choice(PLACES), title))
            self._next += 1

    def add_twins(self) -> None:
        """Two articles with the same title and text."""
        goods = self.dice.randrange(len(GOODS))
        for number in (1000 + goods, 1000 + goods + len(GOODS)):
            self._write(Page(number, "store", f"About {GOODS[goods]}", twin=True))

    def edit(self, count: int) -> None:
        for page in self._some(count):
            page.edition += 1
            self._write(page)

    def edit_all(self) -> None:
        self.edit(len(self.pages))

    def retitle(self, count: int) -> None:
        for page in self._some(count):
            page.title = f"All about {page.title}"
            self._write(page)

    def move(self, count: int) -> None:
        for page in self._some(count):
            self._unlink(page)
            page.place = f"moved/{page.place}"
            self.moved.add(page.number)
            self._write(page)

    def remove(self, count: int) -> None:
        self.gone = self._some(count)
        for page in self.gone:
            self._unlink(page)
            del self.pages[page.number]

    def night(self) -> None:
        """What may happen between two runs."""
        self.remove(2)
        self.move(3)
        self.edit(6)
        self.retitle(2)
        self.add(3)

    def _some(self, count: int) -> list[Page]:
        return self.dice.sample(sorted(self.pages.values(), key=lambda page: page.number), count)

    def _write(self, page: Page) -> None:
        self.pages[page.number] = page
        self.centre.write(page.path, page.text, id=str(page.number), title=page.title)

    def texts(self) -> set[str]:
        """What has to be embedded of the pages as they are."""
        found: set[str] = set()
        for page in self.pages.values():
            raw = (self.centre.folder / page.path).read_bytes()
            article = parse_markdown(raw, page.path, url_template=None)
            found |= set(IndexedArticle.of(article).texts().values())
        return found

    def _unlink(self, page: Page) -> None:
        (self.centre.folder / page.path).unlink()
