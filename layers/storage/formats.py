"""The doors: foreign files come in as layers of the catalogue, layers go out as foreign files.

What a file does not say is found where that is safe (encoding, reference system, shift of web maps) and told
in a note; where it is not safe, a known error names what is missing. Nothing in a file is run or fetched.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from layers.census.catalogue import catalogue, guess_kind
from layers.errors import BadInput
from layers.grid import Lattice
from layers.layer import Provenance, RasterLayer, Shapes, VectorLayer
from layers.progress import Progress, ignore
from layers.storage.crs import FoundCrs, find_crs, is_geographic, named_crs, same_crs, transformed
from layers.storage.export import write_file
from layers.storage.fields import attributes_of
from layers.storage.foreign import Foreign, Note, Skipped, local_file
from layers.storage.loads import safe_name
from layers.storage.rasters import lattice_of, opened, with_crs
from layers.storage.region import SHIFTS, Region, find_shift, shifted
from layers.storage.tables import read_csv, read_xlsx, with_points
from layers.storage.vectors import read_geojson, read_geopackage, read_shapefile
from layers.words import Language, say

__all__ = ["READABLE", "Imported", "Skipped", "read_file", "write_file"]

_RASTERS = (".tif", ".tiff")
_READERS: dict[str, Callable[[Path, str, str], Foreign]] = {
    ".shp": lambda path, encoding, layer: read_shapefile(path, encoding),
    ".gpkg": lambda path, encoding, layer: read_geopackage(path, layer),
    ".geojson": lambda path, encoding, layer: read_geojson(path),
    ".json": lambda path, encoding, layer: read_geojson(path),
    ".csv": lambda path, encoding, layer: with_points(read_csv(path, encoding)),
    ".txt": lambda path, encoding, layer: with_points(read_csv(path, encoding)),
    ".xlsx": lambda path, encoding, layer: with_points(read_xlsx(path)),
}
READABLE = (*_READERS, *_RASTERS)
"""Endings of the files that `read_file` takes, in lower case."""


@dataclass(frozen=True)
class Imported:
    """A foreign file as a layer, and what happened on the way.

    Parameters
    ----------
    layer : VectorLayer or RasterLayer
    path : Path
    encoding : str
        In which the text was read; empty for a raster.
    crs : str
        In which the coordinates were read; empty for a table.
    notes : tuple of str
        What was assumed or found, in the language asked for.
    skipped : tuple of Skipped
        Rows that did not come in, with the key of the reason.
    """

    layer: VectorLayer | RasterLayer
    path: Path
    encoding: str
    crs: str
    notes: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()


def read_file(
    path: Path,
    *,
    kind: str = "auto",
    encoding: str = "auto",
    crs: str = "auto",
    gcj02: str = "auto",
    target_crs: str = "EPSG:4548",
    region: object | None = None,
    layer: str = "",
    language: Language = "zh_CN",
    progress: Progress = ignore,
) -> Imported:
    """A file from outside as a layer of the catalogue.

    Parameters
    ----------
    path : Path
        ``.shp .gpkg .geojson .json .csv .txt .xlsx .tif .tiff``.
    kind : str
        Name in the catalogue, ``""`` for none, ``"auto"`` to guess by file name and columns.
    encoding, crs : str
        ``"auto"`` to find them.
    gcj02 : {"auto", "no", "gcj02", "bd09"}
        Shift to be taken out of longitudes and latitudes; ``"auto"`` only where `region` proves it.
    target_crs : str
        Of the layer's shapes. A raster stays in its own.
    region : VectorLayer, Extent or shapely geometry, optional
        Where the data should lie, in `target_crs`.
    layer : str
        Of a GeoPackage; the first with geometry by default.
    language : {"zh_CN", "en"}
        Of the notes.
    progress : Progress

    Raises
    ------
    MissingFile, BadInput, UnknownCrs
        The file is not there, torn, empty, of another format, in no known encoding or reference system.
    """
    local = local_file(Path(path))
    ending = local.suffix.casefold()
    if ending in _RASTERS:
        return _read_raster(local, kind, crs, target_crs, Region.of(region), language)
    if ending not in _READERS:
        raise BadInput("format_unknown", path=path, readable=" ".join(READABLE))
    progress(0.0)
    foreign = _READERS[ending](local, encoding, layer)
    progress(0.5)
    found_kind = _kind_of(local, kind, list(map(str, foreign.table.columns)), foreign.kind)
    if foreign.kind == "table" and _geometry_of(found_kind) not in {"table", ""}:
        raise BadInput("no_coordinates", path=path, columns="、".join(map(str, foreign.table.columns[:12])))
    if not len(foreign.table):
        raise BadInput("no_coordinates_in_rows", path=path, count=len(foreign.skipped))
    placed, source_crs, notes = _placed(foreign, local, crs, gcj02, target_crs, Region.of(region))
    progress(0.8)
    return _as_layer(placed, local, found_kind, source_crs, target_crs, (*foreign.notes, *notes), language)


def _kind_of(path: Path, kind: str, columns: list[str], geometry: str) -> str:
    if kind != "auto":
        return kind
    return guess_kind(path.stem, columns, geometry)


def _geometry_of(kind: str) -> str:
    return catalogue()[kind].geometry if kind in catalogue() else ""


def _as_layer(
    foreign: Foreign,
    path: Path,
    kind: str,
    source_crs: str,
    target_crs: str,
    notes: tuple[Note, ...],
    language: Language,
) -> Imported:
    expected = _geometry_of(kind)
    if expected and expected != foreign.kind:
        notes = (*notes, Note("note.other_kind", {"kind": catalogue()[kind].title(language)}))
        kind = ""
    attributes, fields, unread = attributes_of(foreign, kind)
    told = _say((*notes, *unread), language)
    if foreign.skipped:
        told = (*told, say("note.skipped", language, count=len(foreign.skipped)))
    made = VectorLayer(
        safe_name(kind or path.stem),
        kind,
        target_crs if foreign.kind != "table" else "",
        foreign.shapes,
        attributes,
        _title(path, kind, language),
        fields,
        Provenance(source=path.name, note="；".join(told)),
    )
    return Imported(made, path, foreign.encoding, source_crs, told, foreign.skipped)


def _say(notes: tuple[Note, ...], language: Language) -> tuple[str, ...]:
    return tuple(say(note.key, language, **note.facts) for note in notes)


def _title(path: Path, kind: str, language: Language) -> str:
    """The file's name if it is Chinese or of no known kind, else the kind's."""
    chinese = any("\u4e00" <= letter <= "\u9fff" for letter in path.stem)
    return path.stem if chinese or kind not in catalogue() else catalogue()[kind].title(language)


def _placed(
    foreign: Foreign, path: Path, crs: str, gcj02: str, target: str, region: Region
) -> tuple[Foreign, str, tuple[Note, ...]]:
    """The rows with coordinates in the target system, the system they were read in, and what was assumed."""
    if foreign.kind == "table":
        return foreign, "", ()
    found, notes = _crs_of(foreign, path, crs, target, region)
    shapes = foreign.shapes
    if found.swapped:
        shapes = Shapes(shapes.kind, np.ascontiguousarray(shapes.xy[:, ::-1]), shapes.offsets)
        notes = (*notes, Note("note.swapped", {}))
    if is_geographic(found.crs):
        doubtful = crs == "auto" and not foreign.crs
        shapes, more = _unshifted(shapes, gcj02, region, target, doubtful=doubtful)
        notes = (*notes, *more)
    moved = replace(foreign, shapes=transformed(shapes, found.crs, target))
    sound = _rows_that_fit(moved.shapes)
    if not sound.any():
        raise BadInput("coordinates_unfit", path=path, crs=found.crs)
    kept = moved.keep(sound, "skip.coordinates_unfit")
    return kept, found.crs, (*notes, *_far_away(kept.shapes, region))


def _crs_of(
    foreign: Foreign, path: Path, crs: str, target: str, region: Region
) -> tuple[FoundCrs, tuple[Note, ...]]:
    if crs != "auto":
        return FoundCrs(named_crs(crs)), ()
    if foreign.crs:
        return FoundCrs(named_crs(foreign.crs)), ()
    x, y = foreign.shapes.xy.T
    found = find_crs(x, y, path, region.extent, target)
    return found, (Note("note.crs_found", {"crs": found.crs}),)


def _unshifted(
    shapes: Shapes, gcj02: str, region: Region, target: str, *, doubtful: bool
) -> tuple[Shapes, tuple[Note, ...]]:
    """Without the shift of web maps, if it was asked for or is proven."""
    if gcj02 in SHIFTS:
        return shifted(shapes, gcj02), (Note("note.shift_removed", {"shift": gcj02.upper()}),)
    if gcj02 != "auto" or not doubtful:
        return shapes, ()
    shift = find_shift(shapes, region, target)
    if shift is None:
        return shapes, (Note("note.shift_untested", {}),)
    if not shift:
        return shapes, ()
    return shifted(shapes, shift), (Note("note.shift_found", {"shift": shift.upper()}),)


def _rows_that_fit(shapes: Shapes) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Rows all of whose coordinates are finite."""
    finite = np.isfinite(shapes.xy).all(axis=1)
    bad = np.concatenate([[0], np.cumsum(~finite)])
    return np.asarray(bad[shapes.spans[1:]] == bad[shapes.spans[:-1]])


def _far_away(shapes: Shapes, region: Region) -> tuple[Note, ...]:
    extent = shapes.extent
    if region.extent is None or extent is None or extent.meets(region.extent):
        return ()
    return (Note("note.far_away", {}),)


def _read_raster(
    path: Path, kind: str, crs: str, target: str, region: Region, language: Language
) -> Imported:
    with opened(path) as source:
        declared = named_crs(crs) if crs != "auto" else ""
        notes: tuple[Note, ...] = ()
        if not declared and not source.crs:
            bounds = source.bounds
            x, y = np.array([bounds.left, bounds.right]), np.array([bounds.bottom, bounds.top])
            declared = find_crs(x, y, path, region.extent, target).crs
            notes = (Note("note.crs_found", {"crs": declared}),)
        lattice: Lattice = lattice_of(source, path, declared)
        unit = source.units[0] or ""
        stored = path
        if declared and (not source.crs or not same_crs(declared, lattice.crs)):
            stored, lattice = with_crs(path, declared), replace(lattice, crs=declared)
    found_kind = _kind_of(path, kind, [], "raster")
    unit = unit or (catalogue()[found_kind].unit if found_kind in catalogue() else "")
    told = _say(notes, language)
    made = RasterLayer(
        safe_name(found_kind or path.stem),
        found_kind,
        str(stored),
        lattice,
        unit,
        _title(path, found_kind, language),
        Provenance(source=path.name, note="；".join(told)),
    )
    return Imported(made, path, "", lattice.crs, told)
