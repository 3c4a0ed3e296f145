"""What a contract may say of containers and mailboxes; the examples of both READMEs are right."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from loaders.arrival import container_of, member_place
from loaders.contract import FileDrop, Mailbox, Report
from tests.support.documents.contracts import VISIT

ROOT = Path(__file__).resolve().parents[2]
DROP = {"kind": "file_drop", "connection": "drop", "pattern": r"[^/]*\.zip"}
MAILBOX = {"kind": "mailbox", "connection": "mail", "attachments": r".*\.xlsx"}


def errors(source: dict[str, Any], **changes: Any) -> str:
    columns = [{"name": "code", "header": "编号", "key": True}]
    facts = {"source": source, "columns": columns, "units": ["441302"], "period_kind": None, "replaces": "nothing"}
    with pytest.raises(ValidationError) as error:
        Report.model_validate(VISIT | facts | changes)
    return str(error.value)


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_examples_of_the_readmes_are_contracts(page: str) -> None:
    text = (ROOT / "expectations" / page).read_text(encoding="utf-8")
    blocks = [
        yaml.safe_load(block) for block in re.findall(r"```yaml\n(source:\n.*?)```", text, re.DOTALL) if "\n\n" not in block
    ]
    found = [block["source"] for block in blocks]
    drops = [FileDrop.model_validate(source) for source in found if source["kind"] == "file_drop" and "container" in source]
    boxes = [Mailbox.model_validate(source) for source in found if source["kind"] == "mailbox"]
    assert [drop.groups for drop in drops] == [{"period", "unit"}]
    assert [(box.groups, box.senders["@boluo.example"]) for box in boxes] == [({"period", "unit"}, "441322")]
    assert boxes[0].container is not None and re.fullmatch(boxes[0].container.members, "a.xlsx")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (DROP | {"container": {"kind": "rar"}}, "'zip', 'gz' or 'tar'"),
        (DROP | {"container": {"kind": "zip", "members": "("}}, "members is not a regular expression"),
        (
            DROP | {"container": {"kind": "zip", "members": "(?P<area>x)"}},
            "members may name the groups unit, period and revision",
        ),
        (DROP | {"container": {"kind": "zip", "members": "(?P<period>x)"}}, "say period_kind"),
        (MAILBOX | {"attachments": "("}, "attachments is not a regular expression"),
        (MAILBOX | {"subject": "(?P<area>x)"}, "subject may name the groups"),
        (MAILBOX | {"senders": {"huicheng": "441302"}}, "senders maps addresses"),
        (MAILBOX | {"senders": {"a@b.org": "441399"}}, "which is not among units"),
        (MAILBOX | {"when_done": {"move": "INBOX"}}, "when_done.move is the folder that is read"),
        (MAILBOX | {"subject": "(?P<period>x)"}, "say period_kind"),
    ],
)
def test_what_does_not_go_together_is_named_by_its_field(source: dict[str, Any], expected: str) -> None:
    assert expected in errors(source)


def test_mails_bring_files_and_no_records() -> None:
    assert "a source of kind mailbox gives a workbook or a delimited file" in errors(MAILBOX, format={"kind": "records"})


def test_the_place_of_a_member_names_its_container() -> None:
    place = member_place(member_place("drop:/a!/b.zip", "c.zip"), "d.csv")
    assert place == "drop:/a!/b.zip!/c.zip!/d.csv"
    assert container_of(place, {"drop:/a!/b.zip"}) == "drop:/a!/b.zip"
    assert container_of("drop:/a!/b.zip", {"drop:/a!/b.zip"}) is None, "a folder may end in an exclamation mark"
