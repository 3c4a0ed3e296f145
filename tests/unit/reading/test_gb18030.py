"""GB18030 is read as of 2022, in whatever kind of document it stands."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from loaders.characters.gb18030 import modernize
from loaders.contract import Report
from loaders.model import Reading
from loaders.reading.formats.readers.xls import read_xls
from loaders.reading.text.text_source import TextSource
from tests.support.documents.biff import BiffSheet, biff_stream, record

# code -> character, as the standard of 2022 (and today's libiconv) has them
CODES = {
    "A6D9": "︐",
    "A6DA": "︒",
    "A6DB": "︑",
    "A6DC": "︓",
    "A6DD": "︔",
    "A6DE": "︕",
    "A6DF": "︖",
    "A6EC": "︗",
    "A6ED": "︘",
    "A6F3": "︙",
    "A8BC": "ḿ",
    "FE51": "𠂇",
    "FE52": "𠂉",
    "FE53": "𠃌",
    "FE59": "龴",
    "FE61": "龵",
    "FE66": "龶",
    "FE67": "龷",
    "FE6C": "𡗗",
    "FE6D": "龸",
    "FE76": "𢦏",
    "FE7E": "龹",
    "FE90": "龺",
    "FE91": "𤇾",
    "FEA0": "龻",
}


@pytest.mark.parametrize(("code", "character"), CODES.items())
def test_each_code_is_todays_character(tmp_path: Path, code: str, character: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("甲,".encode("gb18030") + bytes.fromhex(code) + b"\n")
    source = TextSource(path, "gb18030")
    try:
        assert source.rewind().read().decode() == f"甲,{character}\n"
    finally:
        source.close()


def test_all_other_codes_are_as_python_has_them() -> None:
    pairs = [bytes([lead, trail]) for lead in range(0x81, 0xFF) for trail in (*range(0x40, 0x7F), *range(0x80, 0xFF))]
    differing = {pair.hex().upper(): modernize(text) for pair in pairs if modernize(text := pair.decode("gb18030")) != text}
    assert differing == CODES


def test_a_web_page_in_gbk(read: Callable[..., Reading], report: Callable[..., Report]) -> None:
    page = "<meta charset=gbk><table><tr><td>名称<td>备注</table>".encode("gbk").replace(
        b"</table>", b"<tr><td>" + bytes.fromhex("FE59") + b"<td>x</table>"
    )
    columns = [{"name": "thing_name", "header": "名称", "required": True}, {"name": "remark", "header": "备注"}]
    reading = read(page, report(columns, format={"kind": "workbook"}, replaces="nothing"))
    assert reading.rows["thing_name"].to_pylist() == ["龴"]


@pytest.mark.parametrize("codepage", [0, 936])
def test_an_old_workbook_in_a_code_page(codepage: int) -> None:
    text = "甲".encode("gb18030") + bytes.fromhex("A8BC") + bytes.fromhex("FE90")
    cell = record(0x0204, struct.pack("<HHHH", 0, 0, 0, len(text)) + text)
    stream = biff_stream([BiffSheet("表", [cell])], version=0x0500, codepage=codepage)
    assert read_xls(io.BytesIO(stream)).sheets[0].text(1, 1) == "甲ḿ龺"
