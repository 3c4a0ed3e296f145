"""Each precondition of a release refuses at its own limit, in both languages, and at nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from loaders.contract.release_rules import ReleaseRules
from loaders.operations.releases.draft_page import _escape
from loaders.operations.releases.preconditions import objections

FINE: dict[str, Any] = {
    "is_built": True,
    "added": 3,
    "restated": 0,
    "rates": [{"report": "home_visit", "period": "2023-06", "received": 19, "expected": 20, "rate_pct": 95.0}],
    "open_refusals": 2,
    "errors": [{"report": "home_visit", "errors": 4}, {"report": "station", "errors": 1}],
    "outside": [],
    "stale_contracts": [],
}
LOW = {"report": "station", "period": "2023-06", "received": 1, "expected": 3, "rate_pct": 33.33}


@pytest.mark.parametrize(
    ("change", "rules", "refused"),
    [
        ({}, {}, None),
        ({"is_built": False}, {}, "huimin build"),
        ({"added": 0}, {}, "nothing to publish"),
        ({"added": 0, "restated": 1}, {}, None),
        ({}, {"minimum_reporting_rate_pct": 95.01}, "19 of 20 units reported (95 %), at least 95.01 %"),
        ({"rates": [LOW]}, {}, "station 2023-06: 1 of 3 units reported"),
        ({"rates": [LOW]}, {"reporting_rates": {"station": 30}}, None),
        ({}, {"maximum_open_refusals": 2}, None),
        ({}, {"maximum_open_refusals": 1}, "2 documents are refused"),
        ({}, {"maximum_unresolved_errors": 5}, None),
        ({}, {"maximum_unresolved_errors": 4}, "5 errors of rows"),
        ({"outside": [{"indicator": "SW-HV-01"}]}, {}, "do not agree: SW-HV-01"),
        ({"outside": [{"indicator": "SW-HV-01"}]}, {"maximum_outside_published": 1}, None),
        ({"stale_contracts": [{"report": "station", "documents": 2}]}, {}, "station: 2 document(s) were validated before"),
        ({"stale_contracts": [{"report": "station", "documents": 2}]}, {"require_current_contracts": False}, None),
    ],
)
def test_a_precondition_refuses_beyond_its_limit(change: dict[str, Any], rules: dict[str, Any], refused: str | None) -> None:
    found = list(objections(FINE | change, ReleaseRules.model_validate(rules)))
    assert len(found) == (refused is not None)
    assert all(refused in one.en and any("一" <= letter <= "鿿" for letter in one.zh) for one in found if refused)


def test_what_senders_wrote_is_no_markdown() -> None:
    assert _escape("a|b\n<img src=x> [l](u) `c`") == r"a\|b \<img src=x\> \[l\](u) \`c\`"
    assert "13802341234" not in _escape("王13802341234.xlsx")
