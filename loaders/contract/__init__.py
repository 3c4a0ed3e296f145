"""The contract of a report: the typed form of one file in `expectations/`.

Neutral room: every stage reads contracts, a contract knows no stage. The models are closed (`extra="forbid"`) and frozen.
`expectations/README.md` shows each field in use.
"""

from loaders.contract.closed import Identifier, Words
from loaders.contract.columns import NULL_LITERALS, PERSONAL_TYPES, Column, ColumnType, MergedAmount, Pii
from loaders.contract.contract_file import ContractFault, report_from
from loaders.contract.cross import AgreesWith, Alive, BetweenReports, CrossRule, ExistsIn, NeverFalls, SumAgrees
from loaders.contract.documents import (
    Database,
    Delimited,
    FileDrop,
    Format,
    HttpApi,
    Layout,
    Manifest,
    Marker,
    Records,
    Source,
    Workbook,
)
from loaders.contract.files import ContractError, Contracts, load_contracts, load_report, load_reports
from loaders.contract.report import Cadence, Owner, Replaces, Report, Rule, ShrinkLimit, System, WhenGone
from loaders.contract.schema import editor_schema

__all__ = [
    "NULL_LITERALS",
    "PERSONAL_TYPES",
    "AgreesWith",
    "Alive",
    "BetweenReports",
    "Cadence",
    "Column",
    "ColumnType",
    "ContractError",
    "ContractFault",
    "Contracts",
    "CrossRule",
    "Database",
    "Delimited",
    "ExistsIn",
    "FileDrop",
    "Format",
    "HttpApi",
    "Identifier",
    "Layout",
    "Manifest",
    "Marker",
    "MergedAmount",
    "NeverFalls",
    "Owner",
    "Pii",
    "Records",
    "Replaces",
    "Report",
    "Rule",
    "ShrinkLimit",
    "Source",
    "SumAgrees",
    "System",
    "WhenGone",
    "Words",
    "Workbook",
    "editor_schema",
    "load_contracts",
    "load_report",
    "load_reports",
    "report_from",
]
