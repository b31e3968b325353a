"""One validator for form, table, paste, import and merge: layers and rules in, findings out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.census import shape_tests, value_tests
from layers.census.rules import Rule, Severity, shipped_rules
from layers.layer import VectorLayer
from layers.progress import Progress, ignore

Rows = Iterator[tuple[int, Mapping[str, Any]]]
"""Rows of a layer at fault, with facts for the words."""

Test = Callable[[Rule, VectorLayer, Mapping[str, VectorLayer]], Rows]

TESTS: Mapping[str, Test] = {
    "present": shape_tests.present,
    "valid": shape_tests.valid,
    "overlap": shape_tests.overlap,
    "gap": shape_tests.gap,
    "dangling": shape_tests.dangling,
    "outside": shape_tests.outside,
    "duplicate": shape_tests.duplicate,
    "place": shape_tests.place,
    "required": value_tests.required,
    "domain": value_tests.domain,
    "type": value_tests.type_of_values,
    "blanks": value_tests.blanks,
    "unique": value_tests.unique,
    "condition": value_tests.condition,
    "sum": value_tests.sum_of_parts,
}


@dataclass(frozen=True)
class Finding:
    """Something at fault in one feature.

    Parameters
    ----------
    rule : str
        Name of the rule.
    layer : str
        Name of the layer.
    key : str
        UUID of the feature.
    place : tuple of float
        Easting and northing in the layer's reference system; NaN where the feature lies nowhere.
    severity : {"error", "warning"}
    facts : mapping
        For the words: field, value, other …; ``fix`` names a fix that is safe.
    """

    rule: str
    layer: str
    key: str
    place: tuple[float, float]
    severity: Severity = "error"
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False)


def check(
    layers: Sequence[VectorLayer],
    *,
    rules: Sequence[Rule] | None = None,
    context: Mapping[str, VectorLayer] | None = None,
    progress: Progress = ignore,
) -> tuple[Finding, ...]:
    """What is at fault in the layers, in the order of layers and rules.

    Parameters
    ----------
    layers : sequence of VectorLayer
        In one plane reference system; column ``uuid`` names the rows.
    rules : sequence of Rule, optional
        Those shipped by default.
    context : mapping of str to VectorLayer, optional
        Regions by kind, to test against (``county``, ``township`` …); those among `layers` by default.
    progress : Progress

    Raises
    ------
    BadInput
        A condition reads what the layer does not have in the way it is read.
    """
    asked = shipped_rules() if rules is None else rules
    known = {**{layer.kind: layer for layer in reversed(layers) if layer.kind}, **(context or {})}
    found: list[Finding] = []
    for number, layer in enumerate(layers):
        for rule in asked:
            if rule.is_for(layer.kind, layer.name):
                found += _findings(rule, layer, known)
        progress((number + 1) / len(layers))
    return tuple(found)


def _findings(rule: Rule, layer: VectorLayer, known: Mapping[str, VectorLayer]) -> list[Finding]:
    rows = list(TESTS[rule.test](rule, layer, known))
    places = _places(layer, np.array([row for row, _ in rows], np.intp))
    keys = layer.attributes.get("uuid")
    return [
        Finding(
            rule.name,
            layer.name,
            str(row if keys is None else keys.iloc[row]),
            facts.get("place", (float(x), float(y))),
            rule.severity,
            {name: value for name, value in facts.items() if name != "place"},
        )
        for (row, facts), (x, y) in zip(rows, places, strict=True)
    ]


def _places(layer: VectorLayer, rows: NDArray[np.intp]) -> NDArray[np.float64]:
    """A point in each feature."""
    if layer.geometry_kind == "table" or not len(rows):
        return np.full((len(rows), 2), np.nan)
    points = shapely.point_on_surface(layer.shapes.geometries(rows))
    points[shapely.is_empty(points)] = None
    return np.column_stack([shapely.get_x(points), shapely.get_y(points)])
