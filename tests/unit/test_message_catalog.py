"""The message catalogue against the source: codes that are used exist, entries are used, parameters are those of the text."""

from __future__ import annotations

import ast
import re
import time
import timeit
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from loaders.cli import app
from loaders.contract import ColumnType
from loaders.messages import MessageError, issue_of, localized, message_codes, message_template, phrase
from loaders.messages.catalog import FILES
from loaders.messages.catalog_files import read_texts
from loaders.messages.explain import as_markdown, parameter_meanings
from loaders.messages.formatting import BilingualFormat, parameters_in
from loaders.messages.phrases import phrases

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "loaders" / "pages" / "templates").glob("*.j2"))
SOURCES = sorted((ROOT / "loaders").rglob("*.py"))
PLACE = {"rule", "severity", "sheet", "row", "column", "cell", "found", "expected"}
# Functions whose first argument is the code of a phrase.
PHRASE_FUNCTIONS = {"phrase", "unreadable_document", "encrypted_document", "limit_exceeded"}
# Names that exist in Chinese alone, or are written apart for each language.
ONE_LANGUAGE = {"title", "headers", "columns", "report", "reason", "stated_unit", "sheet", "detail", "code", "zh", "en"}
ONE_LANGUAGE |= {"positions", "positions_en", "known_in", "level"}
COMPUTED = {f"expected.{kind}" for kind in ColumnType} | {"expected.integer_unit", "expected.decimal_unit"}
COMPUTED |= {
    code
    for code in phrases()
    if code.startswith(
        (
            "how_to_encode.",
            "divisions.",
            "name.",
            "row_kind.",
            "evidence.column.",
            "release.cause.",
            "anomaly.",
            "overlap.",
            "metric.",
            "watch.",
        )
    )
}
PAGE_CODES = (
    "page.state.",
    "page.mark.",
    "page.theme.",
    "page.error.",
    "page.severity.",
    "page.issue_state.",
    "page.issue_event.",
)
PAGE_CODES += ("page.reason.", "page.source.", "page.cadence.", "page.due.", "page.releases.state.", "page.releases.document.")
PAGE_CODES += tuple(f"page.figures.{part}." for part in ("basis", "kind", "print", "qualifier", "verdict"))
# Pages put the last word of these codes in: a state, a theme, an error.
COMPUTED |= {code for code in phrases() if code.startswith(PAGE_CODES)}
MATTERS = ("not_fetched", "incomplete", "landed_lost", "reader_ended")
COMPUTED |= {f"notice.{matter}.{part}" for matter in MATTERS for part in ("subject", "opening")}
COMPUTED |= {"gone_from_source.withdrawn", "outbox.alarm.subject", "outbox.over.subject"}
NOT_LITERAL = {code for code in message_codes() if code.startswith("expect_")} | {"contract_rule", "contract_rule.warning"}


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def literals() -> set[str]:
    nodes = (node for path in SOURCES for node in ast.walk(parsed(path)))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)} | set(
        template_codes()
    )


def template_codes() -> dict[str, str]:
    """The codes that the templates of pages name (`t("page.unit")`), each with its template; `page.state.` is a beginning."""
    return {
        code: path.name
        for path in TEMPLATES
        for code in re.findall(r"""\bt\(\s*["']([\w.]+)["']""", path.read_text(encoding="utf-8"))
    }


def calls(names: set[str]) -> Iterator[tuple[str, ast.Call]]:
    for path in SOURCES:
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def codes_of(node: ast.Call) -> list[str]:
    """The codes that a call may name: literals, in branches too."""
    first = node.args[0] if node.args else None
    branches = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
    return [one.value for one in branches if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def formats() -> dict[str, BilingualFormat]:
    return {code: message_template(code).message for code in message_codes()} | phrases()


def test_every_code_that_is_used_exists() -> None:
    for place, node in calls({"issue_of", "severity_of", "text_of", "_issue", "_value_issue", "_add_issue"}):
        for code in codes_of(node):
            assert code in message_codes(), place
    for place, node in calls(PHRASE_FUNCTIONS):
        for code in codes_of(node):
            assert code in phrases(), place
    for code, template in template_codes().items():
        assert code in phrases() or (code.endswith(".") and any(one.startswith(code) for one in phrases())), f"{template}: {code}"


def test_every_entry_is_used() -> None:
    used = literals()
    assert not [code for code in (*message_codes(), *phrases()) if code not in used | COMPUTED | NOT_LITERAL]


def test_no_code_stands_in_two_files() -> None:
    assert len(message_codes()) == len(set(message_codes()))


def test_calls_give_the_parameters_that_the_text_names() -> None:
    for place, node in calls({"issue_of"}):
        given = {keyword.arg for keyword in node.keywords if keyword.arg}
        if not any(keyword.arg is None for keyword in node.keywords):
            for code in codes_of(node):
                assert message_template(code).parameters <= given, place
                assert len(codes_of(node)) > 1 or given - PLACE <= message_template(code).parameters, place
    for place, node in calls({"phrase"}):
        given = {keyword.arg for keyword in node.keywords if keyword.arg}
        if not any(keyword.arg is None for keyword in node.keywords):
            for code in codes_of(node):
                assert phrases()[code].parameters <= given, place


@pytest.mark.parametrize("code", formats())
def test_both_languages_name_the_same_parameters(code: str) -> None:
    text = formats()[code]
    assert parameters_in(text.zh) ^ parameters_in(text.en) <= ONE_LANGUAGE


def test_every_parameter_is_described_and_every_description_is_used() -> None:
    assert set().union(*(message_template(code).parameters for code in message_codes())) == set(parameter_meanings())


def test_titles_are_there_and_no_two_are_the_same() -> None:
    for language in ("zh", "en"):
        titles = [getattr(message_template(code).title, language) for code in message_codes()]
        assert all(titles)
        assert len(titles) == len(set(titles))


def test_no_entry_has_an_unknown_key() -> None:
    for name in FILES:
        for code, entry in read_texts(name).items():
            assert entry.keys() <= {"severity", "title", "text", "fix", "found", "expected"}, code


def test_issues_are_made_in_one_place() -> None:
    assert {place.partition(":")[0] for place, _ in calls({"Issue"})} == {"loaders/messages/issues.py"}


def test_words_in_both_languages_fill_one_parameter() -> None:
    issue = issue_of("limit_exceeded", detail=localized("中", "en"))
    assert "中" in issue.message_zh
    assert "en" in issue.message_en
    assert issue.found == "en"


def test_a_parameter_that_is_missing_is_an_error() -> None:
    with pytest.raises(MessageError, match="limit_exceeded needs the parameter detail"):
        issue_of("limit_exceeded")
    with pytest.raises(MessageError, match="no_such_code"):
        issue_of("no_such_code")
    with pytest.raises(MessageError, match="no_such_phrase"):
        phrase("no_such_phrase")


def test_the_documentation_lists_all_messages_as_they_are() -> None:
    assert (ROOT / "docs" / "messages.md").read_text(encoding="utf-8") == as_markdown()


def test_a_code_is_explained_in_both_languages() -> None:
    result = CliRunner().invoke(app, ["explain", "hidden_value"])
    assert result.exit_code == 0
    assert "显示为空白的值 / Value that is not shown" in result.output
    assert "hidden_value.zero" in result.output
    assert "<stored> 保存的值 / what the cell holds" in result.output


def test_a_declared_rule_is_explained_too() -> None:
    assert "contract_rule" in CliRunner().invoke(app, ["explain", "expect_column_values_to_be_between"]).output


def test_an_unknown_code_ends_with_near_ones_in_one_line() -> None:
    result = CliRunner().invoke(app, ["explain", "raged_row"])
    assert result.exit_code == 2
    assert "did you mean ragged_row" in result.output
    assert result.output.count("\n") == 1


@pytest.mark.bench
def test_a_simple_message_takes_less_than_ten_microseconds() -> None:
    seconds = min(
        timeit.repeat(
            lambda: issue_of("error_cell", header="a", found="b", sheet="s", row=1),
            number=10_000,
            repeat=5,
            timer=time.process_time,
        )
    )
    assert seconds / 10_000 < 10e-6


def test_the_files_hold_no_tab_and_no_key_twice() -> None:
    for path in (ROOT / "loaders" / "messages" / "texts").glob("*.yml"):
        keys = [line.partition(":")[0] for line in path.read_text(encoding="utf-8").splitlines() if line[:1].isalpha()]
        assert len(keys) == len(set(keys)) == len(yaml.safe_load(path.read_text(encoding="utf-8")))
