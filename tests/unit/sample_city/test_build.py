import hashlib
from pathlib import Path

import pytest

from sample_city.build import build_city
from sample_city.reference.timetable import Span


def fingerprint(home: Path) -> dict[str, tuple[str, float]]:
    files = [path for folder in ("sftp", "api", "charity", "for_tests_only") for path in (home / folder).rglob("*.*")]
    return {
        str(path.relative_to(home)): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime if "sftp" in path.parts else 0,
        )
        for path in files
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_and_times(tmp_path: Path) -> None:
    span = Span.parse("2021-01:2021-02")
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        assert build_city(tmp_path / name, 7, span)
    assert fingerprint(tmp_path / "a") == fingerprint(tmp_path / "b")
    assert not build_city(tmp_path / "a", 7, span), "the second time it stands there already"


def test_a_span_wants_two_months_in_order() -> None:
    for text in ("2021-03:2021-01", "2021Q1:2021Q2", "2021-01"):
        with pytest.raises(ValueError, match="expected"):
            Span.parse(text)
