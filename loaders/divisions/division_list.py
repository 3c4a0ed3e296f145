"""The list of divisions as they are today, and what documents may call them by."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, reduce
from pathlib import Path
from typing import Self

from loaders.characters.confusables import normalize_characters
from loaders.divisions.division_spells import DivisionSpell, DivisionSpells
from loaders.period import Period
from loaders.unit_spells import UnitSpells

_UNIT_NOISE = re.compile(r"\s+|填报单位|报送单位|单位|[:：]|\(.*?\)|（.*?）")
# How offices of the root division call themselves without its name: `市慈善总会`, `区民政局`, `县级`.
_ROOT_OFFICE = "民政局|慈善总会|社会工作|本级|级"


@dataclass(frozen=True, slots=True)
class Division:
    """One division. `level` is province, city, county, zone, town or village; `short_name` is the name without its kind."""

    code: str
    name: str
    level: str
    parent_code: str
    kind: str
    is_statutory: bool
    code12: str
    zone_code: str | None
    short_name: str


@dataclass(frozen=True)
class Divisions:
    """All divisions, in the order of the list, how they were before, and the spells in which units existed."""

    all: tuple[Division, ...]
    spells: UnitSpells = field(default_factory=UnitSpells)
    history: DivisionSpells = field(default_factory=DivisionSpells)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the list (UTF-8 CSV with the columns of `dbt_project/seeds/divisions.csv`), and the spells beside it.

        Raises:
            FileNotFoundError: no such file.
            KeyError: the file lacks a column.
            UnitSpellError, DivisionSpellError: a list of spells is wrong.
        """
        files = (path, path.with_name("unit_spells.csv"), path.with_name("division_spells.csv"))
        contents = tuple(file.read_bytes() if file.exists() else None for file in files)
        kept = _READ.get(path)
        if kept is not None and kept[0] == contents and isinstance(kept[1], cls):
            return kept[1]
        spells = UnitSpells.load(files[1])
        with path.open(encoding="utf-8", newline="") as lines:
            divisions = tuple(_division(row) for row in csv.DictReader(lines))
        listed = {division.code: division for division in divisions}
        read = cls(divisions, spells, DivisionSpells.load(files[2], listed))
        _READ[path] = contents, read
        return read

    @cached_property
    def by_code(self) -> dict[str, Division]:
        """Every division by its code, and by its twelve-digit statistical code."""
        return {division.code12: division for division in self.all if division.code12} | {
            division.code: division for division in self.all
        }

    def code_of(self, text: str) -> str | None:
        """Returns the code that a code of either form stands for, of a division of today or of one that is closed; else None."""
        known = self.by_code.get(text)
        return known.code if known is not None else self.history.closed_codes.get(text)

    def level(self, *levels: str) -> tuple[Division, ...]:
        """The divisions of these levels, in the order of the list."""
        if len(levels) == 1:
            return self._by_level.get(levels[0], ())
        return tuple(division for division in self.all if division.level in levels)

    @cached_property
    def _by_level(self) -> dict[str, tuple[Division, ...]]:
        """The divisions of each level: each document asks for its office among them."""
        found: dict[str, list[Division]] = {}
        for division in self.all:
            found.setdefault(division.level, []).append(division)
        return {level: tuple(divisions) for level, divisions in found.items()}

    def find_by_name(self, name: str, level: str, within: str | None = None) -> tuple[Division, ...]:
        """The divisions of a level that bear this name or short name; there may be several (龙华镇 is in two counties).

        `within` is the code of a parent.
        """
        return tuple(
            division
            for division in self.level(level)
            if name in {division.name, division.short_name} and (within is None or division.parent_code == within)
        )

    def levels_of_list(self, list_name: str) -> tuple[str, ...]:
        """The levels of the divisions of a list that a contract names in `known_in`.

        Raises:
            KeyError: there is no such list.
        """
        list_group, _, wanted = list_name.partition(".")
        level = wanted.removesuffix("_name")
        if list_group != "divisions" or level not in _LISTS:
            raise KeyError(
                f"no list {list_name}; there are: {', '.join(f'divisions.{name}' for name in _LISTS)}, each also _name"
            )
        return _LISTS[level]

    def in_list(self, list_name: str) -> tuple[Division, ...]:
        """Today's divisions of a list that a contract names in `known_in`, in the order of the list.

        Raises:
            KeyError: there is no such list.
        """
        return self.level(*self.levels_of_list(list_name))

    def codes_in_list(self, list_name: str) -> frozenset[str]:
        """The values of a list that a contract names in `known_in`.

        `divisions.town`, `.village`, `.county`, `.zone`, `.city`, `.county_or_city` (zones count as counties do) are codes,
        in the short and in the twelve-digit form; with `_name` added they are names and short names. Those of former times are
        among them: which codes a period had, `history` knows.

        Raises:
            KeyError: there is no such list.
        """
        levels = self.levels_of_list(list_name)
        divisions = self.level(*levels)
        closed = self.history.closed_at(levels)
        if list_name.endswith("_name"):
            names = frozenset(_non_empty(text for division in divisions for text in (division.name, division.short_name)))
            codes = [division.code for division in divisions]
            return names | self.spells.names_of(codes) | self.history.names_of([*codes, *closed])
        return closed | frozenset(_non_empty(text for division in divisions for text in (division.code, division.code12)))

    def unit_code_for(self, label: str, period: Period | None = None) -> str | None:
        """The code of the division whose office `label` names: `惠城区民政局` -> 441302, `仲恺区社会事务局` -> HZ-ZK.

        Counties and zones come before the root division, the names that units had in `period` before the present ones. A code is
        taken as it is. Nothing that fits gives None.
        """
        text = self._without_provinces(_UNIT_NOISE.sub("", normalize_characters(label)))
        code = self.code_of(text)
        if code is not None:
            return code
        former = self.spells.named(text, period.start, period.end) if period is not None else None
        if former is not None:
            return former
        root = self.root
        for division in self.level("zone", "county"):
            if division is not root and (division.name in text or (division.short_name and division.short_name in text)):
                return division.code
        office = f"{root.name[-1]}({_ROOT_OFFICE})"
        is_root = root.name in text or text.startswith(root.short_name or root.name[:-1]) or re.search(office, text)
        return root.code if is_root else None

    @cached_property
    def root(self) -> Division:
        """The largest division that reports: the first one, from the top of the list, that has more than one part, or none.

        Raises:
            ValueError: no division, or several, are at the top of the list.
        """
        below: dict[str, list[Division]] = {}
        for division in self.all:
            below.setdefault(division.parent_code if division.parent_code in self.by_code else "", []).append(division)
        top = below.get("", [])
        if len(top) != 1:
            raise ValueError(f"one division is at the top of the list, without a parent; found {len(top)}")
        root = top[0]
        while len(parts := below.get(root.code, [])) == 1:
            root = parts[0]
        return root

    def _without_provinces(self, text: str) -> str:
        return reduce(lambda rest, province: rest.replace(province.name, ""), self.level("province"), text)

    def is_same_or_nested(self, one: str, other: str) -> bool:
        """Whether two codes are the same division, or one lies within the other."""
        return one in self._with_ancestors(other) or other in self._with_ancestors(one)

    def _with_ancestors(self, code: str) -> set[str]:
        """The code and those of all divisions around it, its functional zone included; of one that is closed, as it was last."""
        codes = {code}
        division = self._latest(code)
        while division is not None and division.parent_code not in codes:
            codes |= {division.parent_code, division.zone_code or division.parent_code}
            division = self._latest(division.parent_code)
        return codes

    def _latest(self, code: str) -> Division | DivisionSpell | None:
        spells = self.history.by_code.get(code)
        return self.by_code.get(code) or (spells[-1] if spells else None)


# The list as it was last read: a load asks for it with each report.
_READ: dict[Path, tuple[tuple[bytes | None, ...], Divisions]] = {}
_LISTS = {
    "province": ("province",),
    "city": ("city",),
    "county": ("county", "zone"),
    "zone": ("zone",),
    "county_or_city": ("county", "zone", "city"),
    "town": ("town",),
    "village": ("village",),
}


def _division(row: dict[str, str]) -> Division:
    return Division(
        code=row["code"],
        name=row["name"],
        level=row["level"],
        parent_code=row["parent_code"],
        kind=row["kind"],
        is_statutory=row["is_statutory"] == "1",
        code12=row["code12"],
        zone_code=row["zone_code"] or None,
        short_name=row["short_name"],
    )


def _non_empty(texts: Iterable[str]) -> Iterable[str]:
    return (text for text in texts if text)
