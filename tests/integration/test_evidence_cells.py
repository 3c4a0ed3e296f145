"""From figures of the city back to cells: the evidence adds up, and each text stands in the landed file where it is said to."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from loaders.contract import load_reports
from loaders.settings import PROJECT_ROOT
from tests.support.city.city_site import CityWarehouse, running_city
from tests.support.city.landed_cells import shows

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(1800)]
REPORTS = load_reports(PROJECT_ROOT / "expectations")
MONTHS = "2021-01:2021-03"
VALUES, CELLS = 150, 1_000
# Rows per report and column that a text is looked up in, at most: large reports would leave no room for the others.
MOST_OF_A_COLUMN = 150


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CityWarehouse]:
    with running_city(tmp_path_factory.mktemp("cells"), "--months", MONTHS) as city:
        opened = city.open_warehouse("warehouse", batch_size=100)
        opened.load()
        opened.huimin("build")
        yield opened


def evidence(warehouse: CityWarehouse, *words: str) -> list[dict[str, Any]]:
    return list(json.loads(warehouse.huimin("evidence", *words, "--json")))


def test_evidence_adds_up_to_random_values(warehouse: CityWarehouse) -> None:
    """Of sums and counts; a distinct count is at most its rows, and not zero where there are any."""
    values = warehouse.query(
        """
        select v.indicator_code, v.area_code, p.start_date, p.end_date, i.aggregation, i.stock_or_flow, i.scale, v.value
        from bi.indicator_value as v
        inner join core.dim_period as p on v.period_code = p.period_code
        inner join core.indicators as i on v.indicator_code = i.indicator_code
        where i.aggregation <> 'ratio' and v.value is not null
        """
    )
    assert len(values) > 1_000
    for code, area, first, last, aggregation, kind, scale, value in random.Random(7).sample(values, VALUES):
        in_period = (
            f"event_date between '{first}' and '{last}'"
            if kind == "flow"
            else f"event_date <= '{last}' and (end_date is null or end_date > '{last}')"
        )
        ((rows, total),) = warehouse.query(
            "select count(*), coalesce(sum(quantity), 0) from indicators.indicator_evidence"
            f" where (indicator_code, area_code) = ('{code}', '{area}') and {in_period}"
        )
        case = (code, area, str(last), rows, total, value)
        if aggregation == "count_distinct":
            assert value <= rows and (value > 0) == (rows > 0), case
        else:
            assert abs(total / scale - value) <= Decimal("0.000001"), case


def test_the_texts_of_random_cells_stand_in_the_landed_files(warehouse: CityWarehouse) -> None:
    found = warehouse.query(
        f"""
        with numbered as (
            select e.*, row_number() over (
                    partition by e.report, e.column_name order by md5(e.submission_id || ' ' || e.sheet || ' ' || e.row_number)
                ) as place
            from indicators.indicator_evidence as e
            where e.area_code = '4413' and e.submission_id is not null
        )
        select n.report, n.sha256, n.sheet, n.row_number, n.column_name, n.column_letter, n.cell, n.field_name,
            ops.cell_text(n.report, n.submission_id, n.sheet, n.row_number, m.raw_name), m.raw_name <> m.column_name
        from numbered as n
        inner join indicators.measure_column as m on (m.report, m.column_name) = (n.report, n.column_name)
        where n.place <= {MOST_OF_A_COLUMN}
        """
    )
    assert len(found) >= CELLS
    landing = Path(warehouse.environment()["HUIMIN_HOME"]) / "landing"
    looked_at: Counter[str] = Counter()
    for report, sha256, sheet, row, column, letter, cell, field, text, is_personal in found:
        place = {"sheet": sheet, "row": row, "letter": letter, "cell": cell, "field": field}
        assert text is not None, (report, column, place)
        assert (field is None) != (cell is None), (report, column, place)
        if not is_personal:
            path = landing / str(sha256)[:2] / str(sha256)[2:4] / str(sha256)
            assert shows(path, REPORTS[str(report)], place, str(text)), (report, column, place, text, str(path))
            looked_at[str(report)] += 1
    assert {type(REPORTS[name].format).__name__ for name in looked_at} == {"Workbook", "Delimited", "Records"}
    assert len(looked_at) >= 20


def test_every_evidence_row_of_a_document_has_its_cell(warehouse: CityWarehouse) -> None:
    without = warehouse.query(
        """
        select indicator_code, report, count(*) from indicators.indicator_evidence
        where area_code = '4413' and submission_id is not null and (column_name is null or coalesce(cell, field_name) is null)
        group by 1, 2
        """
    )
    assert without == []


def test_the_command_prints_the_cells_and_writes_them_to_a_workbook(warehouse: CityWarehouse, tmp_path: Path) -> None:
    import openpyxl

    rows = evidence(warehouse, "SW-SV-01", "--area", "441302", "--period", "2021-03")
    ((value,),) = warehouse.query(
        "select value from bi.indicator_value where (indicator_code, area_code, period_code) = ('SW-SV-01', '441302', '2021-03')"
    )
    assert rows
    assert sum(Decimal(str(row["quantity"])) for row in rows) == value
    assert all(Path(row["landed"]).is_file() and row["file"].endswith((".xlsx", ".xls", ".csv")) for row in rows)
    assert {row["column"] for row in rows} == {"service_persons"}
    file = tmp_path / "evidence.xlsx"
    printed = warehouse.huimin("evidence", "SW-SV-01", "--area", "441302", "--period", "2021-03", "--to", str(file))
    assert rows[0]["landed"] in printed.replace("\n", "") or f"{len({row['landed'] for row in rows})} landed files" in printed
    sheet = openpyxl.load_workbook(file)["依据"]
    assert sheet.max_row == len(rows) + 1
    header = [cell.value.split()[-1] for cell in sheet[1]]
    assert [cell.value for cell in sheet[2]][header.index("text")] == rows[0]["text"]


def test_hidden_evidence_is_the_operators_alone_and_the_reader_learns_why(warehouse: CityWarehouse) -> None:
    ((code, town),) = warehouse.query(
        "select indicator_code, area_code from indicators.indicator_evidence where is_hidden order by 1, 2 limit 1"
    )
    rows = evidence(warehouse, str(code), "--area", str(town))
    assert rows and all(row["is_hidden"] for row in rows)
    assert evidence(warehouse, str(code), "--area", str(town), "--as-reader") == []
    printed = warehouse.huimin("evidence", str(code), "--area", str(town), "--as-reader")
    assert "小数值" in printed
    assert "小数值" in warehouse.huimin("evidence", str(code), "--area", "4413", "--as-reader")
    assert "小数值" not in warehouse.huimin("evidence", "SW-SV-01", "--area", "441302", "--period", "2021-03", "--as-reader")
