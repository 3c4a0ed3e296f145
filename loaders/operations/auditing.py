"""What an auditor asks: whether the log is whole, and who may do what."""

from __future__ import annotations

from pathlib import Path

from loaders.model import Mismatch
from loaders.settings import Settings
from loaders.warehouse.audit.audit_log import AuditLog
from loaders.warehouse.audit.permissions import Permission, permissions

_RESTORE = "compare with a backup of the warehouse: every event that is in one is in all later ones"
_WIDTHS = (24, 18, 48, 40)
_MOST_SHOWN = 1_048_575


def verify_audit(settings: Settings, head: str | None = None) -> tuple[list[Mismatch], str | None]:
    """Recomputes the chain of the audit log. `head` is the hash of some event as it was noted elsewhere: who rewrote the whole
    chain, or cut its end off, is found by it.

    Returns:
        What does not agree, and the hash of the last event (None without one).
    """
    errors, hashes = AuditLog(settings.warehouse_url).chain_errors()
    found = [Mismatch(one.event, one.what, one.expected, one.found, _RESTORE) for one in errors]
    if head is not None and head not in hashes:
        what = f"no audit event has the hash {head}: the event that had it was changed, or taken away"
        found.append(Mismatch("audit log", what, head, hashes[-1] if hashes else "no event", _RESTORE))
    return found, hashes[-1] if hashes else None


def write_permissions(settings: Settings, file: Path) -> int:
    """Writes the matrix of roles, objects and verbs to a workbook that can be filtered; returns its number of rows."""
    import xlsxwriter

    rows = permissions(settings.warehouse_url)[:_MOST_SHOWN]
    # A name of an object is no formula.
    with xlsxwriter.Workbook(str(file), {"strings_to_formulas": False, "strings_to_urls": False}) as workbook:
        sheet = workbook.add_worksheet("permissions")
        head = workbook.add_format({"bold": True})
        sheet.write_row(0, 0, Permission._fields, head)
        for number, row in enumerate(rows, 1):
            sheet.write_row(number, 0, row)
        sheet.autofilter(0, 0, max(len(rows), 1), len(Permission._fields) - 1)
        sheet.freeze_panes(1, 0)
        for column, width in enumerate(_WIDTHS):
            sheet.set_column(column, column, width)
    return len(rows)
