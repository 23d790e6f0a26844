"""Views: pages made of templates, and how values read on them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.ages import age
from bot.review.people import LOCAL
from bot.web.console.guard import HOME

HERE = Path(__file__).parent


class Views:
    """Makes pages of templates. Everything that is put into one is escaped."""

    def __init__(self) -> None:
        """Templates are read when they are first used."""
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )
        self._templates.filters |= {"day": _day, "moment": _moment, "ago": age, "said": _said}
        self._templates.globals |= {"address": _address}

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page."""
        values = {"visitor": None, "here": ""} | values
        return HTMLResponse(self._templates.get_template(template).render(values), status)

    def refuse(self, _: Request, status: int, why: str) -> Response:
        """The page that says why not."""
        return self.page("message.html", status, title="Not possible", text=why)


# What templates say of values


def _day(moment: datetime | None) -> str:
    return f"{moment:%-d %b %Y}" if moment else "no date"


def _moment(moment: datetime) -> str:
    return f"{moment:%-d %b %Y, %H:%M}"


def _said(word: str) -> str:
    """A word as it is stored, as it is read."""
    return word.replace("_", " ").capitalize()


def _address(path: str, **query: object) -> str:
    """A page of the console with what is not None as its query."""
    given = {name: value for name, value in query.items() if value not in (None, "")}
    return f"{HOME}{path}{'?' if given else ''}{urlencode(given)}"


def who_is(names: Mapping[str, str]) -> Callable[[str | None], str]:
    """How people are called: by the name they have, else by their id; who is at the machine so."""

    def called(person: str | None) -> str:
        if person is None:
            return "somebody"
        return names.get(person) or person.removeprefix(LOCAL)

    return called
