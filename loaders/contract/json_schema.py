"""The JSON Schema of expectations files, by which editors complete and check them while they are written."""

from __future__ import annotations

import json

from loaders.contract.report import Report


def editor_schema() -> str:
    """The text of `expectations/report.schema.json`, made from the contract's own models."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Report.model_json_schema(),
        "title": "Expectations of one report",
    }
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
