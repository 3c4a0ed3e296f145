"""Issues from codes: the one place where an issue is made."""

from __future__ import annotations

from loaders.messages.catalog import MessageTemplate, message_template
from loaders.messages.formatting import MessageError, Parameter, in_english
from loaders.model import Issue, Severity


def issue_of(
    code: str,
    /,
    *,
    rule: str | None = None,
    severity: Severity | None = None,
    sheet: str | None = None,
    row: int | None = None,
    column: str | None = None,
    cell: str | None = None,
    found: str | None = None,
    expected: str | None = None,
    **parameters: Parameter,
) -> Issue:
    """Make the issue of a code.

    `rule` and `severity` replace the catalogue's, for rules that a contract names. `found` and `expected` replace the words of
    the catalogue. The text may name the place and these two like any other parameter.

    Raises:
        MessageError: the catalogue has no such code, or its text names a parameter that is not given.
    """
    template = message_template(code)
    if template.names_place:
        place = {"sheet": sheet, "row": row, "cell": cell, "found": found, "expected": expected}
        parameters.update({name: value for name in template.names_place if (value := place[name]) is not None})
    try:
        zh, en = template.message.fill(parameters)
        return Issue(
            rule or template.rule,
            severity or template.severity,
            message_zh=zh,
            message_en=en,
            sheet=sheet,
            row=row,
            column=column,
            cell=cell,
            found=_words(template.found, parameters) if found is None else found,
            expected=_words(template.expected, parameters) if expected is None else expected,
        )
    except KeyError as error:
        raise _missing(template, error) from error


def _words(text: str | None, parameters: dict[str, Parameter]) -> str | None:
    return text if text is None or "{" not in text else text.format_map(in_english(parameters))


def _missing(template: MessageTemplate, error: KeyError) -> MessageError:
    return MessageError(f"the message {template.code} needs the parameter {error.args[0]}")
