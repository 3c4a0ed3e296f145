"""What is judged without the engine is judged as the engine judges it."""

from __future__ import annotations

import datetime as dt
import random
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

from loaders.contract import Report
from loaders.divisions import Divisions
from loaders.period import Period
from loaders.validation import RuleError, ValidationInput, Validator
from loaders.validation.conversion.pseudonyms import Pseudonymizer
from loaders.validation.conversion.typed_columns import ColumnConverter
from loaders.validation.model.row_batch import RowBatch
from loaders.validation.model.row_rule import with_value_set
from loaders.validation.row_validator import RowValidator
from loaders.validation.rules.engines.gx_suite import GxSuite
from loaders.validation.rules.engines.pandas_suite import PandasSuite, can_evaluate
from loaders.validation.rules.engines.validation_frame import build_validation_frame
from loaders.validation.rules.rule_set import rules_of
from tests.support.validation.readings import KEY, make_reading, make_report, make_rule

COLUMNS: list[dict[str, Any]] = [
    {"name": "visit_code", "header": "编号", "required": True, "key": True},
    {"name": "town_name", "header": "镇", "known_in": "divisions.town_name"},
    {"name": "kind", "header": "方式", "type": "choice", "choices": ["入户", "电话"]},
    {"name": "visits_count", "header": "次数", "type": "integer"},
    {"name": "persons_count", "header": "人数", "type": "integer", "required": True},
    {"name": "total_count", "header": "合计", "type": "integer"},
    {"name": "spent_yuan", "header": "支出", "type": "decimal", "shape": [12, 2]},
    {"name": "visited_date", "header": "日期", "type": "date"},
    {"name": "closed_date", "header": "结案", "type": "date"},
    {"name": "report_month", "header": "月份", "type": "month"},
    {"name": "uscc", "header": "代码", "type": "uscc"},
    {"name": "phone", "header": "电话", "type": "phone", "pii": "contact"},
    {"name": "remark", "header": "备注"},
]
RULES = [
    make_rule("expect_column_values_to_be_between", column="visits_count", min_value=1, max_value=5),
    make_rule("expect_column_values_to_be_between", column="persons_count", min_value=2, strict_min=True),
    make_rule("expect_column_values_to_be_between", column="spent_yuan", max_value=10.5, strict_max=True),
    make_rule("expect_column_values_to_be_between", column="visited_date", min_value="2023-05-10", max_value="2023-06-30"),
    make_rule("expect_column_values_to_match_regex", column="remark", regex="^已", where={"kind": ["电话"]}),
    make_rule("expect_column_values_to_not_match_regex", column="remark", regex="访$"),
    make_rule("expect_column_values_to_be_in_set", column="remark", value_set=["已访", "未访"]),
    make_rule("expect_column_values_to_be_in_set", column="visits_count", value_set=[1, 2, 9]),
    make_rule("expect_column_values_to_not_be_null", column="remark", where={"kind": ["入户", "电话"]}),
    make_rule("expect_column_values_to_be_null", column="closed_date", where={"kind": ["入户"]}),
    make_rule("expect_column_values_to_be_null", column="remark"),
    make_rule("expect_column_to_equal_sum", column="total_count", addends=["visits_count", "persons_count"]),
    make_rule("expect_column_values_to_be_in_document_period", column="visited_date"),
    make_rule("expect_column_values_to_be_in_document_period", column="report_month"),
    make_rule("expect_column_values_to_be_on_or_before_document_period", column="closed_date"),
    make_rule("expect_column_pair_values_a_to_be_greater_than_b", column_A="closed_date", column_B="visited_date"),
    make_rule("expect_column_pair_values_a_to_be_greater_than_b", column_A="total_count", column_B="visits_count", or_equal=True),
]
VALUES: dict[str, list[str | None]] = {
    "visit_code": ["V1", "V2", "V3", "V4", None],
    "town_name": ["龙华镇", "龙湖镇", None],
    "kind": ["入户", "电话", "电邮", None],
    "visits_count": ["0", "1", "2", "9", "三", None],
    "persons_count": ["1", "2", "3", None],
    "total_count": ["1", "3", "4", "5", None],
    "spent_yuan": ["10.49", "10.5", "11", None],
    "visited_date": ["2023-05-09", "2023-05-10", "2023-06-30", "2023-07-01", None],
    "closed_date": ["2023-05-09", "2023-06-01", "2024-01-01", None],
    "report_month": ["2023-05", "2023-04", None],
    "uscc": ["51100000500009247D", "51100000500009247E", None],
    "phone": ["13800138000", "138", None],
    "remark": ["已访", "未访", "已", "电话回访", None],
}


def frames(report: Report, divisions: Divisions, seed: int) -> tuple[pd.DataFrame, list[Any]]:
    chance = random.Random(seed)
    rows = [{name: chance.choice(values) for name, values in VALUES.items()} for _ in range(chance.choice([1, 3, 40]))]
    batch = RowBatch.of([ValidationInput(make_reading(report, rows), "441302", Period.parse("2023-05"))])
    rules = [with_value_set(report, rule, divisions) for rule in rules_of(report)]
    typed = ColumnConverter(report, divisions, Pseudonymizer(KEY)).convert(batch)
    return build_validation_frame(report, batch, typed, GxSuite(report.report, rules).columns), rules


@pytest.mark.parametrize("seed", range(12))
def test_every_rule_is_broken_by_the_same_rows(divisions: Divisions, seed: int) -> None:
    report = make_report(*COLUMNS, rules=RULES)
    frame, rules = frames(report, divisions, seed)
    assert can_evaluate(report, rules)
    prefer_pandas, engine = (suite(report.report, rules).run(frame) for suite in (PandasSuite, GxSuite))
    for rule, ours, theirs in zip(rules, prefer_pandas, engine, strict=True):
        assert ours.tolist() == theirs.tolist(), rule
    assert sum(len(rows) for rows in engine) > 0


@pytest.mark.parametrize("seed", range(4))
def test_results_are_the_same(divisions: Divisions, seed: int) -> None:
    report = make_report(*COLUMNS, rules=RULES)
    chance = random.Random(seed)
    rows = [{name: chance.choice(values) for name, values in VALUES.items()} for _ in range(30)]
    items = [ValidationInput(make_reading(report, part), "441302", Period.parse("2023-05")) for part in (rows[:10], rows[10:])]
    prefer_pandas, engine = (
        Validator(report, divisions, KEY, prefer_pandas=prefer_pandas).validate(items) for prefer_pandas in (True, False)
    )
    assert prefer_pandas == engine


@pytest.mark.parametrize(
    "rule",
    [
        make_rule("expect_column_value_lengths_to_be_between", column="remark", min_value=2),
        make_rule("expect_column_values_to_be_between", column="remark", min_value=1),
        make_rule("expect_column_values_to_be_between", column="visits_count", min_value=5, max_value=1),
        make_rule(
            "expect_column_pair_values_a_to_be_greater_than_b",
            column_A="total_count",
            column_B="visits_count",
            ignore_row_if="neither",
        ),
    ],
)
def test_other_rules_are_left_to_the_engine(divisions: Divisions, rule: dict[str, Any]) -> None:
    report = make_report(*COLUMNS, rules=[rule])
    assert not can_evaluate(report, rules_of(report))
    assert isinstance(RowValidator(report, divisions, KEY, prefer_pandas=True)._suite, GxSuite)


def test_a_rule_that_cannot_be_compared_is_named() -> None:
    report = make_report(*COLUMNS, rules=[RULES[0]])
    (rule,) = [rule for rule in rules_of(report) if rule.is_declared]
    with pytest.raises(RuleError, match="report=visit: rule expect_column_values_to_be_between on visits_count"):
        PandasSuite("visit", [rule]).run(pd.DataFrame({"visits_count": np.array([dt.date(2023, 1, 1)], dtype=object)}))


def test_a_check_loads_no_rule_engine() -> None:
    code = """
import sys
from loaders.divisions import Divisions
from loaders.validation import Validator, ValidationInput
from tests.support.validation.readings import make_reading, make_report
report = make_report()
validator = Validator(report, Divisions(()), b"key", prefer_pandas=True)
print(validator.validate([ValidationInput(make_reading(report, [{}]), "441302")])[0].accepted.num_rows)
print(sorted({"great_expectations", "airflow", "psycopg"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split("\n")[:2] == ["1", "[]"]
