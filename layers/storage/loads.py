"""Whole layers into a project: the edit that registers them, and their bulk storing."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from layers.census.catalogue import catalogue
from layers.changes import Change, Edit
from layers.errors import BadInput, CannotWrite, MissingFile
from layers.layer import Layer, RasterLayer, VectorLayer
from layers.storage.blobs import blobs_of
from layers.storage.crs import same_crs, transformed
from layers.storage.entries import LayerEntry, row_of
from layers.storage.rtree import fill_index
from layers.storage.schema import (
    COLUMN_TYPES,
    add_crs,
    has_table,
    is_reserved,
    make_key,
    make_table,
    make_triggers,
    quoted,
)

if TYPE_CHECKING:
    from layers.storage.geopackage import ProjectFile

_DATES = r"\d{4}-\d{2}-\d{2}"
_BATCH = 20_000


def load(
    name: str,
    layers: Sequence[Layer],
    project: ProjectFile,
    *,
    replace_kind: bool = False,
    instead_of: Collection[str] = (),
) -> Edit:
    """The edit that stores whole layers in a project and registers them.

    Layers get names that no table of the project has had, vector layers the project's reference system,
    and every row a UUID.

    Parameters
    ----------
    name : str
        What the user did, in the user's language.
    layers : sequence of Layer
    project : ProjectFile
    replace_kind : bool
        Take layers of the same kinds off the list in the same edit (a model was run anew).
    instead_of : collection of str
        Further kinds whose layers are taken off the list.

    Raises
    ------
    MissingFile
        A raster's file is not there.
    """
    taken: set[str] = set()
    position = max((entry.position for entry in project.layers()), default=0)
    kinds = {layer.kind for layer in layers if layer.kind} if replace_kind else set()
    changes = list(_removals(kinds | set(instead_of), project))
    loads: list[Layer] = []
    for place, layer in enumerate(layers, position + 1):
        named = replace(layer, name=project.free_name(layer.name, taken))
        taken.add(named.name.casefold())
        ready = _ready(named, project.crs)
        loads.append(ready)
        changes.append(Change("layers", ready.name, None, row_of(_entry(ready, place))))
    return Edit(name, tuple(changes), tuple(loads))


def _removals(kinds: set[str], project: ProjectFile) -> Iterator[Change]:
    rows = project.table("layers")
    for entry in project.layers():
        if entry.kind in kinds:
            yield Change("layers", entry.name, rows[entry.name], None)


def safe_name(wanted: str) -> str:
    """An ASCII table name near `wanted`.

    Examples
    --------
    >>> safe_name("Hazard zones (2023)"), safe_name("县界"), safe_name("gpkg_x")
    ('hazard_zones_2023', 'layer', 'layer_gpkg_x')
    """
    plain = re.sub(r"[^a-z0-9]+", "_", wanted.casefold()).strip("_")[:48].strip("_")
    if not plain or plain[0].isdigit() or is_reserved(plain):
        return f"layer_{plain}".rstrip("_")
    return plain


def _ready(layer: Layer, crs: str) -> Layer:
    title = layer.title or (catalogue()[layer.kind].zh if layer.kind in catalogue() else layer.name)
    if isinstance(layer, RasterLayer):
        path = Path(layer.path)
        return replace(layer, path=str(path.absolute()), title=title, sha256=checksum(path))
    shapes = layer.shapes
    if layer.geometry_kind != "table" and not same_crs(layer.crs, crs):
        shapes = transformed(shapes, layer.crs, crs)
    attributes = with_uuid(layer.attributes)
    own = crs if layer.geometry_kind != "table" else ""
    return replace(layer, shapes=shapes, attributes=attributes, crs=own, title=title)


def with_uuid(attributes: pd.DataFrame) -> pd.DataFrame:
    """Every row a UUID of its own; those it has are kept."""
    given = attributes["uuid"] if "uuid" in attributes else pd.Series([None] * len(attributes), dtype=object)
    lacking = (given.isna() | given.duplicated()).to_numpy()
    if not lacking.any() and "uuid" in attributes:
        return attributes
    values = given.astype(object).to_numpy(copy=True)
    values[lacking] = new_uuids(int(lacking.sum()))
    return attributes.assign(uuid=values)


def new_uuids(count: int) -> list[str]:
    """Random UUIDs (RFC 9562, version 4), many at once."""
    raw = np.frombuffer(bytearray(os.urandom(16 * count)), np.uint8).reshape(count, 16)
    raw[:, 6] = raw[:, 6] & 0x0F | 0x40
    raw[:, 8] = raw[:, 8] & 0x3F | 0x80
    text = raw.tobytes().hex()
    words = (text[start : start + 32] for start in range(0, len(text), 32))
    return [f"{w[:8]}-{w[8:12]}-{w[12:16]}-{w[16:20]}-{w[20:]}" for w in words]


def _entry(layer: Layer, position: int) -> LayerEntry:
    if isinstance(layer, RasterLayer):
        return LayerEntry(
            layer.name,
            layer.kind,
            layer.title,
            "raster",
            position=position,
            provenance=layer.provenance,
            crs=layer.lattice.crs,
            path=f"{layer.name}.tif",
            lattice=layer.lattice,
            unit=layer.unit,
            sha256=layer.sha256,
        )
    return LayerEntry(
        layer.name,
        layer.kind,
        layer.title,
        layer.geometry_kind,
        position=position,
        provenance=layer.provenance,
        crs=layer.crs,
        fields=layer.fields,
    )


def checksum(path: Path) -> str:
    """SHA-256 of a file, hexadecimal.

    Raises
    ------
    MissingFile
        It is not there.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as missing:
        raise MissingFile("file_missing", path=path) from missing


def store_raster(layer: RasterLayer, folder: Path) -> None:
    """Copy a raster into the project's folder: aside, on the disk, then into its place.

    Raises
    ------
    BadInput
        The file is not the one that was registered.
    CannotWrite
        No room, or no right to write.
    """
    target = folder / f"{layer.name}.tif"
    aside = target.with_suffix(".tif.new")
    try:
        folder.mkdir(exist_ok=True)
        shutil.copyfile(layer.path, aside)
        if checksum(aside) != layer.sha256:
            raise BadInput("raster_changed", path=layer.path)
        with aside.open("rb+") as file:
            os.fsync(file.fileno())
        aside.replace(target)
    except FileNotFoundError as missing:
        raise MissingFile("file_missing", path=layer.path) from missing
    except OSError as error:
        raise CannotWrite("file_unwritable", path=target) from error
    finally:
        aside.unlink(missing_ok=True)


def store_vector(connection: sqlite3.Connection, layer: VectorLayer) -> None:
    """Write a layer's table, rows and spatial index; the caller holds the transaction.

    Raises
    ------
    BadInput
        The project holds a table of that name already (perhaps hidden by an undo).
    """
    if is_reserved(layer.name) or has_table(connection, layer.name):
        raise BadInput("layer_exists", name=layer.name)
    attributes = layer.attributes.drop(columns=["uuid"])
    types = {str(column): _column_type(layer, str(column)) for column in attributes}
    srs_id = add_crs(connection, layer.crs) if layer.geometry_kind != "table" else 0
    make_table(connection, layer.name, layer.geometry_kind, types.items())
    _insert(connection, layer, types, srs_id)
    make_key(connection, layer.name)
    if layer.geometry_kind != "table":
        fill_index(connection, layer.name, layer.shapes.boxes)
        make_triggers(connection, layer.name)


def _insert(
    connection: sqlite3.Connection, layer: VectorLayer, types: Mapping[str, str], srs_id: int
) -> None:
    spatial = layer.geometry_kind != "table"
    columns = ["fid", *(["geom"] if spatial else []), "uuid", *types]
    words = (
        f"INSERT INTO {quoted(layer.name)} ({', '.join(map(quoted, columns))})"  # noqa: S608
        f" VALUES ({', '.join('?' * len(columns))})"
    )
    for start in range(0, len(layer), _BATCH):
        rows = np.arange(start, min(start + _BATCH, len(layer)))
        part = layer.take(rows)
        values: list[Any] = [(rows + 1).tolist()]
        if spatial:
            values.append(blobs_of(part.shapes, srs_id))
        values.append(part.attributes["uuid"].astype(str).tolist())
        values.extend(_cells(part.attributes[column], types[column]) for column in types)
        connection.executemany(words, zip(*values, strict=True))


def _column_type(layer: VectorLayer, column: str) -> str:
    """The field's type where the values are of it, else the type that the values have."""
    declared = {f.name: f.type for f in layer.fields}.get(column)
    values = layer.attributes[column]
    if pd.api.types.is_numeric_dtype(values):
        present = values.dropna().to_numpy(np.float64)
        whole = bool(np.all(np.mod(present, 1) == 0)) and not np.isinf(present).any()
        if pd.api.types.is_float_dtype(values):
            return "INTEGER" if whole and declared == "integer" else "REAL"
        return "TEXT" if declared == "text" else "INTEGER"
    if declared == "date" and values.dropna().astype(str).str.fullmatch(_DATES).all():
        return COLUMN_TYPES["date"]
    return "TEXT"


def _cells(values: pd.Series[Any], sql_type: str) -> list[Any]:
    """Python values to be bound; ``None`` for no data."""
    missing = values.isna().to_numpy()
    if sql_type == "REAL":
        numbers: list[Any] = values.to_numpy(np.float64, na_value=np.nan).tolist()  # NaN is stored as NULL
        return numbers
    if sql_type == "INTEGER":
        whole = values.fillna(0).astype(np.int64).tolist()
        return [None if no else value for no, value in zip(missing.tolist(), whole, strict=True)]
    objects = values.astype(object).to_numpy(copy=True)
    objects[missing] = None
    return [value if value is None or type(value) is str else str(value) for value in objects.tolist()]
