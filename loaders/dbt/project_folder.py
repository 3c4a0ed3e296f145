"""The folder in which dbt runs: a deployment's own project, or the product's engine with the deployment's models beside it.

A deployment that lies elsewhere has no `dbt_project.yml`: it holds models, seeds, macros and tests, and the product the rest.
dbt knows one project folder, so both are linked into one below the home (docs/adr/0018). Links cost nothing, and dbt's partial
parsing sees the same paths at each build.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from loaders.settings import Settings

_SHARED = ("dbt_project.yml", "profiles.yml", "selectors.yml", "engine")
_OWN = ("models", "seeds", "macros", "tests")
_SOURCES = frozenset({".sql", ".yml", ".csv"})


def project_folder(settings: Settings) -> Path:
    """Returns the folder of the dbt project; makes or renews its links where the deployment's own folder is no whole project."""
    if _is_whole(settings):
        return settings.dbt_project
    folder = settings.home / "dbt" / "project"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = _parts(settings)
    for name in _OWN:
        if name not in wanted:
            (folder / name).unlink(missing_ok=True)
    for name, target in wanted.items():
        _link(folder / name, target)
    return folder


def source_files(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Yields every file that dbt builds from, by its path inside the project, in a fixed order."""
    for name, part in sorted(_parts(settings).items()):
        for path in sorted(part.rglob("*")) if part.is_dir() else [part]:
            if path.suffix in _SOURCES:
                yield (name if path == part else f"{name}/{path.relative_to(part)}"), path


def _is_whole(settings: Settings) -> bool:
    return (settings.dbt_project / "dbt_project.yml").exists()


def _parts(settings: Settings) -> Mapping[str, Path]:
    """Returns the files and folders of the project by their names in it."""
    shared = settings.dbt_project if _is_whole(settings) else settings.product_dbt_project
    parts = {name: shared / name for name in _SHARED} | {name: settings.dbt_project / name for name in _OWN}
    return {name: path for name, path in parts.items() if path.exists()}


def _link(link: Path, target: Path) -> None:
    """Points a link at its target. It is replaced in one step: another process may be reading the project."""
    if link.is_symlink() and link.readlink() == target:
        return
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)
