"""CA01: the register of social organisations, as the records of an API."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from loaders.contract import load_report
from sample_city import planting
from sample_city.city import Organization
from sample_city.defects import BETWEEN, KNOWN_CODE, MATCH_REGEX, RESIDENT_ID, TYPE, USCC, DefectLog, Grid, Row
from sample_city.geography import CITY_CODE, COUNTY_LABELS, Town, statutory_towns
from sample_city.named import named_organizations
from sample_city.people import Rng, draw_mobiles, draw_names, draw_resident_ids, make_uscc, spoil_check, stream
from sample_city.timetable import SHANGHAI, WHOLE, Span

REPORT = "social_organization"
UNIT = CITY_CODE
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
_CONTRACT = load_report(Path(__file__).resolve().parent.parent / "expectations" / "civil_affairs" / f"{REPORT}.yml")
FIELDS = tuple(column.field or column.name for column in _CONTRACT.columns)


@dataclass(frozen=True, slots=True)
class Register:
    """The API's records by key, those that should be accepted, the credit codes of charities and the numbers planted."""

    records: list[dict[str, Any]]
    accepted: list[Row]
    organizations: list[Organization]
    charities: list[str]
    personal_numbers: list[str]


def build_register(seed: int, span: Span, log: DefectLog) -> Register:
    """The register as it stands at the end of the span."""
    rng = stream(seed, REPORT)
    drawn = [*_draw_records(rng), *_draw_named(seed)]
    rows = sorted(([record[name] for name in FIELDS] for record in drawn), key=lambda row: str(row[0]))
    grid = _founded_until(_plant(Grid(FIELDS, rows)), span.last.end)
    grid.rows.sort(key=lambda row: str(row[0]))
    grid.record(log, REPORT, UNIT, None, 1)
    accepted = grid.accepted()
    updates = _draw_updates(rng, len(grid.rows), span)
    founded = FIELDS.index("foundedOn")
    records = [
        dict(zip(FIELDS, row, strict=True)) | {"updatedAt": max(at, f"{row[founded]}T17:00:00+08:00")}
        for row, at in zip(grid.rows, updates, strict=True)
    ]
    charity, phone, number = (FIELDS.index(name) for name in ("isCharity", "contactPhone", "legalRepId"))
    return Register(
        records,
        accepted,
        [_organization(dict(zip(FIELDS, row, strict=True))) for row in accepted],
        [row[0] for row in accepted if row[charity]],
        sorted({row[at] for row in grid.rows for at in (phone, number)}),
    )


def _draw_records(rng: Rng) -> list[dict[str, Any]]:
    names, contacts = draw_names(rng, COUNT), draw_names(rng, COUNT)
    phones, numbers = draw_mobiles(rng, COUNT), draw_resident_ids(rng, COUNT, (1950, 1998))
    kinds = rng.choice(len(_KINDS), size=COUNT, p=(0.42, 0.555, 0.015, 0.01)).tolist()
    towns = statutory_towns()
    places = rng.integers(len(towns), size=COUNT).tolist()
    first = dt.date(1991, 1, 1)
    ages = (np.sqrt(rng.random(COUNT)) * (WHOLE.last.end - first).days).astype(int).tolist()
    return [
        _record(rng, number, _KINDS[kinds[number]], towns[places[number]], first + dt.timedelta(days=ages[number]))
        | {
            "legalRep": names[number],
            "legalRepId": numbers[number],
            "contactName": contacts[number],
            "contactPhone": phones[number],
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
    return {
        "uscc": make_uscc(prefix, region, number),
        "orgName": f"惠州市{short}{_TRADES[number % len(_TRADES)]}{words[int(rng.integers(len(words)))]}（第{number + 1}号）",
        "orgType": "民非" if prefix == "52" and number % 40 == 0 else kind_name,
        "foundedOn": founded.isoformat(),
        "registeredCapital": f"{(200 if prefix == '53' else int(rng.integers(1, 60))):d}.00",
        "supervisor": registrar.replace("民政局", "社会工作部"),
        "registrar": registrar,
        "registrarCode": registrar_code,
        "address": f"{town.county_label}{town.name}{town.villages[0].label}{int(rng.integers(1, 200))}号",
        "industry": "公益慈善类" if is_charity else _INDUSTRIES[industry],
        "isCharity": is_charity,
        "canFundraise": True if prefix == "53" else None,
        "status": _STATUSES[int(rng.choice(len(_STATUSES), p=(0.9, 0.07, 0.01, 0.02)))],
        "remark": None,
    }


def _draw_named(seed: int) -> list[dict[str, Any]]:
    """The organisations that the city's account names, in good standing."""
    rng = stream(seed, REPORT, "named")
    named = list(named_organizations().values())
    people = zip(draw_names(rng, len(named)), draw_resident_ids(rng, len(named), (1955, 1980)), strict=True)
    return [
        {
            "uscc": known.uscc,
            "orgName": known.name,
            "orgType": known.kind,
            "foundedOn": known.founded.isoformat(),
            "registeredCapital": "10.00",
            "supervisor": "惠州市社会工作部",
            "registrar": _CITY_REGISTRAR[2],
            "registrarCode": _CITY_REGISTRAR[1],
            "address": f"惠城区江北街道三新南路{number + 20}号",
            "industry": known.industry,
            "isCharity": known.is_charity,
            "canFundraise": True if known.is_charity else None,
            "status": "正常",
            "remark": None,
            "legalRep": name,
            "legalRepId": resident_id,
            "contactName": name,
            "contactPhone": draw_mobiles(rng, 1)[0],
        }
        for number, (known, (name, resident_id)) in enumerate(zip(named, people, strict=True))
    ]


def _founded_until(grid: Grid, day: dt.date) -> Grid:
    """The register as of a day: a shorter city has the same organisations and faults as the whole one, as far as it goes."""
    at = grid.columns.index("foundedOn")
    rows = [row for row in grid.rows if row[at] <= day.isoformat()]
    there = {id(row) for row in rows}
    return Grid(grid.columns, rows, [mark for mark in grid.marks if id(mark.row) in there])


def _organization(record: dict[str, Any]) -> Organization:
    return Organization(
        record["uscc"],
        record["orgName"],
        record["orgType"],
        record["industry"],
        record["registrarCode"],
        record["isCharity"],
        dt.date.fromisoformat(record["foundedOn"]),
        record["status"],
    )


def _draw_updates(rng: Rng, count: int, span: Span) -> list[str]:
    """When each record was last touched: some time in the span."""
    start = dt.datetime.combine(span.first.start, dt.time(9), SHANGHAI)
    minutes = rng.integers((span.last.end - span.first.start).days * 24 * 60, size=count).tolist()
    return [(start + dt.timedelta(minutes=minute)).isoformat() for minute in minutes]


def _plant(grid: Grid) -> Grid:
    """Faulty records beside the sound ones; those with a wrong date or number take the place of a sound one."""
    uscc_at = FIELDS.index("uscc")
    for number, at in enumerate((40, 900, 1500), start=1):
        row = grid.variant(grid.rows[at], uscc=spoil_check(grid.rows[at][uscc_at]))
        grid.insert(at + 1, row, planting.USCC_WRONG, [("uscc", USCC)])
        again = make_uscc(_KINDS[1][0], "441302", COUNT + number)
        row = grid.variant(grid.rows[at + 7], uscc=again, orgType="社会团体")
        grid.insert(at + 8, row, planting.WRONG_PREFIX, [("uscc", MATCH_REGEX)])
    number_at = FIELDS.index("legalRepId")
    # Far from where the named organisations stand in the order: those must stay, whatever the seed.
    for at in (100, 1200):
        row = grid.variant(grid.rows[at], legalRepId=spoil_check(grid.rows[at][number_at]))
        grid.replace(at, row, planting.RESIDENT_ID_WRONG, "legal_representative_id", RESIDENT_ID)
    for at in (300, 1300):
        row = grid.variant(grid.rows[at], registrarCode="441399")
        grid.replace(at, row, planting.UNKNOWN_REGISTRAR, "registrar_code", KNOWN_CODE)
    for at in (400, 1400):
        grid.replace(at, grid.variant(grid.rows[at], foundedOn="2019-02-30"), planting.TYPE_FAULT, "founded_date", TYPE)
    row = grid.variant(grid.rows[2000], registeredCapital="-3.00")
    grid.replace(2000, row, planting.OUT_OF_RANGE, "registered_capital_yuan", BETWEEN)
    return grid
