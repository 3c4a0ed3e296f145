"""Expectations files -> contracts; every fault of every file in one message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from loaders.contract.closed import Words
from loaders.contract.columns import Column
from loaders.contract.cross import AgreesWith, Alive, ExistsIn, NeverFalls, SumAgrees
from loaders.contract.cross_faults import faults_between
from loaders.contract.documents import Database, Delimited, FileDrop, HttpApi, Layout, Workbook
from loaders.contract.report import Owner, Report, Rule

_CROSS = (ExistsIn, Alive, AgreesWith, SumAgrees, NeverFalls)
_PARTS = (Report, Column, Rule, Layout, Owner, Words, FileDrop, HttpApi, Database, Workbook, Delimited, *_CROSS)
_FIELDS = tuple(dict.fromkeys(field.alias or name for part in _PARTS for name, field in part.model_fields.items()))
_LONGEST_SHOWN = 80


class ContractError(ValueError):
    """One or more expectations files are wrong; the message lists every fault, with file and field."""


def load_report(path: Path) -> Report:
    """Read one expectations file.

    Raises:
        ContractError: the file is no YAML, or breaks the contract's form; every fault is listed.
    """
    faults = _Faults()
    report = faults.collect(path)
    if report is None:
        raise faults.error()
    return report


def load_reports(folder: Path) -> dict[str, Report]:
    """Read every expectations file below `folder`, by report name.

    Raises:
        ContractError: any file is wrong, two files share a report name or code, or a rule between reports does not fit both;
            every fault of every file is listed.
    """
    faults = _Faults()
    reports: dict[str, Report] = {}
    codes: dict[str, Path] = {}
    unread: set[str] = set()
    for path in sorted(folder.glob("*/*.yml")):
        report = faults.collect(path)
        if report is None:
            unread.add(path.stem)
            continue
        if (path.parent.name, path.stem) != (report.system, report.report):
            faults.add(path, "report", f"the file must be {report.system}/{report.report}.yml")
        if report.report in reports:
            faults.add(path, "report", f"{report.report} is already used by another system's report")
        if report.code in codes:
            faults.add(path, "code", f"{report.code} is already used by {codes[report.code].name}")
        codes[report.code] = path
        reports[report.report] = report
    for report in reports.values():
        for number, fault in faults_between(report, reports, unread):
            faults.add(codes[report.code], f"cross_rules.{number} ({report.cross_rules[number].name})", fault)
    if faults.lines:
        raise faults.error()
    return reports


class _Faults:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, path: Path, field: str, message: str) -> None:
        self.lines.append(f"{path.parent.name}/{path.name}: {field}: {message}")

    def collect(self, path: Path) -> Report | None:
        try:
            content = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a safe loader, in C
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            self.add(path, "file", " ".join(str(error).split()))
            return None
        try:
            return Report.model_validate(content)
        except ValidationError as error:
            for fault in error.errors():
                for place, message in _told(fault, content):
                    self.add(path, place, message)
            return None

    def error(self) -> ContractError:
        return ContractError("\n".join(self.lines))


class _Loader(yaml.CSafeLoader):
    """YAML in which no field may be said twice: the first of the two would be lost without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            name = key.value
            if name in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{name} is said twice", key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


def _told(fault: Mapping[str, Any], content: Any) -> Iterator[tuple[str, str]]:
    """The place and the words of a fault; one that lists several is told as several."""
    place = _place(fault["loc"], content)
    if fault["type"] == "value_error":
        for message in str(fault["ctx"]["error"]).split("; "):
            yield place, message
    elif fault["type"] == "missing":
        yield place, "is missing"
    elif fault["type"] == "extra_forbidden":
        yield place, f"is no field here{_guess(str(fault['loc'][-1]))}"
    else:
        yield place, f"{fault['msg']}, found {_short(fault['input'])}"


def _place(location: tuple[int | str, ...], content: Any) -> str:
    """The field, with the name of the column or rule beside its number: `columns.3 (town_code).header`."""
    parts = []
    for part in location:
        content = content.get(part) if isinstance(content, dict) else _item(content, part)
        named = content.get("name") or content.get("expect") if isinstance(content, dict) and isinstance(part, int) else None
        parts.append(f"{part} ({named})" if named else str(part))
    return ".".join(parts) or "report"


def _item(content: Any, part: int | str) -> Any:
    return content[part] if isinstance(content, list) and isinstance(part, int) and part < len(content) else None


def _guess(name: str) -> str:
    close = get_close_matches(name, _FIELDS, n=1)
    return f'; did you mean "{close[0]}"?' if close else ""


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
