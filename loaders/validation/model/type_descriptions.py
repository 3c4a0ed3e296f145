"""What each type of column expects, in the words of the form."""

from __future__ import annotations

from loaders.contract import Column, ColumnType, LocalizedText

TYPE_DESCRIPTIONS = {
    ColumnType.TEXT: LocalizedText(zh="文字", en="text"),
    ColumnType.DATE: LocalizedText(zh="日期，如2023-05-31", en="a date like 2023-05-31"),
    ColumnType.DATETIME: LocalizedText(zh="日期和时间，如2023-05-31 13:20", en="a date and time like 2023-05-31 13:20"),
    ColumnType.MONTH: LocalizedText(zh="月份，如2023-05", en="a month like 2023-05"),
    ColumnType.QUARTER: LocalizedText(zh="季度，如2023年第2季度", en="a quarter like 2023Q2"),
    ColumnType.YEAR: LocalizedText(zh="年份，如2023", en="a year like 2023"),
    ColumnType.BOOLEAN: LocalizedText(zh="是或否", en="yes or no (是/否)"),
    ColumnType.USCC: LocalizedText(zh="18位统一社会信用代码", en="a credit code of 18 characters"),
    ColumnType.RESIDENT_ID: LocalizedText(zh="18位居民身份证号码", en="a resident identity number of 18 characters"),
    ColumnType.PHONE: LocalizedText(zh="手机或固定电话号码", en="a mobile or landline number"),
    ColumnType.BANK_ACCOUNT: LocalizedText(zh="银行账号", en="a bank account number"),
    ColumnType.DIVISION_CODE: LocalizedText(zh="行政区划代码", en="a division code"),
}


def describe_type(column: Column) -> LocalizedText:
    """What the column's type expects, in the words of the form."""
    unit_zh, unit_en = (f"（{column.unit}）", f" of {column.unit}") if column.unit else ("", "")
    match column.type:
        case ColumnType.INTEGER:
            return LocalizedText(zh=f"整数{unit_zh}", en=f"a whole number{unit_en}")
        case ColumnType.DECIMAL:
            return LocalizedText(zh=f"数字{unit_zh}", en=f"a number{unit_en}")
        case ColumnType.CHOICE:
            return LocalizedText(zh=f"下列之一：{'、'.join(column.choices)}", en=f"one of: {', '.join(column.choices)}")
        case _:
            return TYPE_DESCRIPTIONS[column.type]
