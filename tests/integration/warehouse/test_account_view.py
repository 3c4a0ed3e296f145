"""`ops.account` shows each document once, by the submission that counts."""

from __future__ import annotations

import psycopg
import pytest

pytestmark = pytest.mark.integration

_DOCUMENT = """
insert into ops.submission (report, unit_code, period, period_start, period_end, revision, source_uri, source_modified_at,
                            effective_at, sha256, byte_size, state, rows_total, rows_loaded, rows_quarantined, rows_furniture)
values ('home_visit', '441303', '2023-06', '2023-06-01', '2023-06-30', %s, %s, %s, %s, repeat('a', 64), 1, %s, 1, 0, 0, 1)
"""


def test_of_the_same_bytes_under_two_names_the_current_one_is_shown(warehouse_url: str) -> None:
    """Even where the one that was replaced was judged again later, and so has the higher number."""
    with psycopg.connect(warehouse_url, autocommit=True) as connection:
        connection.execute(_DOCUMENT, (2, "sftp://b.xls", "2023-07-02", "2023-07-02", "accepted"))
        connection.execute(_DOCUMENT, (1, "sftp://a.xls", "2023-07-01", "2023-07-01", "superseded"))
        assert connection.execute("select source_uri, state from ops.account").fetchall() == [("sftp://b.xls", "accepted")]
