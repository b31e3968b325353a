"""GeoPackage, File Geodatabase, GeoJSON, KML and DXF at the door, read by GDAL without network."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from layers.errors import BadInput
from layers.storage.foreign import Foreign, Note
from layers.storage.gdal import Raw, chosen_layer, layers_of, read_layer, read_raw, with_shapes

WGS84 = "EPSG:4326"

_CURVED = {
    "CIRCULARSTRING",
    "COMPOUNDCURVE",
    "CURVEPOLYGON",
    "MULTICURVE",
    "MULTISURFACE",
    "CURVE",
    "SURFACE",
}
_STYLING = {"tessellate", "extrude", "visibility", "drawOrder", "icon", "altitudeMode", "snippet"}


def read_geopackage(path: Path, layer: str) -> Foreign:
    """One layer of a GeoPackage: the named one, else the first that has geometry.

    Raises
    ------
    BadInput
        No GeoPackage, torn, or no such layer.
    """
    with path.open("rb") as file:
        if file.read(16) != b"SQLite format 3\0":
            raise BadInput("file_unreadable", path=path)
    foreign = _read_chosen(path, layer)
    return replace(foreign, notes=(*foreign.notes, *_left_behind(path)))


def _left_behind(path: Path) -> tuple[Note, ...]:
    """Notes if the file has curves, which GDAL hands out as lines of many corners, or measures."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            words = "SELECT geometry_type_name, m FROM gpkg_geometry_columns"
            said = connection.execute(words).fetchmany(100)
    except (sqlite3.Error, ValueError):
        return ()
    curves = any(str(kind).upper() in _CURVED for kind, _ in said)
    measures = any(m == 1 for _, m in said)
    keys = (("note.curves", curves), ("note.measures_left", measures))
    return tuple(Note(key, {}) for key, holds in keys if holds)


def read_filegdb(path: Path, layer: str) -> Foreign:
    """One layer of a File Geodatabase (a folder): the named one, else the first that has geometry.

    Raises
    ------
    BadInput
        No geodatabase, torn, or no such layer.
    """
    if not (path / "a00000001.gdbtable").is_file():
        raise BadInput("file_unreadable", path=path)
    return _read_chosen(path, layer)


def _read_chosen(path: Path, layer: str) -> Foreign:
    name, notes = chosen_layer(path, layer)
    foreign = read_layer(path, name, None, path)
    return replace(foreign, encoding="utf-8", notes=(*foreign.notes, *notes))


def read_geojson(path: Path) -> Foreign:
    """A GeoJSON file; without a ``crs`` member its degrees are WGS 84 by RFC 7946, which many files ignore.

    Raises
    ------
    BadInput
        No GeoJSON, or torn.
    """
    with path.open("rb") as file:
        head = file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith(b"{") or b"<OGRVRT" in head:
        raise BadInput("file_unreadable", path=path)
    foreign = read_layer(path, "", None, path)
    return replace(foreign, crs=foreign.crs if b'"crs"' in head else "", presumed=WGS84)


def read_kml(path: Path, layer: str) -> Foreign:
    """All folders of a KML file (or the named one) as one layer; degrees of WGS 84 by its standard.

    The styling columns that GDAL adds and that are empty are left out.

    Raises
    ------
    BadInput
        No KML, or torn.
    """
    with path.open("rb") as file:
        if b"<kml" not in file.read(4096):
            raise BadInput("file_unreadable", path=path)
    names = [name for name, _ in layers_of(path)]
    if layer and layer not in names:
        raise BadInput("layer_not_in_file", path=path, layer=layer, layers="、".join(names))
    parts = [(name, read_raw(path, name, None, path)) for name in ([layer] if layer else names)]
    table = pd.concat([raw.table.assign(folder=name) for name, raw in parts], ignore_index=True)
    wkb = np.concatenate([raw.wkb for _, raw in parts])
    foreign = with_shapes(Raw(table, wkb, "", spatial=True), path)
    filled = [n for n in table if n not in _STYLING and foreign.table[n].notna().any()]
    return replace(foreign, table=foreign.table[filled], presumed=WGS84)


def read_dxf(path: Path) -> Foreign:
    """The drawing's entities of the commonest dimension; a drawing names no reference system.

    Raises
    ------
    BadInput
        No DXF in text form, or torn.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    if b"SECTION" not in head.upper() or head.startswith(b"AutoCAD Binary"):
        raise BadInput("file_unreadable", path=path)
    foreign = read_layer(path, "", None, path)
    kept = [name for name in ("Layer", "Text", "EntityHandle") if name in foreign.table]
    return replace(foreign, table=foreign.table[kept], crs="")
