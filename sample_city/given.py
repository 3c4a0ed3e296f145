"""Documents that were made by hand rather than drawn from the seed: served as they are, without a line of code for them.

A report whose documents are enough to show it needs no generator: put them below `given/<system>/<report>/<period>/`. They
arrive, like those of the offices, on the third of the following month.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from loaders.period import Period
from sample_city.defects import DefectLog
from sample_city.geography import CITY_CODE
from sample_city.timetable import Span, arrival

GIVEN = Path(__file__).resolve().parent / "given"


def deliver_given(drops: Path, span: Span, log: DefectLog) -> None:
    """Copy the given documents whose period lies in the span below the folders of the SFTP servers, with their times.

    `defects.json` beside them lists the faults that they carry.
    """
    for system in ("civil_affairs", "charity", "social_work"):
        (drops / system).mkdir(parents=True, exist_ok=True)
    for source in sorted(GIVEN.glob("*/*/*/*")):
        period = Period.parse(source.parent.name)
        if not _lies_in(period, span):
            continue
        target = drops / source.relative_to(GIVEN)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        seconds = arrival(period, CITY_CODE).timestamp()
        os.utime(target, (seconds, seconds))
    for fault in json.loads((GIVEN / "defects.json").read_text(encoding="utf-8")):
        if _lies_in(Period.parse(fault["period"]), span):
            log.add(**fault)


def _lies_in(period: Period, span: Span) -> bool:
    return span.first.start <= period.start and period.end <= span.last.end
