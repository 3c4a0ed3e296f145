"""Message templates by their codes: severity, title, text and fix.

A code may have variants for different texts of one problem, named behind a dot: `hidden_value` and `hidden_value.zero` are both
told as `hidden_value`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from loaders.contract import LocalizedText
from loaders.messages.catalog_files import read_texts
from loaders.messages.formatting import BilingualFormat, MessageError, Parameter, parameters_in
from loaders.messages.phrases import localized, phrases
from loaders.model import Severity

# In the order of the pipeline: a process that only reads documents never gets further than the first.
FILES = ("reading", "validation", "warehouse", "cross_rules", "checking")


@dataclass(frozen=True)
class MessageTemplate:
    """One message: `message` is its text with the fix behind it; `found` and `expected` are words beside it, if it has any."""

    code: str
    severity: Severity
    title: LocalizedText
    text: BilingualFormat
    fix: BilingualFormat
    message: BilingualFormat
    found: str | None = None
    expected: str | None = None

    @property
    def rule(self) -> str:
        """The code without its variant, under which an issue is kept."""
        return self.code.partition(".")[0]

    @cached_property
    def parameters(self) -> frozenset[str]:
        """The names of all parameters, the place and the value found included."""
        return self.message.parameters.union(*(parameters_in(text) for text in (self.found, self.expected) if text))

    @cached_property
    def names_place(self) -> tuple[str, ...]:
        """Those of the parameters that are the place of the issue, or what was found and expected there."""
        return tuple(name for name in ("sheet", "row", "cell", "found", "expected") if name in self.parameters)

    @classmethod
    def from_entry(cls, code: str, entry: dict[str, Any]) -> MessageTemplate:
        """The template that an entry of a file describes."""
        text, fix = entry["text"], entry.get("fix", {"zh": "", "en": ""})
        return cls(
            code,
            Severity(entry["severity"]),
            localized(**entry["title"]),
            BilingualFormat(**text),
            BilingualFormat(**fix),
            BilingualFormat(text["zh"] + fix["zh"], text["en"] + fix["en"]),
            entry.get("found"),
            entry.get("expected"),
        )


def message_template(code: str) -> MessageTemplate:
    """The template of a code.

    Raises:
        MessageError: it has none.
    """
    for name in FILES:
        template = _templates(name).get(code)
        if template is not None:
            return template
    raise MessageError(f"no message has the code {code}")


def severity_of(code: str) -> Severity:
    """What an issue of this code does."""
    return message_template(code).severity


def text_of(code: str, **parameters: Parameter) -> LocalizedText:
    """The message of a code, filled."""
    return localized(*message_template(code).message.fill(parameters))


def message_codes() -> list[str]:
    """All codes, variants included, file by file."""
    return [code for name in FILES for code in _templates(name)]


def variants_of(rule: str) -> list[MessageTemplate]:
    """The templates of a code and of its variants; empty for a code that there is not."""
    return [template for name in FILES for template in _templates(name).values() if rule in {template.rule, template.code}]


def preload() -> None:
    """Read what reading documents may say, so that a message can be made when memory has run out."""
    _templates("reading")
    phrases()


@cache
def _templates(name: str) -> dict[str, MessageTemplate]:
    return {code: MessageTemplate.from_entry(code, entry) for code, entry in read_texts(name).items()}
