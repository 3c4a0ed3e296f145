"""Look-alikes in personal names, choices and names of the city's lists; damaged texts at their cells."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from loaders.characters.confusables import DOTS
from loaders.model import Severity, ValidationResult
from tests.support.validation.readings import make_report

ValidateRows = Callable[..., ValidationResult]
PERSON = {"name": "donor_name", "header": "捐赠人", "pii": "personal"}


def test_all_writings_of_a_name_share_one_key_and_are_masked_as_written(validate_quickly: ValidateRows) -> None:
    names = [f"阿依古丽{dot}买买提" for dot in DOTS]
    accepted = validate_quickly(make_report(PERSON), *[{"donor_name": name} for name in names]).accepted
    assert len(set(accepted.column("donor_name_key").to_pylist())) == 1
    assert set(accepted.column("donor_name_masked").to_pylist()) == {"阿******提"}


def test_a_name_without_the_dot_is_another_name(validate_quickly: ValidateRows) -> None:
    accepted = validate_quickly(
        make_report(PERSON), {"donor_name": "王·伟"}, {"donor_name": "王伟"}, {"donor_name": "王 伟"}
    ).accepted
    keys = accepted.column("donor_name_key").to_pylist()
    assert keys[0] != keys[1] == keys[2]


@pytest.mark.parametrize("text", ["社区（居委会）", "社区[居委会]", "社区【居委会】", "社 区(居委会)", "社区（居委会）\u200b"])
def test_choices_are_known_in_every_writing(validate_quickly: ValidateRows, text: str) -> None:
    column = {"name": "kind", "header": "类", "type": "choice", "choices": ["社区（居委会）", "村"]}
    assert validate_quickly(make_report(column), {"kind": text}).accepted.column("kind").to_pylist() == ["社区（居委会）"]


@pytest.mark.parametrize("text", ["河南岸街道", "河南岸 街道", "河南岸街\u200b道", "河南岸街道\u3000", "\u6cb3\u5357岸街道"])
def test_a_town_is_known_in_every_writing_and_stored_as_the_list_writes_it(validate_quickly: ValidateRows, text: str) -> None:
    column = {"name": "town_name", "header": "镇", "known_in": "divisions.town_name", "required": True}
    result = validate_quickly(make_report(column), {"town_name": text})
    assert result.issues == ()
    assert result.accepted.column("town_name").to_pylist() == ["河南岸街道"]


@pytest.mark.parametrize("text", ["⻓宁镇", "长宁镇", "⻰华镇", "龙华镇"])
def test_radicals_for_characters(validate_quickly: ValidateRows, text: str) -> None:
    column = {"name": "town_name", "header": "镇", "known_in": "divisions.town_name"}
    stored = validate_quickly(make_report(column), {"town_name": text}).accepted.column("town_name").to_pylist()
    assert stored == [text.replace("⻓", "长").replace("⻰", "龙")]


@pytest.mark.parametrize("text", ["河南岸", "河南街道", "河·南岸街道", "不是镇"])
def test_what_is_another_name_is_not_taken_for_one_of_the_list(validate_quickly: ValidateRows, text: str) -> None:
    column = {"name": "town_name", "header": "镇", "known_in": "divisions.town_name"}
    result = validate_quickly(make_report(column), {"town_name": text})
    assert [issue.rule for issue in result.issues] in (["expect_column_values_to_be_known_code"], [])
    assert result.accepted.num_rows == 0 or result.accepted.column("town_name").to_pylist() == [text]


@pytest.mark.parametrize(
    ("text", "likely"),
    [
        ("鎯犲窞", "惠州"),
        ("ä¸\xadæ\x96\x87", "中文"),
        ("»ÝÖÝ", "惠州"),
        ("惠\ue78d州", "惠︐州"),
        ("张\ue001", None),
        ("锟斤拷", None),
        ("地址????", None),
        ("张\ufffd", None),
    ],
)
def test_a_damaged_text_is_remarked_on_at_its_cell(validate_quickly: ValidateRows, text: str, likely: str | None) -> None:
    report = make_report({"name": "remark", "header": "备注"})
    result = validate_quickly(report, {"remark": "惠州"}, {"remark": text})
    (issue,) = result.issues
    assert (issue.rule, issue.severity, issue.column, issue.cell) == ("garbled_text", Severity.WARNING, "remark", "B5")
    assert text in issue.message_zh
    assert likely is None or (likely in issue.message_zh and likely in issue.message_en)
    assert result.accepted.column("remark").to_pylist() == ["惠州", text]


def test_what_is_meant_by_a_damaged_name_is_masked(validate_quickly: ValidateRows) -> None:
    garbled = "欧阳修远".encode().decode("latin-1")
    (issue,) = validate_quickly(make_report(PERSON), {"donor_name": garbled}).issues
    assert "欧**远" in issue.message_zh
    assert "欧阳修远" not in f"{issue}"


def test_a_document_that_is_damaged_throughout_is_reported_in_full(validate_quickly: ValidateRows) -> None:
    report = make_report({"name": "remark", "header": "备注"})
    rows = [{"remark": f"惠州{number}".encode().decode("latin-1")} for number in range(500)]
    assert len(validate_quickly(report, *rows).issues) == 500
