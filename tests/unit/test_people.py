"""The people table: who is told on which day and when nobody is disturbed; and addresses that are none."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from loaders.contract import load_reports
from loaders.contract.terms.people import People, PeopleError, QuietHours, load_people
from loaders.contract.terms.placeholder_addresses import is_placeholder
from loaders.divisions import Divisions
from loaders.settings import PROJECT_ROOT
from loaders.stages.notifying.routes import Routes

REPORT = load_reports(PROJECT_ROOT / "expectations")["home_visit"]
DIVISIONS = Divisions.load(PROJECT_ROOT / "dbt_project" / "seeds" / "divisions.csv")
OWNER = REPORT.owner_on(dt.date.max).email
TOWN = next(one for one in DIVISIONS.all if one.level == "town" and one.parent_code == "441302")
CHINA = ZoneInfo("Asia/Shanghai")
ROLE = {"zh": "站", "en": "station"}
NIGHT = {"since": "18:00", "until": "08:30"}


def routes(*people: dict[str, object], day: str = "2023-06-01", clock: str = "12:00") -> Routes:
    table = People.model_validate({"people": [{"role": ROLE} | one for one in people]})
    now = dt.datetime.combine(dt.date.fromisoformat(day), dt.time.fromisoformat(clock), CHINA)
    return Routes(table, DIVISIONS, now.date(), now)


def addresses(found: list[object]) -> list[tuple[str, str]]:
    return [(getattr(one, "channel"), getattr(one, "address")) for one in found]  # noqa: B009


def test_without_a_table_the_owner_is_notified_by_mail() -> None:
    known = routes()
    assert addresses(list(known.owner(REPORT))) == [("mail", OWNER)]
    assert known.unit(REPORT, TOWN.code) == known.county(REPORT, TOWN.code) == []


def test_units_counties_and_the_city_are_found_by_their_codes_and_reports() -> None:
    known = routes(
        {"level": "unit", "units": [TOWN.code], "addresses": {"mail": "t@x.cn", "wecom": "town_group"}},
        {"level": "county", "units": ["441302"], "addresses": {"mail": "c@x.cn"}},
        {"level": "city", "reports": ["home_visit"], "addresses": {"feishu": "city_group"}},
        {"level": "city", "reports": ["station"], "addresses": {"feishu": "other_group"}},
    )
    assert addresses(list(known.unit(REPORT, TOWN.code))) == [("mail", "t@x.cn"), ("wecom", "town_group")]
    assert addresses(list(known.county(REPORT, TOWN.code))) == [("mail", "c@x.cn")]
    assert addresses(list(known.owner(REPORT))) == [("mail", OWNER), ("feishu", "city_group")]
    assert known.unit(REPORT, "441303") == []
    assert known.people.connections() == {"town_group", "city_group", "other_group"}


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2023-05-31", "self@x.cn"), ("2023-06-01", "deputy@x.cn"), ("2023-06-10", "deputy@x.cn"), ("2023-06-11", "self@x.cn")],
)
def test_a_deputy_is_notified_instead(day: str, expected: str) -> None:
    deputy = {"since": "2023-06-01", "until": "2023-06-10", "addresses": {"mail": "deputy@x.cn"}}
    person = {"level": "unit", "units": ["A"], "addresses": {"mail": "self@x.cn"}, "deputy": deputy}
    assert addresses(list(routes(person, day=day).unit(REPORT, "A"))) == [("mail", expected)]


def test_an_owner_in_the_table_is_notified_as_it_says_there() -> None:
    deputy = {"since": "2023-06-01", "until": "2023-06-10", "addresses": {"mail": "deputy@x.cn"}}
    known = routes({"level": "city", "addresses": {"mail": OWNER}, "deputy": deputy, "quiet_hours": NIGHT}, clock="20:00")
    (told,) = known.owner(REPORT)
    assert told.address == "deputy@x.cn"
    assert told.not_before == dt.datetime(2023, 6, 2, 8, 30, tzinfo=CHINA)


@pytest.mark.parametrize("day", ["2022-12-31", "2023-07-01"])
def test_who_does_not_answer_yet_or_any_more_is_not_notified(day: str) -> None:
    person = {"level": "unit", "units": ["A"], "addresses": {"mail": "a@x.cn"}, "since": "2023-01-01", "until": "2023-06-30"}
    assert routes(person, day=day).unit(REPORT, "A") == []


@pytest.mark.parametrize(
    ("clock", "ends"),
    [
        ("17:59", None),
        ("18:00", "2023-06-02 08:30"),
        ("00:00", "2023-06-01 08:30"),
        ("08:29", "2023-06-01 08:30"),
        ("08:30", None),
    ],
)
def test_quiet_hours_pass_midnight(clock: str, ends: str | None) -> None:
    now = dt.datetime.combine(dt.date(2023, 6, 1), dt.time.fromisoformat(clock), CHINA)
    end = QuietHours.model_validate(NIGHT).ends_at(now)
    assert (end.strftime("%Y-%m-%d %H:%M") if end else None) == ends


@pytest.mark.parametrize(
    ("person", "field"),
    [
        ({"level": "unit", "addresses": {"mail": "a@x.cn"}}, "units"),
        ({"level": "city", "units": ["A"], "addresses": {"mail": "a@x.cn"}}, "units"),
        ({"level": "unit", "units": ["A"], "addresses": {}}, "at least one address"),
        ({"level": "unit", "units": ["A"], "addresses": {"mail": "no address"}}, "addresses.mail"),
        ({"level": "unit", "units": ["A"], "addresses": {"fax": "1"}}, "fax"),
        (
            {"level": "unit", "units": ["A"], "addresses": {"mail": "a@x.cn"}, "quiet_hours": {"since": "25:00", "until": "1"}},
            "quiet",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_field(tmp_path: Path, person: dict[str, object], field: str) -> None:
    path = tmp_path / "people.yml"
    path.write_text(yaml.safe_dump({"people": [{"role": ROLE} | person]}), encoding="utf-8")
    with pytest.raises(PeopleError, match=field):
        load_people(path)


@pytest.mark.parametrize(
    "address",
    [
        "a@example.com",
        "b@mail.example.org",
        "visits@x.example",
        "a@host.test",
        "todo@mzj.gov.cn",
        "待定@mzj.gov.cn",
        "xxx@y.cn",
        "a@localhost",
    ],
)
def test_a_placeholder_is_one(address: str) -> None:
    assert is_placeholder(address)


@pytest.mark.parametrize(
    "address", ["a@huizhou.gov.cn", "example@mzj.gov.cn", "a@examples.cn", "test@huizhou.gov.cn", "a@latest.cn"]
)
def test_an_address_is_none(address: str) -> None:
    assert not is_placeholder(address)


def test_a_demo_has_a_domain_of_its_own() -> None:
    assert not is_placeholder("a@social-work.huizhou.example", "huizhou.example")
    assert is_placeholder("a@nothuizhou.example", "huizhou.example")
    assert is_placeholder("a@example.com", "huizhou.example")
