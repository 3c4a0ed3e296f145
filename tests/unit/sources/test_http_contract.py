"""What a contract says of an HTTP API: the values in its texts, and what does not go together."""

import datetime as dt
from typing import Any

import pytest
from pydantic import ValidationError

from loaders.contract import HttpApi
from loaders.contract.sources.answer_path import path_steps
from loaders.contract.sources.request_values import NamedValues, names_in
from loaders.period import Period
from tests.support.documents.contracts import make_report

JUNE = NamedValues(period=Period.parse("2023-06"), unit="441302")
API = {"kind": "http_api", "connection": "api", "request": {"path": "/list"}}
CHINA = dt.timezone(dt.timedelta(hours=8))


@pytest.mark.parametrize(
    ("values", "text", "expected"),
    [
        (JUNE, "{period}", "2023-06"),
        (JUNE, "{period:%Y%m}/{unit}", "202306/441302"),
        (JUNE, "{window_start}..{window_end}", "2023-06-01..2023-06-30"),
        (JUNE, "{window_end:%d.%m.%Y}", "30.06.2023"),
        (JUNE, "{{period}} {unit}", "{period} 441302"),
        (JUNE, "{since}", None),
        (NamedValues(period=Period.parse("2023Q3")), "{period} {period:%Y}Q{period:%q}", "2023Q3 2023Q3"),
        (NamedValues(period=Period.parse("2023H2")), "{period:%Y}{period:%q} {window_start}", "20232 2023-07-01"),
        (NamedValues(), "{unit}", None),
        (NamedValues(since="169", since_at=dt.datetime(2023, 6, 1, tzinfo=CHINA)), "{since} {since:%Y%m%d}", "169 20230601"),
    ],
)
def test_named_values(values: NamedValues, text: str, expected: str | None) -> None:
    assert values.render(text) == expected


def test_a_field_whose_value_is_not_known_is_left_out() -> None:
    content = {"month": "{period}", "since": "{since}", "open": True, "none": None, "list": ["{unit}", 3]}
    assert JUNE.render_tree(content) == {"month": "2023-06", "open": True, "none": None, "list": ["441302", 3]}
    assert names_in(content) == {"period", "since", "unit"}


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("$", ()),
        ("data.list", ("data", "list")),
        ("$.data[0].rows", ("data", 0, "rows")),
        ('["a.b"].c', ("a.b", "c")),
        ("page.@total", ("page", "@total")),
        ("数据", ("数据",)),
    ],
)
def test_steps_of_a_path(path: str, steps: tuple[str | int, ...]) -> None:
    assert path_steps(path) == steps


def errors(facts: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as failure:
        HttpApi.model_validate(API | facts)
    return str(failure.value)


def request(**facts: Any) -> dict[str, Any]:
    return {"request": {"path": "/list"} | facts}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (request(query={"m": "{month}"}), "query.m names {month}, and there are {period}, {unit}"),
        (request(query={"m": "{period"}), "query.m has a single brace"),
        (request(query={"m": "{period:YYYYMM}"}), "query.m: {period:YYYYMM} has no date format, as {period:%Y%m} has"),
        (request(query={"m": "{unit:%Y}"}), "has no date format"),
        (request(path="list"), "should match pattern"),
        (request(path="/list?a=1"), "should match pattern"),
        (request(headers={"X Y": "1"}), "should match pattern"),
        (request(path="/{since}"), "{since} is not known at the first pull"),
        (request(body={"json": {}}), "a GET sends no body: say method: POST"),
        (request(method="POST", body={}), "body holds one of json, form and text"),
        (request(method="POST", body={"json": {}, "text": "x"}), "body holds one of json, form and text"),
        (request(method="POST", body={"form": {}, "content_type": "x"}), "content_type goes with text"),
        (request(method="POST", body={"json": {"a": ["{x}"]}}), "body.a.0 names {x}"),
        (request(query={"m": "{period}"}), "request names {period}: say asks_for: period or unit_and_period"),
        (request(query={"u": "{unit}"}), "request names {unit}: say asks_for: unit or unit_and_period"),
        ({"asks_for": "unit"}, "asks_for: unit needs {unit} in request"),
        ({"asks_for": "period"}, "asks_for: period needs {period} or {window_end} or {window_start} in request"),
        (request(query={"s": "{since}"}), "request names {since}, to ask how many records changed"),
        (request(unit_codes={"4413": "HZ"}), "request.unit_codes goes with asks_for: unit"),
        ({"periods": {"back": 3}}, "periods goes with asks_for: period"),
        ({"records": "data..list"}, "should match pattern"),
        ({"paging": {"kind": "page_number", "in": "body"}}, "paging.in: body needs request.body.json with fields"),
        ({"paging": {"kind": "cursor", "next": "n"}, "total": "n"}, "total goes with paging.kind none, page_number or offset"),
        ({"paging": {"kind": "cursor", "next": "n"}, "answer": "json_lines"}, "paging.kind cursor needs answer: json or xml"),
        ({"paging": {"kind": "page_number"}, "answer": "file"}, "answer: file is one answer: leave out paging"),
        ({"answer": "file", "key": "id"}, "key goes with records, and answer: file is none"),
        ({"answer": "json_lines", "records": "data"}, "records goes with answer: json or xml"),
        ({"success": {"path": "code", "values": []}}, "at least 1 item"),
        ({"updated_format": "date"}, "should match pattern"),
    ],
)
def test_what_does_not_go_together(facts: dict[str, Any], expected: str) -> None:
    assert expected in errors(facts)


def test_a_simple_api_needs_few_lines() -> None:
    source = HttpApi.model_validate(API)
    assert (source.records, source.auth.kind, source.paging.kind, source.asks_for) == ("$", "none", "none", "register")


@pytest.mark.parametrize(
    ("source", "changes", "expected"),
    [
        (API, {}, "a source of kind http_api with answer: json gives records, not delimited"),
        (API | {"answer": "file"}, {"format": {"kind": "records"}}, "with answer: file gives a workbook or a delimited file"),
        (
            API | request(query={"m": "{period}"}) | {"asks_for": "period"},
            {"format": {"kind": "records"}, "period_kind": None, "replaces": "key"},
            "source.asks_for: period asks for periods: say period_kind",
        ),
        (
            API | request(query={"m": "{period}"}) | {"asks_for": "period"},
            {"format": {"kind": "records"}, "replaces": "register"},
            "replaces: register holds one document, and source.asks_for one per period",
        ),
        (
            API | request(query={"m": "{unit}"}, unit_codes={"441399": "X"}) | {"asks_for": "unit"},
            {"format": {"kind": "records"}},
            "source.request.unit_codes names 441399, which is not among units",
        ),
    ],
)
def test_source_and_report(source: dict[str, Any], changes: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError) as failure:
        make_report(source=source, **changes)
    assert expected in str(failure.value)
