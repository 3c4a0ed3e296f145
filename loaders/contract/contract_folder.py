"""The folder of expectations -> contracts. A fault costs its own report alone; where all must be right, all faults are told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from loaders.contract.contract_file import ContractErrorDetail, file_name, read_contract
from loaders.contract.cross_rules.errors import cross_report_errors
from loaders.contract.deployment import deployment_of
from loaders.contract.report import Report
from loaders.contract.terms.lifecycle import former_names


class ContractError(ValueError):
    """One or more expectations files are wrong; the message lists every fault, with file and field."""


@dataclass(frozen=True, slots=True)
class Contracts:
    """What a folder of expectations holds: the reports whose contracts are sound, by name, and the faults of the others."""

    reports: Mapping[str, Report] = field(default_factory=dict)
    errors: tuple[ContractErrorDetail, ...] = ()

    @property
    def stopped(self) -> frozenset[str]:
        """The reports that have a fault: nothing is loaded of them until it is put right, and what is loaded stays."""
        return _reports_named(self.errors) - self.reports.keys()

    @property
    def present_names(self) -> Mapping[str, str]:
        """The present name of each report by every name that it had before."""
        return former_names(self.reports)

    def valid_report(self, name: str) -> Report:
        """The report of this name.

        Raises:
            ContractError: its contract has faults, all of which are listed, or there is none.
        """
        if name not in self.reports:
            raise (
                _contract_error(self.errors_of(name))
                if name in self.stopped
                else ContractError(f"there is no contract of {name}")
            )
        return self.reports[name]

    def errors_of(self, report: str) -> tuple[ContractErrorDetail, ...]:
        """The faults that stop a report."""
        return tuple(detail for detail in self.errors if report in detail.reports) if report not in self.reports else ()


def load_report(path: Path) -> Report:
    """Read one expectations file.

    Raises:
        ContractError: the file is no YAML, or breaks the contract's form; every fault is listed.
    """
    report, errors = read_contract(path)
    if report is None:
        raise _contract_error(errors)
    return report


def load_reports(folder: Path) -> dict[str, Report]:
    """Read every expectations file below `folder`, by report name; for where all of them must be right.

    Raises:
        ContractError: any file is wrong, two files share a report name or code, or a rule between reports does not fit both;
            every fault of every file is listed.
    """
    contracts = load_contracts(folder)
    if contracts.errors:
        raise _contract_error(contracts.errors)
    return dict(contracts.reports)


def load_contracts(folder: Path) -> Contracts:
    """Read every expectations file below `folder`; a file that is wrong costs its own report only.

    Of two files with one report name or code the one that was written last is at fault, and names the other. A rule between
    reports that does not fit is the fault of the report that it stands in.

    Raises:
        DeploymentError: the folder's deployment cannot be read, by which every contract is checked.
    """
    deployment = deployment_of(folder)
    read: dict[Path, Report] = {}
    errors: list[ContractErrorDetail] = []
    for path in _files(folder):
        report, found = read_contract(path, deployment) if path.suffix == ".yml" else (None, [_wrong_extension(path)])
        errors += found
        if report is not None:
            read[path] = report
    misplaced = [
        ContractErrorDetail(file_name(path), "name", f"the file must be {report.system}/{report.report}.yml", report.report)
        for path, report in read.items()
        if (path.parent.name, path.stem) != (report.system, report.report)
    ]
    last = {detail.file for detail in misplaced}
    oldest_first = sorted(read, key=lambda path: (file_name(path) in last, path.stat().st_mtime_ns, path))
    shared = [
        *_used_twice(oldest_first, "name", lambda path: read[path].report, "is already used by another report"),
        *_former_names_in_use(read, oldest_first),
        *_used_twice(oldest_first, "code", lambda path: read[path].code, "is already used by another report"),
    ]
    wrong = {detail.file for detail in (*misplaced, *shared)}
    own = {report.report: (path, report) for path, report in read.items() if file_name(path) not in wrong}
    between_reports = _between_reports(own, _reports_named([*errors, *misplaced, *shared]) - own.keys())
    wrong |= {detail.file for detail in between_reports}
    reports = {name: report for name, (path, report) in own.items() if file_name(path) not in wrong}
    return Contracts(reports, (*errors, *misplaced, *shared, *between_reports))


def _files(folder: Path) -> list[Path]:
    """The files that are meant as contracts; those that begin with a dot are what editors keep beside them."""
    found = [*folder.glob("*/*.yml"), *folder.glob("*/*.yaml")]
    return sorted(path for path in found if not path.name.startswith("."))


def _wrong_extension(path: Path) -> ContractErrorDetail:
    return ContractErrorDetail(file_name(path), "file", f"the file must be {path.stem}.yml")


def _used_twice(
    oldest_first: Iterable[Path], name: str, value_of: Callable[[Path], str], message: str
) -> Iterator[ContractErrorDetail]:
    """What several files say and one alone may say. The file that was there first keeps it: a copy is the newer one."""
    first: dict[str, Path] = {}
    for path in oldest_first:
        holder = first.setdefault(value_of(path), path)
        if holder != path:
            what = f"{value_of(path)} {message} ({file_name(holder)}); give one of the two another"
            yield ContractErrorDetail(file_name(path), name, what)


def _former_names_in_use(read: Mapping[Path, Report], oldest_first: Iterable[Path]) -> Iterator[ContractErrorDetail]:
    """The former names that are another report's name, or a former name of it: rows would belong to both."""
    users: dict[str, list[Path]] = {}
    for path in oldest_first:
        for name in (read[path].report, *read[path].formerly):
            users.setdefault(name, []).append(path)
    for path, report in read.items():
        for name in report.formerly:
            for other in (user for user in users[name] if user != path):
                what = f"{name} is a name of another report ({file_name(other)}); take it out of one of the two"
                yield ContractErrorDetail(file_name(path), "formerly", what)


def _between_reports(own: Mapping[str, tuple[Path, Report]], unread: Collection[str]) -> list[ContractErrorDetail]:
    """The faults of rules between reports; what a report that has faults itself would say to a rule is not known."""
    reports = {name: report for name, (_, report) in own.items()}
    return [
        ContractErrorDetail(file_name(path), f"cross_rules.{number} ({report.cross_rules[number].name})", detail)
        for path, report in own.values()
        for number, detail in cross_report_errors(report, reports, unread)
    ]


def _reports_named(errors: Iterable[ContractErrorDetail]) -> frozenset[str]:
    return frozenset[str]().union(*(detail.reports for detail in errors))


def _contract_error(errors: Collection[ContractErrorDetail]) -> ContractError:
    return ContractError("\n".join(map(str, errors)))
