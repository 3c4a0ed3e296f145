"""The page of a report, and the documents to fill in that it makes: empty ones, and those that begin with what is known."""

from __future__ import annotations

import io
from pathlib import Path
from urllib.parse import unquote

import openpyxl
import pytest

from demo.embedded_postgres import EmbeddedPostgres
from loaders.settings import Settings
from tests.integration.conftest import fresh_database
from tests.support.pages.visitors import OTHER_COUNTY, OWN_COUNTY, Visitors
from tests.support.warehouse.file_drop import load, put, query, station_form

pytestmark = pytest.mark.integration
STATION = "SZ44130200100"
PATH = "/reports/station/template"


@pytest.fixture(scope="module")
def visitors(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Visitors:
    """Pages over a warehouse with the station of one county."""
    folder: Path = tmp_path_factory.mktemp("known")
    settings = Settings(
        home=folder / "home",
        warehouse_url=postgres.url(fresh_database(postgres)),
        pii_key=b"k" * 48,
        connections={"social_work_sftp": f"file://{folder / 'drop'}"},
    )
    put(settings, f"station/2023-05/{OWN_COUNTY}_双百社工站点名册.xlsx", station_form())
    load("station", settings)
    assert query(settings, "select station_code from raw.station") == [(STATION,)]
    return Visitors(settings)


def cells(content: bytes) -> list[str]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [str(value) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row if value is not None]


@pytest.mark.parametrize("who", ["county", "city", "operator"])
def test_a_filled_template_begins_with_what_the_unit_reported(visitors: Visitors, who: str) -> None:
    client = visitors.client(who)
    answer = client.get(f"{PATH}?known=true&unit={OWN_COUNTY}&period=2023-06")
    assert answer.status_code == 200
    assert OWN_COUNTY in unquote(answer.headers["content-disposition"])
    found = cells(answer.content)
    assert STATION in found and "桥东街道社工站" in found
    # Names and phones are kept as hashes, and hashes are no values.
    assert "张三" not in found
    empty = cells(client.get(f"{PATH}?unit={OWN_COUNTY}&period=2023-06").content)
    assert STATION not in empty


def test_a_county_gets_no_filled_template_of_another(visitors: Visitors) -> None:
    county = visitors.client("county")
    refused = county.get(f"{PATH}?known=true&unit={OTHER_COUNTY}&period=2023-06")
    assert refused.status_code == 403 and STATION.encode() not in refused.content
    assert county.get(f"{PATH}?unit={OTHER_COUNTY}&period=2023-06").status_code == 200, "an empty one holds no rows"
    assert county.get(f"{PATH}?known=true&period=2023-06").status_code == 403, "no unit: the rows of all"
    # Of another county that has reported nothing, the city gets nothing of this one.
    other = visitors.client("city").get(f"{PATH}?known=true&unit={OTHER_COUNTY}&period=2023-06")
    assert STATION not in cells(other.content)


def test_a_stranger_gets_no_filled_template(visitors: Visitors) -> None:
    assert visitors.client("anonymous").get(f"{PATH}?known=true&unit={OWN_COUNTY}&period=2023-06").status_code == 401


def test_the_page_offers_what_its_visitor_may_have(visitors: Visitors) -> None:
    def offered(who: str, report: str) -> str:
        """The form of filled templates."""
        text = visitors.client(who).get(f"/reports/{report}?lang=zh").text
        return text.partition('name="known"')[2].partition("</form>")[0]

    county, city = offered("county", "station"), offered("city", "station")
    assert f'value="{OWN_COUNTY}"' in county and f'value="{OTHER_COUNTY}"' not in county
    assert f'value="{OWN_COUNTY}"' in city and f'value="{OTHER_COUNTY}"' in city
    assert not offered("city", "home_visit"), "nothing is known of visits before they are made"
