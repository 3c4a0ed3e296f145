"""Built-in formats: format codes of the numbers that workbooks reference without a code, in a Chinese locale.

ECMA-376 Part 1, 18.8.30: 27-36 and 50-58 depend on the language (here zh-CN), 14 and 22 on the system settings.
"""

from __future__ import annotations

_YEAR_MONTH = 'yyyy"年"m"月"'
_MONTH_DAY = 'm"月"d"日"'
_HALF_DAY = '上午/下午h"时"mm"分"'
_ACCOUNT = '_ {sign}* #,##0{places}_ ;_ {sign}* -#,##0{places}_ ;_ {sign}* "-"{blanks}_ ;_ @_ '

BUILT_IN = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    5: "¥#,##0;¥-#,##0",
    6: "¥#,##0;[Red]¥-#,##0",
    7: "¥#,##0.00;¥-#,##0.00",
    8: "¥#,##0.00;[Red]¥-#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "yyyy/m/d",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy/m/d h:mm",
    27: _YEAR_MONTH,
    28: _MONTH_DAY,
    29: _MONTH_DAY,
    30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"',
    32: 'h"时"mm"分"',
    33: 'h"时"mm"分"ss"秒"',
    34: _HALF_DAY,
    35: _HALF_DAY + 'ss"秒"',
    36: _YEAR_MONTH,
    37: "#,##0;-#,##0",
    38: "#,##0;[Red]-#,##0",
    39: "#,##0.00;-#,##0.00",
    40: "#,##0.00;[Red]-#,##0.00",
    41: _ACCOUNT.format(sign="", places="", blanks=""),
    42: _ACCOUNT.format(sign="¥", places="", blanks=""),
    43: _ACCOUNT.format(sign="", places=".00", blanks="??"),
    44: _ACCOUNT.format(sign="¥", places=".00", blanks="??"),
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
    48: "##0.0E+0",
    49: "@",
    50: _YEAR_MONTH,
    51: _MONTH_DAY,
    52: _YEAR_MONTH,
    53: _MONTH_DAY,
    54: _MONTH_DAY,
    55: _HALF_DAY,
    56: _HALF_DAY + 'ss"秒"',
    57: _YEAR_MONTH,
    58: _MONTH_DAY,
    59: "0",
    60: "0.00",
    61: "#,##0",
    62: "#,##0.00",
    67: "0%",
    68: "0.00%",
    69: "# ?/?",
    70: "# ??/??",
}
NAMED = {
    "general number": "General",
    "fixed": "0.00",
    "standard": "#,##0.00",
    "currency": "¥#,##0.00;[Red]¥-#,##0.00",
    "euro currency": "€#,##0.00;[Red]€-#,##0.00",
    "scientific": "0.00E+00",
    "percent": "0.00%",
    "yes/no": '"Yes";"Yes";"No"',
    "true/false": '"True";"True";"False"',
    "on/off": '"On";"On";"Off"',
    "general date": "yyyy/m/d h:mm",
    "long date": 'yyyy"年"m"月"d"日"',
    "medium date": "d-mmm-yy",
    "short date": "yyyy/m/d",
    "long time": "h:mm:ss",
    "medium time": "h:mm AM/PM",
    "short time": "h:mm",
}
_BY_SETTINGS = {14: {"m/d/yy", "mm-dd-yy", "m/d/yyyy", "mm/dd/yyyy"}, 22: {"m/d/yy h:mm", "m/d/yyyy h:mm"}}


def code_of(number: int, code: str | None) -> str:
    """Returns the code of a format number. `code` is the code in the file, if there is one."""
    if code is None or code.lower() in _BY_SETTINGS.get(number, ()):
        return BUILT_IN.get(number, "General")
    return code
