"""What a backup holds, as its `manifest.json` says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from loaders.backup.place import BackupError, BackupPlace

BACKUPS, OBJECTS, RECORDS = "backups", "objects", "records"
MANIFEST = "manifest.json"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a backup: its name in the backup's folder, its size in bytes and its SHA-256."""

    name: str
    byte_size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One backup. `account` has the rows of all landed documents at its point in time: total, loaded, quarantined, furniture."""

    backup_id: str
    created_at: str
    program_version: str
    program_revision: str | None
    schema_revision: str
    server_version: int
    key_fingerprint: str
    files_count: int
    account: dict[str, int]
    parts: tuple[Part, ...] = field(default=())

    def part(self, name: str) -> Part:
        """Returns a part by its name.

        Raises:
            BackupError: the backup has no such part.
        """
        for one in self.parts:
            if one.name == name:
                return one
        raise BackupError(f"backup {self.backup_id} has no {name}; its parts: {', '.join(one.name for one in self.parts)}")

    @property
    def folder(self) -> str:
        """The name of its folder at the place."""
        return f"{BACKUPS}/{self.backup_id}"

    def to_json(self) -> bytes:
        """Returns the manifest as it is written."""
        return (json.dumps({"version": _VERSION, **asdict(self)}, indent=1, ensure_ascii=False) + "\n").encode()


def list_backups(place: BackupPlace) -> list[str]:
    """Returns the whole backups at a place, the oldest first."""
    suffix = f"/{MANIFEST}"
    return sorted(name.removesuffix(suffix).rpartition("/")[2] for name in place.sizes(BACKUPS) if name.endswith(suffix))


def read_manifest(place: BackupPlace, backup_id: str | None = None) -> Manifest:
    """Reads the manifest of a backup; without a number, of the newest.

    Raises:
        BackupError: there is no such backup, or it was written by a newer program.
    """
    known = list_backups(place)
    wanted = backup_id or (known[-1] if known else None)
    if wanted is None or wanted not in known:
        raise BackupError(
            f"expected backup {wanted or 'any'} at {place}, found {_listed(known)}; "
            "the place is what holds backups/, objects/ and records/"
        )
    with place.reading(f"{BACKUPS}/{wanted}/{MANIFEST}") as file:
        content: dict[str, Any] = json.load(file)
    if content.pop("version", None) != _VERSION:
        raise BackupError(f"backup {wanted} was made by another version of this program; restore it with that one")
    parts = tuple(Part(**part) for part in content.pop("parts"))
    return Manifest(**content, parts=parts)


def _listed(known: Sequence[str]) -> str:
    return ", ".join(known) if known else "no whole backup"
