"""Templates to HTML: every value is escaped, every sentence is of the catalog, every address lies below the mounted root."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from decimal import Decimal
from importlib.resources import files
from typing import Any, Protocol

from jinja2 import Environment, PackageLoader, StrictUndefined

from loaders.contract import LocalizedText
from loaders.pages.access.viewer import Viewer
from loaders.period import local_minute

STATIC = files("loaders.pages") / "static"
LANGUAGES = ("zh", "en")
Links = list[tuple[str, str]]


class Drawn(Protocol):
    """What every template asks of its page: one that is served, or one that is written to a file."""

    @property
    def lang(self) -> str:
        """The language, zh or en."""

    @property
    def theme(self) -> str:
        """The theme: auto, light or dark; nothing where it cannot be chosen."""

    @property
    def viewer(self) -> Viewer:
        """Who looks at it."""

    @property
    def path(self) -> str:
        """The path below the root."""

    @property
    def has_login(self) -> bool:
        """Whether people log in and out here."""

    def text(self, code: str, /, **parameters: Any) -> str:
        """Returns a sentence of the catalog."""

    def localized(self, text: LocalizedText) -> str:
        """Returns a text in the language of the page."""

    def link(self, path: str, **query: Any) -> str:
        """Returns the address of a page."""

    def switch(self, **changed: str) -> str:
        """Returns the address of the same page in another language or theme."""


class PageRenderer:
    """The templates of the package."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=PackageLoader("loaders.pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(number=format_number, minute=local_minute)
        self._style_version = hashlib.sha256((STATIC / "huimin.css").read_bytes()).hexdigest()[:12]

    def render(self, template: str, page: Drawn, navigation: Links, context: Mapping[str, Any]) -> str:
        """Returns the HTML of a page. `navigation` are path and code of the name of the pages that its heading leads to."""
        return self._environment.get_template(template).render(
            page=page,
            t=page.text,
            lang=page.lang,
            theme=page.theme,
            viewer=page.viewer,
            navigation=navigation,
            path=page.path,
            link=page.link,
            switch=page.switch,
            has_login=page.has_login,
            style_version=self._style_version,
            **context,
        )


def format_number(value: Any) -> str:
    """Returns a number with separators of thousands and no trailing zeros; a dash for null."""
    if value is None:
        return "—"
    if isinstance(value, Decimal | float):
        return f"{value:,.4f}".rstrip("0").rstrip(".") or "0"
    if isinstance(value, dt.date):
        return f"{value:%Y-%m-%d}"
    return f"{value:,}" if isinstance(value, int) else str(value)
