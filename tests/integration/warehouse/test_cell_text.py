"""Texts of cells in the warehouse: plain texts as in Python, what a load records, and who may read it."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import psycopg
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from psycopg import sql

from demo.embedded_postgres import EmbeddedPostgres
from loaders.raw_schema import plain_texts
from loaders.settings import Settings
from loaders.warehouse.copy import copy_arrow
from loaders.warehouse.schema.raw_tables import postgres_type
from tests.integration.conftest import PASSWORDS, fresh_database
from tests.support.warehouse.file_drop import VISIT_HEADER, load, put, query

pytestmark = pytest.mark.integration
_DAYS = st.dates(dt.date(1850, 1, 1), dt.date(2200, 12, 31))
_MOMENTS = st.datetimes(dt.datetime(1850, 1, 1), dt.datetime(2200, 12, 31))  # noqa: DTZ001 - a cell has no time zone


def _decimals(places: int) -> st.SearchStrategy[Decimal]:
    return st.integers(-(10**15), 10**15).map(lambda number: Decimal(number).scaleb(-places))


VALUES = [
    (pa.int64(), st.integers(-(10**15), 10**15)),
    (pa.decimal128(18, 0), _decimals(0)),
    (pa.decimal128(18, 2), _decimals(2)),
    (pa.decimal128(20, 6), _decimals(6)),
    (pa.decimal128(30, 12), st.one_of(_decimals(12), st.just(Decimal("1e-12")))),
    (pa.date32(), _DAYS),
    (pa.timestamp("us"), _MOMENTS),
    (pa.bool_(), st.booleans()),
    (pa.string(), st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))),
]


@pytest.mark.parametrize(("kind", "values"), VALUES, ids=[str(kind) for kind, _ in VALUES])
@given(data=st.data())
@hypothesis_settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_plain_text_is_the_same_in_python_and_in_the_warehouse(
    postgres: EmbeddedPostgres, data: st.DataObject, kind: pa.DataType, values: st.SearchStrategy[object]
) -> None:
    column = pa.array(data.draw(st.lists(st.one_of(st.none(), values), min_size=1, max_size=60)), kind)
    with psycopg.connect(postgres.url("warehouse_template")) as connection:
        create = sql.SQL("create temporary table plain (place bigint, value {})").format(sql.SQL(postgres_type(kind)))
        connection.execute(create)
        copy_arrow(connection, sql.Identifier("plain"), pa.table({"place": range(len(column)), "value": column}))
        rows = connection.execute("select ops.plain_text(value) from plain order by place").fetchall()
        connection.rollback()
    assert [row[0] for row in rows] == plain_texts(column).to_pylist()


def _load_visits(settings: Settings) -> int:
    lines = [
        "TF1,2023-05-04,S1,桥东街道,441302001,G1,D1,,2,入户,30,0,,",
        "TF2,2023年5月4日,S1,桥东街道,441302001,G1,D2,,３,入户,—,0,,回电13800138000",
    ]
    put(settings, "home_visit/2023-05/441302_入户探访记录_2023-05.csv", "\r\n".join([VISIT_HEADER, *lines, ""]).encode("gb18030"))
    load("home_visit", settings)
    ((submission, state),) = query(settings, "select submission_id, state from ops.submission")
    assert state == "accepted", query(settings, "select rule, found, message_en from ops.issue")
    return int(submission)


def _cell(settings: Settings, submission: int, row: int, column: str) -> str | None:
    statement = "select ops.cell_text('home_visit', %s, '', %s, %s)"
    return query(settings, statement, submission, row, column)[0][0]


def test_a_load_records_where_columns_stood_and_the_texts_that_their_values_do_not_show(settings: Settings) -> None:
    submission = _load_visits(settings)
    ((number, sheet, first, last, letters),) = query(
        settings, "select table_number, sheet, first_row, last_row, letters from ops.document_table"
    )
    assert (number, sheet, first, last) == (1, "", 2, 3)
    assert (letters["visit_code"], letters["visit_persons"]) == ("A", "I")
    texts = [text and json.loads(text) for (text,) in query(settings, "select _texts from raw.home_visit order by _row")]
    assert texts[0] is None
    assert texts[1] == {
        "visited_date": "2023年5月4日",
        "visit_persons": "３",
        "visit_minutes": "—",
        "referral": "回电138****8000",
    } or (texts[1] == {"visited_date": "2023年5月4日", "visit_persons": "３", "visit_minutes": "—"})
    assert [_cell(settings, submission, 2, name) for name in ("visit_persons", "visited_date")] == ["2", "2023-05-04"]
    assert [_cell(settings, submission, 3, name) for name in ("visit_persons", "visited_date")] == ["３", "2023年5月4日"]
    assert _cell(settings, submission, 3, "visit_minutes") == "—"
    assert "13800138000" not in str(_cell(settings, submission, 3, "referral"))


def test_a_personal_column_shows_its_mask_and_never_its_hash(settings: Settings) -> None:
    submission = _load_visits(settings)
    query_key = "update raw.home_visit set client_id_key = 'hash', client_id_masked = '441***********0000' returning 1"
    assert len(query(settings, query_key)) == 2
    assert _cell(settings, submission, 2, "client_id_key") is None
    assert _cell(settings, submission, 2, "no_such_column") is None
    assert query(settings, "select ops.cell_text('no_such_report', 1, '', 1, 'a')") == [(None,)]


def test_a_report_that_is_renamed_keeps_its_texts(settings: Settings) -> None:
    submission = _load_visits(settings)
    with psycopg.connect(settings.warehouse_url) as connection:
        connection.execute("alter table raw.home_visit rename to visit_of_home")
        connection.execute("select ops.replace_cell_text()")
        row = connection.execute("select ops.cell_text('visit_of_home', %s, '', 3, 'visit_persons')", [submission]).fetchone()
    assert row == ("３",)


def test_bi_reader_cannot_call_the_function_and_the_transformer_can(postgres: EmbeddedPostgres) -> None:
    name = fresh_database(postgres)
    call = "select ops.cell_text('home_visit', 1, '', 2, 'visit_persons')"
    with psycopg.connect(postgres.url(name, "huimin_transformer", PASSWORDS["huimin_transformer"])) as connection:
        assert connection.execute(call).fetchone() == (None,)
    with (
        psycopg.connect(postgres.url(name, "bi_reader", PASSWORDS["bi_reader"])) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(call)
