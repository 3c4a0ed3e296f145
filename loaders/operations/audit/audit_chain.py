"""Verifies the chain of the audit log."""

from __future__ import annotations

from loaders.model import Mismatch
from loaders.settings import Settings
from loaders.warehouse.audit.audit_log import AuditLog

_RESTORE = "compare with a backup of the warehouse: every event that is in one is in all later ones"


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
