"""The pages of reports as files that need no server: one per report and language, and a list of all, beside the style sheet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from loaders.contract import LocalizedText
from loaders.messages import phrase
from loaders.pages.access.viewer import ANYONE, Viewer
from loaders.pages.deployment_files import DeploymentFiles
from loaders.pages.rendering import LANGUAGES, STATIC, PageRenderer
from loaders.pages.report_facts import report_context, reports_context
from loaders.schedule import ReportingCalendar
from loaders.settings import Settings

_NAVIGATION = [("/reports", "page.reports")]


@dataclass(frozen=True)
class StaticPage:
    """A page that is written to a file: addresses are names of files beside it, and the theme is the browser's."""

    files: DeploymentFiles
    lang: str
    path: str
    theme: ClassVar[str] = ""
    has_login: ClassVar[bool] = False
    serves_files: ClassVar[bool] = False
    viewer: ClassVar[Viewer] = ANYONE

    def text(self, code: str, /, **parameters: Any) -> str:
        """Returns a sentence of the catalog in the language of the page."""
        return self.localized(phrase(code, **parameters))

    def localized(self, text: LocalizedText) -> str:
        """Returns a text in the language of the page."""
        return text.zh if self.lang == "zh" else text.en

    def unit_name(self, code: str) -> str:
        """Returns the name of a reporting unit; its code, if it is no division."""
        return self.files.unit_name(code)

    def link(self, path: str, **_: Any) -> str:
        """Returns the name of the file of a page: `home_visit.html` of `/reports/home_visit`."""
        if path.startswith("/static/"):
            return path.rpartition("/")[2]
        return file_name(path, self.lang)

    def switch(self, **changed: str) -> str:
        """Returns the name of the file of the same page in another language."""
        return file_name(self.path, changed.get("lang", self.lang))


def write_reports(settings: Settings, folder: Path) -> Path:
    """Writes the pages of all reports in both languages. Returns the list of them in Chinese."""
    files, renderer = DeploymentFiles(settings), PageRenderer()
    calendar, systems = ReportingCalendar.load(settings), files.deployment.systems
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("huimin.css", "huimin.svg"):
        (folder / name).write_bytes((STATIC / name).read_bytes())
    for lang in LANGUAGES:
        pages = {"/reports": ("reports.html.j2", reports_context(files.reports, systems))}
        pages |= {
            f"/reports/{name}": ("report.html.j2", report_context(report, calendar, systems))
            for name, report in files.reports.items()
        }
        for path, (template, context) in pages.items():
            html = renderer.render(template, StaticPage(files, lang, path), _NAVIGATION, context)
            (folder / file_name(path, lang)).write_text(html, encoding="utf-8")
    return folder / file_name("/reports", "zh")


def file_name(path: str, lang: str) -> str:
    """Returns the name of the file of a page: `index.html`, `home_visit.en.html`."""
    name = path.removeprefix("/reports").strip("/") or "index"
    return f"{name}.html" if lang == "zh" else f"{name}.{lang}.html"
