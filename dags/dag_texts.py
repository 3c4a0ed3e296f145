"""What Airflow shows of DAGs: tags, the words of contracts, and links to the pages. No DAG stands here."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from airflow.sdk import get_parsing_context
from airflow.sdk.configuration import conf

from loaders.contract import Report, deployment_of
from loaders.period import local_today
from loaders.settings import divisions_from_environment, expectations_from_environment

if TYPE_CHECKING:
    from loaders.divisions import Divisions

_LONGEST_TAG = 100
_PAGES = {
    "figures": ("/figures", "指标 / figures"),
    "completeness": ("/", "报送情况 / completeness"),
    "reports": ("/reports", "报表 / reports"),
    "issues": ("/issues", "问题 / issues"),
    "releases": ("/releases", "发布 / releases"),
}
_CADENCES = {"daily": "每日", "weekly": "每周", "monthly": "每月", "quarterly": "每季", "annual": "每年", "ad_hoc": "不定期"}
_log = logging.getLogger(__name__)


def tags_of(report: Report) -> list[str]:
    """Returns the system, the cadence and the owner of a report in Chinese, by which the list of DAGs is filtered."""
    system = _systems(expectations_from_environment()).get(report.system, report.system)
    tags = [f"系统：{system}", f"频次：{_CADENCES[report.cadence]}", f"负责：{report.owner_on(local_today()).role.zh}"]
    return [tag[:_LONGEST_TAG] for tag in tags]


def words_of(report: Report) -> str:
    """Returns the text that Airflow shows of a report's DAG, with links to its pages.

    A task needs none of it. What cannot be put into words costs its own text and no DAG.
    """
    if get_parsing_context().dag_id:
        return ""
    try:
        # Only now: sentences of rules take a quarter of a second to load, which the dag-processor has done before it forks.
        from loaders.pages.report_markdown import report_markdown

        return report_markdown(report, _divisions(divisions_from_environment()), _pages())
    except Exception:
        _log.exception("the contract of %s cannot be put into words", report.report)
        return f"**{report.title.zh}** ({report.title.en}): `expectations/{report.system}/{report.report}.yml`"


def links_to(*names: str) -> str:
    """Returns links to pages, by name, as Markdown."""
    return " · ".join(f"[{words}]({_pages()}{path})" for path, words in (_PAGES[name] for name in names))


@cache
def _divisions(path: Path) -> Divisions:
    from loaders.divisions import Divisions

    return Divisions.load(path)


@cache
def _systems(expectations: Path) -> dict[str, str]:
    return {name: system.title.zh for name, system in deployment_of(expectations).systems.items()}


def _pages() -> str:
    """The path below which the plugin mounts the pages."""
    return urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/") + "/huimin"
