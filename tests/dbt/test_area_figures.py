"""Population of a small district, and values per head: by town, county and city, as areas change and figures are missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from demo.embedded_postgres import EmbeddedPostgres
from loaders import pipeline
from loaders.contract import load_reports
from loaders.dbt.runner import ModelError
from loaders.operations import evidence as evidence_operations
from loaders.settings import Settings
from loaders.warehouse import Warehouse, ensure_roles, migrate
from loaders.warehouse.schema.roles import LOADER, READER, TRANSFORMER
from tests.dbt import raw_rows
from tests.dbt.conftest import PASSWORD, Place
from tests.dbt.replay.small_deployment import ROOT, STREET, TOWNS, write_deployment, write_divisions

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(900)]
PER_HEAD, VISITS = "FW-PC-01", "FW-VS-01"
HEADER = "measure_code,area_code,as_of_date,quantity,tolerance,basis,source,note"
FIRST, SECOND, THIRD = "2020-11-01", "2021-12-31", "2022-12-31"
# Towns of the county without a figure of its own, with a figure of its own, and of the third.
PARTS = {town: [one for one, county in TOWNS.items() if county == f"99010{number}"] for number, town in enumerate("123", 1)}
FIGURES = {
    # county 990101: a sum of its towns
    ("990101001", FIRST): 4_000, ("990101001", SECOND): 5_000,
    ("990101002", FIRST): 2_000, ("990101002", SECOND): 2_500,
    ("990101101", FIRST): 1_000, ("990101101", SECOND): 1_250,
    # county 990102: one of its towns is not known
    ("990102", FIRST): 9_000, ("990102", SECOND): 9_100,
    ("990102001", FIRST): 3_000, ("990102001", SECOND): 3_100,
    ("990103001", FIRST): 800, ("990103001", SECOND): 900,
    ("990103002", FIRST): 200, ("990103002", SECOND): 100,
}  # fmt: skip
Figures = dict[tuple[str, str], int]


@dataclass
class District:
    """The warehouse and the deployment's folder."""

    place: Place
    folder: Path

    def list_figures(self, figures: Figures, tolerance: int = 0) -> None:
        lines = [
            f"residents,{area},{day},{count},{tolerance},{'sample' if area == '990101002' else 'published'},Census of {day},"
            for (area, day), count in figures.items()
        ]
        self._seed("area_figures.csv").write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")

    def build(self, figures: Figures, tolerance: int = 0) -> None:
        self.list_figures(figures, tolerance)
        pipeline.build(self.place.settings)

    def value(self, area: str, period: str, column: str = "value", table: str = "indicator_value") -> object:
        rows = self.place.query_as_reader(
            f"select {column} from bi.{table}"
            f" where (indicator_code, area_code, period_code) = ('{PER_HEAD}', '{area}', '{period}')"
        )
        assert len(rows) == 1, f"{area} {period}: {len(rows)} rows"
        found = rows[0][0]
        return found if found is None or isinstance(found, str) else float(found)

    def stored(self) -> dict[tuple[str, ...], tuple[str, str]]:
        rows = self.place.query(
            "select indicator_code, area_code, period_code, xmin::text, (to_jsonb(v) - 'since_build')::text"
            " from indicators.indicator_area_period as v"
        )
        return {tuple(row[:3]): (row[3], row[4]) for row in rows}

    def _seed(self, name: str) -> Path:
        return self.folder / "dbt_project" / "seeds" / name


@pytest.fixture(scope="module")
def district(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    folder = tmp_path_factory.mktemp("figures") / "deployment"
    folder.mkdir()
    write_deployment(folder)
    _add_to_dictionary(folder)
    server.create_database("area_figures")
    url = server.url("area_figures")
    ensure_roles(url, dict.fromkeys((LOADER, TRANSFORMER, READER), PASSWORD))
    assert migrate(url) == ()
    settings = Settings(
        home=tmp_path_factory.mktemp("home"),
        warehouse_url=server.url("area_figures", LOADER, PASSWORD),
        transformer_url=server.url("area_figures", TRANSFORMER, PASSWORD),
        pii_key=b"k" * 48,
        expectations=folder / "expectations",
        dbt_project=folder / "dbt_project",
    )
    for report in load_reports(settings.expectations).values():
        Warehouse(settings.warehouse_url).prepare(report)
    made = District(Place(url, server.url("area_figures", READER, PASSWORD), settings), folder)
    with psycopg.connect(url) as connection:
        for month in ("2021-11", "2021-12", "2022-01"):
            for county in ("990101", "990102", "990103"):
                towns = [town for town, parent in TOWNS.items() if parent == county]
                raw_rows.load(connection, "service", county, month, list(_visits(towns, month)))
    made.build(FIGURES)
    yield made


def _add_to_dictionary(folder: Path) -> None:
    seeds = folder / "dbt_project" / "seeds"
    with (seeds / "indicators.csv").open("a", encoding="utf-8") as lines:
        lines.write(f"{PER_HEAD},每千人次数,per head,services,次/千人,ratio,flow,1,{VISITS},residents,1000,FW-01,,\n")
    with (seeds / "measures.csv").open("a", encoding="utf-8") as lines:
        lines.write("residents,常住人口,Residents,services,人,sum,stock,1,,,,,,\n")


def _visits(towns: Iterable[str], month: str) -> Iterator[raw_rows.Row]:
    """As many visits as the place of the town in the list, so that towns differ."""
    for number, town in enumerate(towns, start=1):
        for visit in range(number):
            day = dt.date.fromisoformat(f"{month}-1{visit}")
            code = f"{town}-{month}-{visit}"
            yield {"record_code": code, "served_date": day, "town_code": town, "client_code": code, "persons": 1}


def expected(area: str, period: str, figure: int) -> float:
    """Visits of the month per thousand residents."""
    inside = [town for town, county in TOWNS.items() if area in (town, county, ROOT)]
    visits = sum([one for one in TOWNS if TOWNS[one] == TOWNS[town]].index(town) + 1 for town in inside)
    return round(1000 * visits / figure, 6)


def test_the_latest_figure_up_to_the_end_of_a_period_is_divided_by(district: District) -> None:
    for period, day in (("2021-11", FIRST), ("2021-12", SECOND), ("2022-01", SECOND)):
        town = FIGURES["990101001", day]
        assert district.value("990101001", period) == expected("990101001", period, town)
        county = sum(FIGURES[one, day] for one in PARTS["1"])
        assert district.value("990101", period) == expected("990101", period, county), "a county without a figure has the sum"
        assert district.value("990102", period) == expected("990102", period, FIGURES["990102", day]), "its own, not its towns'"
        city = county + FIGURES["990102", day] + FIGURES["990103001", day] + FIGURES["990103002", day]
        assert district.value(ROOT, period) == expected(ROOT, period, city)


def test_what_is_not_known_has_no_value_but_a_reason(district: District) -> None:
    for period in ("2021-11", "2022-01"):
        assert district.value("990102002", period) is None
        assert district.value("990102002", period, "denominator") is None
        assert district.value("990102002", period, "numerator") == 2
        assert district.value("990102002", period, "missing_reason") == "unknown"
    assert district.value("990102001", "2021-11", "missing_reason") is None
    without = {key: count for key, count in FIGURES.items() if not key[0].startswith("990102")}
    district.build(without)
    assert {district.value(area, "2021-12") for area in ("990102", "990102001", ROOT)} == {None}
    assert district.value("990101", "2021-12") is not None
    district.build(FIGURES)


def test_a_changed_figure_reaches_its_areas_and_nothing_else(district: District) -> None:
    before = district.stored()
    changed = FIGURES | {("990101001", SECOND): 5_001}
    district.build(changed)
    after = district.stored()
    differing = {key for key in before.keys() | after.keys() if before.get(key, ("", ""))[1] != after.get(key, ("", ""))[1]}
    assert {(code, area) for code, area, _ in differing} == {(PER_HEAD, area) for area in ("990101001", "990101", ROOT)}
    assert {period for *_, period in differing} == {"2021-12", "2021Q4", "2021H2", "2021", "2022-01"}
    assert {key for key in after if before[key][0] != after[key][0]} == differing, "equal rows are not written"
    pipeline.build(district.place.settings, is_whole=True)
    assert district.stored() == after, "a whole build finds nothing to write"
    assert district.value("990101001", "2021-12") == expected("990101001", "2021-12", 5_001)
    district.build(FIGURES)


def test_a_value_leads_to_the_figures_with_their_source(district: District) -> None:
    rows = district.place.query_as_reader(
        "select area_code, quantity::int, stated_source, stated_basis, cell_text, source_uri from bi.figure_evidence"
        f" where indicator_code = '{PER_HEAD}' and side = 'denominator' and area_code in ('990101', '990102')"
        " and event_date <= '2021-12-31' and (end_date is null or end_date > '2021-12-31')"
    )
    uri = "dbt_project/seeds/area_figures.csv"
    listed = {
        (
            "990101",
            count,
            f"Census of {day}",
            "sample" if town == "990101002" else "published",
            f"{town} {day} {count} Census of {day}",
            uri,
        )
        for (town, day), count in FIGURES.items()
        if day == SECOND and town in PARTS["1"]
    }
    own = ("990102", FIGURES["990102", SECOND] - FIGURES["990102001", SECOND], f"Census of {SECOND}", "published",
           f"990102 {SECOND} 9100 Census of {SECOND}", uri)  # fmt: skip
    town = ("990102", 3_100, f"Census of {SECOND}", "published", f"990102001 {SECOND} 3100 Census of {SECOND}", uri)
    assert set(rows) == listed | {own, town}
    shown = evidence_operations.evidence(district.place.settings, PER_HEAD, area="990101").rows
    assert {row["text"] for row in shown if row["report"] == "area_figures"} >= {row[4] for row in listed}
    stated = district.place.query_as_reader("select area_code, as_of_date::text, quantity::int, basis from bi.stated_figure")
    assert {(area, day): count for area, day, count, _ in stated} == FIGURES
    assert {area for area, *_, basis in stated if basis == "sample"} == {"990101002"}


@pytest.mark.parametrize(
    ("wrong", "test"),
    [
        ({("999999", FIRST): 5}, "relationships_area_figure_area_code"),
        ({("990102001", FIRST): 9_001}, "area_figures_add_up"),
        ({("990103", FIRST): 1_001, ("990103", SECOND): 1_000}, "area_figures_add_up"),
        ({("990103", FIRST): 1_000}, "area_figures_leave_out_no_year"),
        ({("990103001", "2023-12-31"): 900}, "area_figures_leave_out_no_year"),
        ({(STREET, FIRST): 5}, "relationships_area_figure_area_code"),
        ({("990103001", FIRST): -1}, "area_figures_are_no_negative_numbers"),
    ],
)
def test_a_wrong_list_stops_the_build(district: District, wrong: Figures, test: str) -> None:
    before = district.stored()
    with pytest.raises(ModelError, match=test):
        district.build(FIGURES | wrong)
    assert district.stored() == before
    district.list_figures(FIGURES)


def test_a_source_may_allow_a_difference(district: District) -> None:
    rounded = FIGURES | {("990103", FIRST): 1_040, ("990103", SECOND): 1_040}
    district.build(rounded, tolerance=50)
    assert district.value("990103", "2021-11") == expected("990103", "2021-11", 1_040)
    city = 7_000 + 9_000 + 1_040
    assert district.value(ROOT, "2021-11") == expected(ROOT, "2021-11", city), "what is of no town is in the city, too"
    district.build(FIGURES)


def test_a_figure_is_of_the_division_of_its_day_in_both_hierarchies(district: District) -> None:
    """990101101 becomes a street on 2021-12-10; the street has a figure at the end of 2022 only, a month later one of its own."""
    towns = {town: county for town, county in TOWNS.items() if town != "990101101"} | {STREET: "990101"}
    spells = (f"990101101,旧镇,旧镇,town,镇,1,990101,,,2021-12-09,{STREET},", f"{STREET},,,,,,990101,,2021-12-10,,,")
    write_divisions(district.folder, towns, spells)
    old = {key: count for key, count in FIGURES.items() if key != ("990101101", SECOND)}
    try:
        district.build(old)
        visits = 3
        for period, table, area in (
            ("2021-11", "indicator_value", STREET),
            ("2021-11", "indicator_value_then", "990101101"),
            ("2021-12", "indicator_value", STREET),
            ("2022-01", "indicator_value", STREET),
        ):
            assert district.value(area, period, "denominator", table) == 1_000, (period, table)
        assert district.value(STREET, "2022-01") == round(1000 * visits / 1_000, 6)
        assert district.value(STREET, "2021-11", "missing_reason", "indicator_value_then") == "unknown"
        district.build(old | {(STREET, SECOND): 1_300})
        assert district.value(STREET, "2021-11", "denominator") == 1_000
        assert district.value(STREET, "2022-01", "denominator") == 1_300, "the former town's figure has ended"
        assert district.value("990101", "2022-01", "denominator") == 5_000 + 2_500 + 1_300
        assert district.value("990101", "2021-11", "denominator") == 4_000 + 2_000 + 1_000
        with pytest.raises(ModelError, match="area_figures_are_of_areas_that_existed"):
            district.build(old | {(STREET, FIRST): 1_000})
    finally:
        write_divisions(district.folder, TOWNS, ())
        district.build(FIGURES)
