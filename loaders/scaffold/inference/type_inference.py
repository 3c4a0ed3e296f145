"""What a column of a sample holds, by its header and its values: a type only where every value agrees, else text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from loaders.contract import ColumnType, Pii, Report
from loaders.contract.columns import NULL_LITERALS
from loaders.divisions import Divisions
from loaders.quantity import Quantity, parse_quantity
from loaders.scaffold.inference import value_kinds
from loaders.scaffold.inference.division_lists import list_of_codes, list_of_names

NULLS = frozenset(Report.model_fields["null_tokens"].default) | frozenset(NULL_LITERALS)
# `项目编号`, `registrarCode`, `id`
_CODES = re.compile(
    r"编号|编码|代码|号码|证号|账号|帐号|单号|票据号|档案号|序列号|[^序行]号$|电话|手机|邮编|邮政"
    r"|[a-z](?:Code|No|Id|_code|_no|_id)$|^(?:code|no|id|uscc|phone)$"
)
# `联系电话`, `idCard`
_PERSONAL_NUMBERS = re.compile(
    r"身份证|证件号|电话|手机|(?:银行|储蓄|收款)?[账帐]号|银行[账帐]户|银行卡|卡号"
    r"|^(?:id_?card|id_?number|phone|mobile|tel|telephone|bank_?(?:account|card)|card_?no)",
    re.IGNORECASE,
)
# `姓名`, `家庭住址`, `realName`
_PEOPLE = re.compile(
    r"姓名|户名|户主|住址|家庭地址|(?:患者|学生|老人|儿童|监护人|申请人|受助人|服务对象)(?:名称)?$"
    r"|^(?:real_?name|person_?name|full_?name|home_?address)$",
    re.IGNORECASE,
)
# `经办人`: a person in office
_OFFICERS = re.compile(
    r"(?:负责|联系|经办|填报|填表|审核|审批|制表|登记|办理|走访|记录)人(?!数|次|员数)|法定代表人|法人代表|社工姓名"
)
# `办公电话`: reaches an office
_OFFICE_NUMBERS = re.compile(r"办公|单位|热线|值班|服务电话|机构电话|负责人|联系人|经办人")
_PHONES = re.compile(r"电话|手机|联系方式|热线|^(?:phone|mobile|tel)", re.IGNORECASE)
_ACCOUNTS = re.compile(r"[账帐]号|卡号|银行[账帐]户|银行卡|bank_?(?:account|card)|card_?no", re.IGNORECASE)
_CREDIT_CODES = re.compile(r"信用代码|uscc|credit_?code", re.IGNORECASE)
_DATES = re.compile(r"日期|时间|年月|月份|所属期|统计期|年度|年份|[Dd]ate$|_date$|_month$|_year$|^(?:month|year)$")
_MONEY = re.compile(r"金额|资金|经费|款|收入|支出|费用|余额|价")
_MULTIPLE = re.compile(r"(十万|百万|千万|十|百|千|万|亿)?(.+)")
_MONEY_UNITS = frozenset({"元", "人民币"})
_FOREIGN = frozenset({"美元", "港元", "港币", "欧元", "日元"})
_SHARES = {"%": "%", "百分比": "%", "百分点": "百分点", "‰": "‰"}
_LARGEST_DIGITS = 15


@dataclass(frozen=True, slots=True)
class InferredType:
    """The type of a column, the unit in the warehouse, the form's unit where it is another, and how personal it is."""

    type: ColumnType = ColumnType.TEXT
    unit: str | None = None
    printed_unit: str | None = None
    pii: Pii = Pii.NONE
    known_in: str | None = None

    def fields(self) -> dict[str, Any]:
        """As the fields of a column in a contract."""
        fields_set: dict[str, Any] = {}
        if self.type is not ColumnType.TEXT:
            fields_set["type"] = str(self.type)
        if self.unit in _MONEY_UNITS:
            fields_set["shape"] = [18, 2]
        pii = None if self.pii is Pii.NONE else str(self.pii)
        named = {"unit": self.unit, "printed_unit": self.printed_unit, "pii": pii, "known_in": self.known_in}
        return fields_set | {name: value for name, value in named.items() if value}


def infer_column_type(
    header: str, texts: Sequence[str | None], measures: Sequence[str] = (), divisions: Divisions | None = None
) -> InferredType:
    """What the values of a column are. `measures` are the units that stand above the table.

    Numbers of persons are known by their check digits or their header. Where one value of many is such a number, the column is
    personal, because the others may be mistyped ones.
    """
    values = written_values(texts)
    found = _identifier(header, values) or _person(header, values)
    if found is not None:
        return found
    if divisions is not None and values and (known := _division(header, values, divisions)) is not None:
        return known
    if not values:
        return InferredType()
    if _CODES.search(header):
        return InferredType()
    kind = value_kinds.date_or_time_type(values) or (value_kinds.type_of_digits(values) if _DATES.search(header) else None)
    if kind is not None:
        return InferredType(kind)
    if value_kinds.are_truths(values):
        return InferredType(ColumnType.BOOLEAN)
    quantities = [quantity for value in values if (quantity := _quantity(value)) is not None]
    if len(quantities) < len(values) or any(map(_is_code, values)) or not _agree_in_unit(header, quantities):
        return InferredType()
    return _number(header, quantities, measures)


def written_values(texts: Sequence[str | None]) -> list[str]:
    """The values of a column without blanks and without what clerks and programs write for none."""
    return [text for text in texts if text is not None and text.strip() not in NULLS]


def is_code_header(header: str) -> bool:
    """Returns whether a header names a code or a number that is no quantity (`项目编号`, `registrarCode`)."""
    return _CODES.search(header) is not None


def names_people(header: str) -> bool:
    """Returns whether a header names persons, private ones or those in office."""
    return any(form.search(header) for form in (_PEOPLE, _OFFICERS, _PERSONAL_NUMBERS))


def _identifier(header: str, values: Sequence[str]) -> InferredType | None:
    """Numbers of organizations and persons that every value proves, and accounts that the header names."""
    if value_kinds.all_are(value_kinds.is_uscc, values) and (
        _CREDIT_CODES.search(header) or not value_kinds.all_are(value_kinds.is_resident_id, values)
    ):
        return InferredType(ColumnType.USCC)
    if value_kinds.all_are(value_kinds.is_resident_id, values):
        return InferredType(ColumnType.RESIDENT_ID, pii=Pii.SENSITIVE)
    is_phone_header = _PHONES.search(header) is not None
    if value_kinds.all_are(value_kinds.is_phone if is_phone_header else value_kinds.is_mobile, values):
        return InferredType(ColumnType.PHONE, pii=Pii.CONTACT if _OFFICE_NUMBERS.search(header) else Pii.PERSONAL)
    if _ACCOUNTS.search(header) and value_kinds.all_are(value_kinds.is_bank_account, values):
        return InferredType(ColumnType.BANK_ACCOUNT, pii=Pii.SENSITIVE)
    if len(values) > 1 and not _CODES.search(header) and value_kinds.all_are(value_kinds.is_bank_card, values):
        return InferredType(ColumnType.BANK_ACCOUNT, pii=Pii.SENSITIVE)
    return None


def _person(header: str, values: Sequence[str]) -> InferredType | None:
    if _PERSONAL_NUMBERS.search(header):
        return InferredType(pii=Pii.CONTACT if _OFFICE_NUMBERS.search(header) else Pii.PERSONAL)
    if _OFFICERS.search(header):
        return InferredType(pii=Pii.CONTACT)
    if _PEOPLE.search(header):
        return InferredType(pii=Pii.PERSONAL)
    # Free texts keep their words, and the load masks the numbers in them; a column of numbers is personal as a whole.
    numbers = [value for value in values if value_kinds.is_resident_id(value) or value_kinds.is_mobile(value)]
    return InferredType(pii=Pii.PERSONAL) if numbers and 2 * len(numbers) >= len(values) else None


def _division(header: str, values: Sequence[str], divisions: Divisions) -> InferredType | None:
    if (codes := list_of_codes(header, values, divisions)) is not None:
        return InferredType(ColumnType.DIVISION_CODE, known_in=codes)
    if (names := list_of_names(header, values, divisions)) is not None:
        return InferredType(known_in=names)
    return None


def _number(header: str, quantities: Sequence[Quantity], measures: Sequence[str]) -> InferredType:
    printed = _printed_unit(header, quantities, measures)
    base = _split(printed)[1] if printed else None
    if base in _SHARES:
        return InferredType(ColumnType.DECIMAL, _SHARES[base])
    if base in _FOREIGN:
        base = printed = None
    is_whole = (
        printed == base and base not in _MONEY_UNITS and all(one.value == one.value.to_integral_value() for one in quantities)
    )
    unit = "元" if base in _MONEY_UNITS else base
    is_decimal = not is_whole or (base is None and _MONEY.search(header) is not None)
    return InferredType(ColumnType.DECIMAL if is_decimal else ColumnType.INTEGER, unit, printed if printed != base else None)


def _printed_unit(header: str, quantities: Sequence[Quantity], measures: Sequence[str]) -> str | None:
    """The unit of a column: in its header, else behind every value, else above the table; `人次` also in the header's words."""
    printed = _unit_in_header(header) or quantities[0].unit
    if printed is not None:
        return printed
    if _MONEY.search(header):
        return next((unit for unit in measures if _split(unit)[1] in _MONEY_UNITS), None)
    return "人次" if header.endswith("人次") else None


def _unit_in_header(header: str) -> str | None:
    from loaders.reading.tables.headers.header_text import is_unit, unit_of_header

    return unit_of_header(header) or next((word for word in reversed(header.split()) if is_unit(word)), None)


def _agree_in_unit(header: str, quantities: Sequence[Quantity]) -> bool:
    """Whether all values are in one unit. Under a header with a unit (`金额（元）`) a value may name it again or leave it out."""
    units = {one.unit for one in quantities}
    stated = _unit_in_header(header)
    return len(units) == 1 if stated is None else {_split(unit)[1] for unit in units if unit} <= {_split(stated)[1]}


def _split(unit: str) -> tuple[str, str]:
    if unit in _SHARES:
        # 百 of 百分比 is no multiple.
        return "", unit
    match = _MULTIPLE.fullmatch(unit)
    return (match[1] or "", match[2]) if match else ("", unit)


def _quantity(text: str) -> Quantity | None:
    """A number as it is; None for what is inexact, counts in a unit that is none, or is too long to be a quantity."""
    from loaders.reading.tables.headers.header_text import is_unit

    try:
        quantity = parse_quantity(text)
    except (ValueError, ArithmeticError):
        return None
    is_named = quantity.unit is not None and not is_unit(quantity.unit)
    is_inexact = quantity.qualifier is not None or (quantity.multiplier != 1 and quantity.unit is None)
    return None if is_named or is_inexact or abs(quantity.value) >= Decimal(10) ** _LARGEST_DIGITS else quantity


def _is_code(text: str) -> bool:
    """Whether digits are a code: with zeros before them, or more of them than a number keeps."""
    return text.isdigit() and ((len(text) > 1 and text.startswith("0")) or len(text) > _LARGEST_DIGITS)
