"""Builds the whole city into a folder, once for each seed, span and version of this code."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

from loaders.contract import FileDrop, load_contracts
from sample_city import charity, civil_affairs, geography, social_work
from sample_city.city import EXPECTATIONS, City, write_json_lines, write_table
from sample_city.coverage import build_coverage
from sample_city.defects import DefectLog
from sample_city.facts import Facts
from sample_city.funds import COLUMNS as FUND_COLUMNS
from sample_city.funds import build_funds
from sample_city.given import GIVEN, deliver_given
from sample_city.organisations import FIELDS, build_register
from sample_city.timetable import Span

BUILT = ("sftp", "api", "charity", "for_tests_only")
STAMP = "built.json"
COVERAGE_TRUTH = ("quarter", "town_code", "has_federation", "has_association")


def build_city(home: Path, seed: int, span: Span, facts: Facts | None = None) -> bool:
    """Build the city into `home` unless the same one stands there already.

    Returns:
        Whether anything was built.
    """
    facts = facts or Facts()
    stamp = {"seed": seed, "months": str(span), "facts": dataclasses.asdict(facts), "code": _code_version()}
    # A city that stands is not pulled down for contracts that none can be built by: a faulty one costs its own report only.
    built = _read_stamp(home)
    if built == stamp or (built is not None and load_contracts(EXPECTATIONS).errors):
        return False
    site = home / ".building"
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir(parents=True)
    _build_into(City(site, seed, span, facts))
    (home / STAMP).unlink(missing_ok=True)
    for name in BUILT:
        shutil.rmtree(home / name, ignore_errors=True)
        (site / name).rename(home / name)
    site.rmdir()
    (home / STAMP).write_text(json.dumps(stamp), encoding="utf-8")
    return True


def _build_into(city: City) -> None:
    site, seed, span, log = city.site, city.seed, city.span, city.log
    drops = site / "sftp"
    deliver_given(drops, span, city.log)
    register = build_register(seed, span, log)
    city.organizations = register.organizations
    fund_rows, funds = build_funds(seed, span, city.facts, register.charities, log)
    coverage, clerk_phones = build_coverage(drops / "civil_affairs", seed, span, log)
    write_json_lines(site / "api" / "social_organizations.jsonl", register.records)
    write_table(site / "charity" / "community_fund.csv", (*FUND_COLUMNS, "update_time"), fund_rows)
    city.write_truth("organizations", FIELDS, register.accepted)
    city.write_truth("funds", FUND_COLUMNS, funds)
    city.write_truth("town_coverage", COVERAGE_TRUTH, coverage)
    city.personal_numbers |= {*register.personal_numbers, *clerk_phones}
    _build_systems(city)
    _make_folders(city)
    secret = site / "for_tests_only"
    (secret / "defects.json").write_text(json.dumps(log.records(), ensure_ascii=False, indent=1), encoding="utf-8")
    (secret / "personal_numbers.txt").write_text("\n".join(sorted(city.personal_numbers)) + "\n", encoding="utf-8")


def _build_systems(city: City) -> None:
    """The three systems side by side: they share what was planned, and nothing that one of them writes."""
    builders = (social_work.build_documents, civil_affairs.build_documents, charity.build_documents)
    with ProcessPoolExecutor(len(builders), mp_context=get_context("fork")) as pool:
        for log, numbers in pool.map(_built_alone, builders, repeat(city)):
            city.log.extend(log)
            city.personal_numbers |= numbers


def _built_alone(build_documents: Callable[[City], None], city: City) -> tuple[DefectLog, set[str]]:
    alone = dataclasses.replace(city, log=DefectLog(), personal_numbers=set())
    build_documents(alone)
    return alone.log, alone.personal_numbers


def _make_folders(city: City) -> None:
    """A folder on the server for each report, be it that nothing was sent yet."""
    for report in city.contracts.values():
        if isinstance(report.source, FileDrop):
            (city.drop(report) / report.source.folder).mkdir(parents=True, exist_ok=True)


def _read_stamp(home: Path) -> object:
    path = home / STAMP
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _code_version() -> str:
    """SHA-256 over what decides the city's content: this package, its given documents, the divisions and the contracts."""
    root = Path(__file__).resolve().parent
    given = [path for path in GIVEN.rglob("*") if path.is_file()]
    sources = [*root.rglob("*.py"), *given, geography.DIVISIONS_FILE, *(root.parent / "expectations").glob("*/*.yml")]
    digest = hashlib.sha256()
    for path in sorted(sources):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
