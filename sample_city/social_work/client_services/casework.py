"""SW05: the ledger of cases at the end of each month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from loaders.period import Period
from sample_city.city import City
from sample_city.documents.document_writer import DocumentWriter, Submission, complete_records
from sample_city.documents.form_template import FormTemplate
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import CROSS_REPORT, GREATER, NOT_AFTER_PERIOD, NOT_NULL, NULL
from sample_city.faults.fault import Fault, FaultPlan, Record
from sample_city.reference.geography import CITY_CODE
from sample_city.social_work.client_services.case_plan import Case, months_of

REPORT = "casework"
_RUNNING, _CLOSED = "跟进中", "已结案"
_CLOSED_WITHOUT_DATE = Fault("closed_without_date", {"status": _CLOSED, "closed_date": None}, [("closed_date", NOT_NULL)])
_OPENED_LATER = Fault(
    fault_kinds.FUTURE_DATE,
    {"opened_date": dt.date(2021, 8, 9), "status": _RUNNING, "closed_date": None},
    [("opened_date", NOT_AFTER_PERIOD)],
)
_STILL_RUNNING = Fault(
    "closed_but_running",
    {"opened_date": dt.date(2022, 1, 4), "status": _RUNNING, "closed_date": dt.date(2022, 5, 20)},
    [("closed_date", NULL)],
)
_CLOSED_BEFORE_OPENED = Fault(
    "closed_before_opened",
    {"opened_date": dt.date(2023, 3, 30), "status": _CLOSED, "closed_date": dt.date(2023, 3, 2)},
    [("closed_date", GREATER)],
)
_WITHOUT_FILE = Fault(
    "client_has_a_file", {"client_code": "DA44130200199999"}, [("client_code", CROSS_REPORT)], in_place=True, is_warning=True
)
_NOT_ON_ROSTER = Fault(
    "worker_is_on_the_roster", {"worker_code": "SG4413020010097"}, [("worker_code", CROSS_REPORT)], in_place=True, is_warning=True
)
_FAULT_PLAN: FaultPlan = {
    (CITY_CODE, "2021-06"): (_CLOSED_WITHOUT_DATE, _OPENED_LATER),
    (CITY_CODE, "2021-12"): (fault_kinds.MISSING_COLUMN,),
    (CITY_CODE, "2022-05"): (_STILL_RUNNING, fault_kinds.DUPLICATE_ROW),
    (CITY_CODE, "2022-09"): (fault_kinds.LATE, _WITHOUT_FILE, _NOT_ON_ROSTER),
    (CITY_CODE, "2023-03"): (_CLOSED_BEFORE_OPENED, fault_kinds.OUT_OF_RANGE),
    (CITY_CODE, "2023-07"): (fault_kinds.CORRECTED,),
    (CITY_CODE, "2023-11"): (fault_kinds.UNREADABLE,),
}
_TEMPLATE = FormTemplate("惠州市双百社工个案服务台账", "个案服务台账", totals=("contact_count",))


def build_casework(city: City, cases: Sequence[Case], teams: Mapping[tuple[str, Period], Sequence[str]]) -> None:
    """Writes a workbook per month with the cases that were active in it."""
    report = city.contracts[REPORT]
    writer = DocumentWriter(city, report, _TEMPLATE, _FAULT_PLAN)
    rng = city.stream(REPORT, "contacts")
    rows: dict[Period, list[Record]] = {}
    for case in cases:
        for month in months_of(case):
            rows.setdefault(month, []).append(_record(case, month, teams[case.station_code, month], int(rng.integers(1, 7))))
    for month in city.span.months():
        writer.write(Submission(CITY_CODE, month, complete_records(report, rows.get(month, []))))
    writer.write_truth()


def _record(case: Case, month: Period, team: Sequence[str], contacts: int) -> Record:
    """Returns the row of a case. If its worker has left, a colleague continues it."""
    has_ended = case.is_ended_by(month)
    return {
        "period_month": str(month),
        "case_code": case.code,
        "station_code": case.station_code,
        "worker_code": case.worker_code if case.worker_code in team else team[0],
        "client_code": case.client.code,
        "case_type": case.kind,
        "opened_date": case.opened,
        "closed_date": case.ended if has_ended else None,
        "status": case.end if has_ended else _RUNNING,
        "contact_count": contacts,
    }
