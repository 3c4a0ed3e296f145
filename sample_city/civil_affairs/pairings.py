"""CA05 and CA06: the register of pairings as it stands each month, and what the organisations put into their villages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal

import numpy as np

from loaders.period import Period
from sample_city import planting
from sample_city.city import City
from sample_city.civil_affairs.pairing_plan import Pairing
from sample_city.defects import CROSS_REPORT, GREATER, IN_SET, NOT_AFTER_PERIOD, NOT_NULL, NULL
from sample_city.desk import Desk, Kinds, Sending, records_of
from sample_city.geography import CITY_CODE
from sample_city.pages import Look
from sample_city.people import Rng
from sample_city.shares import shared_out
from sample_city.standard_faults import Fault, Record
from sample_city.timetable import WHOLE, day_weights, month_weight

_ENDED_BEFORE_PAIRED = Fault(
    "ended_before_paired",
    {"status": "已结束", "paired_date": dt.date(2021, 6, 1), "ended_date": dt.date(2021, 5, 1)},
    [("ended_date", GREATER)],
)
_ENDED_WITHOUT_A_DAY = Fault("ended_without_date", {"status": "已结束", "ended_date": None}, [("ended_date", NOT_NULL)])
_GOES_ON_AND_ENDED = Fault(
    "goes_on_and_ended",
    {"status": "结对中", "paired_date": dt.date(2021, 2, 1), "ended_date": dt.date(2022, 3, 1)},
    [("ended_date", NULL)],
)
_PAIRED_LATER = Fault(
    planting.FUTURE_DATE,
    {"status": "结对中", "paired_date": dt.date(2024, 3, 1), "ended_date": None},
    [("paired_date", NOT_AFTER_PERIOD)],
)
_OTHER_NAME = Fault(
    "organization_name_as_registered",
    {"organization_name": "惠州市惠民商会（筹）"},
    [("organization_name", CROSS_REPORT)],
    in_place=True,
    is_warning=True,
)
_PAIRING_PLANTED: Kinds = {
    (CITY_CODE, "2021-02"): (planting.LATE,),
    (CITY_CODE, "2021-07"): (_ENDED_BEFORE_PAIRED, planting.UNKNOWN_TOWN),
    (CITY_CODE, "2021-11"): (planting.UNREADABLE,),
    (CITY_CODE, "2022-04"): (planting.DUPLICATE_ROW, _ENDED_WITHOUT_A_DAY),
    (CITY_CODE, "2022-08"): (planting.MISSING,),
    (CITY_CODE, "2022-12"): (planting.CORRECTED,),
    (CITY_CODE, "2023-05"): (planting.SAME_FILE_TWICE,),
    (CITY_CODE, "2023-09"): (_GOES_ON_AND_ENDED, _PAIRED_LATER),
    (CITY_CODE, "2023-12"): (planting.USCC_WRONG, planting.UNKNOWN_TOWN, _ENDED_WITHOUT_A_DAY, _OTHER_NAME),
}
_GOODS_OUT_OF_BUDGET = Fault(
    "goods_from_public_money",
    {"input_type": "物资折价", "fund_source": "财政", "is_duplicated_in_charity": False},
    [("fund_source", IN_SET)],
)
_DONATED_AND_OWN = Fault(
    "duplicate_without_donation",
    {"input_type": "资金", "fund_source": "自有", "is_duplicated_in_charity": True},
    [("fund_source", IN_SET)],
)
_NOT_PAIRED = Fault(
    "input_belongs_to_a_pairing",
    {"village_name": "东湖社区", "village_code": "441302001001"},
    [("uscc", CROSS_REPORT)],
    in_place=True,
    is_warning=True,
)
_INPUT_PLANTED: Kinds = {
    (CITY_CODE, "2021-05"): (_GOODS_OUT_OF_BUDGET,),
    (CITY_CODE, "2021-10"): (planting.LATE,),
    (CITY_CODE, "2022-03"): (planting.MISSING_COLUMN,),
    (CITY_CODE, "2022-06"): (planting.OUT_OF_RANGE, planting.USCC_WRONG),
    (CITY_CODE, "2022-09"): (_NOT_PAIRED,),
    (CITY_CODE, "2022-11"): (planting.SAME_FILE_TWICE,),
    (CITY_CODE, "2023-03"): (_DONATED_AND_OWN, planting.FUTURE_DATE),
    (CITY_CODE, "2023-08"): (planting.CORRECTED,),
    (CITY_CODE, "2023-12"): (planting.DUPLICATE_ROW, planting.TYPE_FAULT),
}
_GOODS_YUAN, _SERVICES_YUAN = 3_420_000, 1_150_000
_COUNTS = {"资金": 250, "物资折价": 120, "服务折价": 50}
_STEP_YUAN = 100
_SOURCES = {
    "资金": (("自有", "会员企业", "慈善捐赠", "财政", "福彩公益金"), (0.3, 0.4, 0.2, 0.05, 0.05)),
    "物资折价": (("自有", "会员企业", "慈善捐赠", "其他"), (0.3, 0.4, 0.25, 0.05)),
    "服务折价": (("自有", "会员企业", "其他"), (0.7, 0.2, 0.1)),
}
_PROJECTS = {
    "资金": ("村道硬底化", "产业扶持资金", "公共活动场所修缮", "“一老一小”服务点建设", "农产品展销"),
    "物资折价": ("路灯和护栏捐赠", "农机具捐赠", "图书和体育器材捐赠", "慰问物资"),
    "服务折价": ("农技指导", "义诊服务", "法律咨询", "文艺下乡"),
}


def build_pairings(city: City, pairings: Sequence[Pairing]) -> None:
    """Send the register of each month."""
    report = city.contracts["pairing"]
    look = Look("惠州市社会组织结对帮扶台账", "社会组织结对帮扶台账")
    desk = Desk(city, report, look, _PAIRING_PLANTED)
    for month in city.span.months():
        rows = (_register_row(pairing, month) for pairing in pairings if pairing.paired <= month.end)
        desk.send(Sending(CITY_CODE, month, records_of(report, rows)))
    desk.close()


def _register_row(pairing: Pairing, month: Period) -> Record:
    has_ended = pairing.ended is not None and pairing.ended <= month.end
    return {
        "period_month": str(month),
        "uscc": pairing.organization.uscc,
        "organization_name": pairing.organization.name,
        "village_name": pairing.village.label,
        "village_code": pairing.village.code,
        "town_name": pairing.town.name,
        "county_name": pairing.town.county_label,
        "paired_date": pairing.paired,
        "ended_date": pairing.ended if has_ended else None,
        "status": "已结束" if has_ended else "暂停" if pairing.is_paused else "结对中",
        "agreement_code": pairing.agreement,
        "contact_name": pairing.contact_name,
        "contact_phone": pairing.contact_phone,
    }


def build_pairing_inputs(city: City, pairings: Sequence[Pairing]) -> None:
    """Send the inputs of each month; the money of the whole three years is the city's fact, goods and services come on top."""
    report = city.contracts["pairing_input"]
    look = Look("惠州市社会组织结对帮扶投入明细表", "结对帮扶投入明细表", totals=("amount_yuan",), unit_line="万元")
    desk = Desk(city, report, look, _INPUT_PLANTED)
    inputs = sorted(_plan_inputs(city, pairings), key=lambda row: row["input_code"])
    for month in city.span.months():
        rows = (row for row in inputs if row["period_month"] == str(month))
        desk.send(Sending(CITY_CODE, month, records_of(report, rows)))
    desk.close()


def _plan_inputs(city: City, pairings: Sequence[Pairing]) -> Iterator[Record]:
    """Money, goods and services, each shared out over months and pairings; amounts are whole hundreds of yuan but one."""
    rng = city.stream("pairing_input", "plan")
    numbers = dict.fromkeys((str(month) for month in WHOLE.months()), 0)
    for kind, total in (("资金", city.facts.pairing_fund_yuan), ("物资折价", _GOODS_YUAN), ("服务折价", _SERVICES_YUAN)):
        counts = shared_out([month_weight(month) for month in WHOLE.months()], _COUNTS[kind])
        amounts = iter(_amounts(rng, total, _COUNTS[kind]))
        for month, count in zip(WHOLE.months(), counts, strict=True):
            for _ in range(count):
                day = _day(rng, month)
                numbers[str(month)] += 1
                code = f"TR{month.year}{month.ordinal:02d}{numbers[str(month)]:03d}"
                yield _input_row(rng, kind, code, day, next(amounts), _helper_on(rng, pairings, day))


def _amounts(rng: Rng, total: int, count: int) -> list[int]:
    steps = [1 + step for step in shared_out(np.exp(rng.normal(0, 0.8, count)), total // _STEP_YUAN - count)]
    amounts = [step * _STEP_YUAN for step in steps]
    amounts[-1] += total % _STEP_YUAN
    return amounts


def _day(rng: Rng, month: Period) -> dt.date:
    """A working day of the month from the fourth on, when the first pairing of all has begun."""
    weights = np.array(day_weights(month)[3:])
    return month.start + dt.timedelta(days=3 + int(rng.choice(len(weights), p=weights / weights.sum())))


def _helper_on(rng: Rng, pairings: Sequence[Pairing], day: dt.date) -> Pairing:
    helping = [pairing for pairing in pairings if pairing.is_under_way(day)]
    return helping[int(rng.integers(len(helping)))]


def _input_row(rng: Rng, kind: str, code: str, day: dt.date, yuan: int, pairing: Pairing) -> Record:
    sources, chances = _SOURCES[kind]
    source = str(rng.choice(sources, p=chances))
    return {
        "period_month": f"{day:%Y-%m}",
        "input_code": code,
        "uscc": pairing.organization.uscc,
        "organization_name": pairing.organization.name,
        "village_name": pairing.village.label,
        "village_code": pairing.village.code,
        "project_name": f"{pairing.village.label}{rng.choice(_PROJECTS[kind])}",
        "input_type": kind,
        "fund_source": source,
        "amount_yuan": Decimal(yuan),
        "occurred_date": day,
        "is_duplicated_in_charity": source == "慈善捐赠" and rng.random() < 0.6,
    }
