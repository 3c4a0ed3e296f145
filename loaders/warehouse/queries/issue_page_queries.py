"""Issues as a page shows them: a list with filters, the choices of the filters, one document's issues and tables, pass rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loaders.model import FoundTable
from loaders.warehouse.connection import Connection, fetch_all
from loaders.warehouse.queries.ledger_queries import Rows

_CHOSEN = """
    (%(units)s::text[] is null or unit_code = any(%(units)s))
    and (%(report)s::text is null or report = %(report)s)
    and (%(unit)s::text is null or unit_code = %(unit)s)
    and (%(period)s::text is null or period = %(period)s)
    and (%(rule)s::text is null or rule = %(rule)s)
    and case when %(state)s::text is null then is_open when %(state)s = 'all' then true else state = %(state)s end
    and (%(older_than)s::integer is null or age_days_count > %(older_than)s)
"""
_LIST = f"""
    with chosen as materialized (
        select issue_key, report, unit_code, period, state, severity, rule, age_days_count, source_uri, sheet, row_number, cell,
            message_zh, message_en, column_name
        from ops.issue_state
        where {_CHOSEN}
    )
    select *, (select count(*) from chosen) as total_count
    from chosen
    order by array_position(array['document', 'error', 'warning'], severity), age_days_count desc, report, period, unit_code,
        source_uri, sheet, row_number, issue_key
    limit %(limit)s offset %(offset)s
"""  # noqa: S608 - the condition is a text of this module
_RULES = """
    select rule, count(distinct issue_key) as issues_count
    from ops.issue
    where %(units)s::text[] is null or unit_code = any(%(units)s)
    group by rule order by rule
"""
_TABLES = """
    select sheet, first_row, last_row, letters, cells from ops.document_table where submission_id = %s order by table_number
"""
_RATES = """
    select period_code, sum(validated_count) as validated_count, sum(failed_count) as failed_count
    from bi.quality_summary
    where report = %(report)s and rule = %(rule)s and (%(units)s::text[] is null or unit_code = any(%(units)s))
        and period_code is not null
    group by period_code having sum(validated_count) > 0
    order by period_code
"""


@dataclass(frozen=True, slots=True)
class IssueChoice:
    """What issues are wanted: null means any. `state` null: those that are open; `all`: every one. `older_than` is in days."""

    report: str | None = None
    unit: str | None = None
    period: str | None = None
    rule: str | None = None
    state: str | None = None
    older_than: int | None = None

    def as_parameters(self) -> Mapping[str, Any]:
        """The fields by their names."""
        return {
            "report": self.report,
            "unit": self.unit,
            "period": self.period,
            "rule": self.rule,
            "state": self.state,
            "older_than": self.older_than,
        }


def chosen_issues(
    connection: Connection, units: Sequence[str] | None, choice: IssueChoice, *, limit: int, offset: int = 0
) -> Rows:
    """Returns one row per issue, refused documents first, each with the `total_count` of all that were chosen."""
    return fetch_all(connection, _LIST, {"units": units, "limit": limit, "offset": offset, **choice.as_parameters()})


def rules_of_issues(connection: Connection, units: Sequence[str] | None) -> Rows:
    """Returns the rules by which there are issues, and of how many each."""
    return fetch_all(connection, _RULES, {"units": units})


def tables_of_document(connection: Connection, submission_id: int) -> list[FoundTable]:
    """Returns where the columns of a loaded document are; none of a refused one."""
    return [
        FoundTable(row["sheet"], (0, 0), row["first_row"], row["last_row"], row["letters"], cells=row["cells"])
        for row in fetch_all(connection, _TABLES, [submission_id])
    ]


def pass_rates(connection: Connection, report: str, rule: str, units: Sequence[str] | None) -> Rows:
    """Returns per period how many rows were validated and how many of them failed a rule, as of the last build."""
    return fetch_all(connection, _RATES, {"report": report, "rule": rule, "units": units})
