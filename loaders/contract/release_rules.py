"""The rules of releases: what must hold before values may be published. One file of a deployment, `release_rules/rules.yml`."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import Field, ValidationError

from loaders.contract.strict_model import Identifier, StrictModel


class ReleaseRulesError(ValueError):
    """The file cannot be used; the message names it, the field and what is wrong."""


class Approver(StrictModel):
    """A person who may decide on a draft. `user` is the user's id as Airflow has it: a number under FAB, else the user name."""

    user: str = Field(min_length=1)
    name: str = Field(min_length=1)
    mail: str | None = None


class ReleaseRules(StrictModel):
    """The preconditions of a release.

    `minimum_reporting_rate_pct` is the share of the units that owe a report whose document, or declaration that there is
    nothing, arrived, per report and period;
    `reporting_rates` sets another one for single reports. `maximum_open_refusals` counts documents that are refused and not
    replaced; null: any number. `maximum_outside_published` counts published figures with which ours do not agree.
    `maximum_unresolved_errors` counts errors of rows that are open; null: any number.
    `require_current_contracts`: no current document may have been validated by an earlier state of its contract.

        minimum_reporting_rate_pct: 95
        reporting_rates: {party_activity: 80}
        maximum_open_refusals: 0
        approvers: [{user: "2", name: 王科长, mail: wang@example.org}]

    `approvers` may decide in Airflow, and get the mail that a draft waits; empty: whoever has the right there, and the mail goes
    to the data engineers. `response_days` is how long a decision is waited for.
    """

    minimum_reporting_rate_pct: float = Field(default=95.0, ge=0, le=100)
    reporting_rates: dict[Identifier, float] = Field(default_factory=dict)
    maximum_open_refusals: int | None = Field(default=None, ge=0)
    maximum_unresolved_errors: int | None = Field(default=None, ge=0)
    maximum_outside_published: int = Field(default=0, ge=0)
    require_current_contracts: bool = True
    approvers: tuple[Approver, ...] = ()
    response_days: int = Field(default=7, ge=1, le=366)

    def minimum_rate(self, report: str) -> float:
        """The least reporting rate of a report, in percent."""
        return self.reporting_rates.get(report, self.minimum_reporting_rate_pct)


def load_release_rules(path: Path) -> ReleaseRules:
    """Reads the rules; the defaults where there is no such file.

    Raises:
        ReleaseRulesError: the file holds something else.
    """
    if not path.exists():
        return ReleaseRules()
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
        return ReleaseRules.model_validate(content or {})
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
        raise ReleaseRulesError(f"{path.name}: cannot be read: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "file"
        raise ReleaseRulesError(f"{path.name}: {field}: {first['msg']}, found {first['input']!r}") from error
