"""The page that a person reads before the decision on a draft: Chinese, in Markdown, as Airflow shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from loaders.contract.release_rules import ReleaseRules, load_release_rules
from loaders.identifiers import redact
from loaders.messages import phrase
from loaders.operations.releases.preconditions import objections
from loaders.settings import Settings
from loaders.warehouse.releases import Draft, ReleaseLog

_MOST_LISTED = 40
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~!&])")
Rows = Sequence[Mapping[str, Any]]


def draft_subject(settings: Settings, draft_id: int) -> str:
    """Returns the headline of the decision on a draft."""
    draft = ReleaseLog(settings.warehouse_url).draft(draft_id)
    return phrase("release.page.subject", period=draft.period_code, draft=draft.draft_id).zh


def draft_page(settings: Settings, draft_id: int) -> str:
    """Returns what the person must know, as Markdown; long lists are cut, and personal numbers masked.

    Raises:
        CannotBeReleased: there is no such draft.
    """
    draft = ReleaseLog(settings.warehouse_url).draft(draft_id)
    return "\n\n".join(_sections(draft, load_release_rules(settings.release_rules))) + "\n"


def _sections(draft: Draft, rules: ReleaseRules) -> Iterator[str]:
    summary = draft.summary
    failed = [f"- {_escape(one.zh)}" for one in objections(summary, rules)]
    yield f"## {phrase('release.page.objections' if failed else 'release.page.no_objections').zh}"
    if failed:
        yield "\n".join(failed)
    yield f"## {phrase('release.page.new', added=summary['added'], restated=summary['restated']).zh}"
    if summary["restated"]:
        heading = phrase("release.page.restated").zh
        yield _table(
            draft,
            heading,
            ("指标", "区划", "期间", "项目", "已发布", "现为", "原因", "文件", "说明"),
            list(_restated_cells(summary)),
        )
        yield from _causes(draft)
    yield _listed(
        draft, phrase("release.page.missing").zh, summary["missing"], {"报表": "report", "期间": "period", "单位": "units"}
    )
    columns = {"报表": "report", "单位": "unit", "期间": "period", "文件": "file", "原因": "reason"}
    yield _listed(draft, phrase("release.page.refusals").zh, summary["refusals"], columns)
    yield _listed(draft, phrase("release.page.errors").zh, summary["errors"], {"报表": "report", "差错数": "errors"})
    columns = {
        "指标": "indicator",
        "名称": "name_zh",
        "期间": "period",
        "本系统": "ours",
        "公开": "published",
        "限定词": "qualifier",
    }
    yield _listed(draft, phrase("release.page.outside").zh, summary["outside"], columns)
    targets = summary["targets"]
    heading = phrase("release.page.targets", targets=targets["targets"], reached=targets["reached"]).zh
    columns = {
        "指标": "indicator",
        "名称": "name_zh",
        "区划": "area_name",
        "目标": "target",
        "完成（%）": "progress_pct",
        "": "mark",
    }
    rows = [{**row, "mark": "已完成" if row["is_reached"] else "未完成"} for row in summary.get("target_rows", [])]
    yield _listed(draft, heading, rows, columns)


def _causes(draft: Draft) -> Iterator[str]:
    """Why published values may differ: a rule, a model, or documents that came or went."""
    summary = draft.summary
    changed = [
        f"- {phrase('release.page.contracts_changed').zh}" if summary.get("contracts_changed") else "",
        f"- {phrase('release.page.models_changed').zh}" if summary.get("models_changed") else "",
    ]
    if any(changed):
        yield f"### {phrase('release.page.causes').zh}"
        yield "\n".join(filter(None, changed))
    words = {"added": "新到", "removed": "撤下"}
    rows = [{**row, "change": words[row["change"]]} for row in summary.get("changed_documents", [])]
    columns = {"报表": "report", "单位": "unit", "期间": "period", "文件": "file", "变动": "change"}
    yield _listed(draft, phrase("release.page.changed_documents").zh, rows, columns)


def _restated_cells(summary: Mapping[str, Any]) -> Iterator[list[Any]]:
    for row in summary["restatements"]:
        for name, (before, now) in row["changed"].items():
            yield [row["indicator"], row["area"], row["period"], name, before, now, *_cause_cells(row)]


def _cause_cells(row: Mapping[str, Any]) -> list[Any]:
    """Causes, documents and note; drafts from before these were kept have none."""
    causes = [phrase(f"release.cause.{cause}").zh for cause in row.get("causes", [])]
    more = phrase("release.page.more_files", count=row["more_files"]).zh if row.get("more_files") else ""
    return [causes or None, [*row.get("files", []), *([more] if more else [])] or None, row.get("note")]


def _listed(draft: Draft, heading: str, rows: Rows, columns: Mapping[str, str]) -> str:
    return _table(draft, heading, tuple(columns), [[row[name] for name in columns.values()] for row in rows])


def _table(draft: Draft, heading: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    if not rows:
        return f"### {heading}\n\n{phrase('release.page.none').zh}"
    lines = [f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]
    lines += [f"| {' | '.join(map(_cell, row))} |" for row in rows[:_MOST_LISTED]]
    if len(rows) > _MOST_LISTED:
        lines += ["", phrase("release.page.more", shown=_MOST_LISTED, count=len(rows), draft=draft.draft_id).zh]
    return f"### {heading}\n\n" + "\n".join(lines)


def _cell(value: Any) -> str:
    if value is None:
        return "—"
    return _escape("、".join(map(str, value)) if isinstance(value, list) else str(value))


def _escape(text: str) -> str:
    """A text that Markdown shows as it is, on one line: `a|b` as `a\\|b`."""
    return _MARKDOWN.sub(r"\\\1", redact(" ".join(text.split())))
