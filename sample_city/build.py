"""Builds the whole city into a folder, once for each seed, span and version of this code."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sample_city import geography
from sample_city.coverage import build_coverage
from sample_city.defects import DefectLog, Row
from sample_city.funds import COLUMNS as FUND_COLUMNS
from sample_city.funds import build_funds
from sample_city.given import GIVEN, deliver_given
from sample_city.organisations import FIELDS, build_register
from sample_city.station_plan import plan_stations
from sample_city.stations import build_stations
from sample_city.timetable import Span
from sample_city.visit_plan import plan_visits
from sample_city.visits import build_visits

BUILT = ("sftp", "api", "charity", "for_tests_only")
STAMP = "built.json"
STATION_TRUTH = ("station_code", "town_code", "village_code", "station_type", "opened_date", "closed_date")
VISIT_TRUTH = ("month", "town_code", "home_visit_persons", "rows", "clients")
COVERAGE_TRUTH = ("quarter", "town_code", "has_federation", "has_association")


def build_city(home: Path, seed: int, span: Span) -> bool:
    """Build the city into `home` unless the same one stands there already.

    Returns:
        Whether anything was built.
    """
    stamp = {"seed": seed, "months": str(span), "code": _code_version()}
    if _read_stamp(home) == stamp:
        return False
    site = home / ".building"
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir(parents=True)
    _build_into(site, seed, span)
    (home / STAMP).unlink(missing_ok=True)
    for name in BUILT:
        shutil.rmtree(home / name, ignore_errors=True)
        (site / name).rename(home / name)
    site.rmdir()
    (home / STAMP).write_text(json.dumps(stamp), encoding="utf-8")
    return True


def _build_into(site: Path, seed: int, span: Span) -> None:
    log = DefectLog()
    civil_affairs, social_work = site / "sftp" / "civil_affairs", site / "sftp" / "social_work"
    deliver_given(site / "sftp", span)
    register = build_register(seed, span, log)
    fund_rows, funds = build_funds(seed, span, register.charities, log)
    coverage, clerk_phones = build_coverage(civil_affairs, seed, span, log)
    stations, station_phones = build_stations(social_work, seed, span, log)
    visits = build_visits(social_work, seed, span, plan_visits(seed, plan_stations(seed)), log)
    _write_json_lines(site / "api" / "social_organizations.jsonl", register.records)
    _write_table(site / "charity" / "community_fund.csv", (*FUND_COLUMNS, "update_time"), fund_rows)
    secret = site / "for_tests_only"
    _write_table(secret / "truth" / "organizations.csv", FIELDS, register.accepted)
    _write_table(secret / "truth" / "funds.csv", FUND_COLUMNS, funds)
    _write_table(secret / "truth" / "town_coverage.csv", COVERAGE_TRUTH, coverage)
    _write_table(secret / "truth" / "stations.csv", STATION_TRUTH, stations)
    _write_table(secret / "truth" / "visits.csv", VISIT_TRUTH, visits.months)
    (secret / "defects.json").write_text(json.dumps(log.records(), ensure_ascii=False, indent=1), encoding="utf-8")
    numbers = {*register.personal_numbers, *clerk_phones, *station_phones, *visits.personal_numbers}
    (secret / "personal_numbers.txt").write_text("\n".join(sorted(numbers)) + "\n", encoding="utf-8")


def _write_table(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _write_json_lines(path: Path, records: Iterable[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")


def _read_stamp(home: Path) -> object:
    path = home / STAMP
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _code_version() -> str:
    """SHA-256 over what decides the city's content: this package, its given documents, the divisions and the contracts."""
    root = Path(__file__).resolve().parent
    given = [path for path in GIVEN.rglob("*") if path.is_file()]
    sources = [*root.glob("*.py"), *given, geography.DIVISIONS_FILE, *(root.parent / "expectations").glob("*/*.yml")]
    digest = hashlib.sha256()
    for path in sorted(sources):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
