"""Refusals of documents: what was found, what was expected, and how the sender can fix it."""

from __future__ import annotations

from loaders.model import READER_INTERRUPTED, Issue, Severity


class Refusal(Exception):
    """Refusal of a document that yields no table.

    `issue` states the reason, `rows_total` the number of rows that were counted.
    """

    def __init__(self, issue: Issue, rows_total: int = 0) -> None:
        super().__init__(issue.message_en)
        self.issue = issue
        self.rows_total = rows_total

    def counting(self, rows_total: int) -> Refusal:
        """Returns the same refusal with a number of rows."""
        return Refusal(self.issue, rows_total)


def refuse(
    rule: str,
    zh: str,
    en: str,
    *,
    found: str | None = None,
    expected: str | None = None,
    sheet: str | None = None,
    row: int | None = None,
) -> Refusal:
    """Builds the refusal of a whole document."""
    return Refusal(
        Issue(rule, Severity.DOCUMENT, message_zh=zh, message_en=en, sheet=sheet, row=row, found=found, expected=expected)
    )


def empty_document() -> Refusal:
    """Builds the refusal of a file without content."""
    return refuse(
        "empty_document",
        "文件是空的（0 字节），没有可读的内容；请检查导出是否成功后重新报送",
        "the file is empty (0 bytes): check that the export succeeded and send it again",
        found="0 bytes",
        expected="a document with a table",
    )


def unreadable_document(detail: str, expected: str = "a workbook (xlsx, xls, et, ods, xlsb)") -> Refusal:
    """Builds the refusal of a file that cannot be opened in its own format."""
    return refuse(
        "unreadable_document",
        f"文件打不开，可能已损坏或传输不完整（{detail}）；请用表格软件打开原文件，另存为 .xlsx 后重新报送",
        f"the file cannot be opened; it may be damaged or cut short ({detail}): "
        "open the original, save it as .xlsx and send it again",
        found=detail,
        expected=expected,
    )


def encrypted_document(detail: str = "no password is known for this report") -> Refusal:
    """Builds the refusal of an encrypted workbook whose password is missing or wrong."""
    return refuse(
        "encrypted_document",
        "文件设置了打开密码，无法读取；请去掉密码后重新报送，或把密码登记到该报表的连接中",
        f"the workbook is protected by a password ({detail}): "
        "remove it and send the file again, or register it with the connection",
        found="encrypted workbook",
        expected="a workbook without password",
    )


def too_large(found: str, limit: str) -> Refusal:
    """Builds the refusal of a document whose unpacked size exceeds the limit."""
    return refuse(
        "too_large",
        f"文件展开后过大（{found}，上限 {limit}）；常见原因是表格最右下角有多余内容，请删除表外的行和列后另存重新报送",
        f"the document unpacks to more than may be read ({found}, the limit is {limit}): "
        "delete rows and columns outside the table, save and send it again",
        found=found,
        expected=f"at most {limit}",
    )


def limit_exceeded(detail_zh: str, detail_en: str) -> Refusal:
    """Builds the refusal of a document whose reading exceeded the limit of memory or CPU time."""
    return refuse(
        "limit_exceeded",
        f"读取文件时{detail_zh}，已停止；请检查文件是否含有大量空行、空列或图片，精简后重新报送",
        f"reading was stopped: {detail_en}; look for masses of blank rows, columns or pictures, trim the file and send it again",
        found=detail_en,
        expected="a document within the limits of memory and time",
    )


def reader_interrupted() -> Refusal:
    """Builds the refusal of a document whose reader was killed twice by another process.

    Nothing indicates an error in the document, so its sender is asked for nothing.
    """
    return refuse(
        READER_INTERRUPTED,
        "读取程序两次被系统中止（多为服务器内存不足），尚未读完本文件；这不是报送人的问题，无需重新报送，已通知数据工程师处理",
        "the reader was ended from outside twice (most often the machine ran out of memory) before it had read the document. "
        "Its sender need not do anything; data engineers: free memory, then load it again with --again",
        found="the reader was ended by the system",
        expected="an undisturbed reading",
    )


_HOW_TO_ENCODE_ZH = {
    "gb18030": "（用记事本打开，“另存为”时编码选“ANSI”；或在表格软件中另存为“CSV（逗号分隔）”）",
    "utf-8": "（用记事本打开，“另存为”时编码选“UTF-8”）",
    "utf-8-sig": "（用记事本打开，“另存为”时编码选“带有 BOM 的 UTF-8”）",
    "utf-16": "（用记事本打开，“另存为”时编码选“UTF-16 LE”）",
}


def wrong_encoding(declared: str, detail_zh: str, detail_en: str, likely: str | None) -> Refusal:
    """Builds the refusal of a text file that is not in the declared encoding."""
    guess_zh = f"，看起来是 {likely}" if likely else ""
    guess_en = f"; it looks like {likely}" if likely else ""
    hint_zh = _HOW_TO_ENCODE_ZH.get(declared, "")
    return refuse(
        "wrong_encoding",
        f"文件编码与约定的 {declared} 不符（{detail_zh}）{guess_zh}；请按 {declared} 编码重新导出后报送{hint_zh}",
        f"the file is not encoded in {declared} as agreed ({detail_en}){guess_en}: export it again in {declared}",
        found=likely or detail_en,
        expected=declared,
    )


def nul_bytes(count: int, line: int) -> Refusal:
    """Builds the refusal of a text file with NUL bytes, which no export writes."""
    return refuse(
        "nul_bytes",
        f"文件中有 {count} 个空字符（NUL，首个在第 {line} 行），说明文件在导出或传输中损坏；请重新导出后报送",
        f"the file holds {count} NUL bytes (the first in line {line}): it was damaged on export or on the way; export it again",
        found=f"{count} NUL bytes, the first in line {line}",
        expected="text without NUL bytes",
    )


def wrong_delimiter(declared: str, likely: str) -> Refusal:
    """Builds the refusal of a text file with another delimiter than declared."""
    names = {
        ",": ("逗号", "a comma"),
        "\t": ("制表符（Tab）", "a tab"),
        ";": ("分号", "a semicolon"),
        "|": ("竖线", "a vertical bar"),
    }
    (wanted_zh, wanted), (found_zh, found) = (names.get(mark, (f"“{mark}”", f'"{mark}"')) for mark in (declared, likely))
    return refuse(
        "wrong_delimiter",
        f"文件各列之间用的是{found_zh}，约定的是{wanted_zh}；请按约定的分隔符重新导出后报送",
        f"the fields are separated by {found}, agreed is {wanted}: export the file again with {wanted} between the fields",
        found=found,
        expected=wanted,
    )


def unclosed_quote(line: int) -> Refusal:
    """Builds the refusal of a text file in which a quotation mark is never closed. The rows after it would become one value."""
    return refuse(
        "unclosed_quote",
        f"第 {line} 行有一个没有配对的引号，其后的内容都被当成一个单元格；请删除该引号（或补上另一半）后重新报送",
        f"a quotation mark in line {line} is never closed and swallows all that follows: "
        "delete it or close it and send the file again",
        found=f"an open quotation mark in line {line}",
        expected="quotation marks in pairs",
        row=line,
    )


def too_many_ragged_rows(count: int, expected: int, first: int) -> Refusal:
    """Builds the refusal of a text file in which too many rows have another number of fields than the header.

    The cause must then be the delimiter or missing quotation marks.
    """
    return refuse(
        "ragged_rows",
        f"从第 {first} 行起有 {count} 行以上的列数与表头（{expected} 列）不一致；"
        "内容中若有逗号，该单元格应加双引号，请重新导出后报送",
        f"more than {count} rows, from line {first} on, have another number of fields than the header ({expected}): "
        "values that hold the separator must be quoted; export the file again",
        found=f"more than {count} rows",
        expected=f"{expected} fields in every row",
        row=first,
    )


def reader_failed(detail: str) -> Refusal:
    """Builds the refusal of a document on which the reader failed."""
    return refuse(
        "reader_failed",
        f"读取程序无法处理这份文件（{detail}）；请用表格软件打开原文件，另存为新文件后重新报送，仍不行请联系系统管理员",
        f"the reader failed on this file ({detail}): open the original, save it as a new file and send that; "
        "if it fails again, tell the maintainers",
        found=detail,
        expected="a document that can be read",
    )
