"""Layers as foreign files: written aside, put on the disk, then into their place."""

import csv
import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from layers.errors import BadInput, CannotWrite
from layers.layer import VectorLayer
from layers.storage.connection import connect, transaction, translated
from layers.storage.crs import GEOGRAPHIC, transformed
from layers.storage.foreign import Note
from layers.storage.loads import store_vector, with_uuid
from layers.storage.registry import is_project
from layers.storage.schema import APPLICATION_ID, GEOPACKAGE_VERSION, list_table, make_geopackage
from layers.storage.shapefile_export import DICTIONARY, outer_blanks, write_shapefile

WRITTEN_IN = {".geojson": "EPSG:4326", ".csv": GEOGRAPHIC, ".xlsx": GEOGRAPHIC}
"""Formats that hold longitude and latitude of one system, whatever the layer has."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_DEGREES = ("经度(CGCS2000)", "纬度(CGCS2000)")  # so that no reader has to ask
_LARGEST_SHEET = 1_048_575
_LARGEST_WHOLE = 10**15
_LONGEST_CELL = 32_767


@dataclass(frozen=True)
class Exported:
    """What was written, and what a file of that kind cannot carry.

    Parameters
    ----------
    paths : tuple of Path
    notes : tuple of Note
    """

    paths: tuple[Path, ...]
    notes: tuple[Note, ...] = ()


def write_file(layer: VectorLayer, path: Path) -> Exported:
    """Write a layer as ``.shp .gpkg .geojson .csv .xlsx``; the file appears whole or not at all.

    Spreadsheets carry the fields' Chinese names, points as 经度(CGCS2000) and 纬度(CGCS2000); lines and
    polygons leave their geometry behind, which a note says. Cells that a spreadsheet would take for a formula
    are written as text. Shapefiles: see `write_shapefile`.

    Raises
    ------
    BadInput
        Another ending, or more than such a file holds: rows, text in a cell, bytes. Nothing is cut.
    CannotWrite
        No room, no right to write, or a project stands there.
    """
    path = Path(path).absolute()
    if is_project(path):
        raise CannotWrite("project_in_the_way", path=path)
    if path.suffix.casefold() == ".shp":
        return Exported(write_shapefile(layer, path), _renamed(layer))
    write = _WRITERS.get(path.suffix.casefold())
    if write is None:
        raise BadInput("format_unknown", path=path, readable=" ".join((*_WRITERS, ".shp")))
    aside = path.with_name(f".{path.name}.new")
    try:
        with suppress(OSError):
            aside.unlink()
        write(layer, aside)
        with aside.open("rb+") as file:
            os.fsync(file.fileno())
        aside.replace(path)
        return Exported((path,), _left_behind(layer, path))
    except (BadInput, CannotWrite):
        raise
    except OSError as error:
        raise CannotWrite("file_unwritable", path=path) from error
    finally:
        with suppress(OSError):  # where nothing can be written, nothing stands
            aside.unlink()


def _renamed(layer: VectorLayer) -> tuple[Note, ...]:
    notes = [Note("note.field_dictionary", {"dictionary": DICTIONARY})] if layer.fields else []
    blanks = outer_blanks(layer)
    if blanks:
        notes.append(Note("note.blanks_dropped", {"count": blanks}))
    return tuple(notes)


def _left_behind(layer: VectorLayer, path: Path) -> tuple[Note, ...]:
    """What a spreadsheet does not carry."""
    if path.suffix.casefold() not in {".csv", ".xlsx"}:
        return ()
    notes = []
    if layer.geometry_kind in {"line", "polygon"}:
        notes.append(Note("note.geometry_left", {}))
    several = int(np.sum(np.diff(layer.shapes.spans) > 1)) if layer.geometry_kind == "point" else 0
    if several:
        notes.append(Note("note.points_left", {"count": several}))
    return tuple(notes)


def _write_csv(layer: VectorLayer, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        for row in _table(layer):
            writer.writerow([_harmless(value) for value in row])


def _harmless(value: Any) -> Any:
    """Text that a spreadsheet would reckon gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _write_xlsx(layer: VectorLayer, path: Path) -> None:
    if len(layer) > _LARGEST_SHEET:
        raise BadInput("sheet_too_long", rows=len(layer), limit=_LARGEST_SHEET)
    import openpyxl  # the window opens sooner without it

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("".join(c for c in layer.title if c not in r"[]:*?/\'")[:31] or layer.name)
    for row in _table(layer):
        sheet.append([_sheet_cell(sheet, value) for value in row])
    book.save(path)


def _sheet_cell(sheet: Any, value: Any) -> Any:
    """Numbers of more than fifteen digits are text in a sheet: it would forget the last ones."""
    if isinstance(value, int) and abs(value) >= _LARGEST_WHOLE:
        return _text_cell(sheet, str(value))
    return _text_cell(sheet, value) if isinstance(value, str) else value


def _text_cell(sheet: Any, value: str) -> Any:
    if len(value) > _LONGEST_CELL:
        raise BadInput("cell_too_long", text=value[:20], length=len(value), limit=_LONGEST_CELL)
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, WriteOnlyCell

    plain = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value)
    cell = WriteOnlyCell(sheet, plain)
    cell.data_type = "s"
    cell.quotePrefix = plain.startswith(_FORMULA)
    return cell


def _table(layer: VectorLayer) -> Iterator[list[Any]]:
    """A header of Chinese names, then the rows; ``None`` for no data."""
    columns = [str(column) for column in layer.attributes]
    names = {field.name: field.zh for field in layer.fields if field.zh}
    points = _points(layer)
    yield [
        *(names.get(column, column) for column in columns),
        *([*_DEGREES] if points is not None else []),
    ]
    cells = [_plain(layer.attributes[column]) for column in columns]
    if points is not None:
        cells += [[None if np.isnan(v) else round(v, 8) for v in part.tolist()] for part in points]
    yield from (list(row) for row in zip(*cells, strict=True))


def _plain(values: Any) -> list[Any]:
    missing = values.isna().tolist()
    return [None if no else value for no, value in zip(missing, values.tolist(), strict=True)]


def _points(layer: VectorLayer) -> "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]] | None":
    """Longitude and latitude of each point (the first of several), NaN where there is none."""
    if layer.geometry_kind != "point":
        return None
    degrees = transformed(layer.shapes, layer.crs, GEOGRAPHIC)
    first = np.full((len(layer), 2), np.nan)
    filled = np.diff(degrees.spans) > 0
    first[filled] = degrees.xy[degrees.spans[:-1][filled]]
    return first[:, 0], first[:, 1]


def _write_geojson(layer: VectorLayer, path: Path) -> None:
    """RFC 7946: longitude and latitude, seven decimals (a centimetre)."""
    degrees = transformed(layer.shapes, layer.crs, WRITTEN_IN[".geojson"])
    rounded = replace(degrees, xy=np.round(degrees.xy, 7))
    geometries = shapely.to_geojson(rounded.geometries())
    columns = [str(column) for column in layer.attributes]
    cells = zip(*(_plain(layer.attributes[column]) for column in columns), strict=True)
    with path.open("w", encoding="utf-8") as file:
        file.write('{"type":"FeatureCollection","features":[')
        for number, (geometry, row) in enumerate(zip(geometries, cells, strict=True)):
            properties = json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False)
            shape = geometry if geometry and '"coordinates":[]' not in geometry.replace(" ", "") else "null"
            file.write(",\n" if number else "\n")
            file.write(f'{{"type":"Feature","properties":{properties},"geometry":{shape}}}')
        file.write("\n]}\n")


def _write_gpkg(layer: VectorLayer, path: Path) -> None:
    write_layers([layer], path)


def write_layers(layers: Sequence[VectorLayer], path: Path) -> None:
    """A plain GeoPackage of several layers, of different names; the file must be new.

    Raises
    ------
    CannotWrite
        No room, or no right to write.
    """
    path.touch()
    with translated(path), closing(connect(path, read_only=False)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {GEOPACKAGE_VERSION}")
        with transaction(connection):
            _fill(connection, layers)


def _fill(connection: sqlite3.Connection, layers: Sequence[VectorLayer]) -> None:
    srs_id = make_geopackage(connection, next((layer.crs for layer in layers if layer.crs), GEOGRAPHIC))
    for layer in layers:
        store_vector(connection, replace(layer, attributes=with_uuid(layer.attributes)))
        title = layer.title or layer.name
        list_table(connection, layer.name, layer.geometry_kind, title, srs_id, layer.shapes.extent)


_WRITERS: dict[str, Callable[[VectorLayer, Path], None]] = {
    ".csv": _write_csv,
    ".xlsx": _write_xlsx,
    ".geojson": _write_geojson,
    ".gpkg": _write_gpkg,
}
