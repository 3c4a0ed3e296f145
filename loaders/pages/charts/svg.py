"""Elements of SVG, escaped. Colors come from classes of the style sheet, since the pages allow no inline style."""

from __future__ import annotations

from markupsafe import Markup, escape


def element(name: str, /, *children: str | Markup, **attributes: object) -> Markup:
    """Returns one element. `class_` is `class`, an underscore in a name a hyphen, and what is None is left out."""
    given = "".join(f' {_attribute(key)}="{escape(_text(value))}"' for key, value in attributes.items() if value is not None)
    content = Markup("").join(children)
    return Markup(f"<{name}{given}>{content}</{name}>")  # noqa: S704 - every part is escaped


def picture(width: int, height: int, title: str, description: str, *children: Markup, has_links: bool = False) -> Markup:
    """Returns a picture that a screen reader reads out as one image; one with links is a group, so that they can be reached."""
    head = (element("title", title), element("desc", description))
    role = "group" if has_links else "img"
    view = f"0 0 {width} {height}"
    return element("svg", *head, *children, xmlns="http://www.w3.org/2000/svg", viewBox=view, role=role, aria_label=title)


def _attribute(key: str) -> str:
    return key.rstrip("_") if key.endswith("_") else key.replace("_", "-")


def _text(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
