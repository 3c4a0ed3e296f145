"""The stage `warehouse`: the only package with SQL. Ledger, raw tables, quarantine, roles and their migrations.

It takes contracts, remote documents, readings and validation results. It never sees a document's bytes, a source or a mail.
"""

from __future__ import annotations

from loaders.model import OpenIssue
from loaders.outgoing_messages import Message
from loaders.warehouse.build_lock import BuildRunning
from loaders.warehouse.connection import WarehouseError
from loaders.warehouse.cross_rules.checker import CrossRuleError
from loaders.warehouse.currency.decisions import CannotBeAccepted, DecisionRefused
from loaders.warehouse.currency.gone_documents import UnconfirmedGone
from loaders.warehouse.currency.manual_withdrawal import CurrencyChange, CurrentRows
from loaders.warehouse.facade import Warehouse
from loaders.warehouse.issues.notifications import AlreadyNotified
from loaders.warehouse.ledger.claims import ClaimLost
from loaders.warehouse.ledger.submissions import contract_sha256
from loaders.warehouse.lifecycle.purge import NothingToPurge, PurgeCounts
from loaders.warehouse.obligations.declarations import CannotBeDeclared
from loaders.warehouse.outbox.deliveries import Delivery, RetryRules, Server, ServerLimits
from loaders.warehouse.outbox.outbox import Outbox
from loaders.warehouse.queries.build_log import Build, BuildSources, BuiltModel
from loaders.warehouse.queries.ledger_checks import LedgerRows
from loaders.warehouse.replay.issue_decisions import Overridden, UnknownIssue, Words, refuse_unless_overridable
from loaders.warehouse.replay.late_rows import NoLongerCurrent
from loaders.warehouse.replay.revalidation import Difference
from loaders.warehouse.schema.migrations import migrate
from loaders.warehouse.schema.raw_tables import RawTableMismatch
from loaders.warehouse.schema.reader_limits import accessible_databases
from loaders.warehouse.schema.roles import ensure_roles
from loaders.warehouse.submission import LoadItem, Outcome, State, Submission

__all__ = [
    "AlreadyNotified",
    "Build",
    "BuildRunning",
    "BuildSources",
    "BuiltModel",
    "CannotBeAccepted",
    "CannotBeDeclared",
    "ClaimLost",
    "CrossRuleError",
    "CurrencyChange",
    "CurrentRows",
    "DecisionRefused",
    "Delivery",
    "Difference",
    "LedgerRows",
    "LoadItem",
    "Message",
    "NoLongerCurrent",
    "NothingToPurge",
    "OpenIssue",
    "Outbox",
    "Outcome",
    "Overridden",
    "PurgeCounts",
    "RawTableMismatch",
    "RetryRules",
    "Server",
    "ServerLimits",
    "State",
    "Submission",
    "UnconfirmedGone",
    "UnknownIssue",
    "Warehouse",
    "WarehouseError",
    "Words",
    "accessible_databases",
    "contract_sha256",
    "ensure_roles",
    "migrate",
    "refuse_unless_overridable",
]
