"""The shift of web maps put into a layer or taken out of it again, as one edit."""

import json
from dataclasses import asdict, replace
from typing import Literal

import numpy as np
import shapely

from layers.changes import Change, Edit
from layers.layer import Shapes
from layers.storage.crs import GEOGRAPHIC, transformed
from layers.storage.gcj02 import from_bd09, from_gcj02, to_bd09, to_gcj02
from layers.storage.geopackage import ProjectFile

Shift = Literal["gcj02", "bd09"]

_INTO = {"gcj02": to_gcj02, "bd09": to_bd09}
_OUT = {"gcj02": from_gcj02, "bd09": from_bd09}


def put_back(project: ProjectFile, layer: str, name: str) -> Edit:
    """The edit that puts back the shift that was taken out of a layer at the door.

    Raises
    ------
    KeyError
        No such layer, or no shift was taken out of it.
    """
    shift = project.layer(layer).provenance.shift
    return _moved(project, layer, name, _INTO[shift], "")


def take_out(project: ProjectFile, layer: str, shift: Shift, name: str) -> Edit:
    """The edit that takes a shift out of a layer that came in with it; its provenance records it.

    Raises
    ------
    KeyError
        No such layer or shift.
    """
    return _moved(project, layer, name, _OUT[shift], shift)


def _moved(project: ProjectFile, layer: str, name: str, move: object, shift: str) -> Edit:
    entry, found = project.layer(layer), project.read(layer, columns=())
    degrees = transformed(found.shapes, project.crs, GEOGRAPHIC)
    lon, lat = move(degrees.xy[:, 0], degrees.xy[:, 1])  # type: ignore[operator]
    away = Shapes(degrees.kind, np.column_stack([lon, lat]), degrees.offsets)
    wkb = shapely.to_wkb(transformed(away, GEOGRAPHIC, project.crs).geometries(), byte_order=1)
    rows = project.table(layer)
    changes = [
        Change(layer, key, row, {**row, "geom": geometry})
        for key, row, geometry in ((str(k), rows[str(k)], g) for k, g in zip(found["uuid"], wkb, strict=True))
        if row["geom"] is not None
    ]
    card = project.table("layers")[layer]
    told = json.dumps(
        asdict(replace(entry.provenance, shift=shift)), ensure_ascii=False, separators=(",", ":")
    )
    return Edit(name, (*changes, Change("layers", layer, card, {**card, "provenance": told})))
