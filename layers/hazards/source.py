"""Where layers are read from, and the memory of what was read."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd

from layers.grid import Extent, Lattice
from layers.hazards.origin import Origin
from layers.layer import Provenance, Shapes, VectorLayer
from layers.progress import Progress, ignore


class SourceEntry(Protocol):
    """A registered layer as far as an assessment looks at it."""

    @property
    def name(self) -> str:
        """Its table."""
        ...

    @property
    def kind(self) -> str:
        """Its kind in the census catalogue."""
        ...

    @property
    def title(self) -> str:
        """What the user reads."""
        ...

    @property
    def provenance(self) -> Provenance:
        """Where it comes from."""
        ...

    @property
    def lattice(self) -> Lattice | None:
        """For rasters."""
        ...

    @property
    def extent(self) -> Extent | None:
        """The box of all features."""
        ...


class Source(Protocol):
    """What an assessment needs of a project: reading, nothing else.

    `layers.storage.geopackage.ProjectFile` is one.
    """

    @property
    def crs(self) -> str:
        """Projected reference system in metres of all vector layers."""
        ...

    def layers(self) -> Sequence[SourceEntry]:
        """All registered layers in their order."""
        ...

    def read(
        self,
        name: str,
        *,
        columns: Sequence[str] | None = None,
        extent: Extent | None = None,
        progress: Progress = ignore,
    ) -> VectorLayer:
        """A vector layer or table; these columns and ``uuid``. KeyError if it lacks one of them."""
        ...

    def raster_path(self, name: str) -> Path:
        """Where the file of a registered raster lies."""
        ...


def entries_of(source: Source, kind: str) -> tuple[SourceEntry, ...]:
    """All layers of a catalogue kind, in the project's order."""
    return tuple(entry for entry in source.layers() if entry.kind == kind)


@dataclass
class Reading:
    """A source that remembers which layers were read, and what had to be assumed.

    Parameters
    ----------
    source : Source

    Attributes
    ----------
    entries : dict of str to SourceEntry
        The layers read so far, by name.
    notes : list of str
        Word keys of what was assumed, for the sheet's notes.
    """

    source: Source
    entries: dict[str, SourceEntry] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def first(self, kind: str) -> SourceEntry | None:
        """The first layer of a kind; looking is not reading."""
        return next(iter(entries_of(self.source, kind)), None)

    def read_first(self, kind: str, *columns: str) -> VectorLayer | None:
        """The first layer of a kind, ``None`` without such a layer; a column that it lacks is all missing."""
        entry = self.first(kind)
        return None if entry is None else self._read(entry, columns)

    def read(self, kind: str, *columns: str) -> VectorLayer | None:
        """All layers of a kind as one, ``None`` without such a layer; columns as in `read_first`."""
        found = [self._read(entry, columns) for entry in entries_of(self.source, kind)]
        return None if not found else found[0] if len(found) == 1 else joined(found)

    def _read(self, entry: SourceEntry, columns: Sequence[str]) -> VectorLayer:
        self.entries[entry.name] = entry
        try:
            layer = self.source.read(entry.name, columns=columns)
        except KeyError:  # it lacks one of them
            layer = self.source.read(entry.name)
        return with_missing(layer, columns)

    def raster(self, entry: SourceEntry) -> Path:
        """The file of a raster, which counts as read."""
        self.entries[entry.name] = entry
        return self.source.raster_path(entry.name)

    def note(self, key: str) -> None:
        """Something was assumed."""
        if key not in self.notes:
            self.notes.append(key)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the layers read, sorted."""
        return tuple(sorted(self.entries))

    @property
    def synthetic(self) -> bool:
        """Whether any layer read is made up."""
        return any(entry.provenance.synthetic for entry in self.entries.values())

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources to be printed, each once, in the order of reading."""
        return each_once(entry.provenance.source for entry in self.entries.values())

    def origin(self, model: str = "") -> Origin:
        """Where a result made from this reading comes from."""
        about = Provenance("; ".join(self.sources), synthetic=self.synthetic, model=model, inputs=self.names)
        return Origin(about, self.sources, tuple(self.notes))


def each_once(sources: Iterable[str]) -> tuple[str, ...]:
    """Sources as they are printed: what a result names together with semicolons is named once.

    Examples
    --------
    >>> each_once(["天地图; OpenStreetMap", "", "天地图"])
    ('天地图', 'OpenStreetMap')
    """
    return tuple(dict.fromkeys(each for each in re.split(r"\s*[;；]\s*", "；".join(sources)) if each))


def joined(layers: Sequence[VectorLayer]) -> VectorLayer:
    """Layers of one kind one after the other; synthetic if any is."""
    first = layers[0]
    geometries = np.concatenate([layer.shapes.geometries() for layer in layers])
    empty = first.geometry_kind == "table"
    tables = [layer.attributes.astype(object) for layer in layers]
    synthetic = any(layer.provenance.synthetic for layer in layers)
    return replace(
        first,
        name=", ".join(layer.name for layer in layers),
        shapes=Shapes.none(len(geometries)) if empty else Shapes.of(geometries, first.geometry_kind),
        attributes=pd.concat(tables, ignore_index=True),
        provenance=replace(first.provenance, synthetic=synthetic),
    )


def with_missing(layer: VectorLayer, columns: Sequence[str]) -> VectorLayer:
    """The layer with the named columns; one that it lacks is all missing."""
    lacking = {column: None for column in columns if column not in layer.attributes}
    return layer.with_columns(lacking) if lacking else layer
