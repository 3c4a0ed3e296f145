"""Builds the whole city into a folder, once per seed, span and version of this code."""

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
from sample_city import charity, civil_affairs, social_work
from sample_city.city import EXPECTATIONS, City
from sample_city.civil_affairs.organizations.social_organizations import build_register
from sample_city.documents.fixed_documents import FIXED_DOCUMENTS, deliver_fixed_documents
from sample_city.facts import Facts
from sample_city.faults.fault_log import FaultLog
from sample_city.reference import geography
from sample_city.reference.timetable import Span

BUILT = ("sftp", "api", "charity", "for_tests_only")
STAMP = "built.json"


def build_city(home: Path, seed: int, span: Span, facts: Facts | None = None) -> bool:
    """Builds the city into `home`, unless the same city was built there before.

    Returns:
        Whether the city was built now.
    """
    facts = facts or Facts()
    stamp = {"seed": seed, "months": str(span), "facts": dataclasses.asdict(facts), "code": _code_version()}
    # No city can be built while a contract is invalid. The existing one stays: an invalid contract stops its own report only.
    built = _read_stamp(home)
    if built == stamp or (built is not None and load_contracts(EXPECTATIONS).errors):
        return False
    folder = home / ".building"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _build_into(City(folder, seed, span, facts))
    (home / STAMP).unlink(missing_ok=True)
    for name in BUILT:
        shutil.rmtree(home / name, ignore_errors=True)
        (folder / name).rename(home / name)
    folder.rmdir()
    (home / STAMP).write_text(json.dumps(stamp), encoding="utf-8")
    return True


def _build_into(city: City) -> None:
    deliver_fixed_documents(city.folder / "sftp", city.span, city.log)
    # The register comes first: the three systems choose their organizations from it.
    build_register(city)
    _build_systems(city)
    _create_folders(city)
    truth = city.folder / "for_tests_only"
    (truth / "faults.json").write_text(json.dumps(city.log.records(), ensure_ascii=False, indent=1), encoding="utf-8")
    (truth / "personal_numbers.txt").write_text("\n".join(sorted(city.personal_numbers)) + "\n", encoding="utf-8")


def _build_systems(city: City) -> None:
    """Builds the three systems in parallel. They share the plans, and nothing that one of them writes."""
    builders = (social_work.build_documents, civil_affairs.build_documents, charity.build_documents)
    with ProcessPoolExecutor(len(builders), mp_context=get_context("fork")) as pool:
        for log, numbers in pool.map(_build_system, builders, repeat(city)):
            city.log.extend(log)
            city.personal_numbers |= numbers


def _build_system(build_documents: Callable[[City], None], city: City) -> tuple[FaultLog, set[str]]:
    """Builds one system in a process of its own, and returns what the others cannot see."""
    separate = dataclasses.replace(city, log=FaultLog(), personal_numbers=set())
    build_documents(separate)
    return separate.log, separate.personal_numbers


def _create_folders(city: City) -> None:
    """Creates a folder on the server for each report, even when nothing was sent yet."""
    for report in city.contracts.values():
        if isinstance(report.source, FileDrop):
            (city.sftp_folder(report) / report.source.folder).mkdir(parents=True, exist_ok=True)


def _read_stamp(home: Path) -> object:
    path = home / STAMP
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _code_version() -> str:
    """Hashes what determines the city's content: this package, its fixed documents, the divisions and the contracts."""
    root = Path(__file__).resolve().parent
    fixed = [path for path in FIXED_DOCUMENTS.rglob("*") if path.is_file()]
    sources = [*root.rglob("*.py"), *fixed, geography.DIVISIONS_FILE, *(root.parent / "expectations").glob("*/*.yml")]
    digest = hashlib.sha256()
    for path in sorted(sources):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
