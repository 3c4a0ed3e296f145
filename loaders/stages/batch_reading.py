"""Reads the landed documents of a batch in killable children; one whose landed file is lost gives no rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loaders.contract import Report
from loaders.divisions import Divisions
from loaders.identifiers.personal_keys import PersonalKeys
from loaders.landing import landed_path
from loaders.model import Reading
from loaders.reading import ReaderPool, ReadRequest, refused
from loaders.settings import Settings
from loaders.stages.landing_repair import lost_file_issue, lost_files
from loaders.stages.notifications import record_lost_files
from loaders.validation import Validator
from loaders.warehouse import Submission, Warehouse


@dataclass(frozen=True, slots=True)
class ReadBatch:
    """Claimed submissions of one report and their readings, ready to be validated and loaded."""

    report: Report
    token: int
    submissions: list[Submission]
    readings: list[Reading]
    validator: Validator


def personal_keys(settings: Settings) -> PersonalKeys:
    """Returns the keys of personal numbers of this process.

    Raises:
        SettingsError: the key is not set, or too short.
    """
    return PersonalKeys(settings.hashing_key, settings.old_pii_key)


def make_validator(report: Report, settings: Settings, *, prefer_pandas: bool = False) -> Validator:
    """Returns the validator of a report, which hashes with the first key of the warehouse.

    Raises:
        SettingsError: the key of personal numbers is not set, or too short.
        KeyRefused: it is another one than that of the warehouse.
    """
    base_key = Warehouse(settings.warehouse_url).base_key(personal_keys(settings))
    return Validator(report, Divisions.load(settings.divisions), base_key, prefer_pandas=prefer_pandas)


def claim_and_read(
    report: Report, submission_ids: Sequence[int], settings: Settings, pool: ReaderPool, *, prefer_pandas: bool
) -> ReadBatch:
    """Claims landed submissions and reads them, while the rule engine loads."""
    warehouse = Warehouse(settings.warehouse_url)
    validator = make_validator(report, settings, prefer_pandas=prefer_pandas)
    validator.preload()
    token, submissions = warehouse.claim(report, submission_ids)
    lost = lost_files(report, submissions, settings)
    record_lost_files(report, warehouse, {one.source_uri: lost.get(one.submission_id) for one in submissions})
    submissions = warehouse.discard_lost_reloads(report, token, submissions, lost)
    return ReadBatch(report, token, submissions, read_documents(report, submissions, lost, settings, pool), validator)


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
