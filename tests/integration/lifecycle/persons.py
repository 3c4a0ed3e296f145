"""The volunteers of Qingxi with identity numbers, their shifts, and how many of them were where, counted by sets."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

from loaders.identifiers import resident_id_check_digit

TOWNS = ("990101001", "990101002", "990101003")
HEADER = "记录编号,服务日期,镇（街道）代码,志愿者编号,服务时长（小时）"
Shift = tuple[str, str, str]
"""Identity number, town, day of the month."""


def _number(serial: int) -> str:
    first = f"441302198{serial % 10}{1 + serial % 9:02d}{1 + serial % 28:02d}{serial:03d}"
    return first + resident_id_check_digit(first)


PERSONS = tuple(_number(serial) for serial in range(1, 91))


def _shifts(month: str, persons: tuple[str, ...]) -> list[Shift]:
    rng = random.Random(month)
    chosen = [person for person in persons for _ in range(rng.choice((0, 1, 1, 2)))]
    return [(person, rng.choice(TOWNS), f"{month}-{rng.randint(1, 28):02d}") for person in chosen]


SHIFTS = {
    month: _shifts(month, PERSONS[first:last])
    for month, first, last in (("2025-05", 0, 60), ("2025-06", 10, 70), ("2025-07", 0, 80), ("2025-08", 20, 90))
}
"""Most persons come again in later months, so that a hash that changed would count them twice."""


def write_deployment(folder: Path) -> None:
    """Makes the volunteer's code an identity number and a part of the key, and the number of volunteers sensitive."""
    contract = folder / "expectations" / "volunteering" / "service_shift.yml"
    text = contract.read_text(encoding="utf-8")
    plain = "{name: volunteer_code, header: 志愿者编号, required: true}"
    assert plain in text
    personal = plain[:-1] + ", key: true, type: resident_id, pii: personal}"
    contract.write_text(text.replace(plain, personal), encoding="utf-8")
    for path in (folder / "dbt_project" / "models").rglob("*service_shift*"):
        content = path.read_text(encoding="utf-8").replace("volunteer_code", "volunteer_code_key")
        path.write_text(content.replace("    data_tests:\n    - unique\n", "    data_tests:\n", 1), encoding="utf-8")
    indicators = folder / "dbt_project" / "seeds" / "indicators.csv"
    lines = indicators.read_text(encoding="utf-8").splitlines()
    assert any(line.startswith("ZY-SV-01") for line in lines)
    indicators.write_text("\n".join(f"{line}health" if line.startswith("ZY-SV-01") else line for line in lines) + "\n", "utf-8")
    shutil.rmtree(folder / "documents" / "volunteering_files" / "service_shift")


def write_month(folder: Path, month: str, shifts: list[Shift], name: str = "志愿服务记录", *, number_from: int = 1) -> Path:
    """Writes the document of a month into the folder of its source."""
    path = folder / "documents" / "volunteering_files" / "service_shift" / f"{month}_{name}.csv"
    path.parent.mkdir(exist_ok=True)
    rows = [f"{month}-{number:03d},{day},{town},{who},2.5" for number, (who, town, day) in enumerate(shifts, number_from)]
    path.write_bytes("\n".join([HEADER, *rows, ""]).encode("gb18030"))
    os.utime(path, (1_750_000_000, 1_750_000_000))
    return path


def distinct(months: tuple[str, ...], towns: tuple[str, ...] = TOWNS) -> int:
    """How many persons had a shift in some months and towns."""
    return len({person for month in months for person, town, _ in SHIFTS[month] if town in towns})
