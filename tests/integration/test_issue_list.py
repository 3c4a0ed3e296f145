"""`huimin load` says why a document was refused or a row held back, and `huimin issues list` has all of it."""

import json

import pytest

from loaders import pipeline
from loaders.settings import Settings
from tests.support.warehouse.file_drop import huimin, put, visits

pytestmark = pytest.mark.integration
PLACE = "home_visit/2023-05/441302_记录.csv"


def test_a_load_says_what_is_wrong_and_where_all_of_it_is(settings: Settings) -> None:
    put(settings, PLACE, visits(range(3)).replace(b",2,", b",-2,"))
    done = huimin(settings, "load", "home_visit", "--no-build")
    assert done.exit_code == 0
    assert "home_visit: 1 rejected" in done.output
    said = " ".join(done.output.split())
    assert "3 of 3 rows (100%) are wrong, more than 20%: the whole document is refused" in said, said
    assert "4 issue(s) in all: huimin issues list home_visit" in said, said


def test_open_issues_are_listed_with_their_places(settings: Settings) -> None:
    put(settings, PLACE, visits(range(9)).replace(b"TF1,2023-05-04", b"TF1,2023-15-04"))
    assert huimin(settings, "load", "home_visit", "--no-build").exit_code == 0
    listed = json.loads(huimin(settings, "issues", "list", "home_visit", "--json").stdout)
    assert [(issue["unit"], issue["period"], issue["row"], issue["severity"]) for issue in listed] == [
        ("441302", "2023-05", 3, "error")
    ]
    text = huimin(settings, "issues", "list", "home_visit", "--unit", "441302", "--period", "2023-05", "--lang", "en").output
    assert PLACE in text and listed[0]["message_en"] in text and "1 open issue(s)" in text
    assert "0 open issue(s)" in huimin(settings, "issues", "list", "home_visit", "--period", "2023-06").output


def test_what_a_correction_mended_is_no_longer_listed(settings: Settings) -> None:
    put(settings, PLACE, visits(range(3)).replace(b"TF1,2023-05-04", b"TF1,2023-15-04"))
    huimin(settings, "load", "home_visit", "--no-build")
    put(settings, PLACE, visits(range(3)), hours_ago=24)
    huimin(settings, "load", "home_visit", "--no-build")
    assert json.loads(huimin(settings, "issues", "list", "--json").stdout) == []


def test_the_log_of_a_load_names_each_refused_document_and_why(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    put(settings, PLACE, visits(range(3)).replace(b",2,", b",-2,"))
    put(settings, PLACE.replace("441302", "441303"), visits(range(3)))
    for batch in pipeline.extract("home_visit", settings):
        pipeline.load_batch("home_visit", batch, settings)
    refused = [record.getMessage() for record in caplog.records if record.getMessage().startswith("refused: ")]
    assert len(refused) == 1
    assert PLACE in refused[0] and "3 of 3 rows (100%) are wrong" in refused[0]
