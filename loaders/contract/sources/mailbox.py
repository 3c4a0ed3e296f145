"""A mailbox: the attachments of mails are documents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import Field

from loaders.contract.regular_expression import pattern_errors
from loaders.contract.sources.container import MEMBER_GROUPS, Container
from loaders.contract.strict_model import Identifier, OneLine, StrictModel


class MoveMail(StrictModel):
    """What becomes of a mail whose attachments are in the ledger: it is moved into another folder of the mailbox."""

    move: OneLine


class Mailbox(StrictModel):
    """Mails in one folder of a mailbox that a connection reaches (imaps, imap).

    `attachments` is a regular expression for an attachment's name, `subject` one that the subject must match; their named groups
    `unit` and `period` say whose document it is, the attachment's before the subject's. `senders` maps addresses (or `@domain`)
    to reporting units, and then other senders' mails are not read. `container` opens attachments that are containers.
    """

    kind: Literal["mailbox"] = "mailbox"
    connection: Identifier
    folder: OneLine = "INBOX"
    attachments: str
    subject: str | None = None
    senders: Mapping[str, str] = Field(default_factory=dict)
    container: Container | None = None
    when_done: MoveMail | None = None

    def errors(self) -> Iterator[str]:
        """A pattern that is none, or that names what nobody reads; a sender that is no address."""
        for name, pattern in (("attachments", self.attachments), ("subject", self.subject)):
            errors = [] if pattern is None else list(pattern_errors(name, pattern))
            yield from errors
            if pattern is not None and not errors and not set(re.compile(pattern).groupindex) <= MEMBER_GROUPS:
                yield f"{name} may name the groups unit, period and revision, not {sorted(re.compile(pattern).groupindex)}"
        for address in self.senders:
            if re.fullmatch(r"[^@\s]*@[^@\s]+", address) is None:
                yield f'senders maps addresses (a@example.org) or domains (@example.org), found "{address}"'
        if self.when_done is not None and self.when_done.move == self.folder:
            yield f"when_done.move is the folder that is read, {self.folder}"

    @property
    def groups(self) -> frozenset[str]:
        """What a mail (its sender, its subject) and the names inside it say of a document."""
        patterns = [self.attachments, self.subject or "", self.container.members if self.container else ""]
        named = frozenset(name for pattern in patterns for name in re.compile(pattern).groupindex)
        return named | {"unit"} if self.senders else named
