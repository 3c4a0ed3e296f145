"""Harmful documents on the whole way from a folder to the warehouse: each is one rejected submission, and the others load."""

import dataclasses
from collections.abc import Callable

import psycopg
import pytest

from loaders import pipeline
from loaders.settings import Settings
from tests.support.documents.workbooks import encrypted, far_cell, workbook, zip_bomb
from tests.support.warehouse.file_drop import load, put, station_form

pytestmark = pytest.mark.integration

PAGE = b"<!DOCTYPE html><html><head><title>login</title></head><body><form>user <input></form></body></html>"
VISITS = "探访编号,探访日期,站点编号,镇（街道）,镇（街道）代码,社工编号,档案编号,服务对象身份证号,探访人次,探访方式,"
VISITS += "探访时长（分钟）,志愿者人数,发现问题,转介去向"
VISIT = "TF1,2023-05-04,S1,桥东街道,441302001,G1,D1,,2,入户,30,0,,"
STATIONS: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "441303": (far_cell, {"far_cell", "header_not_found"}),
    "441322": (zip_bomb, {"too_large"}),
    "441323": (lambda: encrypted(workbook([["a"]]), "secret"), {"encrypted_document"}),
    "441324": (lambda: PAGE, {"unreadable_document"}),
    "HZ-ZK": (lambda: b"", {"empty_document"}),
}


def outcomes(settings: Settings) -> dict[str, tuple[str, int, str | None]]:
    """By unit: the submission's state, its rows in the table, and the rule that refused it."""
    query = """
        select s.unit_code, s.state, s.rows_loaded, min(i.rule) filter (where i.severity = 'document')
        from ops.submission as s left join ops.issue as i on i.submission_id = s.submission_id
        group by s.submission_id
    """
    with psycopg.connect(settings.warehouse_url) as connection:
        assert connection.execute("select count(*) from ops.account where difference <> 0").fetchone() == (0,)
        return {unit: (state, rows, rule) for unit, state, rows, rule in connection.execute(query).fetchall()}


def test_each_harmful_workbook_is_one_rejected_submission(settings: Settings) -> None:
    put(settings, "station/2023-05/441302_名册.xlsx", station_form())
    for unit, (content, _) in STATIONS.items():
        put(settings, f"station/2023-05/{unit}_名册.xlsx", content())
    load("station", settings)
    found = outcomes(settings)
    assert found.pop("441302") == ("accepted", 1, None)
    assert {unit: (state, rows) for unit, (state, rows, _) in found.items()} == dict.fromkeys(STATIONS, ("rejected", 0))
    assert all(found[unit][2] in rules for unit, (_, rules) in STATIONS.items()), found


def test_a_text_with_nul_bytes_is_one_rejected_submission(settings: Settings) -> None:
    whole = f"{VISITS}\r\n{VISIT}\r\n".encode("gb18030")
    put(settings, "home_visit/2023-05/441302_记录.csv", whole)
    put(settings, "home_visit/2023-05/441303_记录.csv", whole.replace(b"TF1", b"TF2").replace(b"D1", b"\0\0"))
    load("home_visit", settings)
    assert outcomes(settings) == {"441302": ("accepted", 1, None), "441303": ("rejected", 0, "nul_bytes")}


def test_a_reader_that_gets_too_little_memory_rejects_and_a_second_run_can_load(settings: Settings) -> None:
    """A limit is a setting: with the usual one the same landed document is loaded again."""
    rows = "".join(f"TF{number},{VISIT.partition(',')[2]}\r\n" for number in range(60_000))
    put(settings, "home_visit/2023-05/441302_记录.csv", f"{VISITS}\r\n{rows}".encode("gb18030"))
    tight = dataclasses.replace(settings, reading=dataclasses.replace(settings.reading, cpu_seconds=1, memory_mb=1))
    load("home_visit", tight)
    assert outcomes(settings)["441302"] == ("rejected", 0, "limit_exceeded")
    for batch in pipeline.extract("home_visit", settings, again=True):
        pipeline.load_batch("home_visit", batch, settings)
    with psycopg.connect(settings.warehouse_url) as connection:
        assert connection.execute("select count(*) from raw.home_visit where _superseded_at is null").fetchone() == (60_000,)
