"""Lines of FTP listings: MLSD as RFC 3659 has it, and LIST as Unix and Windows servers write it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

# LIST shows the server's own time without a zone, which is China's for the offices that we ask.
_LOCAL_TIMEZONE = dt.timezone(dt.timedelta(hours=8))
_MONTHS = {
    name: number
    for number, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)
}
# `-rw-r--r--   1 owner group      1024 Jun  3 10:00 441302 探访.csv`, or with a year: `Jun  3  2023`; `6月  3 10:00` in Chinese.
_UNIX = re.compile(
    r"(?P<kind>[-dlbcps])[-rwxsStT.+@]{9,10}\s+\d+\s+\S+(?:\s+\S+)??\s+(?P<size>\d+)\s+"
    r"(?P<month>[A-Za-z]{3}|\d{1,2}月)\s+(?P<day>\d{1,2})\s+(?P<when>\d{1,2}:\d{2}|\d{4})\s(?P<name>.+)"
)
# `06-03-23  10:00AM       <DIR>          2023-05`, `2023-06-03  10:00                 1024 a.csv`
_WINDOWS = re.compile(
    r"(?P<date>\d{2}-\d{2}-\d{2,4}|\d{4}-\d{2}-\d{2})\s+(?P<time>\d{1,2}:\d{2}\s?(?:[AP]M)?)\s+(?P<size><DIR>|\d+)\s+(?P<name>.+)",
    re.IGNORECASE,
)
_KINDS = {"-": "file", "d": "directory"}
_DATES = ("%m-%d-%y", "%m-%d-%Y", "%Y-%m-%d")


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """An entry of a listing; `size` and `modified_at` are None where the server does not say."""

    name: str
    type: str
    size: int | None
    modified_at: dt.datetime | None


def mlsd_entry(name: str, facts: Mapping[str, str]) -> ListedEntry | None:
    """Returns an entry of MLSD; None for the folder itself and the one above."""
    kind = facts.get("type", "").lower()
    if kind in {"cdir", "pdir"} or name in {"", ".", ".."}:
        return None
    size = facts.get("size", "")
    named = {"file": "file", "dir": "directory"}.get(kind, "other")
    return ListedEntry(name, named, int(size) if size.isdecimal() else None, ftp_time(facts.get("modify", "")))


def list_entry(line: str, now: dt.datetime) -> ListedEntry | None:
    """Returns an entry of LIST; None for a line that is none (`total 12`), or for the folder itself and the one above."""
    found = _UNIX.fullmatch(line) or _WINDOWS.fullmatch(line)
    if found is None or found["name"] in {".", ".."}:
        return None
    if found.re is _UNIX:
        kind = _KINDS.get(found["kind"], "other")
        return ListedEntry(found["name"], kind, int(found["size"]), _unix_time(found["month"], found["day"], found["when"], now))
    is_folder = found["size"].upper() == "<DIR>"
    size = None if is_folder else int(found["size"])
    return ListedEntry(found["name"], "directory" if is_folder else "file", size, _windows_time(found["date"], found["time"]))


def ftp_time(text: str) -> dt.datetime | None:
    """Returns a time of MLSD or MDTM (`20230603100000` or `20230603100000.123`), which is UTC."""
    try:
        return dt.datetime.strptime(text.partition(".")[0], "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC)
    except ValueError:
        return None


def _unix_time(month: str, day: str, when: str, now: dt.datetime) -> dt.datetime | None:
    number = int(month[:-1]) if month.endswith("月") else _MONTHS.get(month.lower(), 0)
    try:
        if ":" not in when:
            return dt.datetime(int(when), number, int(day), tzinfo=_LOCAL_TIMEZONE)
        hour, minute = map(int, when.split(":"))
        # Without a year it is one of the last twelve months; a day ahead may be a clock or a zone that differs.
        latest = now.astimezone(_LOCAL_TIMEZONE) + dt.timedelta(days=1)
        times = (
            dt.datetime(year, number, int(day), hour, minute, tzinfo=_LOCAL_TIMEZONE) for year in _years(latest, number, day)
        )
        return next((time for time in times if time <= latest), None)
    except ValueError:
        return None


def _years(latest: dt.datetime, month: int, day: str) -> list[int]:
    """Returns the possible years, the latest first; the 29th of February exists in some only."""
    years = [latest.year - back for back in range(9)]
    return [year for year in years if (month, int(day)) != (2, 29) or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))]


def _windows_time(date: str, time: str) -> dt.datetime | None:
    clock = time.replace(" ", "").upper()
    for form in _DATES:
        try:
            day = dt.datetime.strptime(date, form).replace(tzinfo=_LOCAL_TIMEZONE)
            at = dt.datetime.strptime(clock, "%I:%M%p" if clock.endswith("M") else "%H:%M").replace(tzinfo=_LOCAL_TIMEZONE)
        except ValueError:
            continue
        return day.replace(hour=at.hour, minute=at.minute)
    return None
