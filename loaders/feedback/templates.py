"""The templates of the mails, `templates/*.j2`: plain text, and HTML whose values are escaped by the filter `html`."""

from __future__ import annotations

import html
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


def render(template: str, **values: Any) -> str:
    """Fill a template; a value that it names and that is not given is an error."""
    return _environment().get_template(f"{template}.j2").render(values)


def render_lines(template: str, **values: Any) -> list[str]:
    """The lines of a filled template."""
    return render(template, **values).removesuffix("\n").split("\n")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("loaders.feedback"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - most templates are plain text; the HTML one escapes each value itself
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["html"] = html.escape
    return environment
