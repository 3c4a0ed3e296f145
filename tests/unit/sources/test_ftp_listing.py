"""Lines of FTP listings, as servers write them."""

import datetime as dt

import pytest

from loaders.sources.transports.ftp_listing import ListedEntry, ftp_time, list_entry, mlsd_entry

NOW = dt.datetime(2023, 2, 10, 12, 0, tzinfo=dt.UTC)
CHINA = dt.timezone(dt.timedelta(hours=8))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "-rw-r--r--   1 owner    group        1024 Jan  3 10:00 441302 探访.csv",
            ListedEntry("441302 探访.csv", "file", 1024, dt.datetime(2023, 1, 3, 10, 0, tzinfo=CHINA)),
        ),
        (
            "-rw-r--r--   1 owner    group        1024 Dec 30 10:00 a.csv",
            ListedEntry("a.csv", "file", 1024, dt.datetime(2022, 12, 30, 10, 0, tzinfo=CHINA)),
        ),
        (
            "-rw-r--r--   1 owner    group        1024 Feb 11 09:00 a.csv",
            ListedEntry("a.csv", "file", 1024, dt.datetime(2023, 2, 11, 9, 0, tzinfo=CHINA)),
        ),
        (
            "-rw-r--r--   1 owner    group        1024 Feb 29 10:00 a.csv",
            ListedEntry("a.csv", "file", 1024, dt.datetime(2020, 2, 29, 10, 0, tzinfo=CHINA)),
        ),
        (
            "-rw-r--r--   1 1000     1000         7 Jun  3  2021 a.csv",
            ListedEntry("a.csv", "file", 7, dt.datetime(2021, 6, 3, tzinfo=CHINA)),
        ),
        (
            "-rw-r--r--   1 root     root         7 6月  3  2021 a.csv",
            ListedEntry("a.csv", "file", 7, dt.datetime(2021, 6, 3, tzinfo=CHINA)),
        ),
        (
            "drwxr-xr-x   2 root     root      4096 Jun  3  2021 2023-05",
            ListedEntry("2023-05", "directory", 4096, dt.datetime(2021, 6, 3, tzinfo=CHINA)),
        ),
        (
            "06-03-23  10:05PM                 1024 a b.csv",
            ListedEntry("a b.csv", "file", 1024, dt.datetime(2023, 6, 3, 22, 5, tzinfo=CHINA)),
        ),
        (
            "2023-06-03  10:05       <DIR>          2023-05",
            ListedEntry("2023-05", "directory", None, dt.datetime(2023, 6, 3, 10, 5, tzinfo=CHINA)),
        ),
        ("total 12", None),
        ("drwxr-xr-x   2 root     root      4096 Jun  3  2021 ..", None),
        ("", None),
    ],
)
def test_a_line_of_list_is_read_as_its_server_means_it(line: str, expected: ListedEntry | None) -> None:
    assert list_entry(line, NOW) == expected


def test_a_link_is_no_plain_file() -> None:
    found = list_entry("lrwxrwxrwx   1 root     root         7 Jun  3  2021 a.csv -> b.csv", NOW)
    assert found is not None and found.type == "other"


def test_mlsd_has_exact_times() -> None:
    facts = {"type": "file", "size": "7", "modify": "20230603100000.123"}
    assert mlsd_entry("a.csv", facts) == ListedEntry("a.csv", "file", 7, dt.datetime(2023, 6, 3, 10, 0, tzinfo=dt.UTC))
    assert mlsd_entry(".", {"type": "cdir"}) is None and mlsd_entry("x", {"type": "OS.unix=slink:/y"}).type == "other"
    assert ftp_time("2023") is None
