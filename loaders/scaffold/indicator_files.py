"""`huimin new-indicator`: an indicator's row in the dictionary, its evidence in the report's model, and a test of that evidence.

Each of the three files gets a line; nothing that exists is changed. What has the indicator already is left as it is.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from loaders.contract import ColumnType, ContractError, Deployment, Report, deployment_of, load_reports
from loaders.period import local_today
from loaders.scaffold.evidence_files import (
    evidence_description,
    evidence_path,
    evidence_sql,
    expected_row,
    with_evidence_row,
    with_expected_row,
)
from loaders.scaffold.new_file import write_new
from loaders.scaffold.yaml_text import flow

_CODE = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)*")
_DICTIONARY = Path("dbt_project", "seeds", "indicators.csv")


@dataclass(frozen=True, slots=True)
class NewIndicator:
    """An indicator as its author describes it: the number of a report's rows, or the sum of one of its columns."""

    code: str
    name_zh: str
    name_en: str
    unit: str
    quantity: str | None = None
    is_distinct: bool = False
    is_stock: bool = False

    def dictionary_row(self, report: Report) -> dict[str, str]:
        """Returns its row in the dictionary, without the columns that stay blank."""
        counted = "count_distinct" if self.is_distinct else "count"
        return {
            "indicator_code": self.code,
            "name_zh": self.name_zh,
            "name_en": self.name_en,
            "domain": str(report.system),
            "unit": self.unit,
            "aggregation": "sum" if self.quantity else counted,
            "stock_or_flow": "stock" if self.is_stock else "flow",
            "scale": "1",
            "source_report": report.code,
            "owner": report.owner_on(local_today()).role.zh,
        }


def scaffold_indicator(
    root: Path,
    report_name: str,
    indicator: NewIndicator,
    *,
    expectations: Path | None = None,
    remark: Callable[[str], None],
) -> list[Path]:
    """Writes what is missing of an indicator's three places below `root`.

    `remark` is called with what could not be written: the expected row of a unit test that a person wrote.

    Returns:
        The files that were written or got a line.

    Raises:
        ContractError: the code, the report or the quantity is unknown or malformed. Then nothing is written.
    """
    folder = expectations or root / "expectations"
    deployment = deployment_of(folder)
    report = _checked_report(load_reports(folder), report_name, indicator, deployment)
    dictionary, model = root / _DICTIONARY, evidence_path(root, report)
    additions = {
        dictionary: _with_dictionary_row(report, indicator, dictionary.read_text(encoding="utf-8")),
        model: _with_evidence(report, deployment.root_division, indicator, model),
        model.with_suffix(".yml"): _with_test(report, deployment.root_division, indicator, model.with_suffix(".yml"), remark),
    }
    written = [path for path, text in additions.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in written:
        if path.exists():
            path.write_text(additions[path], encoding="utf-8")
        else:
            write_new(path, additions[path])
    return written


def _checked_report(reports: dict[str, Report], name: str, indicator: NewIndicator, deployment: Deployment) -> Report:
    if name not in reports:
        raise ContractError(f"there is no report {name}: --report is the name of a contract below expectations/")
    prefix = deployment.systems[reports[name].system].code_prefix
    if not (_CODE.fullmatch(indicator.code) and indicator.code.startswith(prefix)):
        begins = f", beginning with {prefix}" if prefix else ""
        raise ContractError(f'CODE is capitals, digits and -{begins}, such as {prefix or "R"}-CF-03; not "{indicator.code}"')
    numbers = [column.name for column in reports[name].columns if column.type in {ColumnType.INTEGER, ColumnType.DECIMAL}]
    if indicator.quantity and indicator.quantity not in numbers:
        raise ContractError(f"{indicator.quantity} is no number of {name}: --quantity is one of {', '.join(numbers) or 'none'}")
    return reports[name]


def _with_dictionary_row(report: Report, indicator: NewIndicator, text: str) -> str:
    """Returns the dictionary with the indicator's row, behind those of the same system that begin alike."""
    lines = text.splitlines(keepends=True)
    header = next(csv.reader(lines[:1]))
    holder = next((row for row in csv.DictReader(lines) if row["indicator_code"] == indicator.code), None)
    if holder is not None:
        if holder["source_report"] != report.code:
            raise ContractError(f"{indicator.code} is {holder['name_zh']}, from {holder['source_report']}; choose another CODE")
        return text
    row = io.StringIO()
    ending = "\r\n" if lines[0].endswith("\r\n") else "\n"
    csv.DictWriter(row, header, restval="", lineterminator=ending).writerow(indicator.dictionary_row(report))
    prefix, system = indicator.code.rpartition("-")[0], indicator.code.partition("-")[0]
    alike = [number for number, line in enumerate(lines, start=1) if line.startswith(prefix)]
    alike = alike or [number for number, line in enumerate(lines, start=1) if line.startswith(system)] or [len(lines)]
    return "".join([*lines[: alike[-1]], row.getvalue(), *lines[alike[-1] :]])


def _with_evidence(report: Report, root_division: str, indicator: NewIndicator, model: Path) -> str:
    text = model.read_text(encoding="utf-8") if model.exists() else evidence_sql(report, root_division)
    if f"'{indicator.code}'" in text:
        return text
    return with_evidence_row(report, root_division, text, indicator.code, indicator.quantity)


def _with_test(
    report: Report, root_division: str, indicator: NewIndicator, description: Path, remark: Callable[[str], None]
) -> str:
    text = description.read_text(encoding="utf-8") if description.exists() else evidence_description(report, root_division)
    if indicator.code in text:
        return text
    after = with_expected_row(report, root_division, text, indicator.code, indicator.quantity)
    if after == text:
        row = flow(expected_row(report, root_division, indicator.code, indicator.quantity))
        remark(
            f"{description.name}: its unit tests were written by hand; add what they expect of {indicator.code}, such as {row}"
        )
    return after
