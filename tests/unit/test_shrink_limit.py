"""When a document is too short to take the place of another without a question."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.contract import Report
from tests.support.documents.contracts import VISIT

COUNTS = st.integers(0, 10**7)


def limit_of(replaces: str, **changes: float):
    columns = [{"name": "code", "header": "编号", "required": True, "key": True}]
    return Report.model_validate(VISIT | {"replaces": replaces, "columns": columns} | changes).shrink_limit


@pytest.mark.parametrize(
    ("replaces", "before", "now", "is_held"),
    [
        ("period", 284, 19, True),
        ("period", 10, 8, False),
        ("period", 20, 0, False),
        ("period", 21, 0, True),
        ("period", 100, 80, False),
        ("period", 100, 79, True),
        ("period", 10_000, 8_000, False),
        ("period", 10_000, 7_999, True),
        ("nothing", 284, 19, True),
        ("nothing", 10, 8, False),
        ("register", 10, 9, False),
        ("register", 10, 8, True),
        ("register", 1, 0, True),
        ("register", 2_800, 2_520, False),
        ("register", 2_800, 2_519, True),
    ],
)
def test_the_usual_limits_of_each_kind(replaces: str, before: int, now: int, is_held: bool) -> None:
    assert limit_of(replaces).is_exceeded(before, now) is is_held


def test_a_document_with_keys_closes_only_what_it_renews() -> None:
    assert limit_of("key") is None and limit_of("key", shrink_limit_pct=5, shrink_limit_rows=1) is None


def test_a_contract_may_say_one_limit_and_leave_the_other() -> None:
    assert limit_of("period", shrink_limit_rows=0).is_exceeded(10, 7)
    assert not limit_of("period", shrink_limit_pct=95).is_exceeded(284, 19)
    assert not limit_of("register", shrink_limit_rows=5).is_exceeded(10, 5)
    assert limit_of("period", shrink_limit_pct=0, shrink_limit_rows=0).is_exceeded(10, 9)


@given(COUNTS, COUNTS, st.floats(0, 100), st.integers(0, 1000), st.sampled_from(["period", "register", "nothing"]))
def test_both_bounds_must_be_passed_and_growth_is_never_held(before: int, now: int, pct: float, rows: int, replaces: str) -> None:
    limit = limit_of(replaces, shrink_limit_pct=pct, shrink_limit_rows=rows)
    is_held = limit.is_exceeded(before, now)
    if now >= before or before - now <= rows:
        assert not is_held
    if is_held:
        assert not limit.is_exceeded(before, before) and limit.is_exceeded(before, max(0, now - 1))


@given(COUNTS, COUNTS, st.floats(0, 100))
def test_a_register_is_held_whenever_the_share_alone_is_passed(before: int, now: int, pct: float) -> None:
    """As it was before the number of rows counted as well."""
    assert limit_of("register", shrink_limit_pct=pct).is_exceeded(before, now) is (now < before * (1 - pct / 100))
