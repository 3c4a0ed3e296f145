"""What the pages take from the files of the deployment: its contracts, its divisions and its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from loaders.contract import Contracts, Deployment, Report, deployment_of, load_contracts
from loaders.divisions import Divisions
from loaders.overlap import Overlap, find_overlaps
from loaders.pages.access.viewer import units_within
from loaders.pages.changed_files import ChangedFiles
from loaders.pages.figures.area_places import AreaPlaces, area_places
from loaders.settings import DEPLOYMENT_FILE, Settings

_SECONDS = 5.0


class DeploymentFiles:
    """Contracts, divisions and deployment, read again when they changed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        expectations, divisions = settings.expectations, settings.divisions
        self._contracts = ChangedFiles(self._contract_files, lambda: load_contracts(expectations), seconds=_SECONDS)
        self._divisions = ChangedFiles(lambda: [divisions], lambda: Divisions.load(divisions), seconds=_SECONDS)
        self._deployment = ChangedFiles(
            lambda: [expectations.parent / DEPLOYMENT_FILE], lambda: deployment_of(expectations), seconds=_SECONDS
        )
        self._found: tuple[Contracts, list[Overlap]] | None = None
        self._places = area_places(expectations.parent / "pages")

    @property
    def contracts(self) -> Contracts:
        """The contracts, and the errors of those that cannot be used."""
        return self._contracts.value

    @property
    def reports(self) -> Mapping[str, Report]:
        """The reports whose contracts are sound, by name."""
        return self.contracts.reports

    @property
    def divisions(self) -> Divisions:
        """The divisions."""
        return self._divisions.value

    @property
    def deployment(self) -> Deployment:
        """Whose pages they are."""
        return self._deployment.value

    @property
    def overlaps(self) -> list[Overlap]:
        """The facts that several reports ask for; found again when a contract changed, which takes a second."""
        contracts = self.contracts
        if self._found is None or self._found[0] is not contracts:
            self._found = (contracts, find_overlaps(contracts.reports))
        return self._found[1]

    @property
    def places(self) -> AreaPlaces:
        """Where areas are on a map."""
        return self._places.value

    def units_within(self, codes: Iterable[str]) -> frozenset[str]:
        """Returns the reporting units that lie within the divisions of some codes, and the codes themselves."""
        return units_within(codes, self.reports, self.divisions)

    def unit_name(self, code: str) -> str:
        """Returns the name of a reporting unit; its code, if it is no division."""
        division = self.divisions.by_code.get(code)
        return code if division is None else division.name

    def _contract_files(self) -> Iterator[Path]:
        yield from self._settings.expectations.glob("*/*.yml")
        yield self._settings.expectations.parent / DEPLOYMENT_FILE
