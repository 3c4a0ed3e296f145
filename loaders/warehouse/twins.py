"""Documents of the same bytes under several names: one speaks, the others are its duplicates.

The one that speaks is the earliest by the time of the file (then by name), whichever came first. A duplicate named for another
unit or period is told, because one of the two names is wrong; and if the speaking one is refused, the next such duplicate gets
its chance, because a document that is refused for its name is sent again with the same bytes under the right one.
A register that did not change from one period to the next is no duplicate: it says that nothing changed.
"""

from __future__ import annotations

from dataclasses import replace

from loaders.contract import Replaces, Report
from loaders.table import Issue, Severity
from loaders.warehouse.connection import Connection, fetch_all
from loaders.warehouse.problems import IssueLog
from loaders.warehouse.readmission import withdraw
from loaders.warehouse.submission import LOADED, SPEAKING, State, Submission

OTHER_NAME = "duplicate_under_other_name"
_TWINS = """
    select s.* from ops.submission as s
    where s.report = %(report)s and s.sha256 = %(sha256)s and s.source_uri <> %(uri)s and s.state <> 'duplicate'
      and not exists (
          select from ops.submission as newer
          where newer.report = s.report and newer.source_uri = s.source_uri and newer.sha256 = s.sha256
            and newer.submission_id > s.submission_id
      )
"""


def sort_out(connection: Connection, report: Report, submission: Submission) -> Submission:
    """Decide who is a duplicate of whom, now that a document has landed.

    Returns:
        The submission in its state: `landed`, or `duplicate`.
    """
    twins = [twin for twin in _twins(connection, report, submission) if _counts(twin, submission)]
    senior = min(filter(lambda twin: _age(twin) < _age(submission), twins), key=_age, default=None)
    if senior is not None:
        return _mark(connection, report, submission, senior)
    for twin in twins:
        if twin.state is State.LANDED:
            _mark(connection, report, twin, submission)
    return submission


def silence_younger(connection: Connection, report: Report, submission: Submission) -> None:
    """Take back what was loaded from younger twins of a document that was loaded just now."""
    for twin in _twins(connection, report, submission):
        if twin.state in LOADED and _age(twin) > _age(submission):
            if twin.state in SPEAKING:
                withdraw(connection, report, twin, submission, State.DUPLICATE)
            _mark(connection, report, twin, submission)


def give_chance(connection: Connection, refused: Submission) -> None:
    """Let the eldest duplicate of a refused document be judged under its own name, if that names another scope."""
    query = "select * from ops.submission where duplicate_of = %s and state = 'duplicate'"
    duplicates = map(Submission.from_row, fetch_all(connection, query, [refused.submission_id]))
    others = sorted((twin for twin in duplicates if _scope(twin) != _scope(refused)), key=_age)
    if not others:
        return
    connection.execute(
        "update ops.submission set state = 'landed', state_reason = null, duplicate_of = null where submission_id = %s",
        [others[0].submission_id],
    )
    connection.execute(
        "update ops.issue set resolved_at = now() where submission_id = %s and rule = %s and resolved_at is null",
        [others[0].submission_id, OTHER_NAME],
    )
    for twin in others[1:]:
        connection.execute(
            "update ops.submission set duplicate_of = %s where submission_id = %s",
            [others[0].submission_id, twin.submission_id],
        )


def _twins(connection: Connection, report: Report, submission: Submission) -> list[Submission]:
    facts = {"report": report.report, "sha256": submission.sha256, "uri": submission.source_uri}
    twins = map(Submission.from_row, fetch_all(connection, _TWINS, facts))
    if report.replaces is Replaces.REGISTER:
        return [twin for twin in twins if _scope(twin) == _scope(submission)]
    return list(twins)


def _counts(twin: Submission, submission: Submission) -> bool:
    """Whether its fate is that of the other: not if it was refused under a name that says something else."""
    return twin.state is not State.REJECTED or _scope(twin) == _scope(submission)


def _mark(connection: Connection, report: Report, twin: Submission, original: Submission) -> Submission:
    """Make a submission a duplicate of another; tell when its name says something else."""
    connection.execute(
        "update ops.submission set state = 'duplicate', state_reason = %s, duplicate_of = %s where submission_id = %s",
        [f"the same bytes as {original.source_uri}", original.submission_id, twin.submission_id],
    )
    if _says_otherwise(twin, original):
        IssueLog(connection, report, twin).write([_other_name(twin, original)])
    return replace(twin, state=State.DUPLICATE)


def _says_otherwise(twin: Submission, original: Submission) -> bool:
    periods_differ = None not in {twin.period, original.period} and twin.period != original.period
    return periods_differ or twin.unit_code != original.unit_code


def _other_name(twin: Submission, original: Submission) -> Issue:
    found, expected = (" ".join(part or "" for part in _scope(one)).strip() for one in (twin, original))
    name = original.source_uri.rsplit("/", 1)[-1]
    return Issue(
        rule=OTHER_NAME,
        severity=Severity.WARNING,
        found=found,
        expected=expected,
        message_zh=f"本文件与已收到的“{name}”内容完全相同，但名称写的是“{found}”，而不是“{expected}”。如属误报，请重新报送正确的文件。",
        message_en=f'the same bytes as "{name}", yet named for {found}, not {expected}; '
        "if this is a mistake, send the right document",
    )


def _scope(submission: Submission) -> tuple[str, str | None]:
    return submission.unit_code, str(submission.period) if submission.period else None


def _age(submission: Submission) -> tuple[object, str]:
    return submission.source_modified_at, submission.source_uri
