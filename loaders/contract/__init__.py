"""The contract of a report: the typed form of one file in `expectations/`.

Shared layer: every stage reads contracts, a contract knows no stage. The models are closed (`extra="forbid"`) and frozen.
`expectations/README.md` shows each field in use.
"""

from loaders.contract.columns import NULL_LITERALS, PERSONAL_TYPES, Column, ColumnType, MergedAmount, Pii
from loaders.contract.contract_file import ContractErrorDetail, report_from
from loaders.contract.contract_folder import ContractError, Contracts, load_contracts, load_report, load_reports
from loaders.contract.cross_rules import BetweenReports, CrossRule
from loaders.contract.deployment import Deployment, DeploymentError, ReportSystem, deployment_of, load_deployment
from loaders.contract.format import Delimited, Format, Records, Workbook
from loaders.contract.json_schema import deployment_schema, editor_schema
from loaders.contract.layout import Layout
from loaders.contract.renamed_keys import UpgradeError, upgraded
from loaders.contract.report import Cadence, Replaces, Report, Rule, ShrinkLimit, WhenGone
from loaders.contract.sources import AskedSource, Container, Database, FileDrop, HttpApi, Mailbox, Manifest, Marker, Soap, Source
from loaders.contract.strict_model import Identifier, LocalizedText
from loaders.contract.terms.duty import DueRule
from loaders.contract.terms.key_scope import NARROWER, KeyScope, is_joined_by_unit
from loaders.contract.terms.lifecycle import Retirement
from loaders.contract.terms.owner import Owner
from loaders.contract.terms.retention import RetentionRules

__all__ = [
    "NARROWER",
    "NULL_LITERALS",
    "PERSONAL_TYPES",
    "AskedSource",
    "BetweenReports",
    "Cadence",
    "Column",
    "ColumnType",
    "Container",
    "ContractError",
    "ContractErrorDetail",
    "Contracts",
    "CrossRule",
    "Database",
    "Delimited",
    "Deployment",
    "DeploymentError",
    "DueRule",
    "FileDrop",
    "Format",
    "HttpApi",
    "Identifier",
    "KeyScope",
    "Layout",
    "LocalizedText",
    "Mailbox",
    "Manifest",
    "Marker",
    "MergedAmount",
    "Owner",
    "Pii",
    "Records",
    "Replaces",
    "Report",
    "ReportSystem",
    "RetentionRules",
    "Retirement",
    "Rule",
    "ShrinkLimit",
    "Soap",
    "Source",
    "UpgradeError",
    "WhenGone",
    "Workbook",
    "deployment_of",
    "deployment_schema",
    "editor_schema",
    "is_joined_by_unit",
    "load_contracts",
    "load_deployment",
    "load_report",
    "load_reports",
    "report_from",
    "upgraded",
]
