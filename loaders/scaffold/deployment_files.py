"""`huimin init`: writes the folder of a new deployment, with one report, its sample documents and one indicator that work."""

from __future__ import annotations

import re
from pathlib import Path

from loaders.contract import ContractError
from loaders.contract.json_schema import editor_schema
from loaders.scaffold.indicator_files import NewIndicator, scaffold_indicator
from loaders.scaffold.new_file import write_new
from loaders.scaffold.report_files import scaffold_report

_TEMPLATE = Path(__file__).parent / "deployment_template"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,58}")
# Under other names in the template: one is hidden from packaging, the others are no modules of this package.
_RENAMED = {
    "gitignore": ".gitignore",
    "dags/reports.txt": "dags/reports.py",
    "dags/contract_errors.txt": "dags/contract_errors.py",
}


def scaffold_deployment(folder: Path, name: str) -> list[Path]:
    """Writes a deployment into a folder that does not exist yet.

    Returns:
        The files that were written.

    Raises:
        ContractError: the name is malformed, or the folder exists. Then nothing is written.
    """
    if not _NAME.fullmatch(name):
        raise ContractError(f'NAME is small letters, digits and _, beginning with a letter, such as qingxi; not "{name}"')
    if folder.exists():
        raise ContractError(f"{folder} exists already: choose another NAME, or remove it")
    for path in sorted(_TEMPLATE.rglob("*")):
        if path.is_file():
            relative = path.relative_to(_TEMPLATE).as_posix()
            write_new(folder / _RENAMED.get(relative, relative), path.read_text(encoding="utf-8").replace("__name__", name))
    write_new(folder / "expectations" / "report.schema.json", editor_schema())
    scaffold_report(folder, system="services", name="service_visit", code="FW-01")
    indicator = NewIndicator("FW-ZF-01", "走访人次", "Persons visited", "人次", quantity="visit_persons")
    scaffold_indicator(folder, "service_visit", indicator, remark=_refuse)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _refuse(remark: str) -> None:
    raise AssertionError(remark)
