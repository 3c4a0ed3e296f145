"""A deployment: whose figures they are. Its root division and its systems are data; the product names none.

The file `deployment.yml` is beside the folders `expectations/` and `dbt_project/` of the deployment (docs/deployments.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import yaml
from pydantic import Field, ValidationError

from loaders.contract.strict_model import Identifier, OneLineText, StrictModel
from loaders.contract.terms.retention import RetentionRules
from loaders.settings import DEPLOYMENT_FILE, deployment_from_environment

if TYPE_CHECKING:
    from loaders.contract.report import Report

# Folders of the dbt project that hold models of no report.
_TAKEN_SYSTEMS = frozenset({"ops", "divisions"})


class DeploymentError(ValueError):
    """There is no `deployment.yml`, or it is wrong; the message lists every error with its field."""


class ReportSystem(StrictModel):
    """A system that reports come from. Codes of its reports and indicators begin with `code_prefix`, if it has one."""

    title: OneLineText
    code_prefix: Annotated[str, Field(pattern=r"^[A-Z0-9]{0,10}$")] = ""


class Deployment(StrictModel):
    """All that the product must know of a deployment beside its contracts and models.

    `root_division` is the code of the largest area that has figures, `first_year` the first year that has any. `county_readers`
    are the counties and zones with a role of their own in BI, which reads the rows of their areas. Addresses of mail below
    `demo_mail_domain` are no placeholders: a demo keeps the mails to them. A load or a build that has not ended after
    `stuck_after_minutes` is reported to the operators; a contract may say another number for its report. `source_slots` says how
    many loads may look at the source of a connection at once, where it is not `default_source_slots`. `retention` says how long
    things are kept that nothing stands on.
    """

    default_source_slots: ClassVar[int] = 4

    name: Identifier
    title: OneLineText
    root_division: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,20}$")]
    first_year: int = Field(ge=1980, le=2100)
    systems: dict[Identifier, ReportSystem] = Field(min_length=1)
    county_readers: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,20}$")], ...] = ()
    stuck_after_minutes: int = Field(default=60, ge=1, le=10_080)
    source_slots: dict[Identifier, Annotated[int, Field(ge=1, le=128)]] = Field(default_factory=dict)
    retention: RetentionRules = RetentionRules()
    demo_mail_domain: Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)*\.(example|test|invalid)$")] | None = None

    def slots_of(self, connection: str) -> int:
        """How many loads may look at the source of a connection at once."""
        return self.source_slots.get(connection, self.default_source_slots)

    def errors(self) -> Iterator[str]:
        """Names that cannot be those of a system."""
        for name in sorted(self.systems.keys() & _TAKEN_SYSTEMS):
            yield f"systems.{name}: this name is taken by models of the product; choose another"

    def report_errors(self, report: Report) -> Iterator[tuple[str, str]]:
        """Yields the field and the error of what a contract and its deployment do not agree on."""
        system = self.systems.get(report.system)
        if system is None:
            yield (
                "system",
                f"expected one of {', '.join(sorted(self.systems))}, found {report.system}; "
                f"choose one of them, or add it under systems in {DEPLOYMENT_FILE}",
            )
        elif not report.code.startswith(system.code_prefix):
            yield (
                "code",
                f"expected a code that begins with {system.code_prefix}, found {report.code}; "
                f"change it, or systems.{report.system}.code_prefix in {DEPLOYMENT_FILE}",
            )


def deployment_of(folder: Path) -> Deployment:
    """Reads the deployment that a folder of contracts or of models belongs to.

    It is the `deployment.yml` beside the folder. A folder without one, as HUIMIN_EXPECTATIONS may name, belongs to the deployment
    that the environment gives.

    Raises:
        DeploymentError: there is none, or it is wrong.
    """
    beside = folder.parent / DEPLOYMENT_FILE
    return load_deployment(beside if beside.exists() else deployment_from_environment() / DEPLOYMENT_FILE)


def load_deployment(path: Path) -> Deployment:
    """Reads a `deployment.yml`.

    Raises:
        DeploymentError: there is no such file, or it is wrong.
    """
    try:
        return _deployment_from(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DeploymentError(
            f"there is no {path}: set HUIMIN_DEPLOYMENT to the folder of a deployment, or make one with `huimin init NAME`"
        ) from None
    except ValidationError as error:
        lines = (": ".join(filter(None, (str(path), _field(one["loc"]), _message(one)))) for one in error.errors())
        raise DeploymentError("\n".join(lines)) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DeploymentError(f"{path}: {' '.join(str(error).split())}") from None


@lru_cache(maxsize=8)
def _deployment_from(text: str) -> Deployment:
    content: Any = yaml.load(text, yaml.CSafeLoader)
    return Deployment.model_validate(content)


def _field(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location))


def _message(detail: Mapping[str, Any]) -> str:
    return str(detail["msg"]).removeprefix("Value error, ")
