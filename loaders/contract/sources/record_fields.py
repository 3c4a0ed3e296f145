"""Fields of records by their places: `address.city` is the field `city` of the object in the field `address`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any


def object_paths(fields: Iterable[str]) -> frozenset[str]:
    """Returns the places of objects that some fields are in: of `address.city.code`, `address` and `address.city`."""
    parents: set[str] = set()
    for field in fields:
        steps = field.split(".")
        parents.update(".".join(steps[:count]) for count in range(1, len(steps)))
    return frozenset(parents)


def flat_fields(record: Iterable[tuple[str, Any]], objects: Collection[str], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yields the fields of a record; those of an object at a place in `objects` one by one, with their places.

    An object is a mapping, or a list of pairs that is `Pairs`. What is at such a place and is no object is yielded as it is.
    """
    for name, value in record:
        place = f"{above}{name}"
        inner = _members(value) if place in objects else None
        if inner is None:
            yield place, value
        else:
            yield from flat_fields(inner, objects, f"{place}.")


def field_value(record: Mapping[str, Any], field: str, default: Any = None) -> Any:
    """Returns the value of a field by its name, or by its place; `default` where there is none."""
    if field in record:
        return record[field]
    value: Any = record
    for step in field.split("."):
        if not isinstance(value, Mapping) or step not in value:
            return default
        value = value[step]
    return value


class Pairs(list[tuple[str, Any]]):
    """Fields of a JSON object in order, repeated names included."""


def _members(value: Any) -> Iterable[tuple[str, Any]] | None:
    if isinstance(value, Mapping):
        return value.items()
    return value if isinstance(value, Pairs) else None
