"""Shapefile, GeoPackage and GeoJSON at the door, read by GDAL without network."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError

from layers.errors import BadInput
from layers.layer import GeometryKind, Shapes
from layers.storage.encoding import Found, dbf_encoding, decode_cut, encoding_named
from layers.storage.foreign import Foreign, Note, Skipped

_KINDS: dict[int, GeometryKind] = {0: "point", 1: "line", 2: "polygon"}
_SAFE: dict[str, object] = {
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "GDAL_HTTP_TIMEOUT": "1",
    "GDAL_HTTP_MAX_RETRY": "0",
    "OGR_SQLITE_LOAD_EXTENSIONS": "",
    "OGR_GEOJSON_MAX_OBJ_SIZE": "2000",
    "PROJ_NETWORK": "OFF",
}


def read_shapefile(path: Path, encoding: str) -> Foreign:
    """A shapefile; .dbf, .shx, .prj and .cpg may be missing, and what .cpg says may be wrong.

    Raises
    ------
    BadInput
        It is torn, or its text is in no known encoding.
    """
    _refuse_torn(path)
    dbf, cpg, shx = (_sibling(path, ending) for ending in (".dbf", ".cpg", ".shx"))
    found = _encoding(dbf, cpg, encoding)
    notes = _shapefile_notes(path, dbf, shx, found)
    with _with_index(path, shx) as whole:
        read_as = "ISO-8859-1" if found.cut else found.name.upper()
        foreign = _read(whole, "", read_as, path)
    table = _redecoded(foreign.table, found.name) if found.cut else foreign.table
    crs = foreign.crs if _sibling(path, ".prj") else ""
    return Foreign(
        table, foreign.rows, foreign.shapes, crs, found.name, foreign.skipped, (*notes, *foreign.notes)
    )


def _encoding(dbf: Path | None, cpg: Path | None, encoding: str) -> Found:
    if dbf is None:
        return Found("utf-8")
    return dbf_encoding(dbf, cpg) if encoding == "auto" else Found(encoding_named(encoding) or encoding)


def _shapefile_notes(path: Path, dbf: Path | None, shx: Path | None, found: Found) -> tuple[Note, ...]:
    notes = [
        Note("note.part_missing", {"part": part})
        for part, there in ((".dbf", dbf), (".shx", shx))
        if not there
    ]
    if found.declared and encoding_named(found.declared) != found.name:
        notes.append(Note("note.encoding_lies", {"declared": found.declared, "found": found.name.upper()}))
    if found.cut:
        notes.append(Note("note.text_cut", {}))
    return tuple(notes)


def _sibling(path: Path, ending: str) -> Path | None:
    """The file beside it with that ending, whatever the case of its letters."""
    wanted = (path.stem + ending).casefold()
    exact = path.with_suffix(ending)
    if exact.is_file():
        return exact
    return next((other for other in path.parent.iterdir() if other.name.casefold() == wanted), None)


def _refuse_torn(path: Path) -> None:
    with path.open("rb") as file:
        header = file.read(100)
    if len(header) < 100 or header[:4] != b"\x00\x00\x27\x0a":
        raise BadInput("file_torn", path=path)
    if int.from_bytes(header[24:28], "big") * 2 > path.stat().st_size:
        raise BadInput("file_torn", path=path)


@contextmanager
def _with_index(path: Path, shx: Path | None) -> Iterator[Path]:
    """The shapefile itself; without its index a copy for which GDAL makes one, away from the original."""
    if shx is not None:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="riskatlas-") as folder:
        for ending in (".shp", ".dbf", ".prj"):
            part = _sibling(path, ending)
            if part is not None:
                shutil.copyfile(part, Path(folder) / f"whole{ending}")
        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES"})
        try:
            yield Path(folder) / "whole.shp"
        finally:
            pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": None})


def _redecoded(table: pd.DataFrame, encoding: str) -> pd.DataFrame:
    """Text that was read byte by byte, in its own encoding; what was cut within a character stops there."""

    def decoded(value: Any) -> Any:
        return decode_cut(value.encode("latin-1"), encoding) if isinstance(value, str) else value

    renamed = table.rename(columns=decoded)
    return renamed.apply(
        lambda column: column if pd.api.types.is_numeric_dtype(column) else column.map(decoded)
    )


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
    with _told(path):
        listed = pyogrio.list_layers(path)
    names = [str(name) for name, kind in listed if kind is not None] or [str(name) for name, _ in listed]
    if not names or (layer and layer not in [str(name) for name, _ in listed]):
        raise BadInput("layer_not_in_file", path=path, layer=layer)
    foreign = _read(path, layer or names[0], None, path)
    others = tuple(name for name in names if name != (layer or names[0]))
    if not others or layer:
        return foreign
    note = Note("note.other_layers", {"layer": names[0], "others": "、".join(others)})
    return Foreign(
        foreign.table,
        foreign.rows,
        foreign.shapes,
        foreign.crs,
        "utf-8",
        foreign.skipped,
        (*foreign.notes, note),
    )


def read_geojson(path: Path) -> Foreign:
    """A GeoJSON file; without a ``crs`` member its degrees are as doubtful as those of any bare file.

    Raises
    ------
    BadInput
        No GeoJSON, or torn.
    """
    with path.open("rb") as file:
        head = file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith(b"{") or b"<OGRVRT" in head:
        raise BadInput("file_unreadable", path=path)
    foreign = _read(path, "", None, path)
    crs = foreign.crs if b'"crs"' in head else ""
    return Foreign(foreign.table, foreign.rows, foreign.shapes, crs, "utf-8", foreign.skipped, foreign.notes)


def _read(source: Path, layer: str, encoding: str | None, path: Path) -> Foreign:
    pyogrio.set_gdal_config_options(_SAFE)
    with _told(path):
        meta, _, wkb, columns = pyogrio.raw.read(
            source, layer=layer or None, encoding=encoding, datetime_as_string=True
        )
    if wkb is None:
        wkb = np.full(len(columns[0]) if columns else 0, None)
    table = pd.DataFrame(
        {str(name): column for name, column in zip(meta["fields"], columns, strict=True)},
        index=pd.RangeIndex(len(wkb)),
    )
    return _with_shapes(table, wkb, str(meta["crs"] or ""), meta["geometry_type"] is not None, path)


def _with_shapes(
    table: pd.DataFrame, wkb: NDArray[np.object_], crs: str, spatial: bool, path: Path
) -> Foreign:
    """The features of the commonest dimension; the others are skipped with their reasons."""
    rows = np.arange(1, len(table) + 1, dtype=np.int64)
    if not len(table):
        raise BadInput("file_without_rows", path=path)
    if not spatial:
        return Foreign(table, rows, Shapes.none(len(table)))
    geometries = shapely.from_wkb(wkb, on_invalid="ignore")
    unreadable = shapely.is_missing(geometries) & np.array([w is not None for w in wkb], bool)
    empty = shapely.is_empty(geometries) | (shapely.is_missing(geometries) & ~unreadable)
    dimensions = np.where(shapely.get_type_id(geometries) == 7, -1, shapely.get_dimensions(geometries))
    sound = ~unreadable & ~empty & (dimensions >= 0)
    if not sound.any():
        raise BadInput("no_geometry", path=path)
    commonest = int(np.bincount(dimensions[sound]).argmax())
    kept = sound & (dimensions == commonest)
    reasons = np.select(
        [unreadable, empty], ["skip.unreadable_geometry", "skip.no_geometry"], "skip.other_geometry"
    )
    skipped = tuple(Skipped(int(rows[n]), str(reasons[n])) for n in np.flatnonzero(~kept))
    shapes = Shapes.of(geometries[kept], _KINDS[commonest])
    notes = _validity(geometries[kept], rows[kept]) if commonest == 2 else ()
    return Foreign(table[kept].reset_index(drop=True), rows[kept], shapes, crs, "utf-8", skipped, notes)


def _validity(geometries: NDArray[np.object_], rows: NDArray[np.int64]) -> tuple[Note, ...]:
    """Polygons that cross themselves come in as they are, and are counted."""
    invalid = rows[~shapely.is_valid(geometries)]
    if not len(invalid):
        return ()
    first = "、".join(str(row) for row in invalid[:5])
    return (Note("note.invalid_polygons", {"count": len(invalid), "rows": first}),)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """GDAL's complaints as known errors; its warnings are of no use to the reader of a table."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except UnicodeDecodeError as error:
        raise BadInput("encoding_wrong", path=path, encoding=error.encoding) from error
    except (DataSourceError, DataLayerError, ValueError, RuntimeError) as error:
        raise BadInput("file_unreadable", path=path) from error
