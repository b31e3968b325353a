"""Candidate sites from the layers of a project: shelters that exist, schools, parks, squares."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely

from layers.errors import BadInput
from layers.grid import Array
from layers.hazards.inputs import code_text, numbers
from layers.hazards.source import Reading, Source
from layers.hazards.standards import standard
from layers.layer import Shapes, VectorLayer
from layers.siting.arcs import Mask
from layers.siting.rules import ShelterClass, shelter_classes, siting_rules

_READ = ("name", "class", "category", "effective_area", "capacity")
SOURCES = ("shelter", "school", "park", "place")
"""Kinds of layers whose features may be sites."""
_SQUARE = ("广场", "square")


class Candidates(NamedTuple):
    """What may become a shelter.

    Parameters
    ----------
    sites : VectorLayer
        Columns ``id, name, source, class, area, capacity, existing, price``, ``area_assumed``, ``room_by``
        (``given``, ``area``; ``unreadable`` or ``negative`` where the layer's own number is none), and those
        that a rule asks for, where any feature has a number there.
    placeless : tuple of str
        Features without a geometry, by kind and name: nobody can be sent to them.
    """

    sites: VectorLayer
    placeless: tuple[str, ...]


def candidate_sites(project: Source, sources: Sequence[str] = SOURCES[:3], stay: str = "") -> Candidates:
    """All features that may become a shelter, as one layer, and those that have no place.

    A shelter keeps the class and capacity that its layer gives. Other sites get the longest class whose
    least area they have, and room for area over area a person; areas that no layer gives are assumed
    (``resources/standards/shelter_sources.csv``).

    Parameters
    ----------
    project : Source
    sources : sequence of {"shelter", "school", "park", "place"}
        Of places only squares.
    stay : str
        A class: every site is reckoned by its area a person.

    Raises
    ------
    BadInput
        The project has no such features.
    """
    tables, shapes = [], []
    asked = [rule.evidence for rule in siting_rules() if rule.test == "field_at_least"]
    for kind in sources:
        layer = Reading(project).read(kind, *_READ, *asked)
        layer = layer if layer is None or kind != "place" else layer.take(_squares(layer))
        if layer is not None and len(layer):
            tables.append(_table(layer, kind, stay).assign(**{name: numbers(layer[name]) for name in asked}))
            shapes.append(layer.shapes.geometries())
    if not tables:
        raise BadInput("siting_no_candidates")
    table = pd.concat(tables, ignore_index=True)
    middle = shapely.centroid(np.concatenate(shapes))
    there = ~(shapely.is_missing(middle) | shapely.is_empty(middle))
    lost = table[~there]
    placeless = tuple(f"{kind} {name}" for kind, name in zip(lost["source"], lost["name"], strict=True))
    table, middle = table[there].reset_index(drop=True), middle[there]
    if table.empty:
        raise BadInput("siting_no_candidates")
    table = table.drop(columns=[name for name in asked if table[name].isna().all()])
    table["id"] = [f"C{number:04d}" for number in range(1, len(table) + 1)]
    return Candidates(VectorLayer("candidate", "", project.crs, Shapes.of(middle, "point"), table), placeless)


def _squares(layer: VectorLayer) -> Mask:
    words = layer["category"].map(code_text) + layer["name"].map(code_text)
    return np.asarray(words.str.contains("|".join(_SQUARE)))


def _table(layer: VectorLayer, kind: str, stay: str) -> pd.DataFrame:
    usual = standard("shelter_sources").set_index("kind").loc[kind]
    area, assumed = _areas(layer, usual)
    given = numbers(layer["capacity"])
    known = {each.name: each for each in shelter_classes()}
    own = [str(name) if name in known else "" for name in layer["class"].map(code_text)]
    names = [stay or name or class_for(size).name for name, size in zip(own, area, strict=True)]
    room = np.array([known[name].room(np.array([size]))[0] for name, size in zip(names, area, strict=True)])
    room_by = _room_by(layer, given)
    is_own = np.isin(room_by, ("given", "negative")) & (not stay)
    capacity = np.where(is_own, given, room)
    existing = bool(usual["existing"])
    return pd.DataFrame(
        {
            "id": "",
            "name": [code_text(name) or "—" for name in layer["name"]],
            "source": kind,
            "class": names,
            "area": area,
            "capacity": np.floor(np.maximum(capacity, 0.0)),
            "existing": float(existing),
            "price": np.round(area * float(usual["price_per_m2"]), 1),
            "area_assumed": assumed.astype(float),
            "room_by": np.where(is_own | ~np.isin(room_by, ("given", "negative")), room_by, "area"),
        }
    )


def _room_by(layer: VectorLayer, given: Array) -> "np.ndarray[tuple[int], np.dtype[np.str_]]":
    """Where the room of each feature comes from: its own number, or its area since that is none."""
    is_written = layer["capacity"].map(code_text).to_numpy() != ""
    words = np.where(is_written, "unreadable", "area")
    found = np.where(np.isfinite(given), np.where(given < 0, "negative", "given"), words)
    return found.astype(np.str_)


def _areas(layer: VectorLayer, usual: "pd.Series[object]") -> tuple[Array, Mask]:
    """Effective areas, m², and whether they are assumed."""
    area = numbers(layer["effective_area"])
    if layer.geometry_kind == "polygon":
        own = shapely.area(layer.shapes.geometries()) * float(str(usual["usable"]))
        area = np.where(np.isfinite(area), area, own)
    assumed = ~np.isfinite(area)
    return np.where(assumed, float(str(usual["area_m2"])), area), assumed


def class_for(area: float) -> ShelterClass:
    """The longest class whose least effective area an area has; 紧急 for the smallest.

    Examples
    --------
    >>> class_for(900).name, class_for(2400).name, class_for(60_000).name
    ('紧急', '短期', '长期')
    """
    classes = [each for each in shelter_classes() if area >= each.effective_area]
    return classes[-1] if classes else shelter_classes()[0]


def walks(candidates: VectorLayer) -> Array:
    """The farthest way to each site by its class, m; that of the next shorter class where none is known."""
    known: dict[str, float] = {}
    last = np.nan
    for each in shelter_classes():
        last = each.walk if np.isfinite(each.walk) else last
        known[each.name] = last
    found: Array = candidates["class"].map(known).to_numpy(np.float64)
    return found
