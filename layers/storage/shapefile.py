"""Shapefiles at the door, with whatever parts are missing or lie."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj

from layers.errors import BadInput
from layers.late import Late
from layers.storage.encoding import Found, dbf_encoding, decode_cut, encoding_named
from layers.storage.foreign import Foreign, Note, Skipped
from layers.storage.gdal import read_layer

pyogrio = Late("pyogrio")


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
    stale = shx is not None and not _indexes(shx, path)
    notes = _notes(dbf, shx, found, stale=stale)
    read_as = "ISO-8859-1" if found.cut else found.name.upper()
    prj = _sibling(path, ".prj")
    says = prj is not None and _is_readable(prj)
    with _with_index(path, None if stale or (prj and not says) else shx, with_prj=says) as whole:
        foreign = read_layer(whole, "", read_as, path)
    if not says:
        foreign = replace(foreign, crs="")
    if prj is not None and not says:
        notes = (*notes, Note("note.prj_unreadable", {}))
    if _has_measures(path):
        notes = (*notes, Note("note.measures_left", {}))
    cut = _cut_rows(foreign, found.name) if found.cut else ()
    return replace(
        foreign,
        table=_redecoded(foreign.table, found.name) if found.cut else foreign.table,
        encoding=found.name,
        notes=(*notes, *foreign.notes),
        altered=(*foreign.altered, *cut),
    )


def _encoding(dbf: Path | None, cpg: Path | None, encoding: str) -> Found:
    if dbf is None:
        return Found("utf-8")
    return dbf_encoding(dbf, cpg) if encoding == "auto" else Found(encoding_named(encoding) or encoding)


def _notes(dbf: Path | None, shx: Path | None, found: Found, *, stale: bool) -> tuple[Note, ...]:
    notes = [
        Note("note.part_missing", {"part": part})
        for part, there in ((".dbf", dbf), (".shx", shx))
        if not there
    ]
    if found.declared and encoding_named(found.declared) != found.name:
        notes.append(Note("note.encoding_lies", {"declared": found.declared, "found": found.name.upper()}))
    if found.cut:
        notes.append(Note("note.text_cut", {}))
    if found.doubt:
        notes.append(Note("note.encoding_doubt", {"samples": " | ".join(found.doubt)}))
    if stale:
        notes.append(Note("note.index_stale", {}))
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


def _has_measures(path: Path) -> bool:
    """Whether its shapes carry M: types 21, 23, 25 and 28 of the shapefile's description (ESRI, 1998)."""
    with path.open("rb") as file:
        return int.from_bytes(file.read(36)[32:36], "little") in {21, 23, 25, 28}


def _is_readable(prj: Path) -> bool:
    """Whether a .prj says anything; a torn one counts as missing."""
    try:
        pyproj.CRS.from_wkt(prj.read_text("utf-8", errors="replace"))
    except pyproj.exceptions.CRSError:
        return False
    return True


def _indexes(shx: Path, path: Path) -> bool:
    """Whether the index fits its shapefile: as many records as the file holds, and in their places."""
    index = shx.read_bytes()[100:]
    if len(index) % 8:
        return False
    content = np.frombuffer(index, ">i4")
    starts, lengths = content[::2].astype(np.int64) * 2, content[1::2].astype(np.int64) * 2
    with path.open("rb") as file:
        end = int.from_bytes(file.read(28)[24:28], "big") * 2
    if not len(starts):
        return end <= 100
    sound = bool(np.all(starts >= 100) and np.all(starts + 8 + lengths <= path.stat().st_size))
    return sound and int(np.sum(lengths + 8)) == end - 100


@contextmanager
def _with_index(path: Path, shx: Path | None, *, with_prj: bool) -> Iterator[Path]:
    """The shapefile itself; without its index a copy for which GDAL makes one, away from the original."""
    if shx is not None:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="riskatlas-") as folder:
        for ending in (".shp", ".dbf", *([".prj"] if with_prj else [])):
            part = _sibling(path, ending)
            if part is not None:
                shutil.copyfile(part, Path(folder) / f"whole{ending}")
        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES"})
        try:
            yield Path(folder) / "whole.shp"
        finally:
            pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": None})


def _cut_rows(foreign: Foreign, encoding: str) -> tuple[Skipped, ...]:
    """Rows with a text that ends within a character."""
    cut = np.zeros(len(foreign.table), bool)
    for name in foreign.table:
        values = foreign.table[name]
        if not pd.api.types.is_numeric_dtype(values):
            cut |= values.map(lambda value: _is_cut(value, encoding)).to_numpy(bool)
    return tuple(Skipped(int(row), "alter.text_cut") for row in foreign.rows[cut])


def _is_cut(value: Any, encoding: str) -> bool:
    if not isinstance(value, str):
        return False
    try:
        value.encode("latin-1").decode(encoding)
    except UnicodeDecodeError:
        return True
    return False


def _redecoded(table: pd.DataFrame, encoding: str) -> pd.DataFrame:
    """Text that was read byte by byte, in its own encoding; what was cut within a character stops there."""

    def decoded(value: Any) -> Any:
        return decode_cut(value.encode("latin-1"), encoding) if isinstance(value, str) else value

    renamed = table.rename(columns=decoded)
    return renamed.apply(
        lambda column: column if pd.api.types.is_numeric_dtype(column) else column.map(decoded)
    )
