"""Patterns of periods, days and filing dates in the lines around a table."""

from __future__ import annotations

import re

DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_YEAR = r"(?P<year>(?:19|20)\d{2})\s*年(?:度)?"
QUARTER_WORDS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_TO = r"\s*(?:[-~至到]|[—–]+)\s*"
# `2023年1-3月`, `2023年1月至3月`
SPAN = re.compile(_YEAR + rf"\s*(?P<from>\d{{1,2}})\s*月?{_TO}(?P<to>\d{{1,2}})\s*月(?!\s*\d{{1,2}}\s*[日号])")
# `2023年第一季度`
QUARTER = re.compile(_YEAR + r"\s*第?\s*(?P<quarter>[一二三四1-4])\s*季度?")
# `2023年上半年`
HALF = re.compile(_YEAR + r"\s*(?P<half>[上下])半年")
# `2023年6月30日`
DAY = re.compile(_YEAR + r"\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号]")
# `2023年6月`
MONTH = re.compile(_YEAR + r"\s*(?P<month>\d{1,2})\s*月(?!\s*\d{1,2}\s*[日号])")
# `2023-06`, `2023Q2`, `2023H1`
PERIOD_CODE = re.compile(r"(?<!\d)(?P<text>(?:19|20)\d{2}(?:-(?:0[1-9]|1[0-2])|Q[1-4]|H[12]))(?!\d|-\d)")
# `2023-06-30`, `2023/6/30`
ISO_DAY = re.compile(r"(?P<year>(?:19|20)\d{2})[-./](?P<month>\d{1,2})[-./](?P<day>\d{1,2})(?!\d)")
# `20230630`
EIGHT_DIGITS = re.compile(r"(?<!\d)((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
# `2023-03-01-2023-03-31`, `2023年1月1日至1月31日`, `2023/3/1~31`
DAYS = re.compile(
    r"(?P<year>(?:19|20)\d{2})\s*[年.\-/]\s*(?P<month>\d{1,2})\s*[月.\-/]\s*(?P<day>\d{1,2})\s*[日号]?"
    rf"{_TO}(?:(?P<year2>(?:19|20)\d{{2}})\s*[年.\-/]\s*)?(?:(?P<month2>\d{{1,2}})\s*[月.\-/]\s*)?(?P<day2>\d{{1,2}})\s*[日号]?(?![\d月.\-/])"
)
# `2022年12月-2023年2月`, `2023.01-2023.03`
MONTHS = re.compile(
    r"(?P<year>(?:19|20)\d{2})\s*[年.\-/]\s*(?P<month>\d{1,2})\s*月?"
    rf"{_TO}(?P<year2>(?:19|20)\d{{2}})\s*[年.\-/]\s*(?P<month2>\d{{1,2}})(?![\d.\-/])"
)
# `截至` before a day
AS_OF = re.compile(r"(?:截至|截止|截止到|截至到|统计至|数据至)[^\d]{0,4}$")
_FILING = r"(?:填报|填表|上报|报送|制表|报出|打印|导出)(?:日期|时间)"
# `填报日期:`, with the day in the next cell
FILING_LABEL = re.compile(rf"{_FILING}\s*:?$")
YEAR_ALONE = re.compile(_YEAR)
# `填报日期:2023年7月5日`
FILLED_ON = re.compile(rf"{_FILING}\s*:\s*(?:[\d〇零○一二三四五六七八九十]{{1,4}}\s*[年月日号.\-/:]?\s*)*")
# `二〇二三年`
CHINESE_YEAR = re.compile(r"[〇零○一二三四五六七八九]{4}(?=\s*年)")
# `十二月`, `三十一日`, `六月`
CHINESE_NUMBER = re.compile(
    r"(?P<tens>[一二三]?十)(?P<ones>[一二三四五六七八九])?(?=\s*[月日号])|(?P<one>[一二三四五六七八九])(?=\s*[月日号])"
)
# `粤民函〔2021〕15号` is a document number, whose year is not the period's.
DOCUMENT_NUMBER = re.compile(r"[〔\[(](?:19|20)\d{2}[〕\])]\s*第?\d+号")
# `2023年`, `2023-06`
ANY_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?=\s*年|\s*[-./]\s*\d{1,4}(?!\d))")
# Words that make a date belong to something other than the report: `根据3月5日会议精神`
OTHER_CONTEXT = re.compile("根据|按照|会议|通知|文件|印发|成立|要求|修订|施行|[日号月]起|自\\d")
_NOT_ADJACENT = r"(?<![\d年.\-/至到~—–第])"
# `1-3月`
SPAN_WITHOUT_YEAR = re.compile(rf"{_NOT_ADJACENT}(?P<from>\d{{1,2}})\s*月?{_TO}(?P<to>\d{{1,2}})\s*月(?!\s*\d{{1,2}}\s*[日号])")
# `第一季度`
QUARTER_WITHOUT_YEAR = re.compile(r"(?<![年\s\d])第?\s*(?P<quarter>[一二三四1-4])\s*季度")
# `上半年`
HALF_WITHOUT_YEAR = re.compile(r"(?<![年\s\d])(?P<half>[上下])半年")
# `6月`
MONTH_WITHOUT_YEAR = re.compile(r"(?<![\d年.\-/第])(?P<month>\d{1,2})\s*月")
# `6月30日`
DAY_WITHOUT_YEAR = re.compile(r"(?<![\d年./第])(?<!\d{4}-)(?P<month>\d{1,2})\s*月\s*\d{1,2}\s*[日号]")
