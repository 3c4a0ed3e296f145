"""Contracts with keys that had another name: an error names the new one, and the command rewrites the file in place."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from loaders.cli import app
from loaders.contract import ContractError, UpgradeError, load_report, upgraded
from loaders.settings import PROJECT_ROOT

OLD = """\
# The fund's form of 2023.
report: fund      # the file's name
"left_out" : [序号]   # a number
columns:
  - {name: by, header: in, synonyms: [while, at]}
cross_rules:
  - name: known
    kind: exists_in   # in the register
    columns: [fund_code]
    in: register
    at: [code]
    while: {from: opened_date, day: at}
    where: {by: [own]}
    told: own
  - {name: grows, kind: never_falls, column: total_yuan, by: [fund_code]}
  - {name: same, kind: 'agrees_with', columns: {in: at}, in: register, by: {by: in}, told: other}
  - {name: sum, kind: sum_agrees, column: total_yuan, in: register, by: {by: by}}
"""
NEW = """\
# The fund's form of 2023.
name: fund      # the file's name
ignored_headers : [序号]   # a number
columns:
  - {name: by, header: in, synonyms: [while, at]}
cross_rules:
  - name: known
    kind: references   # in the register
    columns: [fund_code]
    other_report: register
    other_columns: [code]
    valid_during: {from: opened_date, day: at}
    where: {by: [own]}
    responsible: this
  - {name: grows, kind: non_decreasing, column: total_yuan, group_by: [fund_code]}
  - {name: same, kind: matches, columns: {in: at}, other_report: register, join_on: {by: in}, responsible: other}
  - {name: sum, kind: reconciles, column: total_yuan, other_report: register, join_on: {by: by}}
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_only_the_keys_change_and_once(end: str) -> None:
    old, new = OLD.replace("\n", end), NEW.replace("\n", end)
    text, changes = upgraded(old)
    assert text == new
    assert changes[:2] == ["report -> name", "left_out -> ignored_headers"]
    assert "in -> other_report (3 times)" in changes
    assert upgraded(new) == (new, [])


def test_the_shipped_contracts_have_the_present_keys() -> None:
    paths = sorted((PROJECT_ROOT / "expectations").glob("*/*.yml"))
    assert paths
    assert {path.name: upgraded(path.read_text(encoding="utf-8"))[1] for path in paths} == {path.name: [] for path in paths}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("report: [", "is no YAML"),
        ("- a\n", "is no contract"),
        ("", "is no contract"),
        ("report: a\nname: a\n", "has both report and name"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(text: str, message: str) -> None:
    with pytest.raises(UpgradeError, match=message) as error:
        upgraded(text)
    assert "\n" not in str(error.value)


def test_the_command_rewrites_what_it_can_and_names_the_others(tmp_path: Path) -> None:
    sound, broken = tmp_path / "fund.yml", tmp_path / "broken.yml"
    sound.write_bytes(OLD.encode())
    broken.write_text("report: [", encoding="utf-8")
    done = CliRunner().invoke(app, ["contracts", "upgrade", str(broken), str(sound)])
    assert isinstance(done.exception, ContractError)
    assert str(done.exception).startswith(f"{broken}: is no YAML")
    assert done.stdout.startswith(f"{sound}: report -> name, left_out -> ignored_headers")
    assert sound.read_bytes() == NEW.encode()
    again = CliRunner().invoke(app, ["contracts", "upgrade", str(sound)])
    assert (again.exit_code, again.stdout) == (0, f"{sound}: has the present keys\n")


def test_an_old_key_is_an_error_that_names_the_new_one_and_the_command(tmp_path: Path) -> None:
    path = tmp_path / "fund.yml"
    path.write_text(OLD, encoding="utf-8")
    with pytest.raises(ContractError) as error:
        load_report(path)
    lines = [line.partition(".yml: ")[2] for line in str(error.value).splitlines()]
    command = "`huimin contracts upgrade FILE` rewrites it"
    assert f'report: is no field here; it is now "name"; {command}' in lines
    assert f"cross_rules.0 (known): kind: exists_in is now references; {command}" in lines
    path.write_text(OLD.replace("exists_in", "references").replace("never_falls", "non_decreasing"), encoding="utf-8")
    with pytest.raises(ContractError) as error:
        load_report(path)
    assert f'cross_rules.0 (known).references.while: is no field here; it is now "valid_during"; {command}' in str(error.value)
    assert f'cross_rules.1 (grows).non_decreasing.by: is no field here; it is now "group_by"; {command}' in str(error.value)


SOAP = """\
name: visit
period_kind: month
source:
  kind: soap
  operation: Query   # as the WSDL has it
  arguments: {area: "{unit}", month: '{period_compact}', from: [a, "{window_start_compact}-{window_end_compact}"]}
  periods_back: 2   # besides the present one
"""


def test_a_soap_service_is_asked_as_an_api_is() -> None:
    text, changes = upgraded(SOAP)
    assert yaml.safe_load(text)["source"] == {
        "kind": "soap",
        "operation": "Query",
        "arguments": {"area": "{unit}", "month": "{period:%Y%m}", "from": ["a", "{window_start:%Y%m%d}-{window_end:%Y%m%d}"]},
        "periods": {"back": 2, "again": 2, "current": True},
    }
    assert "# as the WSDL has it" in text and "# besides the present one" in text
    assert "periods_back -> periods" in changes
    assert upgraded(text) == (text, [])
    assert '"{period}"' in upgraded(SOAP.replace("month\n", "quarter\n"))[0]
