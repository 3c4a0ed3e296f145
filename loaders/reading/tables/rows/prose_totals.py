"""Prose totals: totals in words: `共计10人次，总金额3.5万元`, `以上合计 12 笔 3.5 万元`, `总人数：10人`.

Each number is a claim about the number of rows or the sum of one column. A number that matches neither unambiguously is no claim.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from loaders.contract import Report
from loaders.reading.tables.headers.header_finder import HeaderMatch
from loaders.reading.tables.headers.header_text import exact_form, loose_form
from loaders.reading.values.units import split_unit

_SCOPE = r"(?:截[至止]到?[\d年月日号.\-/]{4,12}止?,?)?(?:以上|上述|上列|本表|本次|本期|本月|本季度?|本年度?|本批|全表|目前)*"
_MEASURED_NOUNS = "人数|人次|户数|笔数|件数|次数|场次|金额|款额|价款|数量|数额|资金|捐款|善款|价值|收入|支出|数|额|量|款|价"
# `共计10人次`, `共收到捐款5笔`, `总金额10`, `人数合计：10`, `捐款总额为3.5万元`
_BEGIN = re.compile(
    rf"^\(?{_SCOPE}(?:(?:共计|合计|总计(?!划)|共有|总共|累计)[^\d:,;。]{{0,10}}[:为]?(?=[¥￥约近\d])|"
    rf"共(?=\d)|共(?:收到?|捐|募|发放|救助|服务|完成|支出|涉及)[^\d:,;。]{{0,6}}(?=\d)|"
    rf"[\u4e00-\u9fff]{{0,8}}总(?:{_MEASURED_NOUNS})[:为]?(?=[¥￥约近\d])|[\u4e00-\u9fff]{{1,6}}(?:合计|总计|共计)[:为]?(?=[¥￥约近\d]))"
)
# The same with its number in the next cell.
_LABEL = re.compile(
    rf"^{_SCOPE}(?:(?:共计|合计|总计|总共|累计)(?:{_MEASURED_NOUNS})?|[\u4e00-\u9fff]{{0,8}}总(?:{_MEASURED_NOUNS})|[\u4e00-\u9fff]{{1,6}}(?:合计|总计|共计))[:为]?$"
)
_UNITS = (
    "美元|港元|港币|欧元|日元|人民币|元|人次|户次|批次|场次|车次|人天|平方公里|平方米|公里|千米|公斤|千克|公顷|小时|分钟|"
    "[人户个家所件次场例篇批份台套张辆盒箱餐桌间处条名位对亩米吨克斤升天只支瓶床项宗座队笔行幅副包袋双枚株头㎡]"
)
# `总金额:约3.5万元`, `共计10人次`
_CLAIM = re.compile(
    r"(?P<noun>[^\d,;。、/:()约近逾\s]{0,14}):?(?P<rough>约|近|逾|超过?|达)?[¥￥]?"
    r"(?P<number>\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)(?P<multiple>[百千]?万|亿|[百千](?!米|克))?(?P<more>余|多|来)?"
    rf"(?P<unit>{_UNITS})?(?P<after>左右|以上|余|多|[年月日号页点周期届级楼层%‰])?"
)
_POWERS_OF_TEN = {"百": 2, "千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8}
_ROW_UNITS = frozenset(["笔", "条", "项", "行", "户", "家", "所", "名", "位", "人", "人次", "个", "间", "处", "件"])
_MONEY = frozenset(["元", "人民币", "美元", "港元", "港币", "欧元", "日元"])
_SYNONYMS = {"人民币": "元", "港币": "港元", "名": "人", "位": "人"}
_COUNTED_IN = {"人": "人数|人员", "人次": "人次", "户": "户数", "件": "件数", "场": "场次", "次": "次数"}
# `共计`, `人数合计为`
_SUM_WORDS = re.compile(rf"^{_SCOPE}(?:共计|合计|总计|共有|总共|累计|共|总)?(?:收到?)?|(?:合计|总计|共计|总数|总)?为?$")
# `其中3人`, `比上年增10%`
_NOT_OF_ALL = re.compile(r"其中|包括|本页|增|减|同比|环比|上年|去年|上[期月季]|结余|剩余|[人户平]均|目标|计划|预算|应")
_LONGEST_PART = 30
_CELL = "\n"


@dataclass(frozen=True, slots=True)
class Claim:
    """Number that a line claims: `value` is exact to its last printed digit, `noun` are the words before it."""

    value: Decimal
    unit: str
    noun: str

    @property
    def may_count_rows(self) -> bool:
        """Checks whether the claim can be the number of rows."""
        return self.unit in _ROW_UNITS or (not self.unit and self.noun.endswith(("笔数", "户数", "条数", "人数", "人次")))

    @property
    def is_money(self) -> bool:
        """Checks whether the claim is an amount of money."""
        return self.unit in _MONEY or (not self.unit and re.search("[额款价]|资金|收入|支出", self.noun) is not None)


@dataclass(frozen=True, slots=True)
class SummedColumn:
    """Additive column: its header, its unit without the multiple, and the power of ten in which it is printed."""

    name: str
    header: str
    unit: str
    power_of_ten: int


def is_prose_total(texts: Sequence[str]) -> bool:
    """Checks whether a row is a total in words: its first text begins as one, and every other text contains a number."""
    head = texts[0]
    if "计" not in head and "共" not in head and "总" not in head:
        return False
    if not any(map(str.isdigit, head)) and not _LABEL.match(exact_form(head)):
        return False
    cells = _line(texts).split(_CELL)
    return (
        _BEGIN.match(cells[0]) is not None
        and all(len(part) <= _LONGEST_PART for part in re.split("[,;。]", cells[0]))
        and all(len(cell) <= _LONGEST_PART and any(map(str.isdigit, cell)) for cell in cells[1:])
    )


def claims_of(texts: Sequence[str]) -> list[Claim]:
    """Returns the claims of a line about all rows. Rough numbers (约, 余), dates, and numbers after `其中` are no claims."""
    found: list[Claim] = []
    for match in _CLAIM.finditer(_line(texts)):
        if _NOT_OF_ALL.search(match["noun"]):
            break
        if match["rough"] or match["more"] or match["after"]:
            continue
        value = Decimal(match["number"].replace(",", "")).scaleb(_POWERS_OF_TEN.get(match["multiple"] or "", 0))
        unit = match["unit"] or ""
        found.append(Claim(value, _SYNONYMS.get(unit, unit), _SUM_WORDS.sub("", match["noun"])))
    return found


def _line(texts: Sequence[str]) -> str:
    """Joins the texts of a row into one line. A label and the number in the next cell belong together."""
    line = ""
    for text in texts:
        form = exact_form(text)
        is_value = form[:1].isdigit() and not any(map(str.isdigit, line.rpartition(_CELL)[2]))
        line += ("" if is_value or not line else _CELL) + form
    return line


def summed_columns(
    report: Report, header: HeaderMatch, factors: Mapping[str, Decimal], names: Sequence[str]
) -> list[SummedColumn]:
    """Returns the columns that claims can refer to. `factors` convert printed numbers to the contract's unit."""
    found = []
    for name in names:
        column = report.column(name)
        multiple, unit = split_unit(column.unit or "")
        power_of_ten = multiple.adjusted() + factors.get(name, Decimal(1)).adjusted()
        words = loose_form("".join(header.paths.get(header.columns[name], ()))) or loose_form(column.header)
        found.append(SummedColumn(name, words, _SYNONYMS.get(unit, unit), power_of_ten))
    return found


def resolve_claim(
    claim: Claim, columns: Sequence[SummedColumn], rows: int, total: Callable[[str], Decimal | None]
) -> tuple[str | None, Decimal] | None:
    """Resolves a claim to a column (None: the number of rows), and to the number as it would be printed there.

    A claim that equals any of its possible meanings is correct. `total` returns the sum of a column, or None if it has none.

    Returns:
        None if no meaning is unambiguous.
    """
    if claim.may_count_rows and claim.value == rows:
        return None, claim.value
    fitting = _fitting(claim, columns)
    for column in fitting:
        for printed in _as_printed(claim, column):
            counted = total(column.name)
            if counted is not None and agree(counted, printed):
                return column.name, printed
    if len(fitting) == 1:
        return fitting[0].name, next(_as_printed(claim, fitting[0]))
    is_open = bool(fitting) or any(not column.unit for column in columns)
    return (None, claim.value) if claim.may_count_rows and not is_open else None


def agree(counted: Decimal, printed: Decimal) -> bool:
    """Checks whether a printed total equals its rows, at the precision in which it is printed (`3.5万` is `3.5E+4`)."""
    exponent = printed.as_tuple().exponent
    places = exponent if isinstance(exponent, int) else 0
    # Compares the difference: rounding a number of 300 digits, as in corrupted cells, fails.
    return abs(counted - printed) <= max(Decimal("0.5").scaleb(places), abs(printed) * Decimal("1e-9"))


def _fitting(claim: Claim, columns: Sequence[SummedColumn]) -> list[SummedColumn]:
    if claim.is_money:
        fitting = [c for c in columns if (c.unit == claim.unit if claim.unit else c.unit in _MONEY or "金额" in c.header)]
    else:
        fitting = [c for c in columns if claim.unit and c.unit == claim.unit]
        if not fitting:
            words = re.compile(_COUNTED_IN.get(claim.unit, "(?!)"))
            fitting = [c for c in columns if not c.unit and (words.search(c.header) or _named(claim, c))]
    named = [column for column in fitting if _named(claim, column)]
    return named if len(fitting) > 1 and named else fitting


def _named(claim: Claim, column: SummedColumn) -> bool:
    return len(claim.noun) > 1 and (claim.noun in column.header or column.header in claim.noun)


def _as_printed(claim: Claim, column: SummedColumn) -> Iterator[Decimal]:
    """Yields the claim as the column would print it. A claim without a unit may be in the column's, in 元, in 万元 or in 亿元."""
    if claim.unit:
        yield claim.value.scaleb(-column.power_of_ten)
        return
    yield claim.value
    yield from (claim.value.scaleb(power_of_ten - column.power_of_ten) for power_of_ten in (0, 4, 8))
