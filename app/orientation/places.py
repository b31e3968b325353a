"""Where things are: regions and named places of a project, and how what was typed is found among them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyproj
import shapely

from layers.errors import BadInput
from layers.grid import Extent
from layers.layer import VectorLayer
from layers.positions import parse_position
from layers.progress import Progress
from layers.storage.geopackage import LayerEntry, ProjectFile

NAMED_KINDS = ("place", "hospital", "school", "enterprise", "shelter", "river", "lake")
MOST_NAMED = 20_000
_BESIDE = re.compile(r"[ ,，;；\t°ENen东经北纬]*")
_MARKS = "°度′'分"
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Region:
    """A county or township."""

    code: str
    name: str
    kind: str
    county: str
    extent: Extent


@dataclass(frozen=True)
class Place:
    """Something with a name: `kind` is that of its layer."""

    name: str
    kind: str
    extent: Extent
    code: str = ""


@dataclass(frozen=True)
class Gazetteer:
    """All regions and places of a project."""

    regions: tuple[Region, ...] = ()
    places: tuple[Place, ...] = ()

    def region(self, code: str) -> Region | None:
        """The region of that code."""
        return next((region for region in self.regions if region.code == code), None)

    def find(self, text: str, most: int = 12) -> list[Place]:
        """What the text may mean: names that begin with it before names that hold it, regions first."""
        wanted = text.strip().casefold()
        if not wanted:
            return []
        regions = [Place(r.name, r.kind, r.extent, r.code) for r in self.regions]
        hits = [p for p in (*regions, *self.places) if wanted in p.name.casefold() or p.code == wanted]
        return sorted(hits, key=lambda p: not p.name.casefold().startswith(wanted))[:most]


def surveyed(entries: Iterable[LayerEntry]) -> tuple[LayerEntry, ...]:
    """The layers that a survey reads; while they are the same, so is what it finds."""
    return tuple(entry for entry in entries if entry.kind in {"county", "township", *NAMED_KINDS})


def survey(project: ProjectFile, progress: Progress) -> Gazetteer:
    """Read the names of a project's regions and places."""
    regions: list[Region] = []
    for kind in ("county", "township"):
        entry = project.first(kind)
        if entry is not None:
            layer = _read(project, entry.name, _columns(kind), progress)
            regions += _regions(layer, kind)
    places: list[Place] = []
    for kind in NAMED_KINDS:
        entry = project.first(kind)
        if entry is not None and entry.rows <= MOST_NAMED:
            places += _places(_read(project, entry.name, ("name",), progress), kind)
    return Gazetteer(tuple(regions), tuple(places))


def outline(project: ProjectFile, region: Region, progress: Progress) -> shapely.Geometry | None:
    """The shape of a region; ``None`` if the project no longer holds it."""
    entry = project.first(region.kind)
    if entry is None:
        return None
    layer = project.read(entry.name, columns=("code",), extent=region.extent, progress=progress, strict=False)
    found = layer.shapes.geometries((layer["code"].astype(str) == region.code).to_numpy(bool))
    geometry: shapely.Geometry | None = found[0] if len(found) else None
    return geometry


def coordinate(text: str, crs: str) -> tuple[float, float] | None:
    """The point of the project's plane that a typed pair of numbers means: degrees, or metres.

    Either order of longitude and latitude is understood, as in China the longitude is the larger.

    Examples
    --------
    >>> x, y = coordinate("37.74 115.67", "EPSG:4548")
    >>> round(x), round(y)
    (382769, 4179472)
    >>> x, y = coordinate("37°44′24″N 115°40′12″E", "EPSG:4548")
    >>> round(x), round(y)
    (382769, 4179472)
    """
    numbers = [float(number) for number in _NUMBER.findall(text)]
    if len(numbers) != 2 or _BESIDE.fullmatch(_NUMBER.sub("", text)) is None:
        return _sexagesimal(text, crs)
    small, large = sorted(numbers)
    if large <= 180:
        x, y = pyproj.Transformer.from_crs("EPSG:4490", crs, always_xy=True).transform(large, small)
        return float(x), float(y)
    return (small, large) if large > 1e6 else None


def _sexagesimal(text: str, crs: str) -> tuple[float, float] | None:
    """Degrees, minutes and seconds, with or without directions."""
    try:
        found = parse_position(text)
    except BadInput:
        return None
    if found.sort != "degrees" or not any(mark in text for mark in _MARKS):
        return None
    small, large = sorted((found.x, found.y))
    x, y = pyproj.Transformer.from_crs("EPSG:4490", crs, always_xy=True).transform(large, small)
    return float(x), float(y)


def _columns(kind: str) -> tuple[str, ...]:
    return ("code", "name") if kind == "county" else ("code", "name", "county_code")


def _regions(layer: VectorLayer, kind: str) -> list[Region]:
    """The features that have a code and lie somewhere; one without a name is called by its code."""
    if "code" not in layer.attributes:
        return []
    empty = pd.Series([None] * len(layer), dtype=object)
    code, name, county = (_texts(layer.attributes.get(c, empty)) for c in ("code", "name", "county_code"))
    return [
        Region(own, called or own, kind, above, Extent(*map(float, box)))
        for own, called, above, box in zip(code, name, county, layer.shapes.boxes, strict=True)
        if own and box[0] == box[0]
    ]


def _texts(cells: pd.Series[Any]) -> list[str]:
    return ["" if missing else str(cell) for cell, missing in zip(cells, cells.isna(), strict=True)]


def _read(project: ProjectFile, name: str, wanted: tuple[str, ...], progress: Progress) -> VectorLayer:
    """As much of these columns as the layer has: whoever else made it may have called them otherwise."""
    columns = [column for column in wanted if column in project.columns(name)]
    return project.read(name, columns=columns, progress=progress, strict=False)


def _places(layer: VectorLayer, kind: str) -> list[Place]:
    if "name" not in layer.attributes:
        return []
    return [
        Place(name, kind, Extent(*map(float, box)))
        for name, box in zip(layer.attributes["name"], layer.shapes.boxes, strict=True)
        if isinstance(name, str) and name and box[0] == box[0]
    ]
