"""Files that a connection reaches, and how to know that they are whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from loaders.contract.regular_expression import pattern_errors
from loaders.contract.sources.container import MEMBER_GROUPS, Container
from loaders.contract.strict_model import Identifier, StrictModel

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


class Marker(StrictModel):
    """A file beside each document that says it is whole, e.g. `{name}.ok`; `{stem}` is the name without its ending."""

    marker: str

    def errors(self) -> Iterator[str]:
        """A marker that would be the same for all documents, or the document itself."""
        if not {"{name}", "{stem}"} & set(_PLACEHOLDER.findall(self.marker)) or self.marker == "{name}":
            yield f"marker must hold {{name}} or {{stem}} and something else, e.g. {{name}}.ok, found {self.marker}"
        for other in set(_PLACEHOLDER.findall(self.marker)) - {"{name}", "{stem}"}:
            yield f"marker may hold {{name}} and {{stem}}, not {other}"


class Manifest(StrictModel):
    """A CSV file in the folder of the documents that lists those that are whole: `name,size` and, if wanted, `sha256`."""

    manifest: str = Field(min_length=1, pattern=r"^[^/]+$")


class FileDrop(StrictModel):
    """Files under a folder that a connection reaches (file, sftp, ftp, ftps, webdav, webdavs, s3).

    `pattern` is a regular expression for the path below the folder; its named groups `unit` and `period` say whose document
    it is. A file is whole when it was not changed for `settle_seconds`; a younger one waits for the next run. `complete_when`
    says how else a file is known to be whole: by a `marker` beside it, by a `manifest` that lists it, or because uploads are
    `renamed` to a name that matches when they end. `container` opens files that hold documents.
    """

    kind: Literal["file_drop"] = "file_drop"
    connection: Identifier
    folder: str = ""
    pattern: str
    settle_seconds: float = Field(default=120.0, ge=0)
    complete_when: Literal["renamed"] | Marker | Manifest | None = None
    container: Container | None = None

    def errors(self) -> Iterator[str]:
        """A pattern that is none, or that names what nobody reads."""
        errors = list(pattern_errors("pattern", self.pattern))
        yield from errors
        if not errors and not self.pattern_groups <= MEMBER_GROUPS:
            yield f"pattern may name the groups unit, period and revision, not {sorted(self.pattern_groups)}"

    @property
    def groups(self) -> frozenset[str]:
        """What the names of a document, outside and inside a container, say of it."""
        return self.pattern_groups | (self.container.groups if self.container else frozenset())

    @property
    def pattern_groups(self) -> frozenset[str]:
        """What the name of a file says."""
        return frozenset(re.compile(self.pattern).groupindex)
