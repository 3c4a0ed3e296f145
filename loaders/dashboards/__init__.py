"""Dashboards of a deployment as a bundle for Apache Superset: databases, datasets, charts and dashboards as YAML files.

Takes the deployment's `dbt_project/dashboards/`, the descriptions of the tables in bi and the dictionary; never connects.
"""

from __future__ import annotations

from loaders.dashboards.bundle import DATABASE_FILE, make_bundle
from loaders.dashboards.definitions import DashboardError, Definitions, read_definitions
from loaders.dashboards.table_labels import read_table_labels

__all__ = ["DATABASE_FILE", "DashboardError", "Definitions", "make_bundle", "read_definitions", "read_table_labels"]
