"""Selecting features: by a condition on their fields, by where they lie to others, by a polygon.

Each answers with the features themselves; `combined` joins them with those that were selected before. All of
it reads in batches and stops when its progress says so, so a million features are a task like any other.
"""

from collections.abc import Iterator
from typing import Literal, get_args

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.census.formula import parse
from layers.census.reckoning import reckon
from layers.errors import BadInput, MissingLayer
from layers.grid import Extent
from layers.layer import VectorLayer
from layers.progress import Progress, ignore, part
from layers.storage.connection import connect
from layers.storage.geopackage import ProjectFile
from layers.storage.pages import View, view
from layers.storage.reading import read_rows
from layers.storage.registry import table_of
from layers.storage.schema import index_table, quoted

Relation = Literal["meets", "within", "contains", "touches", "near"]
RELATIONS: tuple[Relation, ...] = get_args(Relation)
Way = Literal["new", "add", "remove", "intersect"]
WAYS: tuple[Way, ...] = get_args(Way)

_SEEN_FROM_OTHER = {
    "meets": "intersects",
    "within": "covers",
    "contains": "covered_by",
    "touches": "touches",
    "near": "dwithin",
}
"""The predicate of GEOS from the other feature to the one that is sought."""
_VALUES = {"field", "number", "text", "null", "negative", "+", "-", "*", "/", "%", "||"}
"""Formulas that are a value and no condition."""
BATCH = 20_000
Numbers = NDArray[np.int64]


def by_expression(project: ProjectFile, name: str, formula: str, progress: Progress = ignore) -> VectorLayer:
    """The features for which a condition holds.

    Parameters
    ----------
    project : ProjectFile
    name : str
        A layer or table.
    formula : str
        See `layers.census.formula`; what the database cannot answer is reckoned by column.
    progress : Progress

    Raises
    ------
    KeyError
        No such layer, or it is a raster.
    BadInput
        The condition cannot be read, names no field, or is no condition.
    """
    if parse(formula).act in _VALUES:
        raise BadInput("formula_no_condition", formula=formula[:60])
    try:
        return numbered(project, name, view(project, name, View(only=formula)), progress)
    except BadInput as error:
        if error.key not in {"formula_function", "formula_field"}:
            raise
    layer = project.read(name, progress=part(progress, 0.0, 0.8))
    column = reckon(formula, layer)
    if column.sort != "truth":
        raise BadInput("formula_no_condition", formula=formula[:60])
    progress(1.0)
    return layer.take(np.asarray(column.cells == 1))


def by_polygon(
    project: ProjectFile, name: str, polygon: shapely.Geometry, progress: Progress = ignore
) -> VectorLayer:
    """The features that meet a polygon in the project's reference system."""
    return by_location(project, name, "meets", np.array([polygon], object), progress=progress)


def by_location(
    project: ProjectFile,
    name: str,
    relation: Relation,
    others: NDArray[np.object_],
    distance: float = 0.0,
    progress: Progress = ignore,
) -> VectorLayer:
    """The features that lie so to at least one of the others.

    Parameters
    ----------
    project : ProjectFile
    name : str
    relation : {"meets", "within", "contains", "touches", "near"}
        ``within``: inside another or on its border; ``near``: within `distance`.
    others : ndarray of shapely geometry
        In the project's reference system.
    distance : float
        Metres, for ``near``.
    progress : Progress

    Notes
    -----
    Batches of the features are indexed and asked by the others, which GEOS prepares: a million houses are
    asked by eleven counties in seconds, and the other way round by as many features as there are.

    Raises
    ------
    KeyError
        No such layer, or it is a raster or table.
    Cancelled
        By `progress`.
    """
    known = others[~(shapely.is_missing(others) | shapely.is_empty(others))]
    if not len(known):
        return numbered(project, name, np.empty(0, np.int64))
    reach = Extent(*shapely.total_bounds(known)).grown(distance)
    found = [
        fids[_related(geometries, relation, known, distance)]
        for fids, geometries in _batches(project, name, reach, part(progress, 0.0, 0.6))
    ]
    numbers = np.concatenate(found) if found else np.empty(0, np.int64)
    return numbered(project, name, numbers, part(progress, 0.6, 1.0))


def _related(
    geometries: NDArray[np.object_], relation: Relation, others: NDArray[np.object_], distance: float
) -> NDArray[np.bool_]:
    tree, hit = shapely.STRtree(geometries), np.zeros(len(geometries), bool)
    more = {"distance": distance} if relation == "near" else {}
    for begin in range(0, len(others), BATCH):
        _, places = tree.query(others[begin : begin + BATCH], predicate=_SEEN_FROM_OTHER[relation], **more)
        hit[places] = True
    return hit


def _batches(
    project: ProjectFile, name: str, reach: Extent, progress: Progress
) -> Iterator[tuple[Numbers, NDArray[np.object_]]]:
    """Row numbers and geometries of the features whose boxes meet an extent."""
    layer = _numbers_near(project, name, reach)
    for begin in range(0, len(layer), BATCH):
        progress(begin / len(layer))
        fids = layer[begin : begin + BATCH]
        held = numbered(project, name, fids, columns=())
        yield fids, held.shapes.geometries()


def _numbers_near(project: ProjectFile, name: str, reach: Extent) -> Numbers:
    if project.layer(name).geometry in {"raster", "table"}:
        raise MissingLayer(name)
    words = (
        f"SELECT id FROM {quoted(index_table(name))}"  # noqa: S608
        " WHERE maxx >= ? AND minx <= ? AND maxy >= ? AND miny <= ?"
    )
    with project.asking() as connection:
        found = connection.execute(words, (reach.west, reach.east, reach.south, reach.north)).fetchall()
    return np.sort(np.array([row[0] for row in found], np.int64))


def numbered(
    project: ProjectFile,
    name: str,
    numbers: Numbers,
    progress: Progress = ignore,
    columns: tuple[str, ...] | None = None,
) -> VectorLayer:
    """The features of these row numbers, in the order of storing; those that are gone stay out."""
    entry = project.layer(name)
    connection = connect(project.path, read_only=True)
    try:
        table = table_of(connection, name)
        shapes, attributes, _ = read_rows(connection, table, columns, None, len(numbers), progress, numbers)
    finally:
        connection.close()
    return VectorLayer(
        name, entry.kind, entry.crs, shapes, attributes, entry.title, entry.fields, entry.provenance
    )


def combined(before: tuple[VectorLayer, ...], found: VectorLayer, way: Way) -> tuple[VectorLayer, ...]:
    """What is selected afterwards.

    Parameters
    ----------
    before : tuple of VectorLayer
        What was selected, of any layers.
    found : VectorLayer
    way : {"new", "add", "remove", "intersect"}
        Instead of what was; besides it; taken from it; what is in both. Other layers stay with ``add`` and
        ``remove`` only.
    """
    own = [layer for layer in before if layer.name == found.name]
    others = tuple(layer for layer in before if layer.name != found.name)
    known = pd.Index(np.concatenate([layer["uuid"].to_numpy() for layer in own])) if own else pd.Index([])
    if way == "new":
        return _kept([found])
    if way == "intersect":
        return _kept([found.take(np.asarray(found["uuid"].isin(known)))])
    if way == "add":
        return (*others, *_kept([*own, found.take(~np.asarray(found["uuid"].isin(known)))]))
    return (*others, *_kept([layer.take(~np.asarray(layer["uuid"].isin(found["uuid"]))) for layer in own]))


def _kept(layers: list[VectorLayer]) -> tuple[VectorLayer, ...]:
    return tuple(layer for layer in layers if len(layer))
