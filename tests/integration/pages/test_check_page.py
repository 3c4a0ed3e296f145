"""A file dropped on the check page: what is shown of it, and that nothing of it stays."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx import Response

from loaders.checking import check_files
from loaders.contract import load_contracts
from loaders.pages.routes import check
from loaders.settings import Settings
from tests.support.pages.visitors import SAME_ORIGIN, Visitors
from tests.support.warehouse.file_drop import visits

pytestmark = pytest.mark.integration
NAME = "441302_2023-05.csv"
RESIDENT, PHONE = "441302199003078515", "13800138000"


@pytest.fixture(autouse=True)
def fresh_rate_limit(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(check, "_rate_limit", check.RateLimit())
    return


def wrong_visits() -> bytes:
    text = visits(range(9)).replace(b"TF1,2023-05-04", b"TF1,2023-15-04")
    return text.replace(b"D2,,2", f"D2,{RESIDENT},2".encode()).replace(b"30,0,,", f"30,0,联系 {PHONE},".encode("gb18030"))


def post(visitors: Visitors, content: bytes, name: str = NAME, who: str = "county", **fields: str) -> Response:
    return visitors.client(who).post("/check", files={"file": (name, content)}, data=fields, headers=SAME_ORIGIN)


def test_the_page_says_what_the_command_says(visitors: Visitors, pages_settings: Settings, tmp_path: Path) -> None:
    answer = post(visitors, wrong_visits())
    path = tmp_path / NAME
    path.write_bytes(wrong_visits())
    (checked,) = check_files([path], load_contracts(pages_settings.expectations).reports, named=False)
    assert checked.issues
    assert checked.headline("zh") in answer.text
    for issue in checked.issues:
        assert issue.message_zh in answer.text
    assert "2023-15-04" in answer.text.partition('class="marked mark-error"')[2].partition("</td>")[0]


def test_no_personal_value_is_on_the_page(visitors: Visitors) -> None:
    text = re.sub(r"data:[^\"]*", "", post(visitors, wrong_visits()).text)
    assert "TF2" in text
    assert RESIDENT not in text and PHONE not in text and "联系" not in text.partition("<main")[2].replace("联系电话", "")


def test_the_annotated_copy_is_in_the_page_and_nowhere_else(visitors: Visitors) -> None:
    link = re.search(r'download="([^"]+)" href="data:[^,]*,([^"]+)"', post(visitors, wrong_visits()).text)
    assert link is not None
    assert link[1] == "441302_2023-05.xlsx"
    assert base64.b64decode(link[2]).startswith(b"PK")


def test_nothing_of_a_file_stays(visitors: Visitors, caplog: pytest.LogCaptureFixture) -> None:
    folders = (Path("/dev/shm"), Path("/tmp"))
    before = {path for folder in folders for path in folder.glob("huimin-*")}
    post(visitors, wrong_visits())
    post(visitors, b"\x00\x01 nonsense", "x.xls")
    assert {path for folder in folders for path in folder.glob("huimin-*")} - before == set()
    assert NAME not in caplog.text and RESIDENT not in caplog.text


def test_a_sound_file_is_ready_to_send(visitors: Visitors) -> None:
    assert "可以报送" in post(visitors, visits(range(9))).text


def test_a_file_that_is_too_large_is_refused_before_it_is_read(visitors: Visitors) -> None:
    assert post(visitors, b"a" * (21 * 1024**2)).status_code == 413


def test_a_form_without_a_file_is_refused(visitors: Visitors) -> None:
    assert visitors.client("county").post("/check", data={"a": "b"}, headers=SAME_ORIGIN).status_code == 400


def test_one_address_checks_a_few_files_a_minute(visitors: Visitors) -> None:
    for _ in range(5):
        assert not check._rate_limit.is_exceeded("testclient", 6)
    codes = [post(visitors, b"x", "x.txt").status_code for _ in range(2)]
    assert codes == [200, 429]


def test_a_stranger_checks_only_where_the_deployment_says_so(visitors: Visitors) -> None:
    assert post(visitors, b"x", who="anonymous").status_code == 401


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\报表\\441302.csv", "." * 300, "a\x00b.csv"])
def test_the_name_of_a_file_leads_nowhere(visitors: Visitors, name: str) -> None:
    assert post(visitors, b"x", name).status_code in {200, 400}
