"""The contract of a SOAP service: its example, and what does not go together."""

from __future__ import annotations

import inspect
import textwrap
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from loaders.contract import Report, Soap
from loaders.contract.sources.soap import UsernameToken
from tests.support.servers.source_contracts import report

SOAP = {"kind": "soap", "connection": "service", "wsdl": "a.wsdl", "operation": "Query", "records": "list.item", "key": "id"}


def example(model: type) -> dict[str, Any]:
    text = textwrap.dedent((inspect.getdoc(model) or "").partition("Example:\n")[2])
    return yaml.safe_load(text)


def test_the_examples_work() -> None:
    source = Soap.model_validate(example(Soap)["source"])
    assert source.is_per_unit and source.is_per_period and source.periods.current
    assert UsernameToken.model_validate(example(UsernameToken)["auth"]).digest


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"wsdl": "/etc/a.wsdl"}, "should match pattern"),
        ({"wsdl": "https://elsewhere.example/a.wsdl"}, "wsdl is a file beside the contract and never fetched"),
        ({"wsdl": "b/../../a.wsdl"}, "wsdl must lie in the folder of the contract"),
        ({"arguments": {"a": "{unit}"}}, r"arguments names \{unit\}: say asks_for: unit or"),
        ({"arguments": {"a": "{since}"}}, r"arguments names \{since\}, to ask how many records changed"),
        ({"asks_for": "unit"}, r"asks_for: unit needs \{unit\} in arguments"),
        ({"asks_for": "period", "arguments": {"a": "1"}}, r"needs \{period\} or \{window_end\} or \{window_start\} in arguments"),
        ({"auth": {"kind": "bearer"}}, "does not match any of the expected tags"),
        ({"path": "ws"}, "should match pattern"),
        ({"arguments": {"a": "{month}"}}, r"arguments.a names \{month\}, and there are"),
        ({"paging": {"kind": "link"}}, "paging.kind link is of HTTP"),
        ({"paging": {"kind": "page_number", "in": "body"}}, "paging.in: the parameters of a service are arguments"),
        ({"unit_codes": {"4413": "HZ"}}, "unit_codes goes with asks_for: unit"),
    ],
)
def test_what_does_not_go_together_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Soap.model_validate(SOAP | changes)


def made(**changes: Any) -> Report:
    return report(SOAP | changes, period_kind=None)


def test_a_report_agrees_with_its_service() -> None:
    assert made().source.kind == "soap"
    with pytest.raises(ValidationError, match=r"source\.key other is no field of a column"):
        made(key="other")
    with pytest.raises(ValidationError, match=r"source\.asks_for: period asks for periods: say period_kind"):
        made(asks_for="period", arguments={"month": "{period}"})
