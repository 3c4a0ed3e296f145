"""What a file's name says of its document: the reporting unit and the period."""

from __future__ import annotations

import re
from pathlib import Path

from loaders.contract import FileDrop, Report
from loaders.period import Period
from loaders.revision import without_revision_mark


def parse_file_name(report: Report, file: Path) -> tuple[str | None, Period | None]:
    """The unit and the period that the file's name carries, as the contract's pattern reads it, else as words of its own."""
    if not isinstance(report.source, FileDrop):
        return None, None
    unmarked = without_revision_mark(file.name)
    found = _parse(report, report.source, file)
    return found if unmarked is None or None not in found else _parse(report, report.source, file.with_name(unmarked))


def _parse(report: Report, source: FileDrop, file: Path) -> tuple[str | None, Period | None]:
    parts = file.absolute().parts
    # A member of a container lies on the disk by itself once somebody has unpacked it.
    container = source.container
    patterns = [*([container.members] if container and container.groups else []), source.pattern]
    for pattern, count in ((pattern, count) for pattern in patterns for count in range(len(parts) - 1, 0, -1)):
        match = re.fullmatch(pattern, "/".join(parts[-count:]))
        if match:
            groups = match.groupdict()
            return groups.get("unit"), _as_period(report, groups.get("period") or "")
    words = re.split(r"[_\s]+", file.stem)
    periods = (_as_period(report, word) for word in words)
    return next((word for word in words if word in report.units), None), next((one for one in periods if one), None)


def _as_period(report: Report, text: str) -> Period | None:
    try:
        period = Period.parse(text)
    except ValueError:
        return None
    return period if period.kind is report.period_kind else None
