"""The number formats of the generated workbooks, and what LibreOffice is given in the place of some of them.

LibreOffice prints all of these as Excel does, in Chinese, but for those with a `substitute`. What is left out, and why:

- Signs of negative numbers under conditions (`[>100]0.0;0`): LibreOffice drops the sign in the second section, Excel keeps it.
- Days before 1 March 1900: the two count them differently, for Excel has a 29 February 1900.
- Day, month and year names: Excel prints `May` where LibreOffice prints `5月`. Shown dates are compared by their parts.
- Blanks and fills (`_)`, `* `, `*-`): how many there are depends on the width of the column. Blanks are not compared.
- Numerals under placeholders (`[DBNum1]0`): Excel writes digit by digit (`三五`), LibreOffice in words (`三十五`). Points of
  numbers in words: Excel writes `.`, LibreOffice `点`.
- Lunar and Buddhist calendars, `[$-F800]`, `[$-130000]`: what they show depends on the settings of the machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """What a number under the format is to a person."""

    NUMBER = "number"
    PERCENT = "percent"
    DATE = "date"
    TIME = "time"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Format:
    """A number format as it stands in a file: a code, or the number of a built-in one.

    `substitute` is what LibreOffice is given instead. `whole` formats are for whole numbers that are not negative.
    """

    code: str | int
    group: Group = Group.NUMBER
    substitute: str | None = None
    whole: bool = False

    @property
    def for_office(self) -> str | int:
        return self.code if self.substitute is None else self.substitute


GENERAL = Format("General")

_PLAIN = ("General", "0", "0.00", "#,##0", "#,##0.00", "0.0", "0.0000", "0.0##", "#.##", "#", ".00", "#,##0.0_ ", "0_);(0)")
_SIGNS = (
    "0.00_);(0.00)", "#,##0_);[Red](#,##0)", "0.00;-0.00", "0.00;0.00-", "#,##0.00;[Red]-#,##0.00", "0.00;[Red]0.00",
    "0;0", "#,##0.00;\\-#,##0.00;0.00;@", "0.00;\\-0.00;\\-", "[Blue]0;[Red]-0;[Green]0", "+0;-0;0", "0;-0;;@",
    "▲0;▼0;0",
)  # fmt: skip
_ACCOUNTS = (
    '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', '_ ¥* #,##0_ ;_ ¥* -#,##0_ ;_ ¥* "-"_ ;_ @_ ', "¥#,##0.00",
    '"¥"0.00', "[$¥-804]#,##0.00", "[$￥-804]0", "￥#,##0;￥-#,##0", "¥#,##0.00_);[Red](¥#,##0.00)",
)  # fmt: skip
_FOREIGN = ("[$$-409]#,##0.00", "[$€-407]0.00", '"$"#,##0', "[$USD] 0.00", "[$HK$-C04]0.0")
_SCALED = ("0\\.0,", "#,##0,", "0.0,", '0.0,,"百万"', "0.00,,", '#,##0.0,"千"', '0\\.0,"万"', '0\\.0000"万元"', '0.00,"千元"')
_UNITS = (
    '0.0"万元"', '0.00"元"', '0"人"', '0"件"', '0"万"', '0.0"亿"', '0.00"美元"', '#,##0"人次"', "0元", '0.0"亿元"',
    '0" 人"', '"约"0',
)  # fmt: skip
_CODES = (
    "000000", "00", "0000000000", '"SG"0000', '"GA2305"000', "000-000", "00\\-00", '"第"0"号"', '0"-1"', "\\A0",
    '"No."0', '"x"', '0"A"', "(000) 0000-0000", '"2023"000', '0"0"', "0\\1", "0000\\-00\\-00", '0000"年"00"月"',
    '"〔2023〕"0"号"', "00000-0000", "K0", "_-000_-",
)  # fmt: skip
_CHOSEN = (
    '[>100]"高";0', '[>=10000]0\\.0,"万";0', '[=1]"是";[=0]"否";0', '[<10]"少"0;"多"0', "[>=10000]#,##0,;0",
    "[<1000]000;0",
)  # fmt: skip
_FRACTIONS = ("# ?/?", "# ??/??", "0/4", "# ?/8")
_POWERS = ("0.00E+00", "0E+0", "##0.0E+0")
_SPELLED = ("[DBNum1][$-804]General", "[DBNum2][$-804]General")
_HIDDEN = (";;;", '""', ";;;@", "0;;")
_PERCENTS = ("0%", "0.00%", "#,##0.0%", "0.00%_);(0.00%)", "0.0%;-0.0%;0.0%", "[Red]0%", "% 0", '"约"0%')
_LITERAL_PERCENTS = ('0"%"', "0\\%", '0.00"％"', '0.0"‰"')

_DAYS = (
    14, 31, 22, 30, "yyyy-mm-dd", "yyyy/m/d", "yyyy/m/d;@", "yyyy.mm.dd", "yyyy\\-mm\\-dd", 'yyyy"年"m"月"d"日"',
    "yyyy年m月d日", "d/m/yyyy", "m/d/yyyy", '[$-804]yyyy"年"m"月"d"日";@', "[DBNum1][$-804]yyyy年m月d日",
    "[$-409]d-mmm-yy;@", "[$-409]mmmm d, yyyy", "yyyymmdd", "yy-m-d", "yyyy/mm/dd hh:mm", "yyyy-mm-dd hh:mm:ss",
    "yyyy年m月d日 aaaa", "yyyy年m月d日h时mm分", "[$-804]yyyy/m/d h:mm AM/PM", 15, "[Red]yyyy-m-d", "dd-mm-yyyy",
    '"截至"yyyy-mm-dd', 'yyyy-mm-dd"止"',
)  # fmt: skip
_MONTHS = (
    27, 36, 50, 52, 57, 17, 'yyyy"年"m"月"', "yyyy年m月", "yyyy年mm月", "yyyy-mm", "yyyy/m", "yyyy.mm", "mmm-yy",
    "[$-409]mmm-yy;@", "yyyymm", '[$-804]yyyy"年"m"月";@', "[DBNum1][$-804]yyyy年m月", "mmmm yyyy",
)  # fmt: skip
_MONTH_DAYS = (
    28, 29, 51, 53, 54, 58, 16, 'm"月"d"日"', "m月d日", "[$-804]m月d日;@", "m/d", "mm-dd", "d-mmm",
    "[DBNum1][$-804]m月d日",
)  # fmt: skip
_OTHER_DAYS = ("yyyy", "yyyy年", "aaaa", "[$-804]aaaa;@", "dddd", "d", "m月", "ddd")
_TIMES = (
    18, 20, 21, 32, 33, 34, 45, 55, "h:mm", "h:mm:ss", "hh:mm AM/PM", "h时mm分", 46, "[h]:mm", "[h]:mm:ss", "[mm]:ss",
    "mm:ss.0",
)  # fmt: skip
_TEXTS = ("@", '"No."@', '@"号"', ';;;"SG"@', ";;;", '0;-0;0;"编号"@')


def _all(codes: tuple[str | int, ...], group: Group, *, whole: bool = False) -> tuple[Format, ...]:
    return tuple(Format(code, group, whole=whole) for code in codes)


_IDENTICAL_DOCUMENTS = (
    # LibreOffice prints the mark before a character to be printed as it is; Excel's Chinese files have it for the backslash.
    Format('0!.0,"万"', substitute='0\\.0,"万"'),
    Format("0!.0,", substitute="0\\.0,"),
    Format('0!.0000"万元"', substitute='0\\.0000"万元"'),
    Format("#!.0,", substitute="#\\.0,"),
    # LibreOffice knows the colors by their English names only.
    Format("[红色]0.00", substitute="[Red]0.00"),
    Format("#,##0.00;[红色]-#,##0.00", substitute="#,##0.00;[Red]-#,##0.00"),
)
_DATE_EQUIVALENTS = (
    # The year of e has four digits in Chinese Excel, two in LibreOffice.
    Format("e/m/d", Group.DATE, substitute="yyyy/m/d"),
    Format('e"年"m"月"d"日"', Group.DATE, substitute='yyyy"年"m"月"d"日"'),
)
_TIME_EQUIVALENTS = (Format("上午/下午h:mm", Group.TIME, substitute="AM/PMh:mm"),)

QUIET = _all(_PLAIN, Group.NUMBER)
NUMBER = (
    *QUIET,
    *_all((*_SIGNS, *_ACCOUNTS, *_FOREIGN, *_SCALED, *_UNITS, *_FRACTIONS, *_POWERS), Group.NUMBER),
    *_all(_HIDDEN, Group.NUMBER),
    *_IDENTICAL_DOCUMENTS,
    *_all(_LITERAL_PERCENTS, Group.NUMBER),
    *_all((*_CHOSEN, *_SPELLED), Group.NUMBER, whole=True),
)
CODE = _all(_CODES, Group.NUMBER, whole=True)
PERCENT = _all(_PERCENTS, Group.PERCENT)
DAY = (*_all(_DAYS, Group.DATE), *_DATE_EQUIVALENTS)
MONTH = _all(_MONTHS, Group.DATE)
PARTIAL = _all((*_MONTH_DAYS, *_OTHER_DAYS), Group.DATE)
TIME = (*_all(_TIMES, Group.TIME), *_TIME_EQUIVALENTS)
TEXT = _all(_TEXTS, Group.TEXT)
TRUTH = _all(
    (
        "General",
        "0",
        "0.00",
        '[=1]"是";[=0]"否"',
        '"是";;"否"',
        '[=1]"√";"×"',
        '[=0]"是";"否"',
        '"是"',
        '"Y";"Y";"N"',
        "00",
        '[=1]"有";"无"',
    ),
    Group.NUMBER,
    whole=True,
)
CHOICE = _all(
    ('[=1]"甲类";"乙类"', '"甲类"', '"乙类";;"甲类"', "General", '0"类"', '[=1]"丙类";"甲类"'), Group.NUMBER, whole=True
)
