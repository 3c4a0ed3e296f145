"""Paths into an answer: `data.list`, `data.pages[0].rows`, `$` for the whole, `page.@total` for an attribute of XML.

jsonpath-ng and jmespath return values without their places in the text. Records are cut out of the text as they came, so that no
number changes its form, and that needs a path whose every step can be followed there.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Field

WHOLE = "$"
_STEP = r"(?:[^.\[\]\s$\"]+|\[\d+\]|\[\"[^\"]+\"\])"
_PATH = rf"^(?:\$|(?:\$\.)?{_STEP}(?:\.?{_STEP})*)$"
_STEPS = re.compile(r"\[\"(?P<quoted>[^\"]+)\"\]|\[(?P<index>\d+)\]|(?P<name>[^.\[\]]+)")

AnswerPath = Annotated[str, Field(pattern=_PATH)]
Step = str | int


def path_steps(path: str) -> tuple[Step, ...]:
    """Returns the steps of a path: `data.pages[0].rows` is `("data", "pages", 0, "rows")`, `$` has none."""
    steps: list[Step] = []
    for match in _STEPS.finditer(path.removeprefix(WHOLE).removeprefix(".")):
        steps.append(int(match["index"]) if match["index"] is not None else match["quoted"] or match["name"])
    return tuple(steps)


def has_field(content: Any, path: str) -> bool:
    """Returns whether JSON content has something at a path of names, as a contract writes it."""
    for step in path_steps(path):
        if not isinstance(content, dict) or step not in content:
            return False
        content = content[step]
    return True
