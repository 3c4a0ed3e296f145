"""One document of the city's visits, corrected by its unit: one person more in one visit at home."""

from __future__ import annotations

import os
import time
from pathlib import Path

REPORT = "home_visit"
COUNTY = "441302"
_PERSONS_COLUMN = 8


def correct_visits(city: Path, month: str) -> None:
    """Writes the county's document of a month again, where its SFTP server keeps it; `city` is the folder of the built city."""
    path = city / "sftp" / "social_work" / REPORT / month / f"{COUNTY}_入户探访记录_{month}.csv"
    lines = path.read_bytes().decode("gb18030").split("\r\n")
    number = next(number for number, line in enumerate(lines) if ",入户," in line)
    fields = lines[number].split(",")
    fields[_PERSONS_COLUMN] = str(int(fields[_PERSONS_COLUMN]) + 1)
    lines[number] = ",".join(fields)
    path.write_bytes("\r\n".join(lines).encode("gb18030"))
    # A file that was just written may not be whole.
    earlier = time.time() - 86_400
    os.utime(path, (earlier, earlier))
