"""Opens containers between the fetch and the ledger: each member is landed and becomes a document of its own.

The container itself is landed as it came. It and its members enter the ledger in one transaction: a process that dies before
leaves a container that the ledger does not know, and the next pull brings it again.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from loaders.arrival import ContainerArrival, container_of, member_place
from loaders.contract import LocalizedText, Mailbox, Report
from loaders.landing import land, open_batch, write_record
from loaders.messages import localized, phrase
from loaders.model import KnownVersion, LandedFile, Pull, RemoteDocument, Selection
from loaders.reading import Member, ReaderPool, Unpacked, UnpackRequest
from loaders.settings import Settings
from loaders.sources import Source
from loaders.stages.document_landing import NotLanded, fetch_document
from loaders.stages.member_names import MemberNames, container_options, holds_containers, is_no_document, unpacking_fingerprint
from loaders.warehouse import Warehouse

_ABANDONED_SECONDS = 24 * 3600
# A password that is set or corrected later is no change of the container, which must be opened again all the same.
_CURED_BY_PASSWORD = frozenset({"member.encrypted", "member.password"})
_KINDS = {"zip": {"zip"}, "gz": {"gz"}, "tar": {"tar", "gz"}}


@dataclass(frozen=True, slots=True)
class UnreadMember:
    """A member that is no document of this report, with the code of the reason; `path` is empty for the container itself."""

    path: str
    code: str
    reason: LocalizedText


def needs_password(members: Iterable[UnreadMember]) -> bool:
    """Returns whether a password would make some of these readable."""
    return any(member.code in _CURED_BY_PASSWORD for member in members)


@dataclass(frozen=True, slots=True)
class OpenedContainer:
    """A landed container with its chosen documents, landed as well.

    `places` are those of all documents that it shows, chosen or not, readable or not; of one that could not be read to its end
    also those that it held before. `has_other_documents`: some were not chosen.
    """

    document: RemoteDocument
    landed: LandedFile
    documents: tuple[tuple[RemoteDocument, LandedFile], ...]
    unread: tuple[UnreadMember, ...]
    places: frozenset[str]
    has_other_documents: bool

    @property
    def is_final(self) -> bool:
        """Whether opening it again would bring nothing new, as long as the contract and the container stay."""
        return not self.has_other_documents and not needs_password(self.unread)


@dataclass(frozen=True, slots=True)
class OpenedPull:
    """A pull whose containers were opened. `pull` has the documents that are none; `landed` those of them that came already.

    `missed` are the containers that could not be fetched, each with the reason for an engineer, if there is one.
    """

    pull: Pull
    containers: tuple[OpenedContainer, ...] = ()
    landed: Mapping[str, LandedFile] = field(default_factory=dict)
    missed: Mapping[str, str | None] = field(default_factory=dict)


def known_at_source(
    known: Collection[KnownVersion], contents: Mapping[str, ContainerArrival], report: Report
) -> frozenset[KnownVersion]:
    """Returns the versions of what the source itself shows: no members, and no container that a changed contract opens anew."""
    if not contents:
        return frozenset(known)
    current = unpacking_fingerprint(report)
    return frozenset(
        version
        for version in known
        if container_of(version.uri, contents) is None
        and (version.uri not in contents or contents[version.uri].unpacked_by == current)
    )


def selected_at_source(selection: Selection, contents: Mapping[str, ContainerArrival], report: Report) -> Selection | None:
    """Returns what to choose at the source: containers in place of members, and all when units or periods are chosen."""
    if not selection:
        return None
    if not holds_containers(report):
        return selection
    return Selection(uris=tuple(dict.fromkeys(container_of(uri, contents) or uri for uri in selection.uris)))


def chosen_places(uris: Sequence[str], contents: Mapping[str, ContainerArrival]) -> list[str]:
    """Returns places with the documents of the containers among them."""
    inside = (place for uri in uris if uri in contents for place in contents[uri].documents)
    return list(dict.fromkeys([*uris, *inside]))


def open_containers(
    source: Source,
    pull: Pull,
    report: Report,
    settings: Settings,
    selection: Selection,
    contents: Mapping[str, ContainerArrival],
) -> OpenedPull:
    """Fetches and opens the containers of a pull; their members count as present where the pull saw all that there is."""
    if not holds_containers(report):
        return OpenedPull(pull)
    opener = _Opener(report, settings, selection, contents)
    containers: list[OpenedContainer] = []
    plain: dict[str, LandedFile] = {}
    missed: dict[str, str | None] = {}
    with ReaderPool(settings.reading) as pool:
        for document in pull.remote_documents:
            with open_batch(settings.landing) as batch:
                landed = fetch_document(source, document, batch)
                batch.flush()
            if isinstance(landed, NotLanded):
                missed[document.uri] = landed.reason
            elif (opened := opener.open(document, landed, pool)) is not None:
                containers.append(opened)
            else:
                plain[document.uri] = landed
    documents = tuple(document for document in pull.remote_documents if document.uri in plain and opener.chooses(document))
    present = None if pull.present is None else _present(pull.present, containers, contents)
    return OpenedPull(replace(pull, remote_documents=documents, present=present), tuple(containers), plain, missed)


def register_container(
    warehouse: Warehouse, settings: Settings, report: Report, pull_id: int, container: OpenedContainer, cursor_to: str | None
) -> None:
    """Enters a container and its documents in the ledger, with their records in the landing."""
    document, landed = container.document, container.landed
    arrival = ContainerArrival(
        report=report.report,
        uri=document.uri,
        size=document.size,
        modified_at=document.modified_at,
        sha256=landed.sha256,
        byte_size=landed.size,
        arrived_at=document.modified_at,
        documents=tuple(sorted(container.places)),
        unpacked_by=unpacking_fingerprint(report),
        cursor_to=cursor_to,
    )
    is_final = container.is_final
    with warehouse.registering_container(pull_id, arrival, container.documents, report, is_final=is_final) as registered:
        if registered.arrival is not None:
            write_record(settings.landing, registered.arrival)
        for member, file, submission in registered.members:
            write_record(settings.landing, submission.arrival_of(member, file, cursor_to))


@contextmanager
def unpacked(
    landed: Path, name: str, report: Report, settings: Settings, pool: ReaderPool
) -> Iterator[tuple[Path, Unpacked, LocalizedText | None]]:
    """Unpacks a landed container into a folder for the time of the body: the folder, what is in it, and why it was ended."""
    options = container_options(report)
    home = settings.home / "unpacking"
    home.mkdir(parents=True, exist_ok=True, mode=0o750)
    _delete_abandoned(home)
    with tempfile.TemporaryDirectory(dir=home) as folder:
        request = UnpackRequest(
            path=landed,
            folder=Path(folder),
            name=name,
            is_mail=isinstance(report.source, Mailbox),
            opens_nested=options is not None,
            password=settings.password(options.password) if options and options.password else None,
        )
        outcome = pool.unpack(request)
        if isinstance(outcome, Unpacked):
            yield Path(folder), outcome, None
        else:
            yield Path(folder), Unpacked(options.kind if options else "mail"), localized(outcome.message_zh, outcome.message_en)


class _Opener:
    """Opens containers of one report, and chooses among their members."""

    def __init__(
        self, report: Report, settings: Settings, selection: Selection, contents: Mapping[str, ContainerArrival]
    ) -> None:
        self._report = report
        self._settings = settings
        self._selection = selection
        self._contents = contents
        self._names = MemberNames(report)

    def chooses(self, document: RemoteDocument, container: str | None = None) -> bool:
        """Returns whether a document is among the chosen ones, by itself or with its container."""
        selection = replace(self._selection, uris=()) if container in self._selection.uris else self._selection
        return selection.includes(document.uri, document.unit, document.period)

    def open(self, document: RemoteDocument, landed: LandedFile, pool: ReaderPool) -> OpenedContainer | None:
        """Opens a landed container; None for a file that is none."""
        name = document.uri.rsplit("/", 1)[-1]
        with unpacked(landed.path, name, self._report, self._settings, pool) as (folder, found, ended):
            if found.kind is None:
                return None
            unread = list(self._errors(found, ended))
            members = () if any(member.code == "container.other_kind" for member in unread) else found.members
            before = self._contents[document.uri].documents if unread and document.uri in self._contents else ()
            documents = list(self._documents(document, members, folder, unread))
        accepted = (member.path for member in members if self._names.read(member.path) is not None)
        places = frozenset([*before, *(member_place(document.uri, path) for path in accepted)])
        if not places and not unread:
            unread.append(_unread("", "container.empty"))
        chosen = tuple(pair for pair in documents if self.chooses(pair[0], document.uri))
        return OpenedContainer(document, landed, chosen, tuple(unread), places, has_other_documents=len(chosen) < len(documents))

    def _errors(self, found: Unpacked, ended: LocalizedText | None) -> Iterator[UnreadMember]:
        """Yields what is wrong with the container as a whole."""
        options = container_options(self._report)
        if ended is not None:
            yield UnreadMember("", "container.ended", ended)
        elif found.error is not None:
            yield _unread("", found.error)
        if options is not None and found.kind not in {*_KINDS[options.kind], "mail"}:
            yield _unread("", "container.other_kind", found=str(found.kind), expected=options.kind)

    def _documents(
        self, container: RemoteDocument, members: Sequence[Member], folder: Path, unread: list[UnreadMember]
    ) -> Iterator[tuple[RemoteDocument, LandedFile]]:
        for member in members:
            if is_no_document(member.path):
                continue
            if member.error is not None:
                unread.append(_unread(member.path, member.error))
            elif (document := self._names.document(container, member.path, _size(folder, member))) is None:
                unread.append(_unread(member.path, "container.unmatched", expected=""))
            else:
                yield document, _land_member(self._settings, folder, member)


def _unread(path: str, code: str, **parameters: str) -> UnreadMember:
    return UnreadMember(path, code, phrase(code, **parameters))


def _size(folder: Path, member: Member) -> int:
    return (folder / str(member.file)).stat().st_size


def _land_member(settings: Settings, folder: Path, member: Member) -> LandedFile:
    with (folder / str(member.file)).open("rb") as file:
        return land(settings.landing, lambda target: shutil.copyfileobj(file, target))


def _present(
    listed: frozenset[str], opened: Sequence[OpenedContainer], contents: Mapping[str, ContainerArrival]
) -> frozenset[str]:
    """Returns the places that hold something: those listed, and those inside containers, opened now or unchanged."""
    now = {container.document.uri: container.places for container in opened}
    unchanged = [contents[uri].documents for uri in listed & contents.keys() - now.keys()]
    return listed.union(*now.values(), *unchanged)


def _delete_abandoned(home: Path) -> None:
    """Deletes the folders of processes that were killed long ago."""
    for folder in home.iterdir():
        if time.time() - folder.stat().st_mtime > _ABANDONED_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
