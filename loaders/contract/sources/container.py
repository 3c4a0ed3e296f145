"""Containers: files that hold documents, such as a zip of workbooks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from loaders.contract.regular_expression import pattern_errors
from loaders.contract.strict_model import Identifier, StrictModel

MEMBER_GROUPS = frozenset({"unit", "period", "revision"})


class Container(StrictModel):
    """Files that are opened, because each member is a document of its own.

    `kind` is that of the files; containers inside them are opened too, whatever their kind. `members` is a regular expression for
    the path inside, e.g. `(?:.*/)?(?P<unit>\\d{6})_[^/]*\\.xlsx`; its named groups say what the name of the file does not.
    `password` names a connection that holds nothing else. A file that is no container is a document itself.
    """

    kind: Literal["zip", "gz", "tar"]
    members: str = ".+"
    password: Identifier | None = None

    def errors(self) -> Iterator[str]:
        """A pattern that is none, or that names what nobody reads."""
        errors = list(pattern_errors("members", self.members))
        yield from errors
        if not errors and not self.groups <= MEMBER_GROUPS:
            yield f"members may name the groups unit, period and revision, not {sorted(self.groups)}"

    @property
    def groups(self) -> frozenset[str]:
        """What a member's path says of it."""
        return frozenset(re.compile(self.members).groupindex)
