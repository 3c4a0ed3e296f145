"""The expected evidence of each indicator, computed from the sample city's truth with pandas, without the pipeline or dbt.

The rules are a second implementation of the derivations in the dictionary. The tests compare the indicators with it.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import openpyxl
import pandas as pd

CITY = "4413"
LUZHOU, LUCUN, DONGSHENG = "441302112", "441302112210", "441302112205"
COLUMNS = ["indicator_code", "area_code", "event_date", "end_date", "quantity", "subject_key"]
_PRINTED_ZONES = {"大亚湾区": "HZ-DYW", "仲恺区": "HZ-ZK"}
_MATCHED = ("已签约", "实施中", "已完成")
_BUREAU_NAMES = ("市民政局", "惠州市民政局")
_DONE = ("完工", "投入使用")
_RESCUE_TEAMS = ("惠州市心连心公益救捞队", "惠州市蓝天救援志愿者协会")
_FLAGS = ("has_community", "has_residents", "has_social_worker", "has_organization", "has_volunteer", "has_fund")


@dataclass(frozen=True)
class Truth:
    """The city's truth: a table of strings per report, and the divisions."""

    folder: Path
    divisions: Path
    fixed_documents: Path

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.folder / f"{name}.csv", dtype=str, keep_default_na=False)

    @cached_property
    def places(self) -> list[dict[str, str]]:
        """The rows of the list of divisions."""
        with self.divisions.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    @cached_property
    def counties(self) -> Mapping[str, str]:
        """The code of a county or zone, as the forms print its name."""
        return _PRINTED_ZONES | {row["name"]: row["code"] for row in self.places if row["level"] == "county"}

    @cached_property
    def towns(self) -> Mapping[tuple[str, str], str]:
        """The code of a town by (county or zone as printed, town)."""
        printed = {code: name for name, code in self.counties.items()}
        rows = [row for row in self.places if row["level"] == "town"]
        return {(printed[row["zone_code"] or row["parent_code"]], row["name"]): row["code"] for row in rows}

    @cached_property
    def statutory_towns(self) -> list[str]:
        """The codes of the 71 towns and streets."""
        return [row["code"] for row in self.places if row["level"] == "town" and row["is_statutory"] == "1"]

    def town_codes(self, rows: pd.DataFrame) -> list[str]:
        return [self.towns[county, town] for county, town in zip(rows["county_name"], rows["town_name"], strict=True)]

    def micro_projects(self) -> pd.DataFrame:
        """Reads the fixed documents, which are their own truth."""
        frames = []
        for path in sorted(self.fixed_documents.glob("charity/micro_project/*/*.xlsx")):
            cells = list(openpyxl.load_workbook(path, read_only=True).worksheets[0].iter_rows(values_only=True))
            at = next(number for number, row in enumerate(cells) if "事项编号" in row)
            frame = pd.DataFrame(cells[at + 1 :], columns=cells[at])
            frames.append(frame[frame["事项编号"].notna() & frame["状态"].notna()])
        return pd.concat(frames, ignore_index=True)


def evidence(truth: Truth) -> pd.DataFrame:
    """Computes all evidence, in the warehouse's columns: one row per row of truth that counts for an indicator."""
    frames = [frame.assign(indicator_code=code) for code, frame in _frames(truth)]
    found = pd.concat([frame for frame in frames if len(frame)], ignore_index=True)
    for name in ("event_date", "end_date"):
        found[name] = [_day(text) for text in found[name]]
    found["quantity"] = [Decimal(str(quantity)) for quantity in found["quantity"]]
    return found[COLUMNS]


def _day(text: object) -> dt.date | None:
    """Parses a day: 2023-05-01 or 2023年5月1日."""
    parts = [int(part) for part in re.findall(r"\d+", str(text))[:3]]
    return dt.date(*parts) if parts else None


def _frames(truth: Truth) -> list[tuple[str, pd.DataFrame]]:
    makers: tuple[Callable[[Truth], dict[str, pd.DataFrame]], ...] = (
        _party,
        _grading,
        _task_force,
        _demands,
        _trainings,
        _pairing,
        _projects,
        _enterprises,
        _culture,
        _community,
        _coverage,
        _brands,
        _payments,
        _points,
        _goods,
        _funds,
        _meals,
        _rescues,
        _stations,
        _workers,
        _services,
        _area_figures,
    )
    return [pair for make in makers for pair in make(truth).items()]


def _evidence_rows(
    rows: pd.DataFrame, area: object, day: object, subject: object, *, quantity: object = 1, end: object = ""
) -> pd.DataFrame:
    parts = {"area_code": area, "event_date": day, "end_date": end, "quantity": quantity, "subject_key": subject}
    return pd.DataFrame({name: list(part) if not isinstance(part, (str, int)) else part for name, part in parts.items()},
                        index=range(len(rows)))  # fmt: skip


def _period_end(periods: pd.Series) -> pd.Series:
    """Returns the last day of each month (2023-05), quarter (2023Q2) or year (2023)."""
    ends = [pd.Period(text, freq={7: "M", 6: "Q", 4: "Y"}[len(text)]).end_time.date().isoformat() for text in periods]
    return pd.Series(ends, index=periods.index)


def _until_next(rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Makes each row valid from the end of its period to the end of its key's next period."""
    ordered = rows.assign(_day=_period_end(rows["period"])).sort_values("_day", kind="stable")
    return ordered.assign(_next=ordered.groupby(key)["_day"].shift(-1).fillna(""))


def _party(truth: Truth) -> dict[str, pd.DataFrame]:
    activities = truth.table("party_activity")
    where = activities["partner_village_code"].replace("", CITY)
    rotations = activities[activities["activity_type"] == "党建轮值"]
    joint = activities[activities["activity_type"].isin(("联建共建", "结对走访"))]
    listed = activities[activities["checklist_item"] != ""]
    declared = activities[activities["publicity_channel"] != ""]
    declared = declared.assign(publicity_channel=declared["publicity_channel"].str.strip("《》"))
    first = declared.sort_values("activity_date").drop_duplicates("publicity_channel")
    returns = truth.table("party_return")
    registered = dict(zip(*(truth.table("organizations")[name] for name in ("uscc", "registrarCode")), strict=True))
    place = {"441300000000": CITY}
    areas = [place.get(code, code) for code in (registered.get(uscc, CITY) for uscc in returns["uscc"])]
    quarters = sorted(set(_period_end(returns["period"])))
    following = dict(zip(quarters, [*quarters[1:], ""], strict=False))
    stays = returns.assign(_day=_period_end(returns["period"]), _area=areas)
    stays = stays.assign(_next=stays["_day"].map(following))
    with_branch = stays[stays["has_party_organization"] == "True"]
    return {
        "CA-PB-01": _evidence_rows(rotations, where[rotations.index], rotations["activity_date"], rotations["activity_code"]),
        "CA-PB-02": _evidence_rows(joint, where[joint.index], joint["activity_date"], joint["activity_code"]),
        "CA-PB-03": _evidence_rows(listed, where[listed.index], listed["activity_date"], listed["checklist_item"]),
        "CA-PB-04": _evidence_rows(first, CITY, first["activity_date"], first["publicity_channel"]),
        "organizations_surveyed": _evidence_rows(stays, stays["_area"], stays["_day"], stays["uscc"], end=stays["_next"]),
        "organizations_with_party_branch": _evidence_rows(
            with_branch, with_branch["_area"], with_branch["_day"], with_branch["uscc"], end=with_branch["_next"]
        ),
    }


def _grading(truth: Truth) -> dict[str, pd.DataFrame]:
    grades = truth.table("organization_grading")
    years = sorted(set(grades["period"]))
    following = {year: f"{later}-01-01" if later else "" for year, later in zip(years, [*years[1:], ""], strict=False)}
    start, end = grades["period"] + "-01-01", grades["period"].map(following)
    graded = grades["uscc"] + grades["period"]
    recommended = grades[(grades["is_recommended"] == "True") & (grades["programme_score"].map(Decimal) > 0)]
    contest = truth.table("contest_project")
    contest = contest[contest["is_programme_project"] == "True"]
    return {
        "grading_programme_score": _evidence_rows(grades, CITY, start, graded, quantity=grades["programme_full_score"], end=end),
        "grading_full_score": _evidence_rows(grades, CITY, start, graded, quantity=1000, end=end),
        "CA-EV-02": _evidence_rows(recommended, CITY, _period_end(recommended["period"]), recommended["uscc"]),
        "CA-CT-01": _evidence_rows(contest, CITY, _period_end(contest["period"]), contest["project_code"]),
    }


def _task_force(truth: Truth) -> dict[str, pd.DataFrame]:
    records = truth.table("task_force")
    records = records[records["town_name"] == "芦洲镇"]
    members = records[(records["record_type"] == "派驻部门") & ~records["dept_name"].isin(_BUREAU_NAMES)]
    first = members.sort_values("period").drop_duplicates("dept_name")
    visits = records[(records["record_type"] == "调研") & (records["leader_post"] == "主要负责同志")]
    return {
        "CA-TF-01": _evidence_rows(first, LUZHOU, _period_end(first["period"]), first["dept_name"]),
        "CA-TF-02": _evidence_rows(visits, LUZHOU, visits["visit_date"], visits["record_code"]),
    }


def _demands(truth: Truth) -> dict[str, pd.DataFrame]:
    demands = truth.table("demand_project")
    area = demands["village_code"].where(demands["village_code"] != "", truth.town_codes(demands))
    matched = demands[demands["match_status"].isin(_MATCHED)]
    return {
        "CA-DM-01": _evidence_rows(demands, area, demands["registered_date"], demands["demand_code"]),
        "demands_matched": _evidence_rows(matched, area[matched.index], matched["matched_date"], matched["demand_code"]),
    }


def _trainings(truth: Truth) -> dict[str, pd.DataFrame]:
    held = truth.table("training")
    trainees = truth.table("skills_trainee")
    disabled = trainees[trainees["is_disabled"] == "True"]
    return {
        "CA-TR-01": _evidence_rows(held, CITY, held["held_date"], held["training_code"], quantity=held["session_count"]),
        "CA-TR-02": _evidence_rows(held, CITY, held["held_date"], held["training_code"], quantity=held["attendance_persons"]),
        "CA-SK-01": _evidence_rows(disabled, disabled["town_code"], disabled["start_date"], disabled["resident_id"]),
    }


def _pairing(truth: Truth) -> dict[str, pd.DataFrame]:
    pairs = truth.table("pairing")
    pairs = pairs[pairs["status"] != "暂停"]
    inputs = truth.table("pairing_input")
    money = inputs[inputs["input_type"] == "资金"]
    return {
        "CA-PR-01": _evidence_rows(pairs, pairs["village_code"], pairs["paired_date"], pairs["uscc"], end=pairs["ended_date"]),
        "CA-PR-03": _evidence_rows(
            pairs, pairs["village_code"], pairs["paired_date"], pairs["village_code"], end=pairs["ended_date"]
        ),
        "CA-PR-02": _evidence_rows(
            money, money["village_code"], money["occurred_date"], money["input_code"], quantity=money["amount_yuan"]
        ),
    }


def _increments(rows: pd.DataFrame, key: list[str], amount: str) -> pd.DataFrame:
    """Computes the increments of a cumulative amount between consecutive periods of its key."""
    ordered = rows.assign(_day=_period_end(rows["period"])).sort_values("_day", kind="stable")
    amounts = ordered[amount].replace("", "0").map(Decimal)
    before = amounts.groupby([ordered[name] for name in key]).shift(1)
    return ordered.assign(_grown=[new - (0 if pd.isna(old) else old) for new, old in zip(amounts, before, strict=True)])


def _projects(truth: Truth) -> dict[str, pd.DataFrame]:
    months = truth.table("village_project")
    centre = months[(months["project_type"] == "惠民综合服务中心") & (months["village_code"] == LUCUN)]
    raised = _increments(centre, ["project_code"], "funds_raised_yuan")
    projects = months.sort_values("period", kind="stable").drop_duplicates("project_code", keep="last")
    projects = projects.assign(area=projects["village_code"].where(projects["village_code"] != "", truth.town_codes(projects)))
    done = projects[projects["progress"].isin(_DONE)]
    loops = done[done["project_type"] == "徒步环线"]
    rails = done[(done["project_type"] == "道路护栏") & (done["village_code"] == DONGSHENG)]
    tidied = projects[(projects["project_type"] == "人居环境整治") & (projects["started_date"] != "")]
    return {
        "CA-VC-01": _evidence_rows(raised, LUCUN, raised["_day"], raised["project_code"], quantity=raised["_grown"]),
        "CA-EN-01": _evidence_rows(
            loops, loops["area"], loops["completed_date"], loops["project_code"], quantity=loops["scale_quantity"]
        ),
        "CA-EN-02": _evidence_rows(rails, rails["area"], rails["completed_date"], rails["project_code"]),
        "CA-EN-03": _evidence_rows(tidied, tidied["area"], tidied["started_date"], tidied["project_code"]),
    }


def _enterprises(truth: Truth) -> dict[str, pd.DataFrame]:
    stays = _until_next(truth.table("enterprise"), ["enterprise_name", "town_name"])
    key = stays["enterprise_name"] + "|" + stays["town_name"]
    signed = stays.drop_duplicates(["enterprise_name"])
    branded = stays[stays["brand"] != ""].drop_duplicates("brand")
    return {
        "CA-AG-01": _evidence_rows(
            stays, LUZHOU, stays["_day"], key, quantity=stays["invested_cumulative_yuan"], end=stays["_next"]
        ),
        "CA-AG-02": _evidence_rows(stays, LUZHOU, stays["_day"], key, quantity=stays["area_cumulative_mu"], end=stays["_next"]),
        "CA-AG-03": _evidence_rows(signed, LUZHOU, signed["signed_date"], signed["enterprise_name"]),
        "CA-AG-04": _evidence_rows(branded, LUZHOU, branded["_day"], branded["brand"]),
    }


def _culture(truth: Truth) -> dict[str, pd.DataFrame]:
    activities = truth.table("cultural_activity")
    held = activities[activities["activity_type"].isin(("文艺汇演", "艺术下乡"))]
    written = activities[activities["activity_type"] == "送春联"]
    return {
        "CA-CU-01": _evidence_rows(
            held, held["town_code"], held["held_date"], held["activity_code"], quantity=held["session_count"]
        ),
        "CA-CU-02": _evidence_rows(
            written, written["town_code"], written["held_date"], written["activity_code"], quantity=written["couplet_pairs"]
        ),
    }


def _community(truth: Truth) -> dict[str, pd.DataFrame]:
    register = truth.table("community_organization")
    area = register["village_code"].where(register["village_code"] != "", register["town_code"])
    name = register["town_code"] + register["organization_name"] + register["filing_code"]
    new = register[register["founded_date"] >= "2021-01-01"]
    hubs = new[new["is_hub"] == "True"]
    councils = register[register["is_wedding_council"] == "True"]
    return {
        "CA-CS-01": _evidence_rows(new, area[new.index], new["founded_date"], name[new.index]),
        "CA-CS-02": _evidence_rows(hubs, area[hubs.index], hubs["founded_date"], name[hubs.index]),
        "CA-CU-03": _evidence_rows(councils, area[councils.index], councils["founded_date"], name[councils.index],
                            end=councils["ended_date"]),
    }  # fmt: skip


def _coverage(truth: Truth) -> dict[str, pd.DataFrame]:
    towns = _until_next(truth.table("town_coverage").rename(columns={"quarter": "period"}), ["town_code"])
    statutory = pd.DataFrame({"code": truth.statutory_towns})
    sides = {"CA-CS-03": towns[towns["has_federation"] == "True"], "CA-CS-05": towns[towns["has_association"] == "True"]}
    return {
        **{
            code: _evidence_rows(rows, rows["town_code"], rows["_day"], rows["town_code"], end=rows["_next"])
            for code, rows in sides.items()
        },
        "statutory_towns": _evidence_rows(statutory, statutory["code"], "1900-01-01", statutory["code"]),
    }


def _brands(truth: Truth) -> dict[str, pd.DataFrame]:
    brands = _until_next(truth.table("charity_brand"), ["brand_name"])
    running = brands[brands["status"] == "运行"]
    return {"CH-BR-01": _evidence_rows(running, CITY, running["_day"], running["brand_name"], end=running["_next"])}


def _payments(truth: Truth) -> dict[str, pd.DataFrame]:
    aid = truth.table("medical_aid")
    aid = aid[aid["paid_date"] != ""]
    aid_area = truth.town_codes(aid)
    grants = truth.table("student_grant")
    grant_area = truth.town_codes(grants)
    return {
        "CH-MD-01": _evidence_rows(aid, aid_area, aid["paid_date"], aid["aid_code"], quantity=aid["amount_yuan"]),
        "CH-MD-02": _evidence_rows(aid, aid_area, aid["paid_date"], aid["resident_id"]),
        "CH-ED-01": _evidence_rows(grants, grant_area, grants["paid_date"], grants["grant_code"], quantity=grants["amount_yuan"]),
        "CH-ED-02": _evidence_rows(grants, grant_area, grants["paid_date"], grants["resident_id"]),
    }


def _points(truth: Truth) -> dict[str, pd.DataFrame]:
    lines = truth.table("demonstration_point").sort_values("period", kind="stable")
    raised = _increments(lines, ["point_code", "fund_source"], "funds_raised_yuan")
    points = lines.drop_duplicates("point_code", keep="last")
    built = points[points["progress"].isin(_DONE)]
    subject = raised["point_code"] + raised["fund_source"]
    return {
        "CH-LT-01": _evidence_rows(raised, raised["village_code"], raised["_day"], subject, quantity=raised["_grown"]),
        "CH-LT-02": _evidence_rows(built, built["village_code"], built["completed_date"], built["point_code"]),
    }


def _goods(truth: Truth) -> dict[str, pd.DataFrame]:
    goods = truth.table("goods_delivery")
    area = goods["village_code"].where(goods["village_code"] != "", _town_of_station(truth, goods)).replace("", CITY)
    carts = goods[goods["project_name"] == "百车进百村"]
    first = carts.sort_values("delivered_date").drop_duplicates("village_code")
    valued = goods[goods["value_yuan"] != ""]
    return {
        "CH-EV-01": _evidence_rows(
            carts, area[carts.index], carts["delivered_date"], carts["delivery_code"], quantity=carts["quantity"]
        ),
        "CH-EV-02": _evidence_rows(first, first["village_code"], first["delivered_date"], first["village_code"]),
        "CH-GD-01": _evidence_rows(
            valued, area[valued.index], valued["delivered_date"], valued["delivery_code"], quantity=valued["value_yuan"]
        ),
    }


def _funds(truth: Truth) -> dict[str, pd.DataFrame]:
    months = truth.table("funds").rename(columns={"period_month": "period"})
    area = months["village_code"].where(months["village_code"] != "", months["town_code"])
    last = months.sort_values("period", kind="stable").drop_duplicates("fund_no", keep="last")
    items = truth.micro_projects()
    done = items[(items["状态"] == "已办结") & (items["事项类型"] != "微心愿")].drop_duplicates("事项编号")
    return {
        "CH-CF-01": _evidence_rows(last, area[last.index], last["founded_on"], last["fund_no"], end=last["ended_on"]),
        "CH-CF-02": _evidence_rows(months, area, _period_end(months["period"]), months["fund_no"], quantity=months["raised"]),
        "CH-CF-03": _evidence_rows(done, done["村（社区）代码"], done["办结日期"], done["事项编号"]),
    }


def _meals(truth: Truth) -> dict[str, pd.DataFrame]:
    months = truth.table("meal_service")
    area, day = truth.town_codes(months), _period_end(months["period"])
    point = months["meal_point_code"] + months["period"]
    return {
        "SW-ML-01": _evidence_rows(months, area, day, point, quantity=months["serving_persons"]),
        "SW-ML-02": _evidence_rows(months, area, day, point, quantity=months["meal_delivered_count"]),
    }


def _rescues(truth: Truth) -> dict[str, pd.DataFrame]:
    calls = truth.table("rescue")
    calls = calls[calls["organization_name"].isin(_RESCUE_TEAMS)]
    calls = calls.assign(
        day=calls["called_at"].str[:10], county=[truth.counties.get(name, CITY) for name in calls["county_name"]]
    )
    event = ["day", "place", "event_type"]
    saved = calls.assign(people=calls["rescued_persons"].map(int)).sort_values("people").drop_duplicates(event, keep="last")
    found = calls.assign(people=calls["recovered_persons"].map(int)).sort_values("people").drop_duplicates(event, keep="last")
    saved, found = saved[saved["people"] > 0], found[(found["people"] > 0) & (found["is_free"] == "True")]
    return {
        "SW-RS-01": _evidence_rows(calls, calls["county"], calls["day"], calls["callout_code"], quantity=calls["callout_count"]),
        "SW-RS-02": _evidence_rows(saved, saved["county"], saved["day"], saved["callout_code"], quantity=saved["people"]),
        "SW-RS-03": _evidence_rows(found, found["county"], found["day"], found["callout_code"], quantity=found["people"]),
    }


def _stations(truth: Truth) -> dict[str, pd.DataFrame]:
    stations = truth.table("stations")
    area = stations["village_code"].where(stations["village_code"] != "", stations["town_code"])
    visits = truth.table("visits")
    return {
        "SW-ST-01": _evidence_rows(
            stations, area, stations["opened_date"], stations["station_code"], end=stations["closed_date"]
        ),
        "SW-HV-01": _evidence_rows(
            visits,
            visits["town_code"],
            _period_end(visits["month"]),
            visits["town_code"],
            quantity=visits["home_visit_persons"],
        ),
    }


def _workers(truth: Truth) -> dict[str, pd.DataFrame]:
    workers = truth.table("social_worker")
    return {
        "social_workers": _evidence_rows(
            workers,
            _town_of_station(truth, workers),
            workers["hired_date"],
            workers["worker_code"],
            end=workers["left_date"],
        )
    }


def _area_figures(truth: Truth) -> dict[str, pd.DataFrame]:
    """Figures of the deployment's list; an area counts with what it has beside the areas in it, which are added to it."""
    listed = pd.read_csv(truth.divisions.with_name("area_figures.csv"), dtype=str)
    listed["number"] = [Decimal(text) for text in listed["quantity"]]
    parents = {row["code"]: row["parent_code"] for row in truth.places}
    found = {}
    for measure, figures in listed.groupby("measure_code"):
        days = sorted(figures["as_of_date"].unique())
        frames = []
        for day, until in zip(days, [*days[1:], ""], strict=True):
            latest = figures[figures["as_of_date"] <= day].sort_values("as_of_date").drop_duplicates("area_code", keep="last")
            numbers = dict(zip(latest["area_code"], latest["number"], strict=True))
            own = {code: number - _below(code, numbers, parents) for code, number in numbers.items()}
            frames.append(_evidence_rows(latest, own.keys(), day, own.keys(), quantity=own.values(), end=until))
        found[str(measure)] = pd.concat(frames, ignore_index=True)
    return found


def _below(code: str, numbers: Mapping[str, Decimal], parents: Mapping[str, str]) -> Decimal:
    """The sum over the areas below: of each its own figure or, where it has none, those below it."""
    children = (child for child, parent in parents.items() if parent == code)
    return sum((numbers[child] if child in numbers else _below(child, numbers, parents) for child in children), Decimal(0))


def _services(truth: Truth) -> dict[str, pd.DataFrame]:
    cases = truth.table("casework").sort_values("period", kind="stable").drop_duplicates("case_code", keep="first")
    months = truth.table("station_service")
    linked = truth.table("linked_service")
    whole = linked[(linked[list(_FLAGS)] == "True").all(axis=1)]
    return {
        "SW-CM-01": _evidence_rows(cases, _town_of_station(truth, cases), cases["opened_date"], cases["case_code"]),
        "SW-SV-01": _evidence_rows(
            months,
            truth.town_codes(months),
            _period_end(months["period"]),
            months["station_code"] + months["period"],
            quantity=months["service_persons"],
        ),
        "SW-SX-01": _evidence_rows(whole, _town_of_station(truth, whole), whole["held_date"], whole["activity_code"]),
        "SW-SX-02": _evidence_rows(
            linked,
            _town_of_station(truth, linked),
            linked["held_date"],
            linked["activity_code"],
            quantity=linked["service_persons"],
        ),
    }


def _town_of_station(truth: Truth, rows: pd.DataFrame) -> list[str]:
    """Returns the town of a registered station; for any other station, the unit that sent the row."""
    stations = truth.table("stations")
    towns = dict(zip(stations["station_code"], stations["town_code"], strict=True))
    return [towns.get(code, unit) for code, unit in zip(rows["station_code"], rows["unit"], strict=True)]
