"""The JSON Schemas of contracts and of `deployment.yml`, by which editors complete and check them while they are written."""

from __future__ import annotations

import json

from loaders.contract.deployment import Deployment
from loaders.contract.report import Report
from loaders.contract.strict_model import StrictModel


def editor_schema() -> str:
    """The text of `expectations/report.schema.json`, made from the contract's own models."""
    return _schema_text(Report, "Expectations of one report")


def deployment_schema() -> str:
    """The text of `expectations/deployment.schema.json`, made from the deployment's own model."""
    return _schema_text(Deployment, "A deployment")


def _schema_text(model: type[StrictModel], title: str) -> str:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema(), "title": title}
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
