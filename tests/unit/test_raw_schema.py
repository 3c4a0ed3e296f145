from decimal import Decimal

import pyarrow as pa
import pytest

from loaders.contract import Column, ColumnType, Pii
from loaders.raw_schema import arrow_type, raw_fields


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        ("text", pa.string()),
        ("integer", pa.int64()),
        ("date", pa.date32()),
        ("datetime", pa.timestamp("us")),
        ("month", pa.string()),
        ("quarter", pa.string()),
        ("year", pa.string()),
        ("boolean", pa.bool_()),
        ("uscc", pa.string()),
        ("division_code", pa.string()),
    ],
)
def test_each_type_has_its_place_in_the_warehouse(kind: str, stored: pa.DataType) -> None:
    assert arrow_type(Column(name="a", header="甲", type=ColumnType(kind))) == stored


def test_a_decimal_has_the_shape_of_its_contract() -> None:
    column = Column(name="a", header="甲", type=ColumnType.DECIMAL, shape=(12, 2))
    assert arrow_type(column) == pa.decimal128(12, 2)
    assert pa.scalar(Decimal("1.50"), arrow_type(column)).as_py() == Decimal("1.50")


def test_a_personal_column_is_stored_as_hash_and_mask_only() -> None:
    column = Column(name="client_id", header="证号", type=ColumnType.RESIDENT_ID, pii=Pii.PERSONAL)
    assert [(field.name, field.type) for field in raw_fields(column)] == [
        ("client_id_key", pa.string()),
        ("client_id_masked", pa.string()),
    ]
    assert [field.name for field in raw_fields(Column(name="a", header="甲"))] == ["a"]
