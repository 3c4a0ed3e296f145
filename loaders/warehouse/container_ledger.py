"""The warehouse for containers: registers a container together with its documents, and restores containers from records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from loaders.arrival import ContainerArrival
from loaders.contract import Report
from loaders.model import LandedFile, RemoteDocument
from loaders.warehouse.ledger import containers
from loaders.warehouse.ledger_maintenance import LedgerMaintenance
from loaders.warehouse.registration import register_document
from loaders.warehouse.submission import Submission


@dataclass(frozen=True, slots=True)
class RegisteredContainer:
    """What the ledger got with a container; `arrival` is None when its location showed the same last."""

    arrival: ContainerArrival | None
    members: tuple[tuple[RemoteDocument, LandedFile, Submission], ...]


class ContainerLedger(LedgerMaintenance):
    """The part of `Warehouse` for containers. Every call is one transaction."""

    def container_contents(self, report: Report) -> dict[str, ContainerArrival]:
        """Returns the newest version of each container of a report, by its location."""
        with self._persistent.transaction() as connection:
            return containers.contents(connection, report)

    def container_hashes(self, report: Report, uris: Sequence[str]) -> dict[str, list[str]]:
        """Returns the hashes of all versions of some containers, the newest first."""
        with self._persistent.transaction() as connection:
            return containers.hashes(connection, report, uris)

    @contextmanager
    def registering_container(
        self,
        pull_id: int,
        arrival: ContainerArrival,
        members: Sequence[tuple[RemoteDocument, LandedFile]],
        report: Report,
        *,
        is_final: bool,
    ) -> Iterator[RegisteredContainer]:
        """Registers a container and its documents around a body: all rows are committed after the body ended, or none.

        A process that dies before leaves a container that the ledger does not know, and the next pull brings it again.
        """
        with self._persistent.transaction() as connection:
            registered = containers.register(connection, pull_id, arrival, report, is_final=is_final)
            submissions = [
                (document, landed, submission)
                for document, landed in members
                if (submission := register_document(connection, pull_id, document, landed, report)) is not None
            ]
            yield RegisteredContainer(registered, tuple(submissions))

    def restore_container(self, pull_id: int, arrival: ContainerArrival, report: Report) -> bool:
        """Writes a container into the ledger as it arrived. Returns whether it was written."""
        with self._persistent.transaction() as connection:
            return containers.register(connection, pull_id, arrival, report, is_restored=True) is not None
