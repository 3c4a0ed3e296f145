"""Templates to HTML: every value is escaped, every sentence is of the catalog, every address lies below the mounted root."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from decimal import Decimal
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined

from loaders.period import local_minute

if TYPE_CHECKING:
    from loaders.pages.page import Page

STATIC = files("loaders.pages") / "static"


class Navigation(Protocol):
    """The pages that the heading of each page leads to, as (path, code of the name)."""

    def __call__(self, page: Page) -> list[tuple[str, str]]:
        """Returns the pages that whoever looks may see."""
        ...


class PageRenderer:
    """The templates of the package."""

    def __init__(self, navigation: Navigation) -> None:
        self._navigation = navigation
        self._environment = Environment(
            loader=PackageLoader("loaders.pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(number=format_number, minute=local_minute)
        self._style_version = hashlib.sha256((STATIC / "huimin.css").read_bytes()).hexdigest()[:12]

    def render(self, template: str, page: Page, context: Mapping[str, Any]) -> str:
        """Returns the HTML of a page."""
        root = page.request.scope.get("root_path", "").rstrip("/")
        return self._environment.get_template(template).render(
            page=page,
            t=page.text,
            lang=page.lang,
            theme=page.preferences.theme,
            viewer=page.viewer,
            navigation=self._navigation(page),
            path=page.request.url.path.removeprefix(root) or "/",
            link=lambda path, **query: address(root, path, query),
            switch=lambda **changed: "?" + urlencode({**dict(page.request.query_params), **changed}),
            style_version=self._style_version,
            **context,
        )


def address(root: str, path: str, query: Mapping[str, Any]) -> str:
    """Returns the address of a page below the mounted root; what is None or empty is left out of the query."""
    given = {name: value for name, value in query.items() if value not in (None, "")}
    return f"{root}{path}" + (f"?{urlencode(given)}" if given else "")


def format_number(value: Any) -> str:
    """Returns a number with separators of thousands and no trailing zeros; a dash for null."""
    if value is None:
        return "—"
    if isinstance(value, Decimal | float):
        return f"{value:,.4f}".rstrip("0").rstrip(".") or "0"
    if isinstance(value, dt.date):
        return f"{value:%Y-%m-%d}"
    return f"{value:,}" if isinstance(value, int) else str(value)
