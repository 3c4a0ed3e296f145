"""The pages of reports as files: one per report and language, whose links lead to files that are there, and to no other host."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from loaders.contract import load_contracts
from loaders.pages.static_reports import write_reports
from loaders.settings import Settings

LINK = re.compile(r'(?:href|src|action)="([^"#]+)"')


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("docs")
    write_reports(Settings(home=made, warehouse_url="postgresql://nowhere/none"), made / "reports")
    return made / "reports"


def test_every_report_has_a_page_in_both_languages(folder: Path) -> None:
    reports = load_contracts(Settings(home=folder, warehouse_url="").expectations).reports
    for name, report in reports.items():
        chinese, english = ((folder / f"{name}{end}").read_text(encoding="utf-8") for end in (".html", ".en.html"))
        assert report.title.zh in chinese and report.title.en in english
        for column in report.columns:
            assert column.header.replace('"', "&#34;") in chinese, (name, column.header)
        for rule in report.rules:
            assert rule.meaning.zh in chinese and rule.meaning.en.replace("'", "&#39;") in english, (name, rule.meaning)


def test_links_lead_to_files_beside_the_page(folder: Path) -> None:
    for page in folder.glob("*.html"):
        for link in LINK.findall(page.read_text(encoding="utf-8")):
            assert link.startswith("mailto:") or (folder / link).exists(), (page.name, link)
