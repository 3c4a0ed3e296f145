"""Issues of quotation marks in one record of a delimited text. The record is quarantined as written."""

from __future__ import annotations

from loaders.model import Issue, Severity


def stray_quote(line: int, last_line: int) -> Issue:
    """Builds the issue of a quotation mark inside a quoted field, which leaves unclear what belongs to the value."""
    zh, en = _lines(line, last_line)
    return Issue(
        "stray_quote",
        Severity.ERROR,
        message_zh=f"{zh}有一个位置不对的引号：以引号开头的单元格，其后的引号只能在末尾，或成对写成两个；"
        "请删除该引号，或给整个单元格加引号并把其中的引号写成两个",
        message_en=f"{en} holds a misplaced quotation mark: in a field that begins with one, others stand at its end or are "
        "doubled; delete it, or quote the whole field and double the marks in it",
        row=line,
        found="a misplaced quotation mark",
        expected="quotation marks around whole fields, doubled inside",
    )


def rows_in_quotes(line: int, last_line: int) -> Issue:
    """Builds the issue of two quotation marks that enclose line breaks, if without them each line would be a whole row."""
    zh, en = _lines(line, last_line)
    count = last_line - line + 1
    return Issue(
        "rows_in_quotes",
        Severity.ERROR,
        message_zh=f"{zh}的内容在一对引号之内，读作一行；去掉这对引号则是 {count} 行数据，无法确定是哪一种；"
        "请删除多余的引号，或去掉单元格内的换行",
        message_en=f"{en} stand within one pair of quotation marks and are one row; without the marks they would be {count} "
        "rows: delete the marks, or take the line breaks out of the value",
        row=line,
        found=f"one row over lines {line} to {last_line}",
        expected="one row in one line",
    )


def _lines(line: int, last_line: int) -> tuple[str, str]:
    if last_line == line:
        return f"第 {line} 行", f"line {line}"
    return f"第 {line}—{last_line} 行", f"lines {line} to {last_line}"
