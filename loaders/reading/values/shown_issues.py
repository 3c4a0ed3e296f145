"""Issues of cells that show something else than they store. Each names both values."""

from __future__ import annotations

from dataclasses import dataclass

from loaders.model import Severity


@dataclass(frozen=True, slots=True)
class ValueIssue:
    """Issue of one cell without its location: rule, severity and messages in both languages. `found` is the shown value."""

    rule: str
    severity: Severity
    zh: str
    en: str
    found: str


@dataclass(frozen=True, slots=True)
class ShownValue:
    """Text that a column takes of a cell, with its issue if there is one."""

    text: str | None
    value_issue: ValueIssue | None = None


def redacted(value_issue: ValueIssue) -> ValueIssue:
    """Removes quoted values from the issue of a column with personal data."""
    zh, en = (
        "单元格显示的内容与保存的内容不同；请核对后以文本格式重新填写",
        "the cell shows something else than it holds: check it and enter it as text",
    )
    return ValueIssue(value_issue.rule, value_issue.severity, zh, en, "***")


def two_readings(shown: str, stored: str, first: str, second: str) -> ValueIssue:
    """Builds the issue of a number with two possible values. The row is quarantined."""
    return ValueIssue(
        "shown_otherwise",
        Severity.ERROR,
        f"单元格显示为“{shown}”，保存的数是 {stored}：按显示是 {first}，按保存的数是 {second}，两种读法不同；"
        "请把应报的数直接填入，并把单元格格式改为“常规”",
        f'the cell shows "{shown}" and holds {stored}: as shown it is {first}, as held {second}; '
        "enter the number that is meant, in the format General",
        shown,
    )


def two_days(shown: str, stored: str) -> ValueIssue:
    """Builds the issue of a day that may be the shown or the stored one. The row is quarantined."""
    return ValueIssue(
        "shown_otherwise",
        Severity.ERROR,
        f"单元格显示为“{shown}”，保存的日期是 {stored}，两者不同；请重新填写应报的日期，并把单元格格式改为普通日期",
        f'the cell shows "{shown}" and holds {stored}: enter the date that is meant, in a plain format of dates',
        shown,
    )


def shown_is_taken(shown: str, stored: str, taken: str) -> ValueIssue:
    """Builds the issue of a cell whose shown value is loaded although it stores another one."""
    return ValueIssue(
        "shown_value_taken",
        Severity.WARNING,
        f"单元格显示为“{shown}”，保存的数是 {stored}；已按显示的 {taken} 处理，请核对",
        f'the cell shows "{shown}" and holds {stored}; it was read as shown ({taken}): check it',
        shown,
    )


def stored_is_taken(shown: str, stored: str) -> ValueIssue:
    """Builds the issue of a cell whose stored value is loaded although it shows another one."""
    return ValueIssue(
        "stored_value_taken",
        Severity.WARNING,
        f"单元格显示为“{shown}”，保存的数是 {stored}；已按保存的 {stored} 处理，请核对",
        f'the cell shows "{shown}" and holds {stored}; it was read as held ({stored}): check it',
        shown,
    )


def hidden(stored: str, *, is_zero: bool) -> ValueIssue:
    """Builds the issue of a cell whose format shows nothing. Zero is loaded with a warning; any other value is quarantined."""
    zh, en = f"单元格显示为空白，保存的却是 {stored}", f"the cell shows nothing and holds {stored}"
    if is_zero:
        return ValueIssue(
            "hidden_value", Severity.WARNING, f"{zh}；已按 {stored} 处理，请核对", f"{en}; it was read as {stored}: check it", ""
        )
    zh_step = "请确认是否应报，并把单元格格式改为“常规”，不报的请清空"
    return ValueIssue(
        "hidden_value", Severity.ERROR, f"{zh}；{zh_step}", f"{en}: clear the cell, or show it in the format General", ""
    )


def date_in_code(shown: str, stored: str) -> ValueIssue:
    """Builds the issue of a code such as 3-10 that a spreadsheet turned into a date, which lost the typed text."""
    return ValueIssue(
        "date_in_code",
        Severity.ERROR,
        f"单元格是日期（显示为“{shown}”，保存的是 {stored}），不是编号或选项；表格软件可能把“3-10”一类的编号改成了日期，"
        "请把该列设为文本格式后重新填写",
        f'the cell is a date (shown "{shown}", held {stored}), not a code or a choice: '
        "a spreadsheet makes dates of codes such as 3-10; format the column as text and enter it again",
        shown,
    )


def date_in_number(shown: str, stored: str) -> ValueIssue:
    """Builds the issue of a date in a number column: a number under a date format, or a date in the wrong column."""
    return ValueIssue(
        "date_in_number",
        Severity.ERROR,
        f"单元格是日期或时间（显示为“{shown}”，保存的是 {stored}），不是数；请把单元格格式改为“常规”后填写数值",
        f'the cell is a date or time (shown "{shown}", held {stored}), not a number: '
        "set its format to General and enter the number",
        shown,
    )


def date_in_text(shown: str, stored: str) -> ValueIssue:
    """Builds the issue of a date in free text, which is loaded as shown."""
    return ValueIssue(
        "date_in_text",
        Severity.WARNING,
        f"文字栏里是日期单元格（显示为“{shown}”，保存的是 {stored}）；已按显示的文字处理，"
        "如应为其他文字，请设为文本格式后重新填写",
        f'a column of text holds a date (shown "{shown}", held {stored}); it was read as shown: '
        "if other text was meant, format the cell as text and enter it again",
        shown,
    )


def day_not_shown(shown: str, stored: str) -> ValueIssue:
    """Builds the issue of a date whose day is not shown and may be arbitrary."""
    return ValueIssue(
        "day_not_shown",
        Severity.WARNING,
        f"单元格显示为“{shown}”，没有显示完整日期，保存的是 {stored}；已按 {stored} 处理，请核对",
        f'the cell shows "{shown}", which is no whole date, and holds {stored}; it was read as {stored}: check it',
        shown,
    )


def no_such_period(shown: str, stored: str) -> ValueIssue:
    """Builds the issue of a cell that does not show the period that the column requires."""
    return ValueIssue(
        "shown_otherwise",
        Severity.ERROR,
        f"单元格显示为“{shown}”，保存的是 {stored}，与本栏要求的时间不符；请按要求填写",
        f'the cell shows "{shown}" and holds {stored}: neither is the period that the column asks for; enter that period',
        shown,
    )
