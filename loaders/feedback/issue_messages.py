"""One message per report, period and owner: every new problem with its file, sheet, row, column, value and rule.

The body shows the first problems; all of them are in the attached table, which opens in any spreadsheet.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from itertools import groupby

from loaders.contract import Report
from loaders.divisions import Divisions
from loaders.model import Message, OpenIssue
from loaders.safe_csv import csv_bytes

MOST_IN_BODY = 40
_HEADINGS = ("填报单位", "文件", "工作表", "位置", "列", "填报内容", "要求", "问题与处理办法", "类别")
_SEVERITIES = {"document": "整份文件退回", "error": "该行退回", "warning": "提醒，已入库"}
_NO_PERIOD = "（无报告期）"


def compose_issue_messages(report: Report, issues: Iterable[OpenIssue], divisions: Divisions) -> list[Message]:
    """The messages that tell `issues`, one a period, in the order of the periods; documents that were refused come first."""
    ordered = sorted(issues, key=lambda issue: (issue.period or "", *_place(issue)))
    return [
        _message(report, period or None, list(group), divisions)
        for period, group in groupby(ordered, key=lambda issue: issue.period or "")
    ]


def _place(issue: OpenIssue) -> tuple[int, str, str, str, int]:
    severity = list(_SEVERITIES).index(issue.severity)
    return severity, issue.unit_code, issue.source_uri, issue.sheet or "", issue.row or 0


def _message(report: Report, period: str | None, issues: Sequence[OpenIssue], divisions: Divisions) -> Message:
    rows = [_row(report, issue, divisions) for issue in issues]
    period_text = period or _NO_PERIOD
    return Message(
        recipient=report.owner.email,
        subject=f"【数据质量反馈】{report.title.zh} {period_text}：{len(issues)}个问题",
        body_text=_as_text(report, period_text, issues, rows),
        body_html=_as_page(report, period_text, issues, rows),
        attachment_name=f"{report.code}_{period or 'all'}_问题清单.csv",
        attachment=csv_bytes(_HEADINGS, rows),
        period=period,
        problem_keys=tuple(dict.fromkeys(issue.problem_key for issue in issues)),
    )


def _row(report: Report, issue: OpenIssue, divisions: Divisions) -> tuple[str, ...]:
    unit = divisions.by_code.get(issue.unit_code)
    place = issue.cell or (f"第{issue.row}行" if issue.row else "")
    return (
        unit.name if unit else issue.unit_code,
        issue.source_uri.rsplit("/", 1)[-1],
        issue.sheet or "",
        place,
        _header(report, issue.column),
        issue.found or "",
        issue.expected or "",
        issue.message_zh,
        _SEVERITIES[issue.severity],
    )


def _header(report: Report, column: str | None) -> str:
    """The header as the form prints it; the sender does not know our names."""
    return next((known.header for known in report.columns if known.name == column), column or "")


def _opening(report: Report, period_text: str, issues: Sequence[OpenIssue]) -> list[str]:
    counts = {label: sum(issue.severity == severity for issue in issues) for severity, label in _SEVERITIES.items()}
    listed = "，".join(f"{label} {count} 个" for label, count in counts.items() if count)
    return [
        f"{report.owner.role.zh}：",
        f"《{report.title.zh}》（{report.code}）{period_text} 的报送数据有 {len(issues)} 个新问题：{listed}。",
        "没有问题的行已经入库。请按下表更正后，把整份文件重新报送；更正后的文件会自动替换原文件，同一问题不再重复通知。",
    ]


def _as_text(report: Report, period_text: str, issues: Sequence[OpenIssue], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [*_opening(report, period_text, issues), ""]
    for number, row in enumerate(rows[:MOST_IN_BODY], start=1):
        place = " / ".join(part for part in row[:5] if part)
        lines.append(f"{number}. [{row[8]}] {place}\n   {row[7]}")
    lines += ["", *_closing(rows)]
    return "\n".join(lines) + "\n"


def _closing(rows: Sequence[tuple[str, ...]]) -> list[str]:
    more = [f"以上为前 {MOST_IN_BODY} 个，全部 {len(rows)} 个见附件。"] if len(rows) > MOST_IN_BODY else []
    return [*more, "证件号、电话、账号均已遮盖。报送前可用 huimin check 自查。", "惠民数据平台（自动发送，请勿直接回复）"]


def _as_page(report: Report, period_text: str, issues: Sequence[OpenIssue], rows: Sequence[tuple[str, ...]]) -> str:
    heads = "".join(f"<th>{heading}</th>" for heading in _HEADINGS)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows[:MOST_IN_BODY])
    paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in _opening(report, period_text, issues))
    closing = "".join(f"<p>{html.escape(line)}</p>" for line in _closing(rows))
    return _PAGE.format(paragraphs=paragraphs, heads=heads, body=body, closing=closing)


_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><style>
body {{ font: 14px/1.6 "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; color: #222; max-width: 1100px; }}
table {{ border-collapse: collapse; }}
th, td {{ border: 1px solid #bbb; padding: 4px 8px; text-align: left; vertical-align: top; }}
th {{ background: #f0f3f7; white-space: nowrap; }}
tr:nth-child(even) td {{ background: #fafbfc; }}
</style></head><body>
{paragraphs}
<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>
{closing}
</body></html>
"""
