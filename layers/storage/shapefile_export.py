"""A layer as a shapefile: short safe names with a dictionary, Chinese text, reopened and compared.

A shapefile holds ten bytes of a field's name and 254 of a text. Here a longer text goes into several columns
and a longer name into the dictionary beside the file; what still cannot be held is refused, never cut.
"""

import csv
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from layers.errors import BadInput, CannotWrite
from layers.late import Late
from layers.layer import Field, VectorLayer
from layers.storage.shapefile import read_shapefile

pyogrio = Late("pyogrio")

NAME_BYTES = 10
TEXT_BYTES = 254
LARGEST_INTEGER = 10**18
LARGEST_REAL = 1e23  # what 24 characters of a table hold
LARGEST_FILE = 2**31 - 1
DICTIONARY = "_字段.csv"
_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_INDEXES = (".sbn", ".sbx", ".qix", ".idm", ".ind", ".fix")
_SINGLE = {"point": "Point", "line": "LineString", "polygon": "Polygon"}
_CHINESE_DRIVER = 0x4D
_HEADER = ("column", "part", "field", "zh", "en", "unit", "type")


@dataclass(frozen=True)
class Column:
    """A column of the table.

    Parameters
    ----------
    name : str
        At most ten bytes.
    part : int
        From 1; a long text has several.
    field : Field
    values : ndarray
        Texts as the bytes of their encoding in Latin-1, numbers, or days.
    """

    name: str
    part: int
    field: Field
    values: NDArray[Any]


def write_shapefile(layer: VectorLayer, path: Path) -> tuple[Path, ...]:
    """Write a layer; returns the files: ``.shp .shx .dbf .prj .cpg`` and the dictionary of its fields.

    Text is GBK where that holds it all, else GB18030; both are marked. The file is read again and compared
    before it takes its place.

    Raises
    ------
    BadInput
        A table without geometry, a number or a file too large, or what was read back differs.
    CannotWrite
        No room, or no right to write.
    """
    if layer.geometry_kind == "table":
        raise BadInput("shapefile_needs_geometry", path=path)
    encoding = _encoding(layer)
    columns = tuple(_columns(layer, encoding))
    try:
        with tempfile.TemporaryDirectory(prefix=f".{path.stem}-", dir=path.parent) as folder:
            aside = Path(folder) / path.name
            _write(layer, columns, encoding, aside)
            _compare(layer, columns, encoding, aside)
            _write_dictionary(columns, aside)
            return _put(aside, path)
    except OSError as error:
        raise CannotWrite("file_unwritable", path=path) from error


# --- columns -------------------------------------------------------------------------------------------


def _encoding(layer: VectorLayer) -> str:
    texts = [text for name in layer.attributes for text in _texts(layer.attributes[name]) if text]
    try:
        "".join([*texts, *(field.zh for field in layer.fields)]).encode("gbk")
    except UnicodeEncodeError:
        return "gb18030"
    return "gbk"


def _texts(values: "pd.Series[Any]") -> list[str | None]:
    if pd.api.types.is_numeric_dtype(values):
        return []
    missing = values.isna().tolist()
    return [
        None if no else str(value).strip(" \0") for no, value in zip(missing, values.tolist(), strict=True)
    ]


def outer_blanks(layer: VectorLayer) -> int:
    """How many texts begin or end with blanks, which a shapefile's table does not keep."""
    return sum(
        int(layer.attributes[name].map(lambda v: isinstance(v, str) and v != v.strip(" \0")).sum())
        for name in layer.attributes
        if not pd.api.types.is_numeric_dtype(layer.attributes[name])
    )


def _columns(layer: VectorLayer, encoding: str) -> Iterator[Column]:
    known = {field.name: field for field in layer.fields}
    taken: set[str] = set()
    for name in map(str, layer.attributes):
        field = known.get(name, Field(name))
        values = layer.attributes[name]
        for part, cells in enumerate(_cells(values, field, encoding), 1):
            yield Column(safe_field_name(field, part, taken, encoding), part, field, cells)


def safe_field_name(field: Field, part: int, taken: set[str], encoding: str) -> str:
    """A name of at most ten bytes that no other column has; it is added to `taken`.

    The Chinese name if it is short enough, else the English one, else a shortened one with a number.

    Examples
    --------
    >>> safe_field_name(Field("population", zh="常住人口"), 1, set(), "gbk")
    '常住人口'
    >>> safe_field_name(Field("hazchem_name", zh="危险化学品名称"), 1, {"hazchem_na"}, "gbk")
    'hazchem__2'
    """
    whole = [re.sub(r"\W", "_", wanted) for wanted in (field.zh, field.name)]
    stem = whole[1] if field.name.isascii() or not field.zh else whole[0]
    numbered = (
        f"{_cut(stem, NAME_BYTES - len(str(number)) - 1, encoding)}_{number}"
        for number in count(max(part, 2))
    )
    first = [*whole, _cut(stem, NAME_BYTES, encoding)] if part == 1 else []
    name = next(
        wanted
        for wanted in chain(first, numbered)
        if 0 < len(wanted.encode(encoding)) <= NAME_BYTES and wanted.casefold() not in taken
    )
    taken.add(name.casefold())
    return name


def _cut(text: str, size: int, encoding: str) -> str:
    while len(text.encode(encoding)) > size:
        text = text[:-1]
    return text


def _cells(values: "pd.Series[Any]", field: Field, encoding: str) -> Iterator[NDArray[Any]]:
    if pd.api.types.is_numeric_dtype(values):
        yield _numbers(values, field)
        return
    texts = _texts(values)
    if field.type == "date" and all(text is None or _is_day(text) for text in texts):
        yield np.array([text or "NaT" for text in texts], "datetime64[D]")
        return
    pieces = [_pieces(text, encoding) for text in texts]
    for part in range(max((len(p) for p in pieces), default=1) or 1):
        yield np.array([p[part] if part < len(p) else None for p in pieces], dtype=object)


def _is_day(text: str) -> bool:
    try:
        return str(np.datetime64(text, "D")) == text
    except ValueError:
        return False


def _numbers(values: "pd.Series[Any]", field: Field) -> NDArray[Any]:
    if pd.api.types.is_integer_dtype(values):
        whole: NDArray[np.int64] = values.to_numpy(np.int64)
        if whole.size and int(np.abs(whole).max()) >= LARGEST_INTEGER:
            raise BadInput("number_too_large", field=field.zh or field.name, value=int(np.abs(whole).max()))
        return whole
    numbers = np.asarray(values.to_numpy(np.float64, na_value=np.nan))
    huge = np.flatnonzero(np.abs(numbers) >= LARGEST_REAL)
    if len(huge):
        raise BadInput("number_too_large", field=field.zh or field.name, value=float(numbers[huge[0]]))
    return numbers


def _pieces(text: str | None, encoding: str) -> list[str]:
    """A text in pieces that a column holds, each as the bytes of its encoding in Latin-1."""
    pieces: list[str] = []
    while text:
        piece = _cut(text[:TEXT_BYTES], TEXT_BYTES, encoding)
        while len(piece) > 1 and piece != text and " " in (piece[-1], text[len(piece)]):
            piece = piece[:-1]  # a table forgets blanks at both ends of a cell
        pieces.append(piece.encode(encoding).decode("latin-1"))
        text = text[len(piece) :]
    return pieces


# --- writing -------------------------------------------------------------------------------------------


def _write(layer: VectorLayer, columns: Sequence[Column], encoding: str, path: Path) -> None:
    geometries = layer.shapes.geometries()
    if layer.geometry_kind == "point" and int(np.diff(layer.shapes.spans).max(initial=0)) > 1:
        kind = "MultiPoint"
    else:
        kind = _SINGLE[layer.geometry_kind]
        geometries = _single(geometries)
    width = sum(TEXT_BYTES if c.values.dtype == object else 24 for c in columns)
    if len(layer) * width > LARGEST_FILE or layer.shapes.xy.nbytes * 1.1 > LARGEST_FILE:
        raise BadInput("shapefile_too_large", path=path.name)
    wkb = shapely.to_wkb(geometries)
    wkb[shapely.is_empty(geometries)] = None
    dummy = [np.arange(len(layer))] if not columns else [c.values for c in columns]
    pyogrio.raw.write(
        path,
        geometry=wkb,
        field_data=dummy,
        fields=[_as_latin(c.name, encoding) for c in columns] or ["id"],
        geometry_type=kind,
        crs="EPSG:4326",
        encoding="ISO-8859-1",
        driver="ESRI Shapefile",
    )
    path.with_suffix(".prj").write_text(pyproj.CRS(layer.crs).to_wkt("WKT1_ESRI"), "utf-8")
    path.with_suffix(".cpg").write_text(encoding.upper(), "ascii")
    with path.with_suffix(".dbf").open("rb+") as table:
        table.seek(29)
        table.write(bytes([_CHINESE_DRIVER]))


def _single(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Multi-geometries of one part as that part: what programs expect of a shapefile of points."""
    one = shapely.get_num_geometries(geometries) == 1
    made = geometries.copy()
    made[one] = shapely.get_geometry(geometries[one], 0)
    return made


def _as_latin(text: str, encoding: str) -> str:
    return text.encode(encoding).decode("latin-1")


def _write_dictionary(columns: Sequence[Column], path: Path) -> None:
    with path.with_name(path.stem + DICTIONARY).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADER)
        for c in columns:
            f = c.field
            writer.writerow([c.name, c.part, f.name, f.zh, f.en, f.unit, f.type])


def _put(aside: Path, path: Path) -> tuple[Path, ...]:
    """Move all parts into their places, the geometry last; indexes of an older file go."""
    for ending in _INDEXES:
        path.with_suffix(ending).unlink(missing_ok=True)
    names = [path.stem + DICTIONARY, *(path.stem + ending for ending in reversed(_PARTS))]
    for name in names:
        part = aside.with_name(name)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path.with_name(name))
    return tuple(path.with_name(name) for name in reversed(names))


# --- comparing -----------------------------------------------------------------------------------------


def _compare(layer: VectorLayer, columns: Sequence[Column], encoding: str, path: Path) -> None:
    """Read the file as a stranger would, and refuse it if anything differs.

    Raises
    ------
    BadInput
        Names the field and the row, or that the shapes differ.
    """
    back = read_shapefile(path, "auto") if _has_places(layer) else None
    meta, _, wkb, cells = pyogrio.raw.read(path, datetime_as_string=True)
    names = list(meta["fields"])
    if columns and (names != [c.name for c in columns] or len(wkb) != len(layer)):
        raise BadInput("export_differs", path=path.name, place="、".join(names[:5]))
    for c, read in zip(columns, cells, strict=bool(columns)):
        differing = _differing(c, read, encoding)
        if differing.any():
            place = f"{c.field.zh or c.field.name}, {int(np.flatnonzero(differing)[0]) + 1}"
            raise BadInput("export_differs", path=path.name, place=place)
    shapes = shapely.normalize(shapely.from_wkb(wkb))
    meant = shapely.normalize(_single(layer.shapes.geometries()))
    same = shapely.equals_exact(shapes, meant, 1e-9) | (shapely.is_missing(shapes) & shapely.is_empty(meant))
    if not same.all() and not _same_area(shapes[~same], meant[~same]):
        raise BadInput("export_differs", path=path.name, place=str(int(np.flatnonzero(~same)[0]) + 1))
    if back is not None and back.encoding not in {"gb18030", "utf-8"}:
        raise BadInput("export_differs", path=path.name, place=back.encoding)


def _has_places(layer: VectorLayer) -> bool:
    return bool(len(layer.shapes.xy))


def _same_area(one: NDArray[np.object_], other: NDArray[np.object_]) -> bool:
    """Rings may come back in another grouping: then the same ground must be covered."""
    if shapely.is_missing(one).any() or not (shapely.is_valid(one) & shapely.is_valid(other)).all():
        return bool((shapely.get_num_coordinates(one) == shapely.get_num_coordinates(other)).all())
    return bool(np.all(shapely.area(shapely.symmetric_difference(one, other)) <= 1e-9 * shapely.area(other)))


def _differing(c: Column, read: NDArray[Any], encoding: str) -> NDArray[np.bool_]:
    if c.values.dtype == object:
        meant = [None if v is None else v.encode("latin-1").decode(encoding) for v in c.values]
        return np.array([a != b for a, b in zip(meant, read.tolist(), strict=True)], bool)
    if c.values.dtype.kind == "M":
        days = np.array([str(value)[:10] for value in read])
        there = ~np.isnat(c.values)
        return np.asarray(there & (days != c.values.astype(str)))
    numbers, got = c.values.astype(np.float64), read.astype(np.float64)
    both = np.isnan(numbers) & np.isnan(got)
    near = np.abs(numbers - got) <= 1e-12 * np.maximum(np.abs(numbers), 1e-3)
    return np.asarray(~(both | near))
