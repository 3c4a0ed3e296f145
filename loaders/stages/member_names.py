"""What the path of a member says of its document, and which report's contract knows it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from loaders.arrival import member_place
from loaders.contract import Container, Contracts, FileDrop, Mailbox, Report
from loaders.model import RemoteDocument
from loaders.period import Period
from loaders.sources import FileNamePattern, is_ignored_file, place_of

_SEPARATOR = "!/"


def container_options(report: Report) -> Container | None:
    """Returns what the report's contract says of containers."""
    return getattr(report.source, "container", None)


def holds_containers(report: Report) -> bool:
    """Returns whether documents of this report come inside others."""
    return isinstance(report.source, Mailbox) or container_options(report) is not None


def unpacking_fingerprint(report: Report) -> str:
    """Returns a text that changes when the contract takes other members of a container, or by another password."""
    options = container_options(report)
    attachments = report.source.attachments if isinstance(report.source, Mailbox) else ""
    text = f"{options.model_dump_json() if options else ''}\n{attachments}\n{report.period_kind}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class MemberNames:
    """The names of members that one report's contract accepts."""

    def __init__(self, report: Report) -> None:
        options = container_options(report)
        self._members = FileNamePattern(report, pattern=options.members) if options else None
        attachments = report.source.attachments if isinstance(report.source, Mailbox) else None
        self._attachments = FileNamePattern(report, pattern=attachments) if attachments is not None else None

    def read(self, path: str) -> tuple[str | None, Period | None] | None:
        """Returns the unit and the period that a path says; None for a path that the contract does not accept."""
        if self._attachments is None:
            return self._read_member(path)
        attachment, _, inside = path.partition(_SEPARATOR)
        outer = self._attachments.read(attachment)
        inner = self._read_member(inside) if inside else (None, None)
        return None if outer is None or inner is None else (inner[0] or outer[0], inner[1] or outer[1])

    def document(self, container: RemoteDocument, path: str, size: int) -> RemoteDocument | None:
        """Returns a member as a document; what its path does not say, the container's name does."""
        stated = self.read(path)
        if stated is None:
            return None
        unit, period = stated[0] or container.unit, stated[1] or container.period
        place = member_place(container.uri, path)
        return RemoteDocument(container.report, place, container.modified_at, size, unit, period)

    def _read_member(self, path: str) -> tuple[str | None, Period | None] | None:
        """Reads the whole path, then the path inside the innermost container: a contract need not say how often all is packed."""
        if self._members is None:
            return None
        return self._members.read(path) or self._members.read(path.rsplit(_SEPARATOR, 1)[-1])


def is_no_document(path: str) -> bool:
    """Returns whether a member is one that programs leave beside documents (`__MACOSX/`, `Thumbs.db`, `~$a.xlsx`)."""
    return any(is_ignored_file(part) for part in path.split(_SEPARATOR))


def is_known_to_another(container: RemoteDocument, path: str, report: Report, contracts: Contracts) -> bool:
    """Returns whether another report opens the same container and knows this member: then nobody is notified of it."""
    return any(MemberNames(other).read(path) is not None for other in _sharing(container.uri, report, contracts))


def _sharing(uri: str, report: Report, contracts: Contracts) -> Iterator[Report]:
    for other in contracts.reports.values():
        if other.report == report.report or not holds_containers(other):
            continue
        if isinstance(other.source, FileDrop):
            place = place_of(other.source)
            if uri.startswith(place) and FileNamePattern(other, other.source).read(uri.removeprefix(place)) is not None:
                yield other
        elif isinstance(other.source, Mailbox) and isinstance(report.source, Mailbox):
            own = (report.source.connection, report.source.folder)
            if (other.source.connection, other.source.folder) == own:
                yield other
