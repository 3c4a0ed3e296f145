"""How long a deployment keeps what no figure, no release and no open issue stands on."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from loaders.contract.strict_model import StrictModel

_MOST_DAYS = 36_500
_Long = Annotated[int, Field(ge=30, le=_MOST_DAYS)]
"""What people may still be waiting for, such as the approval of a release, is kept a month at least."""
_Short = Annotated[int, Field(ge=1, le=_MOST_DAYS)]


class RetentionRules(StrictModel):
    """Days for which things are kept; null: for good. Documents, rows, figures, releases and the ledger are kept in any case.

    `airflow_days` are runs of Airflow, with their tasks and events, in its own database; `log_files_days` its log files.
    `scratch_files_days` is what dead processes and dbt left in HUIMIN_HOME, `scratch_tables_days` tables that somebody asked for.
    `quarantine_days` is the content of rejected rows, all but their keys, that a later document corrected: days since that one
    was loaded. `outbox_days` is the text of messages, days since they were sent.
    """

    airflow_days: _Long | None = 180
    log_files_days: _Short | None = 90
    scratch_files_days: _Short | None = 7
    scratch_tables_days: _Short | None = None
    quarantine_days: _Long | None = None
    outbox_days: _Long | None = None
