"""Records that are cut out of JSON are what a parser finds there, in the very letters of the answer."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.sources.http.answers.json_answer import JsonAnswer, JsonLinesAnswer
from loaders.sources.http.answers.tree import MISSING, AnswerMismatch

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
RECORDS = st.lists(st.dictionaries(st.text(max_size=4), VALUES, max_size=4), max_size=5)


@given(records=RECORDS, before=VALUES, after=VALUES, indent=st.sampled_from([None, 0, 3]), is_ascii=st.booleans())
def test_what_is_cut_out_is_what_was_put_in(
    records: list[dict[str, Any]], before: Any, after: Any, indent: int | None, is_ascii: bool
) -> None:
    content = {"before": before, "data": [before, {"rows": records, "n": len(records)}], "after": after}
    text = json.dumps(content, indent=indent, ensure_ascii=is_ascii)
    found = JsonAnswer(f" \r\n{text}\n").records("data[1].rows")
    assert [json.loads(record.text) for record in found] == records
    assert all("\n" not in record.text and "\r" not in record.text for record in found)
    if indent is None:
        assert all(record.text in text for record in found)


@pytest.mark.parametrize("number", ["1.10", "-0", "1E+2", "12345678901234567890.123456789", "0.1"])
def test_numbers_keep_their_letters(number: str) -> None:
    (record,) = JsonAnswer(f'[{{"n": {number}}}]').records("$")
    assert record.text == f'{{"n": {number}}}' and record.fields == {"n": number}


def test_of_a_name_that_occurs_twice_the_last_counts() -> None:
    answer = JsonAnswer('{"rows": [{"id": 1}], "rows": [{"id": 2, "id": 3}]}')
    assert [record.text for record in answer.records("rows")] == ['{"id": 2, "id": 3}']


@pytest.mark.parametrize("text", ["", " ", "{", "[1,]", "nul", '{"a": NaN}', "[] []", "[" * 200_000, '{"a": "\n"}'])
def test_what_is_no_json(text: str) -> None:
    with pytest.raises(ValueError):
        JsonAnswer(text)


def test_lines() -> None:
    answer = JsonLinesAnswer('\ufeff{"a": 1.0}\r\n\n{"a"\n[1]\n')
    assert [record.text for record in answer.records("$")] == ['{"a": 1.0}', '{"a"', "[1]"]
    assert (answer.find("a"), answer.find("b")) == ("1.0", MISSING)
    assert JsonLinesAnswer("").records("$") == []


def test_a_message_names_no_more_than_some_keys() -> None:
    content = {f"key{number}": {} for number in range(99)}
    with pytest.raises(AnswerMismatch) as mismatch:
        JsonAnswer(json.dumps(content)).records("list")
    assert mismatch.value.what.endswith("key11, …") and mismatch.value.next_step == "change source.records to the list"
