"""The doors: foreign files come in as layers of the catalogue, layers go out as foreign files.

What a file does not say is found where that is safe (encoding, reference system, shift of web maps) and told
in a note; where it is not safe, a known error names what is missing. Nothing in a file is run or fetched.
"""

import codecs
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from layers.census.catalogue import catalogue, guess_kind
from layers.errors import BadInput, KnownError
from layers.grid import Lattice
from layers.layer import Provenance, RasterLayer, VectorLayer
from layers.progress import Progress, ignore
from layers.storage.archive import ARCHIVES, unpacked
from layers.storage.crs import find_crs, named_crs, same_crs
from layers.storage.export import write_file
from layers.storage.fields import attributes_of
from layers.storage.foreign import Foreign, Note, Skipped, local_file
from layers.storage.loads import safe_name
from layers.storage.placing import Ways, placed
from layers.storage.rasters import lattice_of, opened, with_crs
from layers.storage.region import Region
from layers.storage.shapefile import read_shapefile
from layers.storage.tables import read_csv, read_xlsx, with_points
from layers.storage.vectors import read_dxf, read_filegdb, read_geojson, read_geopackage, read_kml
from layers.words import Language, say

__all__ = ["READABLE", "Imported", "Skipped", "read_file", "write_file"]

RASTERS = (".tif", ".tiff")
"""Endings of rasters."""

_READERS: dict[str, Callable[[Path, str, str], Foreign]] = {
    ".shp": lambda path, encoding, layer: read_shapefile(path, encoding),
    ".gpkg": lambda path, encoding, layer: read_geopackage(path, layer),
    ".gdb": lambda path, encoding, layer: read_filegdb(path, layer),
    ".kml": lambda path, encoding, layer: read_kml(path, layer),
    ".dxf": lambda path, encoding, layer: read_dxf(path),
    ".geojson": lambda path, encoding, layer: read_geojson(path),
    ".json": lambda path, encoding, layer: read_geojson(path),
    ".csv": lambda path, encoding, layer: with_points(read_csv(path, encoding)),
    ".txt": lambda path, encoding, layer: with_points(read_csv(path, encoding)),
    ".xlsx": lambda path, encoding, layer: with_points(read_xlsx(path, layer)),
}
READABLE = (*_READERS, *RASTERS, *ARCHIVES)
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
    altered : tuple of Skipped
        Rows that came in otherwise than they stand in the file, or doubtful, with the key of the reason.
    """

    layer: VectorLayer | RasterLayer
    path: Path
    encoding: str
    crs: str
    notes: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    altered: tuple[Skipped, ...] = ()


def read_file(
    path: Path,
    *,
    kind: str = "auto",
    encoding: str = "auto",
    crs: str = "auto",
    gcj02: str = "auto",
    target_crs: str = "EPSG:4548",
    region: object | None = None,
    anchors: Sequence[VectorLayer] = (),
    layer: str = "",
    language: Language = "zh_CN",
    progress: Progress = ignore,
) -> Imported:
    """A file from outside as a layer of the catalogue.

    Parameters
    ----------
    path : Path
        ``.shp .gpkg .gdb .geojson .json .kml .dxf .csv .txt .xlsx .tif .tiff``, or one of them (no raster)
        in a ``.zip`` or ``.kmz``.
    kind : str
        Name in the catalogue, ``""`` for none, ``"auto"`` to guess by file name and columns.
    encoding, crs : str
        ``"auto"`` to find them.
    gcj02 : {"auto", "no", "yes", "gcj02", "bd09"}
        Shift to be taken out of longitudes and latitudes. With ``"auto"`` it is found where `region` and
        `anchors` prove it, and asked about where nothing does, nor the file or its format names the system;
        ``"yes"`` is ``"gcj02"``.
    target_crs : str
        Of the layer's shapes. A raster stays in its own.
    region : VectorLayer, Extent or shapely geometry, optional
        Where the data should lie, in `target_crs`.
    anchors : sequence of VectorLayer
        Further layers of the project, in `target_crs`: regions with code and name, points with name. Rows of
        the file that name them tell whether their degrees are shifted.
    layer : str
        Of a file that has several; the first with geometry by default. In an archive the file's name.
    language : {"zh_CN", "en"}
        Of the notes.
    progress : Progress

    Raises
    ------
    MissingFile, BadInput, UnknownCrs
        The file is not there, torn, empty, of another format, in no known encoding or reference system. Where
        there are several answers the facts of `UnknownCrs` name the ``candidates``.
    """
    local = local_file(Path(path))
    _refuse_words(local, kind, encoding)
    around = Region.of(region, anchors)
    ways = Ways(kind, encoding, crs, {"yes": "gcj02"}.get(gcj02, gcj02), target_crs, layer, language)
    if local.suffix.casefold() in ARCHIVES:
        with unpacked(local, tuple(_READERS), layer) as inner:
            try:
                return replace(_read(inner, replace(ways, layer=""), around, progress), path=local)
            except KnownError as error:  # it speaks of what was given, not of what was unpacked
                error.facts |= {"path": local} if "path" in error.facts else {}
                raise
    return _read(local, ways, around, progress)


def _refuse_words(path: Path, kind: str, encoding: str) -> None:
    """Words that name nothing are not passed over."""
    if kind not in {"auto", "", *catalogue()}:
        raise BadInput("kind_unknown", kind=kind, known="、".join(catalogue()))
    try:
        codecs.lookup("utf-8" if encoding == "auto" else encoding)
    except (LookupError, ValueError) as error:
        raise BadInput("encoding_wrong", path=path, encoding=encoding) from error


def _read(path: Path, ways: Ways, region: Region, progress: Progress) -> Imported:
    ending = path.suffix.casefold()
    if ending in RASTERS:
        return _read_raster(path, ways, region)
    if ending not in _READERS:
        raise BadInput("format_unknown", path=path, readable=" ".join(READABLE))
    progress(0.0)
    foreign = _READERS[ending](path, ways.encoding, ways.layer)
    progress(0.5)
    found_kind = _kind_of(path, ways.kind, list(map(str, foreign.table.columns)), foreign.kind)
    if foreign.kind == "table" and _geometry_of(found_kind) not in {"table", ""}:
        raise BadInput("no_coordinates", path=path, columns="、".join(map(str, foreign.table.columns[:12])))
    if not len(foreign.table):
        raise BadInput("no_coordinates_in_rows", path=path, count=len(foreign.skipped))
    there, source_crs, notes = placed(foreign, path, ways, region)
    progress(0.8)
    return _as_layer(there, path, found_kind, source_crs, (*foreign.notes, *notes), ways)


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
    notes: tuple[Note, ...],
    ways: Ways,
) -> Imported:
    language = ways.language
    expected = _geometry_of(kind)
    if expected and expected != foreign.kind:
        notes = (*notes, Note("note.other_kind", {"kind": catalogue()[kind].title(language)}))
        kind = ""
    attributes, fields, unread, altered = attributes_of(foreign, kind)
    told = _say((*notes, *unread), language)
    if foreign.skipped:
        told = (*told, say("note.skipped", language, count=len(foreign.skipped)))
    made = VectorLayer(
        safe_name(kind or path.stem),
        kind,
        ways.target if foreign.kind != "table" else "",
        foreign.shapes,
        attributes,
        _title(path, kind, language),
        fields,
        Provenance(source=path.name, note="；".join(told), shift=_shift_in(notes)),
    )
    altered = tuple(sorted((*foreign.altered, *altered)))
    return Imported(made, path, foreign.encoding, source_crs, told, tuple(sorted(foreign.skipped)), altered)


def _shift_in(notes: tuple[Note, ...]) -> str:
    return next((str(note.facts["shift"]).casefold() for note in notes if "shift" in note.facts), "")


def _say(notes: tuple[Note, ...], language: Language) -> tuple[str, ...]:
    return tuple(say(note.key, language, **note.facts) for note in notes)


def _title(path: Path, kind: str, language: Language) -> str:
    """The file's name if it is Chinese or of no known kind, else the kind's."""
    chinese = any("\u4e00" <= letter <= "\u9fff" for letter in path.stem)
    return path.stem if chinese or kind not in catalogue() else catalogue()[kind].title(language)


def _read_raster(path: Path, ways: Ways, region: Region) -> Imported:
    with opened(path) as source:
        declared = named_crs(ways.crs) if ways.crs != "auto" else ""
        notes: tuple[Note, ...] = ()
        if not declared and not source.crs:
            bounds = source.bounds
            x, y = np.array([bounds.left, bounds.right]), np.array([bounds.bottom, bounds.top])
            declared = find_crs(x, y, path, region.extent, ways.target).crs
            notes = (Note("note.crs_found", {"crs": declared}),)
        lattice: Lattice = lattice_of(source, path, declared)
        unit = source.units[0] or ""
        stored = path
        if declared and (not source.crs or not same_crs(declared, lattice.crs)):
            stored, lattice = with_crs(path, declared), replace(lattice, crs=declared)
    found_kind = _kind_of(path, ways.kind, [], "raster")
    if _geometry_of(found_kind) not in {"raster", ""}:
        notes = (*notes, Note("note.other_kind", {"kind": catalogue()[found_kind].title(ways.language)}))
        found_kind = ""
    unit = unit or (catalogue()[found_kind].unit if found_kind in catalogue() else "")
    told = _say(notes, ways.language)
    made = RasterLayer(
        safe_name(found_kind or path.stem),
        found_kind,
        str(stored),
        lattice,
        unit,
        _title(path, found_kind, ways.language),
        Provenance(source=path.name, note="；".join(told)),
    )
    return Imported(made, path, "", lattice.crs, told)
