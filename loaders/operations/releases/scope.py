"""The scope of a release: the periods that it publishes, and the values that it adds or changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from loaders.period import Period
from loaders.release import ReleasedValue, ValueKey


@dataclass(frozen=True, slots=True)
class Scope:
    """`added` are values that were not released before; `restated` are pairs of a released value and the present one."""

    added: list[ReleasedValue]
    restated: list[tuple[ReleasedValue, ReleasedValue]]

    @property
    def values(self) -> list[ReleasedValue]:
        """What the release freezes."""
        return [*self.added, *(now for _, now in self.restated)]


def is_published_with(period: Period, released: Period) -> bool:
    """Whether a period is published by the release of another one: it lies in it, or it is a longer one that ends with it."""
    is_inside = released.start <= period.start and period.end <= released.end
    return is_inside or (period.start <= released.start and period.end == released.end)


def scope_of(current: Iterable[ReleasedValue], released: Mapping[ValueKey, ReleasedValue]) -> Scope:
    """Compares current values with the last released ones. `current` holds all values of all periods in question.

    A released value that no longer exists is restated as null.
    """
    now = {value.key: value for value in current}
    added = [value for key, value in now.items() if key not in released]
    restated = [(before, now.get(key) or _null(before)) for key, before in released.items()]
    return Scope(added, [(before, after) for before, after in restated if before.numbers != after.numbers])


def _null(value: ReleasedValue) -> ReleasedValue:
    return replace(value, value=None, ytd=None, to_date=None, numerator=None, denominator=None)
