"""Many resident identity numbers at once get the verdicts that each gets by itself."""

import datetime as dt

from hypothesis import example, given
from hypothesis import strategies as st

from loaders.identifiers import is_valid_resident_id
from loaders.identifiers.residents import resident_id_check_digit
from loaders.validation.rules.resident_id_check import are_resident_ids

TODAY = dt.date(2024, 2, 29)
_DATES = st.tuples(st.integers(1845, 2026), st.integers(0, 13), st.integers(0, 32)).map(lambda d: f"{d[0]}{d[1]:02}{d[2]:02}")
_SOUND = st.tuples(st.sampled_from(["441302", "110101", "000000"]), _DATES, st.integers(0, 999)).map(
    lambda parts: (first := f"{parts[0]}{parts[1]}{parts[2]:03}") + resident_id_check_digit(first)
)
_CHANGED = st.tuples(_SOUND, st.integers(0, 17), st.sampled_from("0123456789Xx:/*é一 ")).map(
    lambda change: change[0][: change[1]] + change[2] + change[0][change[1] + 1 :]
)


@given(st.lists(_SOUND | _CHANGED | st.text(max_size=20), max_size=12))
@example(["441302190002290014", "441302200002290018", "441302240229001X", "44130219800101002X", "", "44130219800101002:"])
def test_each_number_has_its_own_verdict(texts: list[str]) -> None:
    assert are_resident_ids(texts, TODAY).tolist() == [is_valid_resident_id(text, TODAY) for text in texts]


def test_birthdays_end_with_the_day() -> None:
    born = [first + resident_id_check_digit(first) for first in ("44130220240229001", "44130220240301001", "44130218491231001")]
    assert are_resident_ids(born, TODAY).tolist() == [True, False, False]
    assert are_resident_ids(born[:1], dt.date(2024, 2, 28)).tolist() == [False]
