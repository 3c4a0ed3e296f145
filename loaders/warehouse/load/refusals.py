"""The refusals of whole documents by the warehouse itself."""

from __future__ import annotations

from collections.abc import Sequence

from loaders.contract import Replaces, Report, ShrinkLimit
from loaders.model import Issue, Severity


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
    return _refusal(
        "period_unknown",
        None,
        "a period in the name or in the document",
        "无法从文件名或文件内容中判断报表所属期。请在文件名或标题中写明，例如“2023-06”或“2023年6月”，再重新报送。",
        "neither the name nor the document says its period; write it into the name or the title, e.g. 2023-06, and send it again",
    )


def rows_unaccounted(total: int, counted: int) -> Issue:
    """Rows went missing between reading and loading: our fault, and no reason to load the rest."""
    return _refusal(
        "rows_unaccounted",
        str(counted),
        str(total),
        f"文件共有{total}行，但只核对到{counted}行，为避免漏报，整份文件未入库。请联系系统管理员。",
        f"the document has {total} rows, but {counted} were accounted for; nothing was loaded, tell the maintainers",
    )


def document_shrank(report: Report, submission_id: int, before: int, now: int) -> Issue:
    """The document lost more rows than the contract lets pass unasked; a person may confirm it."""
    limit = report.shrink_limit or ShrinkLimit(0, 0)
    bounds_zh = f"{limit.pct:g}%" + (f"且多于{limit.rows}条" if limit.rows else "")
    bounds_en = f"{limit.pct:g}%" + (f" and more than {limit.rows} rows" if limit.rows else "")
    is_register = report.replaces is Replaces.REGISTER
    command = f'huimin accept {submission_id} --why "…"'
    return _refusal(
        "register_shrank" if is_register else "document_shrank",
        str(now),
        f">= {before} - {bounds_en}",
        f"本次{'名册' if is_register else '报表'}只有{now}条记录，所替换的上一份有{before}条，减少超过{bounds_zh}，"
        "为避免漏报，整份文件暂未入库，仍以上一份为准。如属漏报，请重新报送完整文件；"
        f"如确属减少，请联系系统管理员确认放行（{command}）。",
        f"the {'register' if is_register else 'document'} has {now} rows, the one that it would replace has {before}: "
        f"more than {bounds_en} are gone; the earlier one stays current. "
        f"Send the whole document again, or, if the rows are really gone, ask the operators to confirm it: {command}",
    )


def cannot_be_stored(detail: str) -> Issue:
    """A value that PostgreSQL cannot hold."""
    return _refusal(
        "cannot_be_stored",
        detail,
        "values that the warehouse can hold",
        f"文件中有数据库无法保存的内容，整份文件未入库：{detail}。请删除或改正该内容后重新报送。",
        f"the warehouse cannot hold a value of this document: {detail}; remove or correct it and send the document again",
    )


def _refusal(rule: str, found: str | None, expected: str, zh: str, en: str) -> Issue:
    return Issue(rule=rule, severity=Severity.DOCUMENT, found=found, expected=expected, message_zh=zh, message_en=en)
