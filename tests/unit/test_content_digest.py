"""Digests of content: equal for the same rows in any order and any chunks, different for any other value."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.model import ValidationResult
from loaders.raw_schema import raw_schema
from loaders.warehouse.load.content_digest import ContentDigest, content_digests
from tests.support.documents.contracts import make_report

REPORT = make_report(
    [
        {"name": "code", "header": "编号", "required": True, "key": True},
        {"name": "town", "header": "镇"},
        {"name": "persons", "header": "人次", "type": "integer", "unit": "人次"},
        {"name": "spent_yuan", "header": "支出", "type": "decimal", "unit": "元"},
        {"name": "visited_date", "header": "日期", "type": "date"},
        {"name": "begun_at", "header": "时间", "type": "datetime"},
        {"name": "is_first", "header": "首次", "type": "boolean"},
        {"name": "client_name", "header": "姓名", "pii": "personal"},
    ]
)
SCHEMA = raw_schema(REPORT)
ROW: dict[str, Any] = {
    "code": "V1",
    "town": "惠城区桥东街道",
    "persons": 3,
    "spent_yuan": Decimal("12.50"),
    "visited_date": dt.date(2023, 6, 1),
    "begun_at": dt.datetime.fromisoformat("2023-06-01 08:30:00"),
    "is_first": True,
    "client_name_key": "a" * 64,
    "client_name_masked": "张*",
}
CHANGES: list[dict[str, Any]] = [
    {"code": "V2"},
    {"code": "V1\x00"},
    {"code": "1V"},
    {"town": None},
    {"town": ""},
    {"town": "惠城区桥东街道办"},
    {"persons": 4},
    {"persons": None},
    {"persons": 0},
    {"persons": -3},
    {"spent_yuan": Decimal("12.51")},
    {"spent_yuan": Decimal("-12.50")},
    {"visited_date": dt.date(2023, 6, 2)},
    {"begun_at": dt.datetime.fromisoformat("2023-06-01 08:30:00.000001")},
    {"is_first": False},
    {"is_first": None},
    {"client_name_key": "a" * 63 + "b"},
]


def digest(rows: list[dict[str, Any]], rejected: list[str] = [], chunk: int = 1_000) -> str:  # noqa: B006 - not changed
    found = ContentDigest(REPORT)
    table = pa.Table.from_pylist(rows, SCHEMA)
    for start in range(0, max(1, len(rows)), chunk):
        records = rejected if start == 0 else []
        found.add(ValidationResult(table.slice(start, chunk), pa.table({"record": pa.array(records, pa.string())})))
    return found.hexdigest()


@pytest.mark.parametrize("change", CHANGES)
def test_any_other_value_gives_another_digest(change: dict[str, Any]) -> None:
    assert digest([ROW | change]) != digest([ROW])
    assert digest([ROW, ROW | change]) != digest([ROW, ROW])


def test_all_changes_differ_from_each_other() -> None:
    assert len({digest([ROW | change]) for change in CHANGES}) == len(CHANGES)


def test_values_do_not_pass_from_one_column_or_row_to_another() -> None:
    one, other = ROW | {"code": "ab", "town": "c"}, ROW | {"code": "a", "town": "bc"}
    assert digest([one]) != digest([other])
    swapped = [ROW | {"code": "V1", "persons": 1}, ROW | {"code": "V2", "persons": 2}]
    assert digest(swapped) != digest([ROW | {"code": "V1", "persons": 2}, ROW | {"code": "V2", "persons": 1}])


def test_a_row_counts_as_often_as_it_is_there() -> None:
    assert len({digest([]), digest([ROW]), digest([ROW, ROW]), digest([ROW, ROW, ROW])}) == 4


def test_accepted_and_rejected_rows_differ() -> None:
    assert digest([ROW], ['{"code": "x"}']) != digest([ROW])
    assert digest([ROW], ['{"code": "x"}']) != digest([ROW], ['{"code": "y"}'])
    assert digest([ROW], ["a", "b"]) == digest([ROW], ["b", "a"])


def test_the_mask_of_a_personal_value_does_not_count() -> None:
    assert digest([ROW | {"client_name_masked": "**"}]) == digest([ROW])


rows = st.lists(
    st.fixed_dictionaries({"code": st.text(st.characters(codec="utf-8"), max_size=20), "persons": st.integers(-3, 3)}), max_size=8
)


@given(rows, st.randoms(use_true_random=False), st.integers(1, 4), st.lists(st.text("abc", max_size=9), max_size=3))
def test_order_and_chunks_do_not_count(rows: list[dict[str, Any]], random: Any, chunk: int, rejected: list[str]) -> None:
    full = [ROW | row for row in rows]
    shuffled = random.sample(full, len(full))
    assert digest(shuffled, rejected[::-1], chunk) == digest(full, rejected)
    if rows:
        assert digest(full[1:], rejected) != digest(full, rejected)


def test_the_order_of_columns_in_a_chunk_does_not_count() -> None:
    found = ContentDigest(REPORT)
    table = pa.Table.from_pylist([ROW], SCHEMA)
    rejected = pa.table({"record": pa.array([], pa.string())})
    result = ValidationResult(table, rejected)
    found.add(dataclasses.replace(result, accepted=table.select(table.column_names[::-1])))
    assert found.hexdigest() == digest([ROW])


@given(documents=st.lists(st.lists(st.sampled_from(CHANGES), max_size=4), max_size=5))
def test_documents_that_are_hashed_together_have_the_digests_of_their_own(documents: list[list[dict[str, Any]]]) -> None:
    whole = []
    for number, rows in enumerate(documents):
        records = pa.table({"record": pa.array([f"refused {number}"] * (number % 3), pa.string())})
        whole.append([ValidationResult(pa.Table.from_pylist([ROW | row for row in rows], SCHEMA), records)])
    alone = [digest([ROW | row for row in rows], [f"refused {number}"] * (number % 3)) for number, rows in enumerate(documents)]
    assert content_digests(REPORT, whole) == alone
