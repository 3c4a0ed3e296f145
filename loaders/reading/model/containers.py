"""Request to unpack a container, and its result: the members as files of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

ContainerKind = Literal["zip", "gz", "tar", "mail"]


@dataclass(frozen=True, slots=True)
class UnpackRequest:
    """Request to unpack one container into an existing empty folder.

    `name` is the container's own file name: a gz file does not name its member reliably. A mail is always a container; any other
    file is one if its bytes say so. `opens_nested`: containers inside are opened as well.
    """

    path: Path
    folder: Path
    name: str
    is_mail: bool = False
    opens_nested: bool = True
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a container: its path inside (`inner.zip!/a.xlsx` in a nested one) and the name of its file in the folder.

    `error` is the code of a phrase when the member could not be had; then it has no file.
    """

    path: str
    file: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The members of a container. `kind` is None when the file is no container; then there are none.

    `error` is the code of a phrase when the container could not be read to its end; the members that came before are there.
    """

    kind: ContainerKind | None
    members: tuple[Member, ...] = ()
    error: str | None = None
