"""The refusals of whole documents by the warehouse itself."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from loaders.contract import Replaces, Report, ShrinkLimit
from loaders.messages import issue_of, phrase
from loaders.model import Issue
from loaders.warehouse.postgres_limits import PostgresLimitExceeded


class DocumentRefused(Exception):
    """Carries the refusal out of the document's savepoint.

    `rows_accepted` is set where the rows passed and only their number did not.
    """

    def __init__(self, refusal: Issue, others: Sequence[Issue] = (), rows_accepted: int | None = None) -> None:
        super().__init__(refusal.message_en)
        self.issues = (refusal, *others)
        self.rows_accepted = rows_accepted


def period_unknown() -> Issue:
    """Neither the name nor the document says a period, and rows without one have no place."""
    return issue_of("period_unknown")


def rows_unaccounted(total: int, counted: int) -> Issue:
    """Rows went missing between reading and loading: our fault, and no reason to load the rest."""
    return issue_of("rows_unaccounted", found=str(counted), expected=str(total))


def document_shrank(report: Report, submission_id: int, before: int, now: int) -> Issue:
    """The document lost more rows than the contract lets pass unasked; a person may confirm it."""
    limit = report.shrink_limit or ShrinkLimit(0, 0)
    pct = f"{limit.pct:g}"
    return issue_of(
        "register_shrank" if report.replaces is Replaces.REGISTER else "document_shrank",
        found=str(now),
        before=before,
        bounds=phrase("bounds.pct_and_rows", pct=pct, rows=limit.rows) if limit.rows else phrase("bounds.pct", pct=pct),
        command=f'huimin accept {submission_id} --why "…"',
    )


def cannot_be_stored(detail: str) -> Issue:
    """A value that PostgreSQL cannot hold."""
    return issue_of("cannot_be_stored", found=detail)


def refusal_of(error: Exception) -> DocumentRefused:
    """Returns the refusal that an error in the load of a document means."""
    if isinstance(error, DocumentRefused):
        return error
    is_limit = isinstance(error, PostgresLimitExceeded)
    message = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    return DocumentRefused(cannot_be_stored(str(error) if is_limit else " ".join(str(message or error).split())))
