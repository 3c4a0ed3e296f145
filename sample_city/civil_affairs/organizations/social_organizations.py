"""CA01: the register of social organizations, as the records of an API."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from loaders.contract import Report
from sample_city.city import City, Organization, write_json_lines
from sample_city.documents.form_sheet import FormSheet, expected_state
from sample_city.faults import fault_kinds
from sample_city.faults.expected_rules import BETWEEN, KNOWN_CODE, MATCH_REGEX, RESIDENT_ID, TYPE, USCC
from sample_city.faults.fault import Fault, FaultMaker, FaultSite, PlannedFault, Record
from sample_city.faults.injection import inject_faults
from sample_city.reference.geography import CITY_CODE, COUNTY_LABELS, Town, statutory_towns
from sample_city.reference.known_organizations import known_organizations
from sample_city.reference.people import Rng, corrupt_check_digit, draw_mobiles, draw_names, draw_resident_ids, make_uscc
from sample_city.reference.timetable import FULL_SPAN, SHANGHAI, Span

REPORT = "social_organization"
FILE = "social_organizations.jsonl"
COUNT = 3_200
_CITY_REGISTRAR = ("441300", "441300000000", "惠州市民政局")
_KINDS = (("51", "社会团体"), ("52", "民办非企业单位"), ("53", "基金会"), ("59", "其他"))
_WORDS = {
    "51": ("商会", "志愿者协会", "老年人体育协会", "农业技术协会", "社区社会组织联合会", "文化促进会"),
    "52": ("社会工作服务中心", "幼儿园", "养老服务中心", "职业培训学校", "社区服务中心"),
    "53": ("教育基金会", "慈善基金会"),
    "59": ("互助会",),
}
_TRADES = ("惠民", "同心", "东江", "客家", "和谐", "阳光", "罗浮", "西湖")
_INDUSTRIES = ("行业协会商会", "科技类", "公益慈善类", "城乡社区服务类", "其他")
_STATUSES = ("正常", "注销", "撤销", "异常名录")


def _corrupted(kind: str, at: int, column: str, rule: str, *, in_place: bool) -> FaultMaker:
    """Returns a maker of a wrong check digit at a fixed row."""

    def make(site: FaultSite) -> Fault:
        changes = {column: corrupt_check_digit(site.records[at][column])}
        return Fault(kind, changes, [(column, rule)], in_place=in_place, at=at)

    return make


def _wrong_uscc(at: int) -> FaultMaker:
    return _corrupted(fault_kinds.USCC_WRONG, at, "uscc", USCC, in_place=False)


def _wrong_prefix(at: int, number: int) -> Fault:
    """Makes a credit code that is valid but belongs to another type of organization."""
    changes = {"uscc": make_uscc(_KINDS[1][0], "441302", COUNT + number), "organization_type": "社会团体"}
    return Fault(fault_kinds.WRONG_PREFIX, changes, [("uscc", MATCH_REGEX)], at=at)


def _wrong_resident_id(at: int) -> FaultMaker:
    return _corrupted(fault_kinds.RESIDENT_ID_WRONG, at, "legal_representative_id", RESIDENT_ID, in_place=True)


def _fixed_value(kind: str, at: int, column: str, value: str, rule: str) -> Fault:
    return Fault(kind, {column: value}, [(column, rule)], in_place=True, at=at)


# The rows are far from those of the known organizations, which must be accepted with every seed.
_FAULT_PLAN: tuple[PlannedFault, ...] = (
    *(maker for number, at in enumerate((40, 900, 1500), start=1) for maker in (_wrong_uscc(at), _wrong_prefix(at + 7, number))),
    *(_wrong_resident_id(at) for at in (100, 1200)),
    *(_fixed_value(fault_kinds.UNKNOWN_REGISTRAR, at, "registrar_code", "441399", KNOWN_CODE) for at in (300, 1300)),
    *(_fixed_value(fault_kinds.TYPE_FAULT, at, "founded_date", "2019-02-30", TYPE) for at in (400, 1400)),
    _fixed_value(fault_kinds.OUT_OF_RANGE, 2000, "registered_capital_yuan", "-3.00", BETWEEN),
)


def build_register(city: City) -> None:
    """Writes the register at the end of the span, and makes its organizations known to the other generators."""
    report = city.contracts[REPORT]
    rng = city.stream(REPORT)
    records = sorted([*_draw_records(rng), *_draw_known(city)], key=lambda record: str(record["uscc"]))
    columns = [column.name for column in report.columns]
    records = [{name: record[name] for name in columns} for record in records]
    sheet = _as_of(FormSheet("", *inject_faults(report, records, _FAULT_PLAN, city.span.last)), city.span.last.end)
    sheet.records.sort(key=lambda record: str(record["uscc"]))
    sheet.log_faults(city.log, REPORT, CITY_CODE, None, expected_state=expected_state([sheet]))
    accepted = [record for _, record in sheet.accepted()]
    city.organizations = [_organization(record) for record in accepted]
    city.personal_numbers.update(
        record[name] for record in sheet.records for name in ("contact_phone", "legal_representative_id")
    )
    fields = [column.field or column.name for column in report.columns]
    city.write_truth("organizations", fields, [list(record.values()) for record in accepted])
    write_json_lines(city.folder / "api" / FILE, _api_records(report, sheet, _draw_updates(rng, len(sheet.records), city.span)))


def _api_records(report: Report, sheet: FormSheet, updates: list[str]) -> list[dict[str, Any]]:
    """Returns the records under the field names of the API, each with its time of update."""
    fields = {column.name: column.field or column.name for column in report.columns}
    return [
        {fields[name]: value for name, value in record.items()}
        | {"updatedAt": max(updated, f"{record['founded_date']}T17:00:00+08:00")}
        for record, updated in zip(sheet.records, updates, strict=True)
    ]


def _draw_records(rng: Rng) -> list[dict[str, Any]]:
    names, contacts = draw_names(rng, COUNT), draw_names(rng, COUNT)
    phones, numbers = draw_mobiles(rng, COUNT), draw_resident_ids(rng, COUNT, (1950, 1998))
    kinds = rng.choice(len(_KINDS), size=COUNT, p=(0.42, 0.555, 0.015, 0.01)).tolist()
    towns = statutory_towns()
    places = rng.integers(len(towns), size=COUNT).tolist()
    first = dt.date(1991, 1, 1)
    ages = (np.sqrt(rng.random(COUNT)) * (FULL_SPAN.last.end - first).days).astype(int).tolist()
    return [
        _record(rng, number, _KINDS[kinds[number]], towns[places[number]], first + dt.timedelta(days=ages[number]))
        | {
            "legal_representative": names[number],
            "legal_representative_id": numbers[number],
            "contact_name": contacts[number],
            "contact_phone": phones[number],
        }
        for number in range(COUNT)
    ]


def _record(rng: Rng, number: int, kind: tuple[str, str], town: Town, founded: dt.date) -> dict[str, Any]:
    prefix, kind_name = kind
    of_city = rng.random() < 0.15
    county = (town.county_code, town.county_code, f"{COUNTY_LABELS[town.county_code]}民政局")
    region, registrar_code, registrar = _CITY_REGISTRAR if of_city else county
    words = _WORDS[prefix]
    industry = int(rng.integers(len(_INDUSTRIES)))
    is_charity = prefix == "53" or (prefix != "59" and rng.random() < 0.04)
    short = town.name.removesuffix("街道").removesuffix("镇")
    name = f"惠州市{short}{_TRADES[number % len(_TRADES)]}"
    return {
        "uscc": make_uscc(prefix, region, number),
        "organization_name": f"{name}{words[int(rng.integers(len(words)))]}（第{number + 1}号）",
        "organization_type": "民非" if prefix == "52" and number % 40 == 0 else kind_name,
        "founded_date": founded.isoformat(),
        "registered_capital_yuan": f"{(200 if prefix == '53' else int(rng.integers(1, 60))):d}.00",
        "supervisor_name": registrar.replace("民政局", "社会工作部"),
        "registrar_name": registrar,
        "registrar_code": registrar_code,
        "address": f"{town.county_label}{town.name}{town.villages[0].label}{int(rng.integers(1, 200))}号",
        "industry": "公益慈善类" if is_charity else _INDUSTRIES[industry],
        "is_charity": is_charity,
        "can_fundraise": True if prefix == "53" else None,
        "status": _STATUSES[int(rng.choice(len(_STATUSES), p=(0.9, 0.07, 0.01, 0.02)))],
        "remark": None,
    }


def _draw_known(city: City) -> list[Record]:
    """Returns the organizations that the city's published account names, in good standing."""
    rng = city.stream(REPORT, "named")
    organizations = list(known_organizations().values())
    people = zip(draw_names(rng, len(organizations)), draw_resident_ids(rng, len(organizations), (1955, 1980)), strict=True)
    return [
        {
            "uscc": known.uscc,
            "organization_name": known.name,
            "organization_type": known.kind,
            "founded_date": known.founded.isoformat(),
            "registered_capital_yuan": "10.00",
            "supervisor_name": "惠州市社会工作部",
            "registrar_name": _CITY_REGISTRAR[2],
            "registrar_code": _CITY_REGISTRAR[1],
            "address": f"惠城区江北街道三新南路{number + 20}号",
            "industry": known.industry,
            "is_charity": known.is_charity,
            "can_fundraise": True if known.is_charity else None,
            "status": "正常",
            "remark": None,
            "legal_representative": name,
            "legal_representative_id": resident_id,
            "contact_name": name,
            "contact_phone": draw_mobiles(rng, 1)[0],
        }
        for number, (known, (name, resident_id)) in enumerate(zip(organizations, people, strict=True))
    ]


def _as_of(sheet: FormSheet, day: dt.date) -> FormSheet:
    """Returns the register as of a day: the register of a shorter span is a part of the whole one, with the same faults."""
    records = [record for record in sheet.records if record["founded_date"] <= day.isoformat()]
    included = {id(record) for record in records}
    return FormSheet("", records, [fault for fault in sheet.faults if id(fault.record) in included])


def _organization(record: dict[str, Any]) -> Organization:
    return Organization(
        record["uscc"],
        record["organization_name"],
        record["organization_type"],
        record["industry"],
        record["registrar_code"],
        record["is_charity"],
        dt.date.fromisoformat(record["founded_date"]),
        record["status"],
    )


def _draw_updates(rng: Rng, count: int, span: Span) -> list[str]:
    """Draws the time of the last update of each record, within the span."""
    start = dt.datetime.combine(span.first.start, dt.time(9), SHANGHAI)
    minutes = rng.integers((span.last.end - span.first.start).days * 24 * 60, size=count).tolist()
    return [(start + dt.timedelta(minutes=minute)).isoformat() for minute in minutes]
