"""A matter that somebody should look at: what it is about, and what to do, in both languages."""

from __future__ import annotations

from dataclasses import dataclass

from loaders.contract import LocalizedText
from loaders.messages import phrase

PREFIX = "watch:"
"""How the causes of these alarms begin in `ops.outbox_alarm`."""


@dataclass(frozen=True, slots=True)
class Matter:
    """`kind` is that of the check (`source`), `subject` what it found (a report's name), `text` one line with the next step."""

    kind: str
    subject: str
    text: LocalizedText

    @property
    def cause(self) -> str:
        """Identifies the matter for as long as it lasts."""
        return f"{PREFIX}{self.kind}:{self.subject}"


def matter(kind: str, subject: str, **parameters: str | int) -> Matter:
    """Returns a matter with the sentence of its kind."""
    return Matter(kind, subject, phrase(f"watch.{kind}", subject=subject, **parameters))


def kind_of(cause: str) -> str:
    """Returns the kind of the check that a cause came from."""
    return cause.removeprefix(PREFIX).partition(":")[0]
