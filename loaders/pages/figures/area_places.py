"""Where areas are on a map: tiles in rough positions, or shapes, which a deployment gives in its folder `pages`.

`town_tiles.csv` has `area_code,column,row,label`, from zero, north above; a label of up to three letters takes the place of a
name that would not fit. `areas.geojson` is a FeatureCollection of polygons in degrees of longitude and latitude, whose property
`area_code` names the area. Both may be absent.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loaders.pages.changed_files import ChangedFiles
from loaders.pages.charts import Tile

_TILES, _SHAPES = "town_tiles.csv", "areas.geojson"
_SECONDS = 5.0
Ring = Sequence[tuple[float, float]]


class AreaPlaceError(ValueError):
    """A file of places cannot be used; the message names the line or the feature."""


@dataclass(frozen=True, slots=True)
class AreaPlaces:
    """Tiles and shapes by the codes of areas."""

    tiles: Mapping[str, Tile] = field(default_factory=dict)
    shapes: Mapping[str, Sequence[Ring]] = field(default_factory=dict)


def area_places(folder: Path) -> ChangedFiles[AreaPlaces]:
    """Returns the places that the files of a folder give, read again when one changed."""
    tiles, shapes = folder / _TILES, folder / _SHAPES
    return ChangedFiles(lambda: [tiles, shapes], lambda: AreaPlaces(_tiles(tiles), _shapes(shapes)), seconds=_SECONDS)


def _tiles(path: Path) -> dict[str, Tile]:
    if not path.exists():
        return {}
    found: dict[str, Tile] = {}
    taken: set[tuple[int, int]] = set()
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                tile = Tile(int(row["column"]), int(row["row"]), row.get("label") or "")
                code = row["area_code"]
            except (KeyError, TypeError, ValueError):
                raise AreaPlaceError(f"{path} line {number}: expected area_code,column,row with whole numbers") from None
            if min(tile.column, tile.row) < 0 or code in found or (tile.column, tile.row) in taken:
                raise AreaPlaceError(f"{path} line {number}: each area has one tile, and each tile one area, from zero on")
            found[code] = tile
            taken.add((tile.column, tile.row))
    return found


def _shapes(path: Path) -> dict[str, Sequence[Ring]]:
    if not path.exists():
        return {}
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        return {str(one["properties"]["area_code"]): list(_rings(one["geometry"])) for one in features}
    except (json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise AreaPlaceError(f"{path}: expected features with area_code and polygons: {error}") from None


def _rings(geometry: Mapping[str, Any]) -> Iterator[Ring]:
    polygons = {"Polygon": [geometry["coordinates"]], "MultiPolygon": geometry["coordinates"]}[geometry["type"]]
    for polygon in polygons:
        for ring in polygon:
            yield [(float(point[0]), float(point[1])) for point in ring]
