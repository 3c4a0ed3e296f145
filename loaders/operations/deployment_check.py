"""Checks what a deployment's contracts, divisions, figures and dictionary must agree on, beside each contract by itself."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import yaml

from loaders.contract import Report, deployment_of
from loaders.contract.terms.people import PeopleError, load_people
from loaders.contract.terms.placeholder_addresses import is_placeholder
from loaders.divisions import Divisions, DivisionSpellError
from loaders.unit_spells import UnitSpellError

# Units of the other levels are stations and funds, which are no divisions.
_AREA_LEVELS = frozenset({"city", "county", "town"})
_FIGURE_COLUMNS = ("measure_code", "area_code", "as_of_date", "quantity", "tolerance", "basis", "source", "note")


def deployment_errors(dbt_project: Path, reports: Mapping[str, Report], product_dbt_project: Path) -> list[str]:
    """Returns every error of a deployment's divisions, of its seeds, and of the units that its contracts name.

    Raises:
        DeploymentError: `deployment.yml` is missing or wrong.
    """
    seeds = dbt_project / "seeds"
    errors = list(_division_errors(seeds / "divisions.csv", deployment_of(dbt_project).root_division, reports.values()))
    errors += _header_errors(seeds, product_dbt_project / "engine" / "seeds")
    errors += _figure_errors(seeds)
    return errors + list(_dictionary_errors(seeds / "indicators.csv", {report.code for report in reports.values()}))


def address_errors(reports: Iterable[Report], people_file: Path, demo_domain: str | None) -> Iterator[str]:
    """Yields the people table's errors, and each address of an owner or in that table that is a placeholder."""
    advice = "is a placeholder, and a mail to it tells nobody; name who answers"
    for report in reports:
        for owner in (report.single_owner,) if report.single_owner else report.owners:
            if is_placeholder(owner.email, demo_domain):
                yield f"{report.system}/{report.report}.yml: owner.email: {owner.email} {advice}"
    try:
        people = load_people(people_file)
    except PeopleError as error:
        yield from str(error).splitlines()
        return
    for field, address in people.mail_addresses():
        if is_placeholder(address, demo_domain):
            yield f"{people_file.name}: {field}: {address} {advice}"


def _division_errors(path: Path, root_division: str, reports: Iterable[Report]) -> Iterator[str]:
    try:
        divisions = Divisions.load(path)
        root = divisions.root
    except FileNotFoundError:
        yield f"seeds/divisions.csv: there is none at {path}; list the divisions there"
        return
    except KeyError as missing:
        yield f"seeds/divisions.csv: column {missing} is missing; add it"
        return
    except (DivisionSpellError, UnitSpellError) as error:
        yield from (f"seeds/{line}" for line in str(error).splitlines())
        return
    except ValueError as error:
        yield f"seeds/divisions.csv: parent_code: {error}"
        return
    if root_division not in divisions.by_code:
        yield f"deployment.yml: root_division: expected a code of seeds/divisions.csv, found {root_division}"
    elif root.code != root_division:
        yield (
            f"deployment.yml: root_division: expected {root.code} ({root.name}), the first division of seeds/divisions.csv with "
            f"several parts, found {root_division}; change it, or parent_code in the list"
        )
    for report in reports:
        unknown = [unit for unit in report.units if divisions.code_of(unit) is None and unit != root_division]
        if unknown and report.unit_level in _AREA_LEVELS:
            where = f"{report.system}/{report.report}.yml: units"
            yield f"{where}: {', '.join(unknown)} are not in seeds/divisions.csv; correct or add them"


def _header_errors(seeds: Path, described: Path) -> Iterator[str]:
    """Yields the seeds that the product's models read and that are missing, or lack columns."""
    for properties in sorted(described.glob("*.yml")):
        for seed in yaml.safe_load(properties.read_text(encoding="utf-8"))["seeds"]:
            path = seeds / f"{seed['name']}.csv"
            if (described / path.name).exists() or path.name == "divisions.csv":
                continue
            wanted = [column["name"] for column in seed["columns"]]
            if not path.exists():
                yield f"seeds/{path.name}: there is none at {path}; write it, with at least this line: {','.join(wanted)}"
            elif missing := sorted(set(wanted) - set(_header(path))):
                yield f"seeds/{path.name}: columns {', '.join(missing)} are missing; add them"


def _figure_errors(seeds: Path) -> Iterator[str]:
    """Yields what is wrong with the list of figures, if there is one: columns, measures, divisions, days and numbers."""
    path = seeds / "area_figures.csv"
    if not path.exists() or not (seeds / "divisions.csv").exists():
        return
    if missing := [name for name in _FIGURE_COLUMNS if name not in _header(path)]:
        yield f"seeds/{path.name}: columns {', '.join(missing)} are missing; add them"
        return
    measures = {row.get("measure_code") for row in _rows(seeds / "measures.csv")}
    measures |= {row.get("indicator_code") for row in _rows(seeds / "indicators.csv")}
    areas = {row.get("code") for name in ("divisions.csv", "division_spells.csv") for row in _rows(seeds / name)}
    for number, row in enumerate(_rows(path), start=2):
        where = f"seeds/{path.name} line {number}"
        if row["measure_code"] not in measures:
            yield f"{where}: measure_code: expected a code of seeds/measures.csv, found {row['measure_code']}; correct or add it"
        if row["area_code"] not in areas:
            yield f"{where}: area_code: expected a code of seeds/divisions.csv, found {row['area_code']}; correct it"
        if row["basis"] not in {"published", "sample"}:
            yield f'{where}: basis: expected published or sample, found "{row["basis"]}"; correct it'
        if not row["source"]:
            yield f"{where}: source: expected what the figure was taken from, found nothing; name it"


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as lines:
        return next(csv.reader(lines), [])


def _dictionary_errors(path: Path, codes: set[str]) -> Iterator[str]:
    if not path.exists():
        return
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            source = row.get("source_report")
            if source and source not in codes:
                yield (
                    f"seeds/indicators.csv: {row.get('indicator_code')}: source_report: expected the code of a contract, "
                    f"found {source}; correct it, or write the contract"
                )
