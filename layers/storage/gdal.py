"""Vector files read by GDAL: without network, complaints as known errors, features as flat arrays."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.errors import BadInput
from layers.late import Late
from layers.layer import GeometryKind, Shapes
from layers.storage.foreign import Foreign, Note, Skipped

pyogrio, errors = Late("pyogrio"), Late("pyogrio.errors")

_KINDS: dict[int, GeometryKind] = {0: "point", 1: "line", 2: "polygon"}
_COLLECTION = 7
_SAFE: dict[str, object] = {
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_HTTP_TIMEOUT": "1",
    "GDAL_HTTP_MAX_RETRY": "0",
    "OGR_SQLITE_LOAD_EXTENSIONS": "",
    "OGR_GEOJSON_MAX_OBJ_SIZE": "2000",
    "LIBKML_RESOLVE_STYLE": "NO",
    "DXF_INLINE_BLOCKS": "TRUE",
    "PROJ_NETWORK": "OFF",
}


def layers_of(path: Path) -> list[tuple[str, bool]]:
    """Names of a file's layers, and whether each has geometry.

    Raises
    ------
    BadInput
        GDAL cannot read it.
    """
    with told(path):
        return [(str(name), kind is not None) for name, kind in pyogrio.list_layers(path)]


def chosen_layer(path: Path, layer: str) -> tuple[str, tuple[Note, ...]]:
    """The layer asked for, else the first that has geometry; a note names the others.

    Raises
    ------
    BadInput
        No layer of that name, or none at all.
    """
    listed = layers_of(path)
    names = [name for name, spatial in listed if spatial] or [name for name, _ in listed]
    if not names or (layer and layer not in [name for name, _ in listed]):
        there = "、".join(name for name, _ in listed)
        raise BadInput("layer_not_in_file", path=path, layer=layer, layers=there or "—")
    if layer or len(names) == 1:
        return layer or names[0], ()
    return names[0], (Note("note.other_layers", {"layer": names[0], "others": "、".join(names[1:])}),)


def read_layer(source: Path, layer: str, encoding: str | None, path: Path) -> Foreign:
    """One layer (the only one if not named) of `source`; errors speak of `path`."""
    return with_shapes(read_raw(source, layer, encoding, path), path)


class Raw(NamedTuple):
    """A layer as GDAL gives it.

    Parameters
    ----------
    table : pandas.DataFrame
    wkb : ndarray of bytes or None
    crs : str
    spatial : bool
    """

    table: pd.DataFrame
    wkb: NDArray[np.object_]
    crs: str
    spatial: bool


def read_raw(source: Path, layer: str, encoding: str | None, path: Path) -> Raw:
    """One layer (the only one if not named), not yet looked at."""
    pyogrio.set_gdal_config_options(_SAFE)
    with told(path):
        meta, _, wkb, columns = pyogrio.raw.read(
            source, layer=layer or None, encoding=encoding, datetime_as_string=True
        )
    if wkb is None:
        wkb = np.full(len(columns[0]) if columns else 0, None)
    names = [str(name) for name in meta["fields"]]
    table = pd.DataFrame(dict(zip(names, columns, strict=True)), index=pd.RangeIndex(len(wkb)))
    for name, kind in zip(names, meta["dtypes"], strict=True):
        if str(kind) == "int64" and _is_rounded(table[name]):
            table[name] = _cast(source, layer, encoding, name, "character(20)", path)
        elif str(kind) == "bool":  # there a missing one would be False
            table[name] = _cast(source, layer, encoding, name, "integer", path)
        elif str(kind).startswith("list"):
            table[name] = [_plain(value) for value in table[name]]
    return Raw(table, wkb, str(meta["crs"] or ""), meta["geometry_type"] is not None)


def _plain(value: Any) -> Any:
    """A list of values, which no column of ours holds, as JSON; all else as it is."""
    return json.dumps(value.tolist(), ensure_ascii=False) if isinstance(value, np.ndarray) else value


def _is_rounded(column: pd.Series[Any]) -> bool:
    """Whether integers came as floats, as they do where some are missing, and are too long for them."""
    return column.dtype.kind == "f" and bool((column.abs() >= 2**53).any())


def _cast(
    source: Path, layer: str, encoding: str | None, name: str, kind: str, path: Path
) -> NDArray[np.generic]:
    """A column read as another kind: long integers, codes mostly, as texts of all their digits."""
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    place = (layer or layers_of(source)[0][0]).replace('"', '\\"')
    words = f'SELECT CAST("{quoted}" AS {kind}) AS v FROM "{place}"'  # noqa: S608
    with told(path):
        *_, columns = pyogrio.raw.read(
            source, sql=words, sql_dialect="OGRSQL", encoding=encoding, read_geometry=False
        )
    found: NDArray[np.generic] = columns[0]
    return found


def with_shapes(raw: Raw, path: Path) -> Foreign:
    """The features of the commonest dimension (of two the higher); the others are skipped, with reasons."""
    table, wkb, crs, spatial = raw
    rows = np.arange(1, len(table) + 1, dtype=np.int64)
    if not len(table):
        raise BadInput("file_without_rows", path=path)
    if not spatial:
        return Foreign(table, rows, Shapes.none(len(table)))
    geometries = shapely.from_wkb(wkb, on_invalid="ignore")
    unreadable = shapely.is_missing(geometries) & np.array([w is not None for w in wkb], bool)
    empty = shapely.is_empty(geometries) | (shapely.is_missing(geometries) & ~unreadable)
    geometries, gathered = _gathered(geometries)
    dimensions = np.where(
        shapely.get_type_id(geometries) == _COLLECTION, -1, shapely.get_dimensions(geometries)
    )
    sound = ~unreadable & ~empty & (dimensions >= 0)
    if not sound.any():
        raise BadInput("no_geometry", path=path)
    commonest = 2 - int(np.bincount(dimensions[sound], minlength=3)[::-1].argmax())
    kept = sound & (dimensions == commonest)
    reasons = np.select(
        [unreadable, empty], ["skip.unreadable_geometry", "skip.no_geometry"], "skip.other_geometry"
    )
    skipped = tuple(Skipped(int(rows[n]), str(reasons[n])) for n in np.flatnonzero(~kept))
    shapes = Shapes.of(geometries[kept], _KINDS[commonest])
    altered = tuple(Skipped(int(rows[n]), "alter.collection") for n in np.flatnonzero(kept & gathered))
    notes: tuple[Note, ...] = ()
    if commonest == 2:
        notes, invalid = _validity(geometries[kept], rows[kept])
        altered = (*altered, *invalid)
    table, more = _with_heights(table[kept].reset_index(drop=True), geometries[kept], commonest)
    return Foreign(table, rows[kept], shapes, crs, "utf-8", skipped, (*notes, *more), altered)


def _with_heights(
    table: pd.DataFrame, geometries: NDArray[np.object_], dimension: int
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Layers are flat: heights of single points are kept as a column, others are left behind, and told."""
    if not shapely.has_z(geometries).any():
        return table, ()
    heights = shapely.get_z(geometries) if dimension == 0 else np.full(len(geometries), np.nan)
    if np.isfinite(heights).any() and "z" not in table:
        told = (Note("note.heights_kept", {}),) if np.nanmax(np.abs(heights)) > 0 else ()
        return (table.assign(z=heights) if told else table), told
    z = shapely.get_coordinates(geometries, include_z=True)[:, 2]
    return table, (Note("note.heights_left", {}),) if np.any(z[np.isfinite(z)]) else ()


def _gathered(geometries: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Collections whose parts have one dimension as multi-geometries, and where that was done."""
    places = np.flatnonzero((shapely.get_type_id(geometries) == _COLLECTION) & ~shapely.is_empty(geometries))
    done = np.zeros(len(geometries), bool)
    if not len(places):
        return geometries, done
    made = geometries.copy()
    for place in places:
        parts = shapely.get_parts(shapely.get_parts(geometries[place]))
        if len(set(shapely.get_dimensions(parts).tolist())) == 1:
            made[place] = Shapes.of([shapely.union_all(parts)]).geometries()[0]
            done[place] = True
    return made, done


def _validity(
    geometries: NDArray[np.object_], rows: NDArray[np.int64]
) -> tuple[tuple[Note, ...], tuple[Skipped, ...]]:
    """Polygons that cross themselves come in as they are, and are listed."""
    invalid = rows[~shapely.is_valid(geometries)]
    if not len(invalid):
        return (), ()
    first = "、".join(str(row) for row in invalid[:5])
    note = Note("note.invalid_polygons", {"count": len(invalid), "rows": first})
    return (note,), tuple(Skipped(int(row), "alter.invalid_kept") for row in invalid)


@contextmanager
def told(path: Path) -> Iterator[None]:
    """GDAL's complaints as known errors; its warnings are of no use to the reader of a table."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except UnicodeDecodeError as error:
        raise BadInput("encoding_wrong", path=path, encoding=error.encoding) from error
    except (
        errors.DataSourceError,
        errors.DataLayerError,
        ValueError,
        RuntimeError,
        UnboundLocalError,
    ) as error:
        raise BadInput("file_unreadable", path=path) from error  # pyogrio trips over a torn reference system
