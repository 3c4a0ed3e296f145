"""Finds a value in the JSON answer of a token endpoint, and says by names alone why there is none."""

from __future__ import annotations

from typing import Any

from loaders.contract.sources.answer_path import path_steps
from loaders.sources.http.answers.tree import MISSING, child_of


class PathError(LookupError):
    """Nothing is at a path; the message says how far it leads and what is there, by names alone."""


def value_at(content: Any, path: str) -> Any:
    """Returns the value at a path such as `data.tokens[0].token`; `$` is the whole content.

    Raises:
        PathError: nothing is there.
    """
    value, before = content, "the top level"
    for step in path_steps(path):
        found = child_of(value, step)
        if found is MISSING:
            raise PathError(f'nothing at "{path}": {before} holds {_described(value)}')
        value, before = found, str(step) if before == "the top level" else f"{before}.{step}"
    return value


def _described(value: Any) -> str:
    if isinstance(value, dict):
        return f"the keys {', '.join(sorted(map(str, value))[:20]) or 'none'}"
    return f"a list of {len(value)}" if isinstance(value, list) else f"a {type(value).__name__}"
