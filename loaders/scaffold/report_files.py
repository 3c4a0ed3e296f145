"""`huimin new-report`: writes the files that a new report needs, as a start to be edited. No Python is written.

First call: the contract. Second call, once the contract has its columns: the staging model and its source, the evidence model and
its unit test, the row of docs/coverage.md, and the fixture folder. No file is overwritten; a file that many reports share gets a
line. A contract that would be wrong, alone or beside the others, is not written.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from loaders.contract import ContractError, Contracts, Report, deployment_of, load_contracts, load_report, report_from
from loaders.dbt.staging_models import staging_description, staging_sql, with_source
from loaders.divisions import Divisions
from loaders.scaffold.coverage_page import with_coverage_row
from loaders.scaffold.evidence_files import evidence_description, evidence_path, evidence_sql
from loaders.scaffold.inference.sample_contract import SampleContract, infer_contract
from loaders.scaffold.new_file import write_new
from loaders.scaffold.yaml_text import contract_lines

_log = logging.getLogger(__name__)
_HEAD = "# yaml-language-server: $schema=../report.schema.json\n"
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,58}")
# `CH12` is CH and 12; `JZ-R4` is JZ-R and 4.
_CODE = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,26}?)(\d*)")


def scaffold_report(
    root: Path,
    *,
    system: str,
    name: str,
    code: str,
    title: str = "",
    samples: Sequence[Path] = (),
    password: str | None = None,
    expectations: Path | None = None,
    remark: Callable[[str], None] = _log.warning,
) -> list[Path]:
    """Writes what is missing of a report's files below `root`. The contracts are in `expectations`, there or elsewhere.

    `samples` are documents that the contract must fit, all of one form; the more there are, the surer is its key. `remark` is
    called with each thing that the person who edits the contract must know about them, in both languages.

    Returns:
        The files that were written or got a line.

    Raises:
        ContractError: the contract exists and is wrong, or the one that would be written is wrong. Then nothing is written.
    """
    folder = expectations or root / "expectations"
    contract = folder / _known_system(folder, system) / f"{name}.yml"
    if not contract.exists():
        _require_unused(load_contracts(folder), contract, name, code)
        facts = {
            "name": name,
            "code": code,
            "system": system,
            "title": {"zh": title or name, "en": name.replace("_", " ")},
            "grain": {"zh": "一行一条", "en": "one row per item"},
            "owner": {"role": {"zh": "报表负责人", "en": "owner of the report"}, "email": "owner@example.org"},
        }
        made = infer_contract(facts, samples, password, _divisions(root))
        write_new(contract, _checked(contract, made))
        for one in made.remarks:
            remark(f"{one.zh}\n{one.en}")
        return [contract]
    return _write_report_files(root, load_report(contract), deployment_of(folder).root_division)


def _write_report_files(root: Path, report: Report, root_division: str) -> list[Path]:
    """Writes what is missing of the files that follow from the contract; returns those that were written or got a line."""
    models = root / "dbt_project" / "models"
    staging = models / "staging" / report.system / f"stg_{report.system}__{report.report}.sql"
    evidence = evidence_path(root, report)
    wanted = {
        staging: staging_sql(report),
        staging.with_suffix(".yml"): staging_description(report),
        evidence: evidence_sql(report, root_division),
        evidence.with_suffix(".yml"): evidence_description(report, root_division),
    }
    written = [path for path in wanted if not path.exists()]
    for path in written:
        write_new(path, wanted[path])
    # Cases are run by the product's own tests: another deployment has none.
    if (cases := root / "tests" / "reports").is_dir():
        (cases / report.report).mkdir(exist_ok=True)
    if _extend(sources := staging.parent / f"_{report.system}__sources.yml", partial(with_source, report)):
        written.append(sources)
    # Only a deployment that accounts for what it publishes has the page.
    if (page := root / "docs" / "coverage.md").exists() and _extend(page, partial(with_coverage_row, report)):
        written.append(page)
    return written


def _extend(path: Path, add: Callable[[str], str]) -> bool:
    """Adds a report to a file that many reports share; returns whether the file changed."""
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    after = add(before)
    if after == before:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(after, encoding="utf-8")
    return True


def _known_system(folder: Path, text: str) -> str:
    systems = deployment_of(folder).systems
    if text not in systems:
        raise ContractError(f'SYSTEM is one of {", ".join(systems)}, not "{text}"; deployment.yml lists them under systems')
    return text


def _require_unused(contracts: Contracts, contract: Path, name: str, code: str) -> None:
    """Refuses a name or a code that is malformed, or that another contract has."""
    if not _IDENTIFIER.fullmatch(name):
        raise ContractError(f'NAME is English in small letters, digits and _, at most 59, such as micro_project; not "{name}"')
    form = _CODE.fullmatch(code)
    if form is None:
        raise ContractError(f'--code is letters, digits and -, beginning with a letter, such as R08; not "{code}"')
    others = sorted(contract.parent.parent.glob(f"*/{name}.y*ml"))
    if others:
        raise ContractError(f"there is a report {name} already: {others[0].parent.name}/{others[0].name}; choose another NAME")
    holder = next((report for report in contracts.reports.values() if report.code == code), None)
    if holder is not None:
        used = {report.code for report in contracts.reports.values()}
        candidates = (f"{form[1]}{number:0{len(form[2]) or 2}d}" for number in range(1, 100))
        free = next((one for one in candidates if one not in used), "none")
        raise ContractError(f"code {code} is that of {holder.system}/{holder.report}.yml; the next free one is {free}")


def _divisions(root: Path) -> Divisions | None:
    path = root / "dbt_project" / "seeds" / "divisions.csv"
    return Divisions.load(path) if path.exists() else None


def _checked(contract: Path, made: SampleContract) -> str:
    """Returns the text of the contract after it was parsed and checked."""
    text = _HEAD + "\n".join(contract_lines(made.fields, made.comments)) + "\n"
    report, errors = report_from(contract, text)
    if report is None:
        raise ContractError("nothing was written: " + "; ".join(f"{detail.field}: {detail.message}" for detail in errors))
    return text
