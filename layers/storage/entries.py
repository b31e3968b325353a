"""Registration of layers: a row of the table ``layers`` for each, read and written as a `LayerEntry`."""

import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Literal, TypeVar

from layers.changes import Row
from layers.grid import Extent, Lattice
from layers.layer import Field, Provenance

T = TypeVar("T")


@dataclass(frozen=True)
class LayerEntry:
    """What a project knows of one of its layers without reading it.

    Parameters
    ----------
    name : str
        Table name, and key of the registration row.
    kind : str
        Name in the census catalogue, or "".
    title : str
        What the user reads.
    geometry : {"point", "line", "polygon", "table", "raster"}
    rows : int
        Number of features; 0 for a raster.
    visible : bool
        Whether the map shows it.
    position : int
        Place in the list of layers, from 1.
    style : str
        A style as JSON, or "" for the kind's own.
    provenance : Provenance
    crs : str
        Reference system of the stored coordinates; empty for a table.
    fields : tuple of Field
    path : str
        Rasters: file in the project's raster folder.
    lattice : Lattice or None
    unit, sha256 : str
        Rasters: unit of the values, checksum of the file.
    extent : Extent or None
        In `crs`; ``None`` if nothing lies anywhere.
    """

    name: str
    kind: str
    title: str
    geometry: Literal["point", "line", "polygon", "table", "raster"]
    rows: int = 0
    visible: bool = True
    position: int = 0
    style: str = ""
    provenance: Provenance = field(default_factory=Provenance)
    crs: str = ""
    fields: tuple[Field, ...] = ()
    path: str = ""
    lattice: Lattice | None = None
    unit: str = ""
    sha256: str = ""
    extent: Extent | None = None


def row_of(entry: LayerEntry) -> Row:
    """The registration row: plain values, without the name (its key) and what is counted (rows, extent)."""
    return {
        "kind": entry.kind,
        "title": entry.title,
        "geometry": entry.geometry,
        "visible": int(entry.visible),
        "position": entry.position,
        "style": entry.style,
        "provenance": _json(asdict(entry.provenance)),
        "crs": entry.crs,
        "fields": _json([asdict(f) for f in entry.fields]),
        "path": entry.path,
        "lattice": _json(asdict(entry.lattice)) if entry.lattice else "",
        "unit": entry.unit,
        "sha256": entry.sha256,
    }


def entry_of(name: str, row: Row, rows: int = 0, extent: Extent | None = None) -> LayerEntry:
    """The entry of a registration row; what of it cannot be read is as if it were empty."""
    text = {column: str(value or "") for column, value in row.items()}
    lattice = _or(None, _lattice, text["lattice"])
    return LayerEntry(
        name=name,
        kind=text["kind"],
        title=text["title"],
        geometry=text["geometry"],  # type: ignore[arg-type]  # written by row_of
        rows=rows,
        visible=bool(row["visible"]),
        position=_or(0, _place, text["position"]),
        style=text["style"],
        provenance=_or(Provenance(), _provenance, text["provenance"]),
        crs=text["crs"],
        fields=_or((), _fields, text["fields"]),
        path=text["path"],
        lattice=lattice,
        unit=text["unit"],
        sha256=text["sha256"],
        extent=lattice.extent if lattice else extent,
    )


def unreadable(row: Row) -> tuple[str, ...]:
    """The columns of a registration row that hold what nobody can read."""
    nothing, made = object(), dict[str, Callable[[str], object]]()
    made |= {"lattice": _lattice, "position": _place, "provenance": _provenance, "fields": _fields}
    return tuple(name for name, make in made.items() if _or(nothing, make, str(row[name] or "")) is nothing)


def _or(empty: T, make: Callable[[str], T], text: str) -> T:
    """What is made of a text, or `empty` where it is no JSON of that form."""
    try:
        return make(text)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return empty


def _place(text: str) -> int:
    return int(float(text or 0))


def _lattice(text: str) -> Lattice | None:
    if not text:
        return None
    lattice = Lattice(**json.loads(text))
    if not (math.isfinite(lattice.west + lattice.north) and min(lattice.shape) > 0 and lattice.cell > 0):
        raise ValueError(text)
    return lattice


@lru_cache(maxsize=1024)  # the same texts are read again after every edit
def _provenance(text: str) -> Provenance:
    content = json.loads(text or "{}")
    return Provenance(**{**content, "inputs": tuple(content.get("inputs", ()))})


@lru_cache(maxsize=1024)
def _fields(text: str) -> tuple[Field, ...]:
    return tuple(
        Field(**{**f, "domain": tuple(f["domain"]), "aliases": tuple(f["aliases"])})
        for f in json.loads(text or "[]")
    )


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
