"""Fixed documents: made by hand instead of generated from the seed, and delivered as they are.

A report whose documents need no generator has them below `fixed_documents/<system>/<report>/<period>/`. Like generated
documents, they arrive on the third of the following month.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from loaders.period import Period
from sample_city.faults.fault_log import FaultLog
from sample_city.reference.geography import CITY_CODE
from sample_city.reference.timetable import Span, arrival

FIXED_DOCUMENTS = Path(__file__).resolve().parents[1] / "fixed_documents"


def deliver_fixed_documents(sftp_folder: Path, span: Span, log: FaultLog) -> None:
    """Copies the fixed documents of the span's periods into the folders of the SFTP servers, with their times of arrival.

    `faults.json` beside them lists their faults.
    """
    for system in ("civil_affairs", "charity", "social_work"):
        (sftp_folder / system).mkdir(parents=True, exist_ok=True)
    for source in sorted(FIXED_DOCUMENTS.glob("*/*/*/*")):
        period = Period.parse(source.parent.name)
        if not _is_within(period, span):
            continue
        target = sftp_folder / source.relative_to(FIXED_DOCUMENTS)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        seconds = arrival(period, CITY_CODE).timestamp()
        os.utime(target, (seconds, seconds))
    for fault in json.loads((FIXED_DOCUMENTS / "faults.json").read_text(encoding="utf-8")):
        if _is_within(Period.parse(fault["period"]), span):
            log.add(**fault)


def _is_within(period: Period, span: Span) -> bool:
    return span.first.start <= period.start and period.end <= span.last.end
