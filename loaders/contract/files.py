"""The folder of expectations -> contracts. A fault costs its own report alone; where all must be right, all faults are told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from loaders.contract.contract_file import ContractFault, file_name, read_contract
from loaders.contract.cross_faults import faults_between
from loaders.contract.report import Report


class ContractError(ValueError):
    """One or more expectations files are wrong; the message lists every fault, with file and field."""


@dataclass(frozen=True, slots=True)
class Contracts:
    """What a folder of expectations holds: the reports whose contracts are sound, by name, and the faults of the others."""

    reports: Mapping[str, Report] = field(default_factory=dict)
    faults: tuple[ContractFault, ...] = ()

    @property
    def stopped(self) -> frozenset[str]:
        """The reports that have a fault: nothing is loaded of them until it is put right, and what is loaded stays."""
        return _named(self.faults) - self.reports.keys()

    def sound(self, name: str) -> Report:
        """The report of this name.

        Raises:
            ContractError: its contract has faults, all of which are listed, or there is none.
        """
        if name not in self.reports:
            raise _error(self.faults_of(name)) if name in self.stopped else ContractError(f"there is no contract of {name}")
        return self.reports[name]

    def faults_of(self, report: str) -> tuple[ContractFault, ...]:
        """The faults that stop a report."""
        return tuple(fault for fault in self.faults if report in fault.reports) if report not in self.reports else ()


def load_report(path: Path) -> Report:
    """Read one expectations file.

    Raises:
        ContractError: the file is no YAML, or breaks the contract's form; every fault is listed.
    """
    report, faults = read_contract(path)
    if report is None:
        raise _error(faults)
    return report


def load_reports(folder: Path) -> dict[str, Report]:
    """Read every expectations file below `folder`, by report name; for where all of them must be right.

    Raises:
        ContractError: any file is wrong, two files share a report name or code, or a rule between reports does not fit both;
            every fault of every file is listed.
    """
    contracts = load_contracts(folder)
    if contracts.faults:
        raise _error(contracts.faults)
    return dict(contracts.reports)


def load_contracts(folder: Path) -> Contracts:
    """Read every expectations file below `folder`; a file that is wrong costs its own report only.

    Of two files with one report name or code the one that was written last is at fault, and names the other. A rule between
    reports that does not fit is the fault of the report that it stands in.
    """
    read: dict[Path, Report] = {}
    faults: list[ContractFault] = []
    for path in _files(folder):
        report, found = read_contract(path) if path.suffix == ".yml" else (None, [_other_ending(path)])
        faults += found
        if report is not None:
            read[path] = report
    misplaced = [
        ContractFault(file_name(path), "report", f"the file must be {report.system}/{report.report}.yml", report.report)
        for path, report in read.items()
        if (path.parent.name, path.stem) != (report.system, report.report)
    ]
    last = {fault.file for fault in misplaced}
    in_turn = sorted(read, key=lambda path: (file_name(path) in last, path.stat().st_mtime_ns, path))
    shared = [
        *_shared(in_turn, "report", lambda path: read[path].report, "is already used by another report"),
        *_shared(in_turn, "code", lambda path: read[path].code, "is already used by another report"),
    ]
    wrong = {fault.file for fault in (*misplaced, *shared)}
    own = {report.report: (path, report) for path, report in read.items() if file_name(path) not in wrong}
    between = _between(own, _named([*faults, *misplaced, *shared]) - own.keys())
    wrong |= {fault.file for fault in between}
    reports = {name: report for name, (path, report) in own.items() if file_name(path) not in wrong}
    return Contracts(reports, (*faults, *misplaced, *shared, *between))


def _files(folder: Path) -> list[Path]:
    """The files that are meant as contracts; those that begin with a dot are what editors keep beside them."""
    found = [*folder.glob("*/*.yml"), *folder.glob("*/*.yaml")]
    return sorted(path for path in found if not path.name.startswith("."))


def _other_ending(path: Path) -> ContractFault:
    return ContractFault(file_name(path), "file", f"the file must be {path.stem}.yml")


def _shared(in_turn: Iterable[Path], name: str, value_of: Callable[[Path], str], words: str) -> Iterator[ContractFault]:
    """What several files say and one alone may say. The file that was there first keeps it: a copy is the newer one."""
    first: dict[str, Path] = {}
    for path in in_turn:
        holder = first.setdefault(value_of(path), path)
        if holder != path:
            what = f"{value_of(path)} {words} ({file_name(holder)}); give one of the two another"
            yield ContractFault(file_name(path), name, what)


def _between(own: Mapping[str, tuple[Path, Report]], unread: Collection[str]) -> list[ContractFault]:
    """The faults of rules between reports; what a report that has faults itself would say to a rule is not known."""
    reports = {name: report for name, (_, report) in own.items()}
    return [
        ContractFault(file_name(path), f"cross_rules.{number} ({report.cross_rules[number].name})", fault)
        for path, report in own.values()
        for number, fault in faults_between(report, reports, unread)
    ]


def _named(faults: Iterable[ContractFault]) -> frozenset[str]:
    return frozenset[str]().union(*(fault.reports for fault in faults))


def _error(faults: Collection[ContractFault]) -> ContractError:
    return ContractError("\n".join(map(str, faults)))
