"""Lost landed files of members are taken from their containers: from the landed ones, which hold the same bytes."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from loaders.arrival import container_of, member_place
from loaders.contract import Report
from loaders.landing import ContentMismatch, FileState, fetch_landed, land, state_of
from loaders.reading import ReaderPool
from loaders.settings import Settings
from loaders.stages.container_landing import unpacked
from loaders.stages.member_names import holds_containers
from loaders.warehouse import Warehouse

Wanted = Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class LostMembers:
    """Wanted members by their places, each with its container, and the hashes of all versions of those containers."""

    containers: Mapping[str, str]
    hashes: Wanted


def lost_members(report: Report, wanted: Wanted, settings: Settings) -> LostMembers:
    """Finds the members among wanted documents."""
    outer = sorted({place for uri in wanted for place in _outer_places(uri)}) if holds_containers(report) else []
    hashes = Warehouse(settings.warehouse_url).container_hashes(report, outer) if outer else {}
    found = {uri: container_of(uri, hashes) for uri in wanted}
    return LostMembers({uri: place for uri, place in found.items() if place is not None}, hashes)


def restore_members(report: Report, members: LostMembers, wanted: Wanted, settings: Settings) -> None:
    """Lands wanted members again from the landed files of their containers, as far as these are intact."""
    with ReaderPool(settings.reading) as pool:
        for container in sorted(set(members.containers.values())):
            lost = {uri: set(wanted[uri]) for uri, place in members.containers.items() if place == container}
            for sha256 in members.hashes[container]:
                if state_of(settings.landing, sha256) is FileState.INTACT and _lost(lost, settings):
                    _restore(report, container, sha256, lost, settings, pool)


def _restore(report: Report, container: str, sha256: str, lost: Wanted, settings: Settings, pool: ReaderPool) -> None:
    name = container.rsplit("/", 1)[-1]
    with unpacked(fetch_landed(settings.landing, sha256), name, report, settings, pool) as (folder, found, _):
        for member in found.members:
            hashes = lost.get(member_place(container, member.path))
            if hashes and member.file is not None:
                with (folder / member.file).open("rb") as file:
                    try:
                        land(settings.landing, lambda target, file=file: shutil.copyfileobj(file, target), allowed_hashes=hashes)  # type: ignore[misc]
                    except ContentMismatch:
                        continue


def _lost(wanted: Wanted, settings: Settings) -> bool:
    return any(state_of(settings.landing, sha256) is not FileState.INTACT for hashes in wanted.values() for sha256 in hashes)


def _outer_places(uri: str) -> Iterator[str]:
    parts = uri.split("!/")
    for count in range(1, len(parts)):
        yield "!/".join(parts[:count])
