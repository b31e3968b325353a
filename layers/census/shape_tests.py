"""Quality tests of shapes: valid, overlap and gap, dangling ends, place, duplicates."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.census.rules import Rule
from layers.layer import VectorLayer

Rows = Iterator[tuple[int, Mapping[str, Any]]]
Known = Mapping[str, VectorLayer]
Geometries = NDArray[np.object_]

_SAME = 1e-6  # share of the area by which a repaired polygon may differ
_TOUCH = 1e-3  # metres
_BATCH = 20_000


def present(rule: Rule, layer: VectorLayer, known: Known) -> Rows:
    """Features that lie nowhere."""
    if layer.geometry_kind != "table":
        yield from ((int(row), {}) for row in np.flatnonzero(np.diff(layer.shapes.spans) == 0))


def valid(rule: Rule, layer: VectorLayer, known: Known) -> Rows:
    """Polygons that cross or touch themselves, lines of one point; a fix where none of the area changes."""
    if layer.geometry_kind not in {"polygon", "line"}:
        return
    for start in range(0, len(layer), _BATCH):
        rows = np.arange(start, min(start + _BATCH, len(layer)))
        geometries = layer.shapes.geometries(rows)
        for row in np.flatnonzero(~shapely.is_valid(geometries)):
            reason = shapely.is_valid_reason(geometries[row])
            words, _, place = str(reason).partition("[")
            facts: dict[str, Any] = {"reason": words, **_at(place)}
            if repaired(geometries[row]) is not None:
                facts["fix"] = "valid"
            yield int(rows[row]), facts


def _at(place: str) -> dict[str, Any]:
    numbers = place.rstrip("]").split()
    return {"place": (float(numbers[0]), float(numbers[1]))} if len(numbers) >= 2 else {}


def repaired(geometry: Any) -> Any | None:
    """The polygon made valid if that changes nothing of its area; ``None`` if somebody has to decide."""
    made = shapely.make_valid(geometry)
    parts = shapely.get_parts(made)
    polygons = parts[shapely.get_dimensions(parts) == 2]
    if shapely.get_dimensions(geometry) != 2 or not len(polygons):
        return None
    kept = shapely.multipolygons(shapely.get_parts(polygons))
    signed = abs(float(shapely.area(geometry)))
    same = abs(float(shapely.area(kept)) - signed) <= _SAME * max(signed, 1e-9)
    return kept if same and shapely.is_valid(kept) else None


def overlap(rule: Rule, layer: VectorLayer, known: Known) -> Rows:
    """Pairs of polygons that cover the same ground; the smaller one is named."""
    if layer.geometry_kind != "polygon":
        return
    geometries = shapely.make_valid(layer.shapes.geometries())
    first, second = shapely.STRtree(geometries).query(geometries, predicate="intersects")
    later = first < second
    first, second = first[later], second[later]
    shared = shapely.intersection(geometries[first], geometries[second])
    areas = shapely.area(shared)
    for n in np.flatnonzero(areas > rule.number("tolerance")):
        pair = (int(first[n]), int(second[n]))
        small, large = sorted(pair, key=lambda row: (shapely.area(geometries[row]), row))
        yield small, {"other": _name(layer, large), "area": round(float(areas[n]), 2), **_within(shared[n])}


def _within(shape: Any) -> dict[str, Any]:
    point = shapely.point_on_surface(shape)
    return {"place": (float(point.x), float(point.y))}


def _name(layer: VectorLayer, row: int) -> str:
    for column in ("name", "code", "uuid"):
        if column in layer.attributes and not pd.isna(layer.attributes[column].iloc[row]):
            return str(layer.attributes[column].iloc[row])
    return str(row + 1)


def gap(rule: Rule, layer: VectorLayer, known: Known) -> Rows:
    """Ground that no polygon covers: holes in the whole, and parts of the region above."""
    if layer.geometry_kind != "polygon" or not len(layer.shapes.xy):
        return
    geometries = shapely.make_valid(layer.shapes.geometries())
    whole = shapely.union_all(geometries)
    holes = _holes(whole)
    parent = known.get(rule.parameters.get("parent", {}).get(layer.kind, ""))
    if parent is not None and len(parent):
        above = shapely.union_all(shapely.make_valid(parent.shapes.geometries()))
        holes += _pieces(shapely.difference(above, whole), rule.number("width"), holes)
    tree = shapely.STRtree(geometries)
    for hole in holes:
        if hole.area > rule.number("tolerance"):
            yield int(tree.nearest(hole)), {"area": round(float(hole.area), 2), **_within(hole)}


def _holes(whole: Any) -> list[Any]:
    parts = [part for part in shapely.get_parts(whole) if shapely.get_dimensions(part) == 2]
    return [shapely.Polygon(ring) for part in parts for ring in part.interiors]


def _pieces(left: Any, width: float, holes: list[Any]) -> list[Any]:
    """Parts of what is left over that are wider than the drawing's seams and not holes already."""
    pieces = [part for part in shapely.get_parts(left) if shapely.get_dimensions(part) == 2]
    wide = [part for part in pieces if not shapely.buffer(part, -width / 2).is_empty]
    return [
        part for part in wide if not any(hole.intersects(shapely.point_on_surface(part)) for hole in holes)
    ]


def dangling(rule: Rule, layer: VectorLayer, known: Known) -> Rows:
    """Ends of lines that miss another line, or shoot over it, by less than the tolerance."""
    if layer.geometry_kind != "line":
        return
    parts, owners = shapely.get_parts(layer.shapes.geometries(), return_index=True)
    tree, tolerance = shapely.STRtree(parts), rule.number("tolerance")
    for end in (0, -1):
        points = shapely.get_point(parts, end)
        which, near = tree.query(points, predicate="dwithin", distance=tolerance)
        others = which != near
        which, near = which[others], near[others]
        touching = shapely.distance(points[which], parts[near]) <= _TOUCH
        joined = np.zeros(len(parts), bool)
        joined[which[touching]] = True
        for number in np.unique(which[~joined[which]]):
            other = int(near[which == number][0])
            away = float(shapely.distance(points[number], parts[other]))
            place = (float(points[number].x), float(points[number].y))
            facts = {"other": _name(layer, int(owners[other])), "distance": round(away, 3), "place": place}
            yield int(owners[number]), facts


def outside(rule: Rule, layer: VectorLayer, known: Known) -> Rows:
    """Features whose middle lies farther outside all regions than the tolerance."""
    region = next((known[kind] for kind in rule.parameters["regions"] if kind in known), None)
    if region is None or region.geometry_kind != "polygon" or layer.geometry_kind == "table":
        return
    if layer.kind in rule.parameters["regions"] or not len(region):
        return
    polygons = shapely.make_valid(region.shapes.geometries())
    middles, there = _middles(layer)
    inside = np.zeros(len(layer), bool)
    inside[shapely.STRtree(middles).query(polygons, predicate="intersects")[1]] = True
    for row in np.flatnonzero(~inside & there):
        own = _shape(layer, row)
        away = float(shapely.distance(polygons, own).min())
        crossing = layer.geometry_kind == "polygon" and _lies_outside(own, polygons)
        if away > rule.number("tolerance") or crossing:
            yield int(row), {"distance": round(away)}


def _shape(layer: VectorLayer, row: int | np.intp) -> Any:
    return layer.shapes.geometries(np.array([row], np.intp))[0]


def _lies_outside(polygon: Any, regions: Geometries) -> bool:
    """Whether more than half of a polygon lies in no region."""
    whole = shapely.make_valid(polygon)
    covered = float(shapely.area(shapely.intersection(regions, whole)).sum())
    return covered < 0.5 * float(shapely.area(whole))


def _middles(layer: VectorLayer) -> tuple[Geometries, NDArray[np.bool_]]:
    """The middle of each feature, ``None`` where it lies nowhere; and which features lie anywhere."""
    there = np.diff(layer.shapes.spans) > 0
    middles: Geometries = np.full(len(layer), None, dtype=object)
    rows = np.flatnonzero(there)
    if layer.geometry_kind == "polygon":
        middles[rows] = shapely.centroid(layer.shapes.geometries(rows))
    elif layer.geometry_kind == "line":
        parts = shapely.get_geometry(layer.shapes.geometries(rows), 0)
        middles[rows] = shapely.line_interpolate_point(parts, 0.5, normalized=True)
    else:
        west, south, east, north = layer.shapes.boxes[rows].T
        middles[rows] = shapely.points((west + east) / 2, (south + north) / 2)
    return middles, there


def duplicate(rule: Rule, layer: VectorLayer, known: Known) -> Rows:
    """Points on one spot, lines and polygons of one shape; a fix where all values are the same too."""
    if layer.geometry_kind == "table":
        return
    pairs = (
        _same_points(layer, rule.number("tolerance"))
        if layer.geometry_kind == "point"
        else _same_shapes(layer)
    )
    columns = [column for column in layer.attributes if column != "uuid"]
    for row, first in pairs:
        facts: dict[str, Any] = {"other": _name(layer, first)}
        one, other = layer.attributes[columns].iloc[row], layer.attributes[columns].iloc[first]
        if one.equals(other) and (layer.geometry_kind != "point" or _is_same_spot(layer, row, first)):
            facts["fix"] = "duplicate"
        yield row, facts


def _is_same_spot(layer: VectorLayer, one: int, other: int) -> bool:
    return bool(shapely.equals_exact(_shape(layer, one), _shape(layer, other), 0.0))


def _same_points(layer: VectorLayer, tolerance: float) -> list[tuple[int, int]]:
    from scipy.spatial import cKDTree  # the window opens sooner without it

    boxes = layer.shapes.boxes
    rows = np.flatnonzero(~np.isnan(boxes[:, 0]))
    pairs = (
        cKDTree(boxes[rows, :2]).query_pairs(tolerance, output_type="ndarray")
        if len(rows)
        else np.empty((0, 2))
    )
    firsts: dict[int, int] = {}
    for one, other in rows[pairs.astype(np.intp)].tolist():
        firsts[max(one, other)] = min(firsts.get(max(one, other), max(one, other)), one, other)
    return sorted(firsts.items())


def _same_shapes(layer: VectorLayer) -> list[tuple[int, int]]:
    """Rows that repeat an earlier shape: only those whose boxes are the same are looked at."""
    boxes = pd.DataFrame(np.round(layer.shapes.boxes, 3)).dropna()
    alike = boxes[boxes.duplicated(keep=False)].index.to_numpy()
    if not len(alike):
        return []
    shapes = shapely.normalize(shapely.set_precision(layer.shapes.geometries(alike), 1e-3, mode="pointwise"))
    firsts: dict[bytes, int] = {}
    found = []
    for row, wkb in zip(alike.tolist(), shapely.to_wkb(shapes), strict=True):
        first = firsts.setdefault(wkb, row)
        if first != row:
            found.append((row, first))
    return found


def place(rule: Rule, layer: VectorLayer, known: Known) -> Rows:
    """Features that do not lie in the region whose code they carry."""
    region, name = known.get(rule.text("region")), rule.text("field")
    if region is None or layer.geometry_kind == "table" or name not in layer.attributes:
        return
    polygons = shapely.make_valid(region.shapes.geometries())
    codes = {str(code): n for n, code in enumerate(region.attributes["code"]) if not pd.isna(code)}
    stated = layer.attributes[name].map(lambda code: codes.get(str(code), -1) if not pd.isna(code) else -2)
    which = stated.to_numpy(np.intp)
    for row in np.flatnonzero(which == -1):
        yield int(row), {"field": name, "value": layer.attributes[name].iloc[row], "region": ""}
    middles, there = _middles(layer)
    rows = np.flatnonzero((which >= 0) & there)
    shapely.prepare(polygons)
    off = ~shapely.intersects(polygons[which[rows]], middles[rows])
    for row in rows[off]:
        own = _shape(layer, row)
        if float(shapely.distance(polygons[which[row]], middles[row])) > rule.number("tolerance"):
            lies_in = np.flatnonzero(shapely.intersects(polygons, middles[row]))
            actual = str(region.attributes["code"].iloc[lies_in[0]]) if len(lies_in) else ""
            if not _mostly_in(own, polygons[which[row]]):
                yield int(row), {"field": name, "value": layer.attributes[name].iloc[row], "region": actual}


def _mostly_in(geometry: Any, region: Any) -> bool:
    """Whether a line or polygon lies for the most part in the region though its middle does not."""
    geometry = shapely.make_valid(geometry)
    size = geometry.area or geometry.length
    inside = shapely.intersection(geometry, region)
    return bool(size) and (inside.area if geometry.area else inside.length) > 0.5 * size
