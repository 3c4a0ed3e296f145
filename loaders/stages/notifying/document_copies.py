"""What goes with a unit's own message: its documents with every issue marked in them.

A copy holds what the unit sent, personal numbers included: it goes to the unit's own mail only. A copy that cannot be made costs
the copy, and not the message.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from loaders.annotation import annotate
from loaders.feedback import IssueSection
from loaders.landing import fetch_landed
from loaders.outgoing_messages import Attachment
from loaders.settings import Settings
from loaders.warehouse import Warehouse

# Mail servers of offices take ten megabytes and more; what is larger stays where `huimin check --annotate` can make it.
_MOST_BYTES = 8 * 1024**2
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DocumentCopies:
    """Makes the copies for the messages of one run."""

    warehouse: Warehouse
    settings: Settings

    def __call__(self, section: IssueSection) -> Sequence[Attachment]:
        """Returns a copy of each document of a section; none where the contract has them switched off."""
        if not section.report.annotated_copies:
            return ()
        copies: list[Attachment] = []
        for submission_id in sorted({issue.submission_id for issue in section.issues}):
            copy = self._copy(section, submission_id)
            if copy is not None and sum(len(one.content) for one in (*copies, copy)) <= _MOST_BYTES:
                copies.append(copy)
        return copies

    def _copy(self, section: IssueSection, submission_id: int) -> Attachment | None:
        sha256, issues = self.warehouse.document_issues(submission_id)
        name = issues[0].source_uri.rsplit("/", 1)[-1] if issues else ""
        try:
            content = fetch_landed(self.settings.landing, sha256).read_bytes()
            if len(content) > _MOST_BYTES:
                return None
            copy = annotate(content, name, issues, section.report, lang=self.settings.message_language)
        except Exception as error:
            # Whatever a document does to its copy, the unit is told of its issues.
            _log.error("submission %s: no copy with its issues could be made (%s)", submission_id, type(error).__name__)
            return None
        return Attachment(copy.file_name, copy.content, _WORKBOOK)
