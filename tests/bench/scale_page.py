"""Writes the tables of docs/scale.md and docs/scale.zh-CN.md from results of `make bench`: `make bench-scale`.

Usage: python -m tests.bench.scale_page FOLDER_OF_RESULTS
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loaders.settings import PROJECT_ROOT

MILLION = 1_000_000
# Statistical figures of the Ministry: towns, and service records of a year. The city is the one that was measured.
NATION_TOWNS, NATION_ROWS = 38_642, 420_000_000
PROVINCE_TOWNS = 1_610
# Documents of a month come in its first days; all of them are to be loaded and built by the morning after.
PEAK_DAYS = 3
YEARS_KEPT = 5
_BEGIN, _END = "<!-- make bench-scale writes from here -->", "<!-- to here -->"
# What a schema's bytes grow with.
OF_ROWS = ("raw", "quarantine", "ops", "staging", "core", "evidence")
OF_TOWNS = ("indicators", "bi", "release", "annotations")


@dataclass(frozen=True)
class Costs:
    """What was measured, per million rows that arrived."""

    load_seconds: float
    build_seconds: float
    landing_bytes: float
    bytes_of_schemas: Mapping[str, Mapping[str, float]]
    bytes_per_town_month: float
    large_document_seconds: float

    @property
    def bytes_of_rows(self) -> float:
        """In the warehouse, without what grows with towns and months."""
        return sum(sum(sizes.values()) for name, sizes in self.bytes_of_schemas.items() if name not in OF_TOWNS)


@dataclass(frozen=True)
class Place:
    """A city, a province or the nation; `rows` in a year."""

    towns: int
    rows: float

    def hours(self, seconds_per_million: float) -> float:
        return self.rows / MILLION * seconds_per_million / 3600

    def peak_hours(self, costs: Costs) -> float:
        """Hours of load and build for each day in which a month's documents come."""
        return self.hours(costs.load_seconds + costs.build_seconds) / 12 / PEAK_DAYS

    def warehouse_bytes(self, costs: Costs) -> float:
        """After the years that are kept."""
        of_rows = self.rows / MILLION * costs.bytes_of_rows
        return YEARS_KEPT * (of_rows + 12 * self.towns * costs.bytes_per_town_month)

    def landing_bytes(self, costs: Costs) -> float:
        return YEARS_KEPT * self.rows / MILLION * costs.landing_bytes


def costs_of(scale: Mapping[str, Any], load: Mapping[str, Any]) -> Costs:
    """Returns the costs of results: `scale_cost.json` and `load_speed.json`."""
    millions = scale["rows"] / MILLION
    schemas = {name: {kind: size / millions for kind, size in sizes.items()} for name, sizes in sorted(scale["schemas"].items())}
    of_towns = sum(sum(scale["schemas"].get(name, {}).values()) for name in OF_TOWNS)
    return Costs(
        load_seconds=scale["load"]["seconds"] / millions,
        build_seconds=scale["build"]["seconds"] / millions,
        landing_bytes=scale["landing"]["bytes"] / millions,
        bytes_of_schemas=schemas,
        bytes_per_town_month=of_towns / (scale["towns"] * scale["months"]),
        large_document_seconds=load["ours"]["seconds"] / (load["rows"] / MILLION),
    )


def places(scale: Mapping[str, Any]) -> dict[str, Place]:
    """Returns what the arithmetic is for; a province has the nation's records per town."""
    city = Place(scale["towns"], scale["rows"] / scale["months"] * 12)
    per_town = NATION_ROWS / NATION_TOWNS
    return {
        "city": city,
        "province": Place(PROVINCE_TOWNS, PROVINCE_TOWNS * per_town),
        "nation": Place(NATION_TOWNS, NATION_ROWS),
    }


WORDS = {
    "en": {
        "measured": (
            "{cores} cores, Python {python}, PostgreSQL {postgresql}. The sample city, {span}: "
            "{documents:,} documents, {rows:,} rows, "
            "{towns} towns; {values:,} values."
        ),
        "what": "what", "per": "per million rows", "note": "note",
        "load": "load, many small documents", "build": "build of everything", "large": "load, one large document",
        "memory": "at most {memory:,} MB for all processes together", "large_note": "{rows:,} rows, at most {memory} MB",
        "landing": "landing", "files": "{files:,} files", "warehouse": "warehouse, schema `{name}`",
        "kinds": "heap {heap}, indexes {indexes}, other {other}", "of_towns": "grows with towns and months, not with rows",
        "town_month": "schemas that grow with towns: per town and month",
        "place": "", "city": "the city", "province": "a province", "nation": "the nation",
        "towns": "towns", "rows": "rows a year, million", "hours": "load and build a year, hours",
        "peak": f"on each of {PEAK_DAYS} days after a month, hours", "disk": f"warehouse after {YEARS_KEPT} years",
        "land": f"landing after {YEARS_KEPT} years", "machines": "machines for a night of 8 hours",
    },
    "zh": {
        "measured": (
            "{cores} 核，Python {python}，PostgreSQL {postgresql}。样例城市 {span}：{documents:,} 份文件、{rows:,} 行、"
            "{towns} 个镇街；{values:,} 个指标值。"
        ),
        "what": "项目", "per": "每百万行", "note": "说明",
        "load": "载入，许多小文件", "build": "全部计算", "large": "载入，一份大文件",
        "memory": "所有进程合计最多 {memory:,} MB", "large_note": "{rows:,} 行，最多 {memory} MB",
        "landing": "落地区", "files": "{files:,} 个文件", "warehouse": "数据仓库，模式 `{name}`",
        "kinds": "表 {heap}，索引 {indexes}，其他 {other}", "of_towns": "随镇街数和月数增长，不随行数增长",
        "town_month": "随镇街增长的模式：每镇街每月",
        "place": "", "city": "本市", "province": "一个省", "nation": "全国",
        "towns": "镇街数", "rows": "每年行数（百万）", "hours": "每年载入和计算（小时）",
        "peak": f"月后 {PEAK_DAYS} 天内每天（小时）", "disk": f"{YEARS_KEPT} 年后的数据仓库",
        "land": f"{YEARS_KEPT} 年后的落地区", "machines": "每晚 8 小时所需机器数",
    },
}  # fmt: skip


def tables(scale: Mapping[str, Any], load: Mapping[str, Any], language: str) -> str:
    """Returns the part of the page that is computed."""
    words, costs = WORDS[language], costs_of(scale, load)
    parts = [words["measured"].format(**scale), _measured(words, scale, load, costs), _arithmetic(words, places(scale), costs)]
    return "\n\n".join(parts)


def _measured(words: Mapping[str, str], scale: Mapping[str, Any], load: Mapping[str, Any], costs: Costs) -> str:
    rows = [
        (words["load"], _seconds(costs.load_seconds), words["memory"].format(memory=scale["load"]["memory_mb"])),
        (words["build"], _seconds(costs.build_seconds), words["memory"].format(memory=scale["build"]["memory_mb"])),
        (
            words["large"],
            _seconds(costs.large_document_seconds),
            words["large_note"].format(rows=load["rows"], memory=load["ours"]["memory_mb"]),
        ),
        (words["landing"], size(costs.landing_bytes), words["files"].format(files=scale["landing"]["files"])),
    ]
    for name, kinds in costs.bytes_of_schemas.items():
        note = words["kinds"].format(**{kind: size(value) for kind, value in kinds.items()})
        note = f"{note}; {words['of_towns']}" if name in OF_TOWNS else note
        rows.append((words["warehouse"].format(name=name), size(sum(kinds.values())), note))
    rows.append((words["town_month"], size(costs.bytes_per_town_month), ""))
    return _table((words["what"], words["per"], words["note"]), rows)


def _arithmetic(words: Mapping[str, str], found: Mapping[str, Place], costs: Costs) -> str:
    lines: list[tuple[str, Callable[[Place], str]]] = [
        (words["towns"], lambda place: f"{place.towns:,}"),
        (words["rows"], lambda place: f"{place.rows / MILLION:,.1f}"),
        (words["hours"], lambda place: f"{place.hours(costs.load_seconds + costs.build_seconds):,.1f}"),
        (words["peak"], lambda place: f"{place.peak_hours(costs):,.2f}"),
        (words["machines"], lambda place: f"{max(1, -(-place.peak_hours(costs) // 8)):.0f}"),
        (words["disk"], lambda place: size(place.warehouse_bytes(costs))),
        (words["land"], lambda place: size(place.landing_bytes(costs))),
    ]
    rows = [(title, *(show(place) for place in found.values())) for title, show in lines]
    return _table((words["place"], *(words[name] for name in found)), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def size(count: float) -> str:
    """Returns bytes for people: in the largest unit of which there is one at least."""
    for unit, factor in (("TB", 1024**4), ("GB", 1024**3), ("MB", 1024**2), ("kB", 1024)):
        if count >= factor:
            return f"{count / factor:,.1f} {unit}"
    return f"{count:.0f} B"


def _seconds(count: float) -> str:
    return f"{count:,.0f} s"


def write_into(page: Path, content: str) -> None:
    """Replaces what stands between the two marks of a page.

    Raises:
        ValueError: it has not both of them once.
    """
    before, begin, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end) or _BEGIN in after:
        raise ValueError(f"{page} does not have the marks {_BEGIN} and {_END} once")
    page.write_text(f"{before}{_BEGIN}\n\n{content}\n\n{_END}{after}", encoding="utf-8")


def main() -> None:
    """Reads the results, and writes both pages."""
    folder = Path(sys.argv[1])
    scale, load = (json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in ("scale_cost", "load_speed"))
    for name, language in (("scale.md", "en"), ("scale.zh-CN.md", "zh")):
        write_into(PROJECT_ROOT / "docs" / name, tables(scale, load, language))


if __name__ == "__main__":
    main()
