from pathlib import Path

import pytest

from loaders.divisions import Divisions

SEED = Path(__file__).parents[2] / "dbt_project" / "seeds" / "divisions.csv"
DISTRICT = Path(__file__).parents[1] / "support" / "deployments" / "qingxi" / "dbt_project" / "seeds" / "divisions.csv"


@pytest.fixture(scope="module")
def divisions() -> Divisions:
    return Divisions.load(SEED)


def test_the_list_has_the_citys_levels(divisions: Divisions) -> None:
    counts = {level: len(divisions.level(level)) for level in ("province", "city", "county", "zone", "town", "village")}
    assert counts == {"province": 1, "city": 1, "county": 5, "zone": 2, "town": 84, "village": 1364}
    assert sum(division.is_statutory for division in divisions.level("town")) == 71


def test_a_code_is_found_in_both_forms(divisions: Divisions) -> None:
    assert divisions.by_code["441302112"] is divisions.by_code["441302112000"]
    assert divisions.by_code["441302112"].name == "芦洲镇"


def test_a_name_may_belong_to_two_towns(divisions: Divisions) -> None:
    assert {town.parent_code for town in divisions.find_by_name("龙华镇", "town")} == {"441322", "441324"}
    assert [town.parent_code for town in divisions.find_by_name("龙华", "town", within="441322")] == ["441322"]
    assert divisions.find_by_name("龙湖镇", "town") == ()


def test_lists_that_contracts_name(divisions: Divisions) -> None:
    assert {"441302112", "441302112000"} <= divisions.codes_in_list("divisions.town")
    assert {"芦洲镇", "芦洲"} <= divisions.codes_in_list("divisions.town_name")
    assert {"4413", "441302", "HZ-ZK"} <= divisions.codes_in_list("divisions.county_or_city")
    assert "" not in divisions.codes_in_list("divisions.zone")
    for name in ("divisions.planet", "divisions", "towns.town", "divisions.town_code"):
        with pytest.raises(KeyError, match="there are: divisions"):
            divisions.codes_in_list(name)


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("惠城区民政局", "441302"),
        ("填报单位：惠州市惠城区民政局（盖章）", "441302"),
        ("仲恺区社会事务局", "HZ-ZK"),
        ("惠州仲恺高新技术产业开发区社会事务局", "HZ-ZK"),
        ("大亚湾区", "HZ-DYW"),
        ("博罗县", "441322"),
        ("441302", "441302"),
        ("441302000000", "441302"),
        ("惠州市民政局", "4413"),
        ("市慈善总会", "4413"),
        ("广东省惠州市", "4413"),
        ("惠城区⺠政局", "441302"),
        ("HZ－ZK", "HZ-ZK"),
        ("４４１３０２", "441302"),
        ("双百社工站", None),
        ("", None),
    ],
)
def test_the_unit_of_a_label(divisions: Divisions, label: str, code: str | None) -> None:
    assert divisions.unit_code_for(label) == code


@pytest.mark.parametrize(
    ("one", "other", "is_same_or_nested"),
    [
        ("441302", "441302", True),
        ("4413", "441302", True),
        ("441302112", "4413", True),
        ("441302007", "HZ-ZK", True),
        ("441302", "HZ-ZK", False),
        ("441302", "441303", False),
        ("441302", "nowhere", False),
    ],
)
def test_divisions_of_one_line_do_not_contradict_each_other(
    divisions: Divisions, one: str, other: str, is_same_or_nested: bool
) -> None:
    assert divisions.is_same_or_nested(one, other) is divisions.is_same_or_nested(other, one) is is_same_or_nested


def test_a_list_that_is_not_there_or_not_whole(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Divisions.load(tmp_path / "none.csv")
    short = tmp_path / "short.csv"
    short.write_text("code,name\n4413,惠州市\n", encoding="utf-8")
    with pytest.raises(KeyError):
        Divisions.load(short)


def test_the_root_is_the_largest_division_that_reports(divisions: Divisions) -> None:
    assert divisions.root.code == "4413"
    district = Divisions.load(DISTRICT)
    assert district.root.code == "990101"


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("青溪区民政局", "990101"),
        ("云川省临江市青溪区民政局", "990101"),
        ("区养老服务中心", None),
        ("区民政局", "990101"),
        ("惠州市民政局", None),
    ],
)
def test_offices_of_a_district_are_known_by_its_own_list(label: str, code: str | None) -> None:
    assert Divisions.load(DISTRICT).unit_code_for(label) == code


def test_a_list_with_several_tops_has_no_root(tmp_path: Path) -> None:
    lines = DISTRICT.read_text(encoding="utf-8").replace("990101001,柳湾街道,town,990101", "990101001,柳湾街道,town,")
    (tmp_path / "divisions.csv").write_text(lines, encoding="utf-8")
    with pytest.raises(ValueError, match="found 2"):
        _ = Divisions.load(tmp_path / "divisions.csv").root
