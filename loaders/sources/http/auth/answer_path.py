"""Finds a value in a JSON answer by its dotted path."""

from __future__ import annotations

from typing import Any


class PathError(LookupError):
    """Nothing is at a path; the message says how far it leads and what is there, by names alone."""


def value_at(content: Any, path: str) -> Any:
    """Returns the value at a path such as `data.0.token`; `$` is the whole content.

    Raises:
        PathError: nothing is there.
    """
    value = content
    for done, name in enumerate(path.split(".") if path != "$" else ()):
        found = _child(value, name)
        if found is None:
            before = ".".join(path.split(".")[:done]) or "the top level"
            raise PathError(f'nothing at "{path}": {before} holds {_described(value)}')
        value = found[0]
    return value


def _child(value: Any, name: str) -> tuple[Any] | None:
    if isinstance(value, dict):
        return (value[name],) if name in value else None
    if isinstance(value, list) and name.isascii() and name.isdigit() and int(name) < len(value):
        return (value[int(name)],)
    return None


def _described(value: Any) -> str:
    if isinstance(value, dict):
        return f"the keys {', '.join(sorted(map(str, value))[:20]) or 'none'}"
    return f"a list of {len(value)}" if isinstance(value, list) else f"a {type(value).__name__}"
