"""The list of issues, one issue with its document, and the decisions that people make about it."""

from __future__ import annotations

import pytest

from loaders.settings import Settings
from loaders.warehouse import Warehouse
from tests.support.pages.visitors import OTHER_COUNTY, OWN_COUNTY, SAME_ORIGIN, Visitors

pytestmark = pytest.mark.integration


def key_of(settings: Settings, unit: str) -> str:
    """The key of the issue of a date that is none."""
    rows = Warehouse(settings.warehouse_url).issue_states(unit=unit)
    return next(row["issue_key"] for row in rows if "2023-15-04" in row["message_zh"])


def test_the_list_is_filtered(visitors: Visitors) -> None:
    client = visitors.client("city")
    own = client.get(f"/issues?unit={OWN_COUNTY}").text.partition("<tbody>")[2]
    assert "2023-15-04" in own and "惠城区" in own and "惠阳区" not in own
    assert "惠阳区" in client.get("/issues").text.partition("<tbody>")[2]
    assert "共 0 个问题" in client.get("/issues?older_than=9999").text
    assert "共 0 个问题" in client.get("/issues?state=corrected").text
    assert "共 0 个问题" in client.get("/issues?rule=no_such_rule&report=home_visit").text
    assert client.get("/issues?older_than=x").status_code == 400


def test_a_text_in_the_address_is_escaped(visitors: Visitors) -> None:
    text = visitors.client("city").get("/issues?period=%22%3E%3Cb%3E").text
    assert "<b>" not in text.partition("<main")[2].replace("<b>0</b>", "")


def test_an_issue_leads_to_its_cell_in_the_document(visitors: Visitors, pages_settings: Settings) -> None:
    key = key_of(pages_settings, OWN_COUNTY)
    client = visitors.client("county")
    assert "2023-15-04" in client.get(f"/issues/{key}").text
    text = client.get(f"/issues/{key}/document").text
    marked = text.partition('class="marked mark-error"')[2].partition("</td>")[0]
    assert "2023-15-04" in marked and "探访日期" in marked
    assert "TF0" in text


def test_a_county_acknowledges_its_own_issue(visitors: Visitors, pages_settings: Settings) -> None:
    key = key_of(pages_settings, OWN_COUNTY)
    client = visitors.client("county")
    assert client.post(f"/issues/{key}/acknowledge", data={"words": " "}, headers=SAME_ORIGIN).status_code == 400
    answer = client.post(f"/issues/{key}/acknowledge", data={"words": "下月更正"}, headers=SAME_ORIGIN)
    assert answer.status_code == 303
    text = client.get(answer.headers["location"]).text
    assert "下月更正" in text and "惠城区民政局" in text


def test_what_cannot_be_overridden_is_refused_with_a_reason(visitors: Visitors, pages_settings: Settings) -> None:
    key = next(
        row["issue_key"] for row in Warehouse(pages_settings.warehouse_url).issue_states(unit=OTHER_COUNTY, is_refused=True)
    )
    words = {"words": "属实", "reason": "confirmed_true"}
    answer = visitors.client("operator").post(f"/issues/{key}/override", data=words, headers=SAME_ORIGIN)
    assert answer.status_code == 409
    assert "未执行" in answer.text


def test_an_operator_overrides_a_rejected_row(visitors: Visitors, pages_settings: Settings) -> None:
    key = key_of(pages_settings, OWN_COUNTY)
    words = {"words": "电话核实过", "reason": "confirmed_true", "until": "2000-01-01"}
    client = visitors.client("operator")
    assert client.post(f"/issues/{key}/override", data=words, headers=SAME_ORIGIN).status_code == 400
    unknown = {"words": "核实", "reason": "because"}
    assert client.post(f"/issues/{key}/override", data=unknown, headers=SAME_ORIGIN).status_code == 400
