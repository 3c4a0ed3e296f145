"""Room `warehouse`: the only one that speaks SQL. Ledger, raw tables, quarantine, roles and their history.

What may enter: contracts, offers, readings and verdicts. What may not: bytes of documents, sources, mails.
"""

from __future__ import annotations

from loaders.table import Message, Problem
from loaders.warehouse.answers import Build
from loaders.warehouse.build_lock import BuildRunning
from loaders.warehouse.claims import ClaimLost
from loaders.warehouse.connection import WarehouseError
from loaders.warehouse.cross_checks import CrossRuleBroken
from loaders.warehouse.decisions import CannotBeAccepted
from loaders.warehouse.facade import Warehouse
from loaders.warehouse.gone import Vanished
from loaders.warehouse.migrations import migrate
from loaders.warehouse.notifications import AlreadyTold
from loaders.warehouse.raw_tables import RawTableRefused
from loaders.warehouse.reader_limits import databases_within_reach
from loaders.warehouse.roles import ensure_roles
from loaders.warehouse.submission import LoadItem, Outcome, State, Submission

__all__ = [
    "AlreadyTold",
    "Build",
    "BuildRunning",
    "CannotBeAccepted",
    "ClaimLost",
    "CrossRuleBroken",
    "LoadItem",
    "Message",
    "Outcome",
    "Problem",
    "RawTableRefused",
    "State",
    "Submission",
    "Vanished",
    "Warehouse",
    "WarehouseError",
    "databases_within_reach",
    "ensure_roles",
    "migrate",
]
