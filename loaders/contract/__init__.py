"""The contract of a report: the typed form of one file in `expectations/`.

Neutral room: every stage reads contracts, a contract knows no stage. The models are closed (`extra="forbid"`) and frozen.
`expectations/README.md` shows each field in use.
"""

from loaders.contract.columns import NULL_LITERALS, PERSONAL_TYPES, Column, ColumnType, MergedAmount, Pii
from loaders.contract.contract_file import ContractErrorDetail, report_from
from loaders.contract.contract_folder import ContractError, Contracts, load_contracts, load_report, load_reports
from loaders.contract.cross_rules import BetweenReports, CrossRule
from loaders.contract.deployment import Deployment, DeploymentError, ReportSystem, deployment_of, load_deployment
from loaders.contract.format import Delimited, Format, Records, Workbook
from loaders.contract.json_schema import editor_schema
from loaders.contract.layout import Layout
from loaders.contract.renamed_keys import UpgradeError, upgraded
from loaders.contract.report import Cadence, Owner, Replaces, Report, Rule, ShrinkLimit, WhenGone
from loaders.contract.sources import Database, FileDrop, HttpApi, Manifest, Marker, Source
from loaders.contract.strict_model import Identifier, LocalizedText

__all__ = [
    "NULL_LITERALS",
    "PERSONAL_TYPES",
    "BetweenReports",
    "Cadence",
    "Column",
    "ColumnType",
    "ContractError",
    "ContractErrorDetail",
    "Contracts",
    "CrossRule",
    "Database",
    "Delimited",
    "Deployment",
    "DeploymentError",
    "FileDrop",
    "Format",
    "HttpApi",
    "Identifier",
    "Layout",
    "LocalizedText",
    "Manifest",
    "Marker",
    "MergedAmount",
    "Owner",
    "Pii",
    "Records",
    "Replaces",
    "Report",
    "ReportSystem",
    "Rule",
    "ShrinkLimit",
    "Source",
    "UpgradeError",
    "WhenGone",
    "Workbook",
    "deployment_of",
    "editor_schema",
    "load_contracts",
    "load_deployment",
    "load_report",
    "load_reports",
    "report_from",
    "upgraded",
]
