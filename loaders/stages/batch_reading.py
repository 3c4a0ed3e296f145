"""Reads the landed documents of a batch in killable children; one whose landed file is lost gives no rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from loaders.contract import Report
from loaders.landing import landed_path
from loaders.model import Reading
from loaders.reading import ReaderPool, ReadRequest, refused
from loaders.settings import Settings
from loaders.stages.landing_repair import lost_file_issue
from loaders.warehouse import Submission


def read_documents(
    report: Report, submissions: Sequence[Submission], lost: Mapping[int, str], settings: Settings, pool: ReaderPool
) -> list[Reading]:
    """The reading of each submission; one whose landed file is lost, with the reason by its number, gives none."""
    whole = [submission for submission in submissions if submission.submission_id not in lost]
    readings = iter(pool.read_many([_request(submission, report, settings) for submission in whole]))
    return [
        refused(report, lost_file_issue(lost[submission.submission_id])) if submission.submission_id in lost else next(readings)
        for submission in submissions
    ]


def _request(submission: Submission, report: Report, settings: Settings) -> ReadRequest:
    password = getattr(report.format, "password", None)
    return ReadRequest(
        path=landed_path(settings.landing, submission.sha256),
        report=report,
        period=submission.period,
        password=settings.password(password) if password else None,
    )
