"""`huimin new-report`: the files that a new report needs, as a start to be edited. No Python is written.

First call: the contract. Second call, once the contract says its columns: the staging model with its description, and the
fixture folder. Nothing that exists is overwritten, and no contract is written that would be wrong, alone or beside the others.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from loaders.contract import ContractError, Contracts, Report, System, load_contracts, load_report, report_from
from loaders.dbt.staging_models import staging_description, staging_sql
from loaders.scaffold.sample_contract import infer_contract

_log = logging.getLogger(__name__)
_HEAD = "# yaml-language-server: $schema=../report.schema.json\n"
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,58}")
_CODE = re.compile(r"(CA|CH|SW)\d{2}")


def scaffold_report(
    root: Path,
    *,
    system: str,
    name: str,
    code: str,
    title: str = "",
    sample: Path | None = None,
    password: str | None = None,
    expectations: Path | None = None,
    remark: Callable[[str], None] = _log.warning,
) -> list[Path]:
    """Write what is missing of a report's files below `root`; contracts stand in `expectations`, there or elsewhere.

    `remark` hears what the person who edits the contract must know of the sample.

    Returns:
        The files that were written.

    Raises:
        ContractError: the contract is there and is wrong, or the one that would be written is: then nothing is written.
    """
    folder = expectations or root / "expectations"
    contract = folder / _system(system) / f"{name}.yml"
    if not contract.exists():
        _require_unused(load_contracts(folder), contract, name, code)
        facts = {
            "report": name,
            "code": code,
            "system": system,
            "title": {"zh": title or name, "en": name.replace("_", " ")},
            "grain": {"zh": "一行一条", "en": "one row per item"},
            "owner": {"role": {"zh": "报表负责人", "en": "owner of the report"}, "email": "owner@example.org"},
        }
        made = infer_contract(facts, sample, password)
        _write(contract, _checked(contract, made.fields))
        for one in made.remarks:
            remark(one)
        return [contract]
    report = load_report(contract)
    model = root / "dbt_project" / "models" / "staging" / report.system / f"stg_{report.system}__{report.report}.sql"
    wanted = {
        model: staging_sql(report),
        model.with_suffix(".yml"): staging_description(report),
        root / "tests" / "reports" / report.report / "README.md": _fixture_readme(report),
    }
    written = [path for path in wanted if not path.exists()]
    for path in written:
        _write(path, wanted[path])
    return written


def _system(text: str) -> str:
    if text not in set(System):
        raise ContractError(f'SYSTEM is one of {", ".join(System)}, not "{text}"')
    return text


def _require_unused(contracts: Contracts, contract: Path, name: str, code: str) -> None:
    """Refuse a name or a code that is none, or that another contract has."""
    if not _IDENTIFIER.fullmatch(name):
        raise ContractError(f'NAME is English in small letters, digits and _, at most 59, such as micro_project; not "{name}"')
    if not _CODE.fullmatch(code):
        raise ContractError(f'--code is CA, CH or SW and two digits, such as CH08; not "{code}"')
    others = sorted(contract.parent.parent.glob(f"*/{name}.y*ml"))
    if others:
        raise ContractError(f"there is a report {name} already: {others[0].parent.name}/{others[0].name}; choose another NAME")
    holder = next((report for report in contracts.reports.values() if report.code == code), None)
    if holder is not None:
        used = {report.code for report in contracts.reports.values()}
        free = next((f"{code[:2]}{number:02d}" for number in range(1, 100) if f"{code[:2]}{number:02d}" not in used), "none")
        raise ContractError(f"code {code} is that of {holder.system}/{holder.report}.yml; the next free one is {free}")


def _checked(contract: Path, fields: dict[str, Any]) -> str:
    """The text of the contract, once it was read again and found right."""
    text = _HEAD + "\n".join(_lines(fields)) + "\n"
    report, errors = report_from(contract, text)
    if report is None:
        raise ContractError("nothing was written: " + "; ".join(f"{detail.field}: {detail.message}" for detail in errors))
    return text


def _lines(fields: dict[str, Any]) -> Iterator[str]:
    """A contract as people write it: a line a field, and a line a column."""
    for name, value in fields.items():
        if name == "columns":
            yield "columns:"
            yield from (f"  - {_flow(column)}" for column in value)
        elif isinstance(value, dict) and name in {"owner", "source"}:
            yield f"{name}:"
            yield from (f"  {part}: {_flow(inner)}" for part, inner in value.items())
        else:
            yield f"{name}: {_flow(value)}"


def _flow(value: Any) -> str:
    """A value in one line, as YAML reads it, whatever stands in it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_flow(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str):
        return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)
    return json.dumps(value)


# Words that YAML takes for texts without quotes.
_WORD = r"[\w\u4e00-\u9fff（）@.-]"
_PLAIN = re.compile(rf"(?!(?:true|false|yes|no|on|off|null|y|n)$)[A-Za-z_\u4e00-\u9fff]{_WORD}*(?: {_WORD}+)*", re.IGNORECASE)


def _fixture_readme(report: Report) -> str:
    return (
        f"# {report.code} {report.title.zh}\n\n"
        "One folder a case: the document as an office would send it, `expected.csv` with the rows that must come out, and\n"
        "`expected.yml` with the issues and the furniture. A new folder is a new case; no test code is written.\n"
    )


def _write(path: Path, text: str) -> None:
    """Write a file that is not there yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
