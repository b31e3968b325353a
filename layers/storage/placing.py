"""Foreign rows put into place: the system they are written in is found, then left for the project's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.errors import BadInput, UnknownCrs
from layers.layer import Shapes
from layers.storage.crs import (
    SEPARATOR,
    FoundCrs,
    Prove,
    find_crs,
    given_crs,
    is_geographic,
    is_of_another_datum,
    named_crs,
    tested_crs,
    transformed,
)
from layers.storage.foreign import Foreign, Note
from layers.storage.gcj02 import may_be_shifted
from layers.storage.region import SHIFTS, Region, find_shift, find_system, shifted
from layers.words import Language

_ABSURD = 1e8  # no coordinate of any system in use is as large


@dataclass(frozen=True)
class Ways:
    """How a file is to be read: the parameters of `layers.storage.formats.read_file`."""

    kind: str
    encoding: str
    crs: str
    gcj02: str
    target: str
    layer: str
    language: Language


def placed(foreign: Foreign, path: Path, ways: Ways, region: Region) -> tuple[Foreign, str, tuple[Note, ...]]:
    """The rows with coordinates in the target system, the system they were read in, and what was assumed.

    Raises
    ------
    UnknownCrs
        The system, or whether degrees are shifted, is not known; the facts may name ``candidates``.
    BadInput
        No coordinates are in the system's range.
    """
    if foreign.kind == "table":
        return foreign, "", ()
    found, notes = _crs_of(foreign, path, ways, region)
    shapes = foreign.shapes
    if found.swapped:
        shapes = _exchanged(shapes)
        notes = (*notes, Note("note.swapped", {}))
    if is_geographic(found.crs):
        shapes, more = _unshifted(replace(foreign, shapes=shapes), path, ways, region)
        notes = (*notes, *more)
    elif is_of_another_datum(found.crs):
        notes = (*notes, Note("note.other_datum", {"crs": found.crs}))
    moved = replace(foreign, shapes=transformed(shapes, found.crs, ways.target))
    sound = _rows_that_fit(moved.shapes)
    if not sound.any():
        raise BadInput("coordinates_unfit", path=path, crs=found.crs)
    kept = moved.keep(sound, "skip.coordinates_unfit")
    return kept, found.crs, (*notes, *_far_away(kept.shapes, region))


def _exchanged(shapes: Shapes) -> Shapes:
    return Shapes(shapes.kind, np.ascontiguousarray(shapes.xy[:, ::-1]), shapes.offsets)


def _crs_of(foreign: Foreign, path: Path, ways: Ways, region: Region) -> tuple[FoundCrs, tuple[Note, ...]]:
    x, y = _sane(foreign.shapes.xy).T
    if ways.crs != "auto":
        return given_crs(named_crs(ways.crs), x, y), ()
    prove = _proof(foreign.shapes, foreign.table, region, ways.target)
    if not foreign.crs:
        found = find_crs(x, y, path, region.extent, ways.target, prove)
        if foreign.presumed and is_geographic(found.crs):
            return FoundCrs(foreign.presumed, found.swapped), ()
        return found, (Note("note.crs_found", {"crs": found.crs}),)
    declared = named_crs(foreign.crs)
    found, lies = tested_crs(declared, x, y, path, region.extent, ways.target, prove)
    return found, (Note("note.crs_lies", {"declared": declared, "crs": found.crs}),) if lies else ()


def _sane(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """The coordinates that can speak for their system: a few rows without a place silence nobody."""
    sane = (np.abs(xy) < _ABSURD).all(axis=1) & (xy != 0).any(axis=1)
    return xy[sane] if sane.any() else xy


def _proof(shapes: Shapes, table: pd.DataFrame, region: Region, target: str) -> Prove:
    """Boundaries, names and codes that tell systems apart: EPSG:4548 and UTM lie 1.7 km from each other."""

    def prove(systems: Sequence[str], swapped: bool) -> str | None:
        return find_system(_exchanged(shapes) if swapped else shapes, table, region, target, systems)

    return prove


def _unshifted(foreign: Foreign, path: Path, ways: Ways, region: Region) -> tuple[Shapes, tuple[Note, ...]]:
    """Without the shift of web maps, if it was asked for, is named by the file, or is proven.

    Raises
    ------
    UnknownCrs
        The degrees may be shifted, nothing proves whether they are, and neither the file nor the standard of
        its format says so.
    """
    shapes = foreign.shapes
    if ways.gcj02 in SHIFTS:
        return shifted(shapes, ways.gcj02), (Note("note.shift_removed", {"shift": ways.gcj02.upper()}),)
    if ways.gcj02 != "auto" or not may_be_shifted(shapes.xy[:, 0], shapes.xy[:, 1]):
        return shapes, ()
    if foreign.shift:
        return shifted(shapes, foreign.shift), (Note("note.shift_named", {"shift": foreign.shift.upper()}),)
    shift = find_shift(shapes, foreign.table, region, ways.target)
    if shift:
        return shifted(shapes, shift), (Note("note.shift_found", {"shift": shift.upper()}),)
    declared = bool(foreign.crs) or ways.crs != "auto"
    if shift is None and not declared and not foreign.presumed:
        candidates = SEPARATOR.join(("no", *SHIFTS))
        raise UnknownCrs("shift_unknown", path=path, candidates=candidates, rows=len(foreign.rows))
    if declared:
        return shapes, ()
    return shapes, (Note("note.shift_untested" if shift is None else "note.shift_none", {}),)


def _rows_that_fit(shapes: Shapes) -> NDArray[np.bool_]:
    """Rows all of whose coordinates are finite."""
    finite = np.isfinite(shapes.xy).all(axis=1)
    bad = np.concatenate([[0], np.cumsum(~finite)])
    return np.asarray(bad[shapes.spans[1:]] == bad[shapes.spans[:-1]])


def _far_away(shapes: Shapes, region: Region) -> tuple[Note, ...]:
    extent = shapes.extent
    if region.extent is None or extent is None or extent.meets(region.extent):
        return ()
    return (Note("note.far_away", {}),)
