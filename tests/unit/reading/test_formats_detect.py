"""What a file is, whatever it is called."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from loaders.messages import phrase
from loaders.reading.formats import registry
from loaders.reading.formats.detect import detect
from loaders.reading.formats.open_workbook import open_workbook
from loaders.reading.model.refusals import Refusal
from tests.support.documents.biff import BiffSheet, biff_stream, label
from tests.support.documents.ooxml_parts import ooxml_parts
from tests.support.documents.workbooks import encrypted, workbook

SAMPLES = Path(__file__).parents[2] / "support" / "documents" / "samples"


def zipped(**parts: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, text in parts.items():
            package.writestr(name.replace("__", "/").replace("_dot_", "."), text)
    return buffer.getvalue()


def packed(parts: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, text in parts.items():
            package.writestr(name, text)
    return buffer.getvalue()


HTML = "<html><head><meta charset=gbk></head><body><table><tr><td>镇</td></tr></table></body></html>"
SPREADSHEET_ML = '<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'
CONTENTS = [
    ("empty", b"", registry.EMPTY),
    ("blanks", b"\xef\xbb\xbf \r\n\t\x00", registry.EMPTY),
    ("xlsx", workbook([["a"]]), registry.OOXML),
    ("xlsx without usual names", packed({n.replace("xl/", "w/"): t for n, t in ooxml_parts("").items()}), registry.OOXML),
    ("xlsx cut short", workbook([["a"]])[:2000], registry.OOXML),
    ("xlsx under a password", encrypted(workbook([["a"]]), "123"), registry.ENCRYPTED),
    ("xls", (SAMPLES / "libreoffice.xls").read_bytes(), registry.BIFF),
    ("xls under a password", (SAMPLES / "password.xls").read_bytes(), registry.BIFF),
    ("bare xls", biff_stream([BiffSheet("a", [label(0, 0, "a")])]), registry.BIFF),
    ("xlsb", (SAMPLES / "sheetjs.xlsb").read_bytes(), registry.XLSB),
    ("ods", zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet", content_dot_xml="<a/>"), registry.ODS),
    ("odt", zipped(mimetype="application/vnd.oasis.opendocument.text", content_dot_xml="<a/>"), registry.WORD),
    (
        "fods",
        b'<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"/>',
        registry.FLAT_ODS,
    ),
    ("docx", zipped(word__document_dot_xml="<a/>"), registry.WORD),
    ("pptx", zipped(ppt__presentation_dot_xml="<a/>"), registry.PRESENTATION),
    ("zip", zipped(report_dot_txt="a"), registry.ARCHIVE),
    ("rar", b"Rar!\x1a\x07\x00" + bytes(99), registry.ARCHIVE),
    ("html in GBK", HTML.encode("gbk"), registry.HTML),
    ("html in UTF-16", HTML.encode("utf-16"), registry.HTML),
    ("html that begins with a table", b"\r\n <table border=1><tr><td>1</td></tr></table>", registry.HTML),
    (
        "html that calls itself a workbook",
        HTML.replace("<html", '<html xmlns:x="urn:schemas-microsoft-com:office:excel"').encode("gbk"),
        registry.HTML,
    ),
    ("mht", b"From: <saved>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n", registry.MHTML),
    ("SpreadsheetML", SPREADSHEET_ML.encode(), registry.SPREADSHEET_ML),
    ("csv", "镇,数量\r\n龙华镇,1\r\n".encode("gb18030"), registry.TEXT),
    ("csv in UTF-16 without a mark", "town,number\n".encode("utf-16-le") * 9, registry.TEXT),
    ("Chinese csv in UTF-16 without a mark", "龙华镇民政办公室,1\r\n".encode("utf-16-be") * 9, registry.TEXT),
    ("csv with a NUL", b"a,b\n" * 40 + b"1,\x00\n", registry.TEXT),
    ("csv with a picture's first letters", b"BMI,weight\n" * 20, registry.TEXT),
    ("JSON lines", b'{"a": 1}\n{"a": 2}\n', registry.JSON_LINES),
    ("SYLK", b"ID;PWXL;N;E\r\nP;PGeneral\r\n", registry.EXCHANGE),
    ("SYLK without programs", b'ID;P\r\nC;Y1;X1;K"a"\r\nE\r\n', registry.EXCHANGE),
    ("DIF", b'TABLE\r\n0,1\r\n"EXCEL"\r\nVECTORS\r\n', registry.EXCHANGE),
    ("csv that begins with PK", b"PKID,name\n1,a\n", registry.TEXT),
    ("csv of PK alone", b"PK\n1\n", registry.TEXT),
    ("csv that begins with PK in GB18030", "PK赛名称,数量\n甲,1\n".encode("gb18030"), registry.TEXT),
    ("csv that begins with ID;", "ID;名称;数量\n1;甲;2\n".encode(), registry.TEXT),
    ("csv that begins with ID;P", b"ID;PRICE\nC1;5\n", registry.TEXT),
    ("csv that begins with ID;PWXL", b"ID;PWXL;N\n1;2;3\n", registry.TEXT),
    ("csv that begins with TABLE", b"TABLE\n0,1\n2,3\n", registry.TEXT),
    ("zip of several volumes", b"PK\x07\x08PK\x03\x04" + bytes(99), registry.ARCHIVE),
    ("pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", registry.PDF),
    ("png", b"\x89PNG\r\n\x1a\n" + bytes(99), registry.IMAGE),
    ("jpeg", b"\xff\xd8\xff\xe0" + bytes(99), registry.IMAGE),
    ("rtf", b"{\\rtf1\\ansi", registry.WORD),
    ("anything", bytes(range(256)) * 4, registry.OTHER),
]


@pytest.mark.parametrize(("content", "expected"), [case[1:] for case in CONTENTS], ids=[case[0] for case in CONTENTS])
def test_a_file_is_what_its_bytes_say(tmp_path: Path, content: bytes, expected: registry.FileFormat) -> None:
    path = tmp_path / "report.xls"
    path.write_bytes(content)

    assert detect(path) is expected


@pytest.mark.parametrize("file_format", registry.FORMATS, ids=lambda each: each.name)
def test_every_record_has_a_signature_and_an_importable_reader(file_format: registry.FileFormat) -> None:
    signatures = (
        file_format.has_magic,
        file_format.package_parts,
        file_format.ole_streams,
        file_format.has_text_start,
    )
    assert any(signatures) or file_format in {registry.EMPTY, registry.TEXT, registry.OTHER}
    assert callable(file_format.load_reader()) is (file_format.reader is not None)
    assert not file_format.phrase or phrase(file_format.phrase).en == file_format.name


def test_no_format_is_left_out_of_the_registry() -> None:
    records = {name for name, value in vars(registry).items() if isinstance(value, registry.FileFormat)}
    assert len(registry.FORMATS) == len(set(registry.FORMATS)) == len(records)


@pytest.mark.parametrize(
    ("content", "rule", "word"),
    [
        (b"", "empty_document", "0"),
        (b"%PDF-1.7", "not_a_workbook", "PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "not_a_workbook", "图片"),
        (zipped(word__document_dot_xml="<a/>"), "not_a_workbook", "Word"),
        (zipped(report_dot_txt="a"), "not_a_workbook", "压缩包"),
        (b'{"a": 1}\n', "not_a_workbook", "JSON"),
        (b"PK\x03\x04xl/workbook.xml" + bytes(99), "unreadable_document", "文件包不完整"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "unreadable_document", "损坏"),
        (b"<html><body>no table</body></html>", "unreadable_document", "没有表格"),
    ],
    ids=["empty", "pdf", "picture", "word", "zip", "json", "cut zip", "cut xls", "page"],
)
def test_what_is_no_workbook_is_refused_by_its_name(tmp_path: Path, content: bytes, rule: str, word: str) -> None:
    path = tmp_path / "report.xlsx"
    path.write_bytes(content)

    with pytest.raises(Refusal) as refused:
        open_workbook(path)

    assert refused.value.issue.rule == rule
    assert word in refused.value.issue.message_zh


def test_a_password_opens_and_its_lack_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    path.write_bytes(encrypted(workbook([["镇", 1]]), "秘密123"))

    assert open_workbook(path, "秘密123").sheets[0].text(1, 1) == "镇"
    for password, word in ((None, "no password"), ("wrong", "does not open")):
        with pytest.raises(Refusal) as refused:
            open_workbook(path, password)
        assert refused.value.issue.rule == "encrypted_document"
        assert word in refused.value.issue.message_en


def test_a_workbook_protected_against_changes_only_opens_unasked(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    path.write_bytes(encrypted(workbook([["镇", 1]]), "VelvetSweatshop"))

    assert open_workbook(path).sheets[0].text(1, 1) == "镇"


def test_damaged_encryption_is_refused_as_damage(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    content = bytearray(encrypted(workbook([["镇", 1]]), "123"))
    place = content.index("EncryptionInfo".encode("utf-16-le")) + 116
    content[place : place + 4] = b"\xff\xff\xff\x7f"
    path.write_bytes(bytes(content))

    with pytest.raises(Refusal) as refused:
        open_workbook(path, "123")

    assert refused.value.issue.rule == "unreadable_document"


@pytest.mark.parametrize(
    ("text", "first_row"),
    [
        ('编号;"甲,乙,丙,丁";数量\n1;"a,b,c,d";2\n', ["编号", "甲,乙,丙,丁", "数量"]),
        ('编号\t"甲,乙"\t数量\n1\t"a,b"\t2\n', ["编号", "甲,乙", "数量"]),
        ('"甲;乙;丙",数量\n"a;b;c",2\n', ["甲;乙;丙", "数量"]),
        ('编号,"甲\n;;;;\n;;;;",数量\n1,b,2\n', ["编号", "甲\n;;;;\n;;;;", "数量"]),
        ('编号,"说""a;b;c""",数量\n1,"x;y;z",2\n', ["编号", '说"a;b;c"', "数量"]),
        ('编号|"甲,乙"|数量\n1|"a,b"|2\n', ["编号", "甲,乙", "数量"]),
        ("编号,甲,数量\n1,a;b,2\n", ["编号", "甲", "数量"]),
        ('编号;5" 管;数量\n1;6" 管;2\n', ["编号", '5" 管', "数量"]),
    ],
)
def test_a_delimiter_is_guessed_outside_of_quotation_marks(tmp_path: Path, text: str, first_row: list[str]) -> None:
    path = tmp_path / "report.xls"
    path.write_text(text, encoding="utf-8", newline="")

    sheet = open_workbook(path).sheets[0]

    assert [cell.text for _, cell in sorted(sheet.rows[1].items())] == first_row
