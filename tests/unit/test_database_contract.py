"""What a contract may say of a database, and which field each error names."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from loaders.contract import Database, Report
from loaders.contract.sources.sql_query import bound_values, query_errors
from tests.support.documents.contracts import VISIT

KEYED = {"format": {"kind": "records"}, "columns": [{"name": "id", "header": "ID", "key": True}]}


def database(**changes: Any) -> Database:
    facts: dict[str, Any] = {"connection": "front", "relation": "S.V_报表", "order_by": ["ID"]}
    return Database.model_validate({name: value for name, value in (facts | changes).items() if value is not None})


@pytest.mark.parametrize("name", ["V_REPORT", "MZ.V_低保月报", 'a"b', "Order Details", "x" * 256, "select", "%", "a-b$#"])
def test_names_are_any_text(name: str) -> None:
    assert database(relation=name, updated_column=name.replace(".", "_"), order_by=[name]).relation == name


@pytest.mark.parametrize("name", ["", " V", "V ", "V\n", "V\t1", "V\u200b", "\ufeffV", "V\u2028", "x" * 257])
@pytest.mark.parametrize("field", ["relation", "updated_column", "period_column", "order_by"])
def test_a_name_that_nobody_could_see_is_refused(field: str, name: str) -> None:
    with pytest.raises(ValidationError, match=field):
        database(**{field: [name] if field == "order_by" else name})


QUERY = "select a from t"
BY_PERIOD = "select a from t where d between :period_start and :period_end"
SINCE = "select a from t where u >= :since"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"relation": None}, "say either relation"),
        ({"query": QUERY}, "say either relation"),
        ({"relation": "a..b"}, "relation is NAME or SCHEMA.NAME"),
        ({"relation": "a.b.c"}, "write what has more dots as a query"),
        ({"time_zone": "China"}, "time_zone is a name like Asia/Shanghai"),
        ({"time_zone": "../etc/passwd"}, "time_zone is a name like Asia/Shanghai"),
        ({"window_days": 3}, "window_days needs period_column, updated_column or a query with :period_start"),
        ({"relation": None, "query": BY_PERIOD}, "say window_days"),
        ({"relation": None, "query": BY_PERIOD, "window_days": 9, "period_column": "P"}, "take out period_column"),
        ({"relation": None, "query": f"{BY_PERIOD} and u > :since", "window_days": 9}, "not for both"),
        ({"relation": None, "query": SINCE}, "say updated_column and window_days"),
        (
            {"relation": None, "query": SINCE, "window_days": 9, "updated_column": "u", "period_column": "P"},
            "without period_column",
        ),
    ],
)
def test_what_does_not_go_together(changes: dict[str, Any], error: str) -> None:
    with pytest.raises(ValidationError, match=error):
        database(**changes)


def report(**changes: Any) -> Report:
    source = {"kind": "database", "connection": "front", "relation": "V", "order_by": ["ID"], "updated_column": "U"}
    merged = {name: value for name, value in (source | changes.pop("source", {})).items() if value is not None}
    return Report.model_validate(VISIT | KEYED | {"source": merged} | changes)


def test_a_report_that_does_not_fit_its_window() -> None:
    with pytest.raises(ValidationError, match=r"source\.window_days brings rows that were brought before: say replaces: key"):
        report(source={"window_days": 3})
    query = {"relation": None, "query": BY_PERIOD, "window_days": 9}
    with pytest.raises(ValidationError, match=r"source\.query asks for a period: say period_kind"):
        report(source=query, period_kind=None, replaces="key", cadence="ad_hoc")
    assert report(source=query).source == database(relation=None, query=BY_PERIOD, window_days=9, updated_column="U")


def test_rows_since_a_watermark_say_nothing_of_the_others() -> None:
    assert report(replaces="key").has_full_snapshots
    assert not report(replaces="key", source={"window_days": 3}).has_full_snapshots


@pytest.mark.parametrize(
    "query",
    [
        "select * from t",
        "\n  SELECT count(*) FROM \"MZ\".\"报表\" WHERE note = 'it''s; -- no comment' ",
        "with a as (select 1 as n) select n from a",
        "select `delete`, [update] from t where d = :period_start::date and x = 'a;b' and t.\"insert\" = 1",
        "select replace(a, 'x', 'y') as updated_at, EMP#, a$b from t",
        "select 工号 from t where 日期 >= :since and to_char(x, 'HH24:MI') <> ':since'",
    ],
)
def test_a_select_is_taken(query: str) -> None:
    assert list(query_errors(query)) == []


@pytest.mark.parametrize(
    ("query", "error"),
    [
        (" ", "must begin with SELECT"),
        ("delete from t", "must begin with SELECT"),
        ("(select 1)", "must begin with SELECT"),
        ("select 1; drop table t", "semicolon"),
        ("select 1; drop table t", "take out DROP"),
        ("select * into x from t", "take out INTO"),
        ("select * from t for update", "take out UPDATE"),
        ("with x as (delete from t returning *) select * from x", "take out DELETE"),
        ("select 1 -- as one", "comment"),
        ("select 1 /* as one */", "comment"),
        ("select 1 # as one", "comment"),
        ("select 1) union (select 2", "parentheses"),
        ("select (1", "parentheses"),
        ("select 'a", "quotation mark"),
        ('select "a', "quotation mark"),
        (r"select 'a\' from t", "backslash"),
        ("select :since, :until", "names :until, which is no value: it may name :next_period_start, :period, :period_end"),
    ],
)
def test_anything_else_is_refused(query: str, error: str) -> None:
    assert any(error in found for found in query_errors(query)), list(query_errors(query))


def test_the_values_that_a_query_names() -> None:
    query = "select a::date, ':no' from t where \":no\" = 1 and d >= :period_start and d<:next_period_start"
    assert bound_values(query) == {"period_start", "next_period_start"}
