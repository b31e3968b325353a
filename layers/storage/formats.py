"""The doors: foreign files become layers of the project's meaning; layers become foreign files."""

import os
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, GeometryError

from layers.census.catalogue import catalogue, guess_kind, map_fields
from layers.errors import BadInput, CannotWrite, KnownError, MissingFile
from layers.grid import Extent
from layers.layer import Field, GeometryKind, Provenance, RasterLayer, Shapes, VectorLayer
from layers.progress import Progress, ignore
from layers.storage.crs import transformed, transformed_extent
from layers.storage.crsfinding import find_crs
from layers.storage.encoding import named_encoding, shapefile_encoding
from layers.storage.gcj02 import from_gcj02
from layers.storage.rasters import crs_text, lattice_of, opened
from layers.storage.tables import coordinates, read_csv, read_xlsx
from layers.words import say

_VECTOR = {".shp": "ESRI Shapefile", ".gpkg": "GPKG", ".geojson": "GeoJSON", ".json": "GeoJSON"}
_RASTER = {".tif", ".tiff"}
_MEANING = {"int64": "integer", "float64": "real"}


@dataclass(frozen=True)
class Skipped:
    """A row that did not come in.

    Parameters
    ----------
    row : int
        As a person counts: the first row of data is 1.
    reason_key : str
        Its words say why.
    """

    row: int
    reason_key: str


@dataclass(frozen=True, eq=False)
class Imported:
    """What came of a file.

    Parameters
    ----------
    layer : VectorLayer or RasterLayer
    path : Path
    encoding, crs : str
        As found; empty where the file has none.
    notes : tuple of str
        What was found, assumed or seen on the way.
    skipped : tuple of Skipped
    """

    layer: VectorLayer | RasterLayer
    path: Path
    encoding: str
    crs: str
    notes: tuple[str, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, eq=False)
class _Raw:
    """A file as it stands: columns, shapes in its own reference system."""

    table: pd.DataFrame
    shapes: NDArray[np.object_] | None
    encoding: str
    crs: str


def read_file(
    path: Path,
    *,
    kind: str = "auto",
    encoding: str = "auto",
    crs: str = "auto",
    gcj02: str = "auto",
    target_crs: str = "EPSG:4548",
    region: object | None = None,
    progress: Progress = ignore,
) -> Imported:
    """A foreign file as a layer of the catalogue, its shapes in the project's reference system.

    Parameters
    ----------
    path : Path
        Shapefile, GeoPackage, GeoJSON, CSV, TXT, XLSX or GeoTIFF.
    kind : str
        Kind in the catalogue, "" for none, "auto" to guess from name and fields.
    encoding, crs : str
        "auto", or what the person says.
    gcj02 : {"auto", "yes", "no"}
        "yes": the coordinates are shifted as Chinese web maps shift them; take the shift out.
    target_crs : str
    region : VectorLayer or Extent, optional
        Where the project's data lie: unknown coordinates are tested against it.
    progress : Progress

    Raises
    ------
    MissingFile, BadInput, UnknownCrs
        Each names the file and the cure.
    """
    path = Path(path).absolute()
    if not path.is_file():
        raise MissingFile("file_missing", path=path)
    ending = path.suffix.lower()
    if ending in _RASTER:
        return _read_raster(path, kind, crs)
    raw = _read_raw(path, ending, encoding, "" if crs == "auto" else crs)
    progress(0.5)
    result = _as_layer(raw, path, kind, gcj02, target_crs, _extent(region, target_crs))
    progress(1.0)
    return result


def _read_raw(path: Path, ending: str, encoding: str, crs: str) -> _Raw:
    if ending in _VECTOR:
        return _read_vector(path, ending, encoding, crs)
    if ending in {".csv", ".txt"}:
        table, found = read_csv(path, encoding)
        return _with_points(table, found, crs)
    if ending == ".xlsx":
        return _with_points(read_xlsx(path), "", crs)
    raise BadInput("format_unknown", path=path)


def _read_vector(path: Path, ending: str, encoding: str, crs: str) -> _Raw:
    found = ""
    if ending == ".shp":
        found = shapefile_encoding(path) if encoding == "auto" else (named_encoding(encoding) or encoding)
        os.environ.setdefault("SHAPE_RESTORE_SHX", "YES")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            meta, _, wkb, columns = pyogrio.raw.read(
                path, encoding=found or None, force_2d=True, datetime_as_string=True
            )
        shapes = None if wkb is None else shapely.from_wkb(wkb, on_invalid="ignore")
    except (
        DataSourceError,
        DataLayerError,
        FeatureError,
        GeometryError,
        UnicodeDecodeError,
        ValueError,
    ) as error:
        raise BadInput("file_unreadable", path=path) from error
    table = pd.DataFrame(dict(zip(meta["fields"], columns, strict=True)))
    return _Raw(table, shapes, found, crs or _registered(meta["crs"]))


def _registered(crs: str | None) -> str:
    """The EPSG code of what a .prj says, where it has one."""
    if not crs:
        return ""
    found = pyproj.CRS.from_user_input(crs)
    code = found.to_epsg(min_confidence=70)
    return f"EPSG:{code}" if code else str(found.to_wkt())


def _with_points(table: pd.DataFrame, encoding: str, crs: str) -> _Raw:
    """A table's points, and its columns with numbers as numbers."""
    found = coordinates(table)
    shapes = None
    if found is not None:
        xy, pair = found
        shapes = np.full(len(table), None, dtype=object)
        good = np.isfinite(xy).all(axis=1)
        shapes[good] = shapely.points(xy[good])
        table = table.drop(columns=list(pair))
    return _Raw(table, shapes, encoding, crs)


def _extent(region: object | None, target: str) -> Extent | None:
    if isinstance(region, VectorLayer):
        extent = region.shapes.extent
        return None if extent is None else transformed_extent(extent, region.crs, target)
    return region if isinstance(region, Extent) else None


def _as_layer(raw: _Raw, path: Path, kind: str, gcj02: str, target: str, region: Extent | None) -> Imported:
    notes: list[str] = []
    shapes, table, skipped = _sound_rows(raw)
    crs = raw.crs
    if shapes.kind != "table":
        if not crs:
            crs, swapped = find_crs(shapes.xy, region, target, path)
            notes.append(say("note.crs_found", "zh_CN", crs=crs))
            if swapped:
                shapes = replace(shapes, xy=np.ascontiguousarray(shapes.xy[:, ::-1]))
                notes.append(say("note.axes_swapped", "zh_CN"))
        if gcj02 == "yes":
            shapes = replace(shapes, xy=from_gcj02(shapes.xy))
            notes.append(say("note.gcj02_removed", "zh_CN"))
        shapes = transformed(shapes, crs, target)
        invalid = 0 if shapes.kind == "point" else int((~shapely.is_valid(shapes.geometries())).sum())
        if invalid:
            notes.append(say("note.invalid_shapes", "zh_CN", count=invalid))
    found = guess_kind(path.stem, table.columns, shapes.kind) if kind == "auto" else kind
    table, fields = _meaningful(table, found)
    layer = VectorLayer(
        name=_safe_name(found or path.stem),
        kind=found,
        crs=target if shapes.kind != "table" else "",
        shapes=shapes,
        attributes=table,
        title=path.stem,
        fields=fields,
        provenance=Provenance(source=path.name, note="；".join(notes)),
    )
    return Imported(layer, path, raw.encoding, crs, tuple(notes), skipped)


def _sound_rows(raw: _Raw) -> tuple[Shapes, pd.DataFrame, tuple[Skipped, ...]]:
    """The rows that can come in, and those that cannot with the reason."""
    if raw.shapes is None:
        return Shapes.none(len(raw.table)), raw.table.reset_index(drop=True), ()
    missing = shapely.is_missing(raw.shapes) | shapely.is_empty(raw.shapes)
    dimension = shapely.get_dimensions(raw.shapes)
    main = np.bincount(dimension[~missing]).argmax() if (~missing).any() else -1
    mixed = ~missing & ((dimension != main) | (shapely.get_type_id(raw.shapes) == 7))
    skipped = tuple(
        Skipped(int(row) + 1, "skipped.no_place" if missing[row] else "skipped.other_geometry")
        for row in np.flatnonzero(missing | mixed)
    )
    kept = ~(missing | mixed)
    kinds: tuple[GeometryKind, ...] = ("point", "line", "polygon")
    kind = kinds[main] if main >= 0 else "point"
    return Shapes.of(raw.shapes[kept], kind), raw.table[kept].reset_index(drop=True), skipped


def _meaningful(table: pd.DataFrame, kind: str) -> tuple[pd.DataFrame, tuple[Field, ...]]:
    """Columns under the catalogue's names, of the catalogue's types; the others as they are; UUIDs."""
    renamed = table.rename(columns=map_fields(kind, map(str, table.columns))) if kind else table
    known = {field.name: field for field in catalogue()[kind].fields} if kind else {}
    columns: dict[str, object] = {}
    fields = []
    for name in map(str, renamed.columns):
        field = known.get(name) or _own_field(name, renamed[name])
        fields.append(replace(field, name=_column_name(name, columns)))
        columns[fields[-1].name] = _typed(renamed[name], field)
    if "uuid" not in columns:
        columns["uuid"] = [uuid4().hex for _ in range(len(table))]
    return pd.DataFrame(columns, index=range(len(table))), tuple(f for f in fields if f.name != "uuid")


def _own_field(name: str, cells: "pd.Series[object]") -> Field:
    return Field(name, type=_MEANING.get(str(cells.dtype), "text"), zh=name, en=name)  # type: ignore[arg-type]


def _typed(cells: "pd.Series[object]", field: Field) -> "pd.Series[object]":
    """Numbers where the field wants numbers; otherwise text without the blanks around it."""
    if field.type in {"integer", "real"}:
        numbers = pd.to_numeric(cells, errors="coerce")
        whole = field.type == "integer" and bool((numbers.dropna() % 1 == 0).all())
        return numbers.astype("Int64") if whole else numbers.astype(np.float64)
    if pd.api.types.is_numeric_dtype(cells.dtype):
        return cells.map(lambda cell: None if pd.isna(cell) else f"{cell:.15g}")
    return cells.map(
        lambda cell: None if cell is None or pd.isna(cell) or not str(cell).strip() else str(cell).strip()
    )


def _column_name(name: str, taken: Mapping[str, object]) -> str:
    """A column name that no query can mistake: letters, digits, hanzi; unique whatever the case."""
    plain = re.sub(r"\W+", "_", name).strip("_") or "column"
    plain = f"{plain}_" if plain.casefold() in {"fid", "geom"} else plain
    used = {each.casefold() for each in taken}
    number, result = 2, plain
    while result.casefold() in used:
        result, number = f"{plain}_{number}", number + 1
    return result


def _safe_name(wanted: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", wanted).strip("_").lower()
    return plain if plain and not plain[0].isdigit() else f"layer_{plain}".rstrip("_")


def _read_raster(path: Path, kind: str, crs: str) -> Imported:
    with opened(path) as source:
        found = crs_text(source.crs) if crs == "auto" else crs
        lattice = lattice_of(source, path, found)
    kind = guess_kind(path.stem, (), "raster") if kind == "auto" else kind
    unit = catalogue()[kind].unit if kind else ""
    provenance = Provenance(source=path.name)
    layer = RasterLayer(_safe_name(kind or path.stem), kind, str(path), lattice, unit, path.stem, provenance)
    return Imported(layer, path, "", lattice.crs, (), ())


def write_file(layer: VectorLayer, path: Path) -> None:
    """Write a layer as .gpkg, .geojson or .csv; the file appears whole or not at all.

    GeoJSON is in WGS 84, as its standard demands; CSV carries the geometry as WKT.

    Raises
    ------
    BadInput
        Another ending.
    CannotWrite
        No room, or no right to write.
    """
    path = Path(path).absolute()
    ending = path.suffix.lower()
    if ending not in {".gpkg", ".geojson", ".csv"}:
        raise BadInput("format_unknown", path=path)
    aside = path.with_name(f".new-{path.name}")
    try:
        if ending == ".csv":
            _csv_of(layer).to_csv(aside, index=False, encoding="utf-8-sig")
        else:
            _write_vector(layer, aside, _VECTOR[ending])
        with aside.open("rb+") as file:
            os.fsync(file.fileno())
        aside.replace(path)
    except KnownError:
        raise
    except (OSError, DataSourceError, DataLayerError, FeatureError) as error:
        raise CannotWrite("file_unwritable", path=path) from error
    finally:
        aside.unlink(missing_ok=True)


def _csv_of(layer: VectorLayer) -> pd.DataFrame:
    table = layer.attributes.copy()
    for column in table.select_dtypes(exclude="number"):
        table[column] = table[column].map(_harmless)
    if layer.geometry_kind != "table":
        table["wkt"] = shapely.to_wkt(layer.shapes.geometries(), rounding_precision=3)
    return table


def _harmless(cell: object) -> object:
    """Text that a spreadsheet would take for a formula gets an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell


def _write_vector(layer: VectorLayer, path: Path, driver: str) -> None:
    shapes, crs = layer.shapes, layer.crs
    if driver == "GeoJSON" and shapes.kind != "table":
        shapes, crs = transformed(shapes, crs, "EPSG:4326"), "EPSG:4326"
    geometry = None if shapes.kind == "table" else shapely.to_wkb(shapes.geometries())
    types = {"point": "MultiPoint", "line": "MultiLineString", "polygon": "MultiPolygon"}
    pyogrio.raw.write(
        path,
        geometry,
        [layer.attributes[c].to_numpy(dtype=object, na_value=None) for c in layer.attributes],
        list(layer.attributes.columns),
        driver=driver,
        layer=layer.name,
        geometry_type=types.get(shapes.kind),
        crs=crs or None,
    )
