"""`huimin check` and `huimin cells` as somebody at a desk runs them: what is printed, and with which exit code it ends."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from loaders.cli import app
from loaders.contract import ContractError, load_report
from loaders.settings import PROJECT_ROOT
from tests.support.documents.workbooks import ROWS, encrypted, workbook

TESTS = Path(__file__).parents[2]
STATION = next((TESTS / "reports" / "station").glob("*/*.xlsx"))


def huimin(*arguments: Any, **settings: str) -> Result:
    """The command without any setting of a warehouse or a scheduler but those given."""
    nothing = {name: None for name in os.environ if name.startswith(("HUIMIN", "AIRFLOW"))}
    return CliRunner().invoke(app, list(map(str, arguments)), env={**nothing, **settings})


def test_a_report_is_recognized_and_each_problem_has_its_place() -> None:
    done = huimin("check", STATION)
    assert done.exit_code == 1
    assert "报表：双百社工站点名册；填报单位：惠城区；报告期：2023-06；数据 19 行" in done.stdout
    assert "✗ Sheet1 G10: " in done.stdout
    assert done.stderr == ""


def test_the_same_in_english_and_as_data() -> None:
    assert "✗ Sheet1 G10: " in huimin("check", STATION, "--lang", "en").stdout
    done = huimin("check", STATION, "--json")
    (checked,) = json.loads(done.stdout)
    assert (checked["report"], checked["rows"], checked["exit_code"], done.exit_code) == ("station", 19, 1, 1)
    assert {"rule", "severity", "sheet", "row", "cell", "found", "expected", "message_zh", "message_en"} <= set(
        checked["issues"][0]
    )


def test_the_rows_that_would_be_loaded_are_written_with_their_place(tmp_path: Path) -> None:
    out = tmp_path / "accepted.csv"
    done = huimin("check", STATION, "--accepted", out)
    (checked,) = json.loads(huimin("check", STATION, "--json").stdout)
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (done.exit_code, len(rows)) == (1, checked["rows"] - checked["rejected_rows"])
    assert list(rows[0])[:5] == ["_file", "_report", "_sheet", "_row", "station_code"]
    rejected = {issue["row"] for issue in checked["issues"] if issue["severity"] == "error"}
    assert rejected and rejected.isdisjoint(int(row["_row"]) for row in rows)
    columns = {column.name: column for column in load_report(PROJECT_ROOT / "expectations/social_work/station.yml").columns}
    assert {name for name, column in columns.items() if column.is_personal}.isdisjoint(rows[0])
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", row["opened_date"]) for row in rows)


def test_a_document_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    shutil.copy(STATION, path)
    done = huimin("check", path, "--accepted", tmp_path / "." / "a.xlsx")
    assert done.exit_code == 2
    assert path.read_bytes() == STATION.read_bytes()


@pytest.mark.parametrize("words", [("check", STATION), ("contracts", "check")])
def test_a_folder_without_contracts_is_said_to_be_one(tmp_path: Path, words: tuple[object, ...]) -> None:
    done = huimin(*words, HUIMIN_EXPECTATIONS=str(tmp_path / "nowhere"))
    assert isinstance(done.exception, ContractError)
    assert "HUIMIN_EXPECTATIONS" in str(done.exception)


def test_a_refused_document_gives_no_rows(tmp_path: Path) -> None:
    (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04 broken off")
    done = huimin("check", tmp_path / "b.xlsx", "--report", "station", "--accepted", tmp_path / "out.csv")
    assert done.exit_code == 2
    assert len((tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()) == 1


def test_many_files_are_counted_and_the_worst_decides(tmp_path: Path) -> None:
    shutil.copy(STATION, tmp_path / "441302_2023-06.xlsx")
    (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04 broken off")
    (tmp_path / "c.csv").write_text("姓名,性别\n", encoding="utf-8")
    done = huimin("check", *sorted(tmp_path.iterdir()))
    assert done.exit_code == 2
    assert done.stdout.splitlines()[-1] == "共 3 份：可以报送 0，部分行将被退回 1，整份将被退回 2"
    assert "没有找到任何一种报表的表头" in done.stdout
    assert "[3/3] 已读取 c.csv" in done.stderr


def test_a_header_that_nearly_fits_names_the_report_it_comes_nearest_to(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("探访编号,探访日期,别的,其他\n".encode("gb18030"))
    assert "最接近的是：入户探访记录（home_visit）" in huimin("check", path).stdout


@pytest.mark.parametrize("arguments", [("--lang", "fr"), ("--period", "June"), ("--report", "nothing")])
def test_wrong_options_are_explained(arguments: tuple[str, str]) -> None:
    done = huimin("check", STATION, *arguments)
    assert done.exit_code == 2
    assert arguments[1] in done.stderr
    assert "Traceback" not in done.stderr


def test_cells_are_printed_in_the_form_that_is_promised() -> None:
    done = huimin("cells", STATION, "--json")
    (sheet,) = json.loads(done.stdout)["sheets"]
    assert done.exit_code == 0
    assert {"name", "hidden", "rows", "columns", "merged", "cells"} == set(sheet)
    assert {"cell", "value", "type", "flags"} == set(sheet["cells"][0])


def test_an_encrypted_workbook_opens_with_its_password_only(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(encrypted(workbook(ROWS), "秘密123"))
    done = huimin("cells", path, "--json")
    assert (done.exit_code, json.loads(done.stdout)["refused"]["reason"]) == (2, "encrypted_document")
    done = huimin("cells", path, "--json", "--password", "秘密123")
    assert (done.exit_code, len(json.loads(done.stdout)["sheets"])) == (0, 1)


def test_the_password_of_a_reports_connection_opens_its_documents(tmp_path: Path) -> None:
    report = load_report(PROJECT_ROOT / "expectations" / "charity" / "student_grant.yml")
    path = tmp_path / "a.xlsx"
    path.write_bytes(encrypted(workbook([[column.header for column in report.columns]]), "秘密123"))
    assert "encrypted_document" in huimin("check", path, "--json").stdout
    done = huimin("check", path, "--json", AIRFLOW_CONN_STUDENT_GRANT_PASSWORD="秘密123")
    (checked,) = json.loads(done.stdout)
    assert (checked["report"], checked["refusal"]["rule"]) == ("student_grant", "empty_batch")


def test_a_check_starts_without_rule_engine_scheduler_and_database() -> None:
    code = f"""
import atexit, sys
heavy = {{"great_expectations", "airflow", "psycopg", "sqlalchemy", "dbt"}}
atexit.register(lambda: print("loaded:", sorted(heavy & set(sys.modules))))
sys.argv = ["huimin", "check", {str(STATION)!r}]
from loaders.cli import main
main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "loaded: []"


def test_personal_numbers_of_cells_are_masked_unless_they_are_asked_for(tmp_path: Path) -> None:
    card, phone, account = "11010519491231002X", "13800138000", "6222021234567890123"
    rows = [["姓名", "证号", "备注"], ["张三", card, f"电话\n{phone}"], ["李四", account, "无"]]
    path = tmp_path / "people.xlsx"
    path.write_bytes(workbook(rows))
    for words in (["cells", path], ["cells", path, "--json"]):
        masked, plain = huimin(*words), huimin(*words, "--plain")
        assert masked.exit_code == plain.exit_code == 0
        for number in (card, phone, account):
            assert number not in masked.stdout and number in plain.stdout
        assert "110105********002X" in masked.stdout and "138****8000" in masked.stdout
