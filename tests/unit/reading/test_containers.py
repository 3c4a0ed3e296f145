"""Containers are unpacked under limits; what is wrong with one member does not stop the others."""

import base64
import io
import zlib
from email.message import EmailMessage
from pathlib import Path

import pytest
import pyzipper

from loaders.characters.mail_headers import decoded_words
from loaders.reading.containers import member_folder
from loaders.reading.containers.unpack import unpack
from loaders.reading.model.containers import Unpacked, UnpackRequest
from tests.support.documents.archives import broken_member, gz_of, raw_name_zip, tar_of, zip_of
from tests.support.documents.workbooks import workbook

CSV = "编号,数量\nk1,1\n".encode("gb18030")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "members").mkdir()
    return tmp_path


def unpacked(folder: Path, content: bytes, name: str = "报表.zip", **facts: object) -> Unpacked:
    path = folder / "container"
    path.write_bytes(content)
    return unpack(UnpackRequest(path, folder / "members", name, **facts))  # type: ignore[arg-type]


def contents(folder: Path, found: Unpacked) -> dict[str, bytes | str | None]:
    """The bytes of each member, or the code of its error. Nothing but members is left in the folder."""
    files = {member.file for member in found.members if member.file}
    assert {path.name for path in (folder / "members").iterdir()} >= files
    return {
        member.path: (folder / "members" / member.file).read_bytes() if member.file else member.error for member in found.members
    }


def test_names_are_read_as_each_program_writes_them(folder: Path) -> None:
    gbk, both = "惠城区/6月.csv".encode("gbk"), b"??.csv"
    content = raw_name_zip(
        {gbk: b"1", "博罗县.csv".encode(): b"2", both: b"3", "龙门\\联通.csv".encode("gbk"): b"4"}, {both: "惠东县.csv"}
    )
    found = unpacked(folder, content)
    assert contents(folder, found) == {
        "惠城区/6月.csv": b"1",
        "博罗县.csv": b"2",
        "惠东县.csv": b"3",
        "龙门/联通.csv": b"4",
    }


def test_names_with_the_flag_are_utf8(folder: Path) -> None:
    assert contents(folder, unpacked(folder, zip_of({"带标志.csv": b"5"}))) == {"带标志.csv": b"5"}


def test_a_unicode_name_of_another_member_is_not_used(folder: Path) -> None:
    raw = "新名.csv".encode("gbk")
    content = raw_name_zip({raw: b"1"}, {raw: "旧名.csv"}).replace(zlib.crc32(raw).to_bytes(4, "little"), bytes(4))
    assert list(contents(folder, unpacked(folder, content))) == ["新名.csv"]


def test_containers_inside_are_opened_and_workbooks_are_not(folder: Path) -> None:
    book = workbook([["编号"], ["k1"]])
    inner = zip_of({"a.xlsx": book, "深/b.csv.gz": gz_of(CSV)})
    found = unpacked(folder, zip_of({"县.zip": inner, "c.xlsx": book}))
    assert contents(folder, found) == {"县.zip!/a.xlsx": book, "县.zip!/深/b.csv.gz!/b.csv": CSV, "c.xlsx": book}
    assert len(list((folder / "members").iterdir())) == 3, "the containers between are not left behind"


@pytest.mark.parametrize("name", ["6月.csv.gz", "6月.csv.GZ"])
def test_a_gz_file_holds_what_its_name_says(folder: Path, name: str) -> None:
    found = unpacked(folder, gz_of(CSV), name)
    assert (found.kind, contents(folder, found)) == ("gz", {"6月.csv": CSV})


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_packed_tar_file_is_one_container(folder: Path, encoding: str) -> None:
    found = unpacked(folder, gz_of(tar_of({"惠城区/a.csv": CSV}, encoding=encoding, links={"b.csv": "/etc/passwd"})), "x.tar.gz")
    assert contents(folder, found) == {"惠城区/a.csv": CSV, "b.csv": "member.no_file"}


@pytest.mark.parametrize("content", [CSV, workbook([["编号"]]), b"", b"PK", b"Rar!\x1a\x07\x00" * 40])
def test_other_files_are_no_containers(folder: Path, content: bytes) -> None:
    assert unpacked(folder, content).kind is None


@pytest.mark.parametrize("name", ["../a.csv", "x/../../a.csv", "/etc/a.csv", "C:\\a.csv", "a\x1b.csv", "..\\a.csv"])
def test_paths_that_lead_elsewhere_are_refused_alone(folder: Path, name: str) -> None:
    found = unpacked(folder, zip_of([(name, b"1"), ("gut.csv", b"2")]))
    assert sorted(map(str, contents(folder, found).values())) == ["b'2'", "member.path"]


def test_members_of_one_path_are_refused_unless_they_are_the_same(folder: Path) -> None:
    found = unpacked(folder, zip_of([("a.csv", b"1"), ("a.csv", b"2"), ("b.csv", b"3"), ("b.csv", b"3")]))
    assert contents(folder, found) == {"a.csv": "member.duplicate", "b.csv": b"3"}


def test_a_broken_member_does_not_stop_the_others(folder: Path) -> None:
    content = broken_member(zip_of({"a.csv": CSV * 50, "b.csv": CSV}), "a.csv")
    assert contents(folder, unpacked(folder, content)) == {"a.csv": "member.damaged", "b.csv": CSV}


def test_a_container_that_ends_too_early_says_so(folder: Path) -> None:
    assert unpacked(folder, zip_of({"a.csv": CSV})[:-10]).error == "member.damaged"


def test_a_gz_file_that_ends_too_early_gives_nothing(folder: Path) -> None:
    assert contents(folder, unpacked(folder, gz_of(CSV * 99)[:-9], "a.csv.gz")) == {"a.csv": "member.damaged"}


def test_what_comes_before_the_break_of_a_tar_file_is_there(folder: Path) -> None:
    tar = tar_of({"a.csv": CSV, "b.csv": CSV * 1000})
    assert contents(folder, unpacked(folder, tar[:4000], "x.tar"))["a.csv"] == CSV


@pytest.mark.parametrize("strength", [128, 192, 256])
@pytest.mark.parametrize(("password", "expected"), [("密码1", CSV * 9), ("wrong", "member.password"), (None, "member.encrypted")])
def test_encrypted_members_need_the_password(folder: Path, strength: int, password: str | None, expected: object) -> None:
    target = io.BytesIO()
    with pyzipper.AESZipFile(target, "w", compression=pyzipper.ZIP_DEFLATED) as archive:
        archive.writestr("offen.csv", b"1")
        archive.setpassword("密码1".encode())
        archive.setencryption(pyzipper.WZ_AES, nbits=strength)
        archive.writestr("a.csv", CSV * 9)
    found = contents(folder, unpacked(folder, target.getvalue(), password=password))
    assert found == {"offen.csv": b"1", "a.csv": expected}


def test_bombs_are_refused_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member_folder, "RATIO_COUNTS_FROM_BYTES", 1_000_000)
    found = unpacked(folder, zip_of({"bombe.csv": bytes(3_000_000), "a.csv": CSV}))
    assert contents(folder, found) == {"bombe.csv": "member.bomb", "a.csv": CSV}
    assert len(list((folder / "members").iterdir())) == 1


def test_the_sum_of_the_members_is_limited(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member_folder, "MAX_TOTAL_BYTES", 100)
    found = contents(folder, unpacked(folder, zip_of({"a.csv": bytes(60), "b.csv": bytes(60), "c.csv": bytes(30)})))
    assert found == {"a.csv": bytes(60), "b.csv": "member.too_large", "c.csv": bytes(30)}


def test_the_number_of_members_is_limited(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member_folder, "MAX_MEMBERS", 2)
    counted = unpacked(folder, zip_of({"a.csv": b"1", "b.csv": b"2", "c.csv": b"3"}))
    assert (len(counted.members), counted.error) == (2, "member.too_many")


def test_containers_without_end_are_left_at_some_depth(folder: Path) -> None:
    content = zip_of({"a.csv": CSV})
    for level in range(3):
        content = zip_of({f"{level}.zip": content})
    assert contents(folder, unpacked(folder, content)) == {"2.zip!/1.zip!/0.zip": "member.too_deep"}


def mail(*lines: str, body: bytes = b"") -> bytes:
    return "\r\n".join(lines).encode("gbk") + body


def test_attachments_of_a_mail_come_with_their_names(folder: Path) -> None:
    message = EmailMessage()
    message["Subject"] = "6月"
    message.set_content("见附件")
    message.add_attachment(CSV, "text", "csv", filename="441302_探访表.csv")
    message.add_attachment(b"\x89PNG", "image", "png", filename="logo.png", disposition="inline", cid="<1>")
    message.add_attachment(b"x", "application", "ms-tnef", filename="winmail.dat")
    found = unpacked(folder, message.as_bytes(), "x.eml", is_mail=True)
    assert contents(folder, found) == {"441302_探访表.csv": CSV, "winmail.dat": "member.winmail"}


@pytest.mark.parametrize(
    "parameter",
    [
        'filename="441303_报表.csv"',
        'filename="=?GB2312?B?NDQxMzAzX7Gose0uY3N2?="',
        'filename="=?utf-8?B?NDQxMzAzX+aKpQ==?=\r\n =?utf-8?B?6KGoLmNzdg==?="',
        "filename*=GBK''441303_%B1%A8%B1%ED.csv",
        "filename*0*=utf-8''441303_%E6%8A%A5; filename*1*=%E8%A1%A8.csv",
        'filename="C:\\\\temp\\\\441303_报表.csv"',
    ],
)
def test_a_name_in_any_dialect_is_read(folder: Path, parameter: str) -> None:
    content = mail(
        "From: a@example.org",
        "Content-Type: application/octet-stream",
        f"Content-Disposition: attachment; {parameter}",
        "",
        "k1,1",
    )
    found = unpacked(folder, content, "x.eml", is_mail=True)
    assert [member.path for member in found.members] == ["441303_报表.csv"]


def test_broken_encoded_words_are_read_as_they_can_be() -> None:
    assert decoded_words("=?x-unknown?B?NDQxMzAzX7Gose0uY3N2?=") == "441303_报表.csv"
    assert decoded_words("plain.csv") == "plain.csv"


# `zip -X -P huimin` of a file a.csv.
ZIP_CRYPTO = base64.b64decode(
    "UEsDBAoACQAAAABQw1atf4h3EQAAAAUAAAAFAAAAYS5jc3YZFOn8V+jPhPO+tAthDX2K2VBLBwitf4h3EQAAAAUAAABQSwECHgMK"
    "AAkAAAAAUMNWrX+IdxEAAAAFAAAABQAAAAAAAAABAAAApIEAAAAAYS5jc3ZQSwUGAAAAAAEAAQAzAAAARAAAAAAA"
    ""
)


@pytest.mark.parametrize(
    ("password", "expected"), [("huimin", b"k1,1\n"), ("falsch", "member.password"), (None, "member.encrypted")]
)
def test_the_old_encryption_of_zip_files_is_read_too(folder: Path, password: str | None, expected: object) -> None:
    assert contents(folder, unpacked(folder, ZIP_CRYPTO, password=password)) == {"a.csv": expected}
