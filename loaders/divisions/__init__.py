"""The divisions of a deployment: province, city, counties, functional zones, towns and villages, by code and by name.

Shared layer: read once from the lists that dbt seeds too, so that loaders and models cannot disagree. `division_list` has them as
they are today, `division_spells` as they were.
"""

from __future__ import annotations

from loaders.divisions.division_list import Division, Divisions
from loaders.divisions.division_spells import DivisionSpell, DivisionSpellError, DivisionSpells

__all__ = ["Division", "DivisionSpell", "DivisionSpellError", "DivisionSpells", "Divisions"]
