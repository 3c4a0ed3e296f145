"""The commands of `huimin` by name, each imported when it is used: help and completion cost a fifth of a second."""

from __future__ import annotations

import importlib
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group_from_info
from typer.models import TyperInfo


class CommandPlace(NamedTuple):
    """Where a command or a group of commands is defined, `module:name` below `loaders.commands`, and what it does in short."""

    place: str
    summary: str


class _Summary(TyperCommand):
    """Stands for a command that is not imported yet; its help is the summary."""


class LazyGroup(TyperGroup):
    """A group whose commands of `COMMANDS` are imported when they are used; others are added as usual."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        summaries = {name: _Summary(name, help=command.summary) for name, command in COMMANDS.items()}
        self.commands = {**summaries, **self.commands}

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - the signature is click's
        """Returns the command of a name, imported; None when there is none."""
        command = self.commands.get(cmd_name)
        if isinstance(command, _Summary):
            command = self.commands[cmd_name] = import_command(cmd_name)
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Lists the commands by their summaries."""
        TyperGroup(commands=dict(self.commands)).format_commands(ctx, formatter)


def import_command(name: str) -> Any:
    """Imports a command or a group of `COMMANDS`."""
    module, _, attribute = COMMANDS[name].place.partition(":")
    found = getattr(importlib.import_module(f"loaders.commands.{module}"), attribute)
    if isinstance(found, typer.Typer):
        group = get_group_from_info(TyperInfo(found), pretty_exceptions_short=True, suggest_commands=True, rich_markup_mode=None)
        group.name = name
        return group
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command(name)(found)
    return get_command(alone)


COMMANDS = {
    "held": CommandPlace(
        "documents.ledger:held", "Documents that wait for a person to confirm that so many rows are gone; see `huimin accept`."
    ),
    "rebuild-ledger": CommandPlace(
        "documents.ledger:rebuild_ledger",
        "Write the ledger of an empty warehouse from the landing alone, and load all documents.",
    ),
    "tables": CommandPlace(
        "documents.ledger:tables",
        "Describe every table and view of the ledger and the quarantine as a Markdown page (docs/tables.md).",
    ),
    "missing": CommandPlace(
        "documents.obligations:missing", "Which units owe which reports since when: nothing came, and the due day has passed."
    ),
    "declare": CommandPlace("documents.obligations:declare", "Declare that a unit has nothing to report for a period."),
    "anomalies": CommandPlace(
        "documents.anomalies:anomalies",
        "Judge what was loaded since the last look, and list values that are unlike those before, with what was expected.",
    ),
    "accept": CommandPlace("documents.decisions:accept", "Confirm that a held document is right as it is, and load it."),
    "withdraw": CommandPlace(
        "documents.decisions:withdraw", "Take a document out: its rows count no more, and what it had superseded counts again."
    ),
    "reinstate": CommandPlace(
        "documents.decisions:reinstate", "Put a withdrawn document back: it is validated again and takes its place."
    ),
    "chase": CommandPlace(
        "notifying.chase:chase", "Remind units of what they owe: before its due day, on it and after it, working days only."
    ),
    "routes": CommandPlace(
        "notifying.chase:routes",
        "Show who would be told today of issues and overdue reports, per report and unit, by which channel.",
    ),
    "load": CommandPlace("load:load", "Load what is new of some reports, without a scheduler."),
    "purge": CommandPlace("documents.purge:purge", "Remove the rows, the quarantine and the landed files of a report for good."),
    "replay": CommandPlace(
        "documents.replay:replay",
        "Validate quarantined rows again by today's contract and code lists, from the landed bytes, and load those that pass.",
    ),
    "build": CommandPlace(
        "load:build",
        "Recompute the indicators that loads reached, unless nothing was loaded and no model changed since the last build.",
    ),
    "cross-check": CommandPlace(
        "load:cross_check",
        "Run the rules between reports over all that is loaded, "
        "and mail what is new to the owners of the reports that are wrong.",
    ),
    "audit": CommandPlace("administration.audit:audit_app", "Who did what, who may do what, and whose reads the server logs."),
    "backup": CommandPlace(
        "administration.backup:backup",
        "Back up the warehouse, the landing and the deployment while everything goes on; the key of personal numbers not.",
    ),
    "restore": CommandPlace(
        "administration.backup:restore", "Restore a backup into an empty database and an empty landing, and verify both."
    ),
    "rotate-key": CommandPlace(
        "administration.rotation:rotate_key",
        "Put HUIMIN_PII_KEY in the place of HUIMIN_PII_KEY_OLD: every stored hash is rewritten, all or nothing.",
    ),
    "retention": CommandPlace(
        "administration.retention:retention",
        "Take away what no figure, release or open issue stands on, by the rules of the deployment.",
    ),
    "migrate": CommandPlace(
        "administration.migration:migrate", "Create or upgrade the warehouse as the user of HUIMIN_WAREHOUSE_URL."
    ),
    "lineage": CommandPlace("administration.lineage:lineage_app", "Tell a catalog where figures come from, by OpenLineage."),
    "metrics": CommandPlace("administration.monitoring:metrics", "Print the metrics in the text format of Prometheus."),
    "watch": CommandPlace(
        "administration.monitoring:watch",
        "Tell the operators what is not well, once, and once more when it is.",
    ),
    "docs": CommandPlace("queries:docs", "Write dbt's documentation, and a page of each report, as files that need no network."),
    "status": CommandPlace(
        "queries:status", "Each report: submissions by state, watermark, what is open in quarantine, what never came."
    ),
    "figures": CommandPlace("queries:figures", "Indicator values; without options, ours against the published figures."),
    "evidence": CommandPlace(
        "evidence:evidence",
        "The way back from a figure to file, sheet, row and cell, with the text as it stood there and where the landed file is.",
    ),
    "fingerprint": CommandPlace("queries:fingerprint", "SHA-256 over all sorted (indicator, area, period, value)."),
    "account": CommandPlace("queries:account", "Each landed file: rows, loaded, quarantined, furniture, difference."),
    "init": CommandPlace(
        "authoring.new_deployment:init",
        "Write a new deployment: a folder with one report, its sample documents and one indicator that work.",
    ),
    "new-report": CommandPlace(
        "authoring.new_files:new_report",
        "Write a new report's contract, or, when the contract is there, its models, coverage row and fixture folder.",
    ),
    "new-indicator": CommandPlace(
        "authoring.new_files:new_indicator",
        "Write a new indicator: its row in the dictionary, its evidence in the report's model, and a unit test of that.",
    ),
    "check": CommandPlace("check:check", "Check documents before they are sent."),
    "cells": CommandPlace("check:cells", "Dump every cell of a document as it was read, personal numbers masked."),
    "template": CommandPlace(
        "template:template",
        "Write a document to be filled in that lets in what `check` accepts: an .xlsx, or a text where the report comes as CSV.",
    ),
    "dashboards": CommandPlace(
        "authoring.dashboards:dashboards",
        "Write the dashboards of the deployment as a bundle that Apache Superset imports (docs/bi.md).",
    ),
    "overlap": CommandPlace(
        "authoring.overlap:overlap",
        "List facts that are asked for more than once, what could fill them in, and why; then what is asked again each period.",
    ),
    "explain": CommandPlace(
        "explain:explain", "Explain a message in Chinese and English: its severity, what it says, how to fix what it is about."
    ),
    "contracts": CommandPlace("authoring.contracts:contracts_app", "Look at the contracts in expectations/."),
    "expectations": CommandPlace(
        "authoring.expectations:expectations_app", "Use the rules of the contracts with a stock Great Expectations."
    ),
    "source": CommandPlace("source:source_app", "Look at the sources of reports."),
    "issues": CommandPlace("documents.issues:issues_app", "What is wrong with the reports that came, and what becomes of it."),
    "outbox": CommandPlace("notifying.outbox:outbox_app", "Messages that wait, were sent, or were given up."),
    "pages": CommandPlace("pages:pages_app", "Pages for people who would rather look than read."),
    "release": CommandPlace("release:release_app", "Freeze the values of a period, after a person approved them."),
    "verify": CommandPlace(
        "documents.verify:verify_app",
        "Name what was changed in the landing, the ledger, the releases or the audit log; all four without a name.",
    ),
}
