"""The project on disk: one GeoPackage with the layers, their registration, the journal and the settings.

One edit is one SQLite transaction with its rows and its journal entry. The file stays a GeoPackage that
other programs read; what is ours in it carries the prefix ``riskatlas_`` and is on no list of theirs.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from types import TracebackType

from layers.changes import Edit, Row
from layers.errors import CannotWrite, KnownError, MissingFile, MissingLayer
from layers.grid import Extent, Grid
from layers.layer import RasterLayer, VectorLayer
from layers.progress import Progress, ignore
from layers.project import Deed, Entry
from layers.storage import journal, outside
from layers.storage.blobs import geometry_error
from layers.storage.carrying import carry_out
from layers.storage.connection import connect, make_single, refuse_torn, transaction, translated
from layers.storage.entries import LayerEntry
from layers.storage.layerstyles import keep_styles, styles_kept
from layers.storage.loads import load, safe_name, store_raster, store_vector
from layers.storage.lock import WriterLock
from layers.storage.opening import make_file, open_writer, take
from layers.storage.place import is_remote
from layers.storage.rasters import read_grid
from layers.storage.reading import read_rows
from layers.storage.registry import (
    count_rows,
    entries,
    entry_named,
    is_taken,
    schema_of,
    table_of,
    write_qgis_project,
)
from layers.storage.rows import Rows
from layers.storage.soundness import damages

__all__ = ["LayerEntry", "ProjectFile", "load"]


class ProjectFile:
    """A project in one GeoPackage; a context manager. Made by `create` or `open`.

    Reading is allowed in any thread, also while another thread applies an edit: readers see the project
    as it was before the edit until the edit is whole.

    Attributes
    ----------
    path : Path
    crs : str
        Reference system of all vector layers, ``EPSG:code``.
    name : str
    read_only : bool
        No edit can be applied.
    why_read_only : {"", "asked", "held", "place", "network"}
        Because it was asked for, another window or program writes it, file or folder cannot be written, or it
        lies on a network drive.
    """

    def __init__(self, path: Path, writer: sqlite3.Connection | None, lock: WriterLock, why: str) -> None:
        self.path = path
        self.why_read_only = why
        self._writer = writer
        self._reader = connect(path, read_only=True)
        self._lock = lock
        self._writing, self._reading = RLock(), RLock()
        self._counts: dict[str, int] = {}
        self._listed: tuple[int, tuple[LayerEntry, ...]] | None = None
        """The layers as they were listed last, and the state of the file then."""
        self._closed = False
        schema_of(self._reader, path)
        self.name, self.crs = self._reader.execute("SELECT name, crs FROM riskatlas_project").fetchone()

    @property
    def read_only(self) -> bool:
        """Whether no edit can be applied."""
        return self._writer is None

    @classmethod
    def create(cls, path: Path, *, name: str = "", crs: str = "EPSG:4548") -> "ProjectFile":
        """A new, empty project; the file appears whole or not at all.

        Raises
        ------
        CannotWrite
            There is such a file already, or the folder cannot be written.
        """
        path = Path(path).absolute()
        if path.exists():
            raise CannotWrite("project_exists", path=path)
        aside = path.with_name(f".{path.name}.new")
        try:
            aside.unlink(missing_ok=True)
            aside.touch()
            with translated(path):
                make_file(aside, path, name or path.stem, crs)
            aside.replace(path)
        except CannotWrite:
            raise
        except OSError as error:
            raise CannotWrite("file_unwritable", path=path) from error
        return cls.open(path)

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False) -> "ProjectFile":
        """Open a project; if another holds it or the place cannot be written, `read_only` will be true.

        Raises
        ------
        MissingFile
            There is no such file.
        BadInput
            It is no project, or it is torn.
        NewerProject
            A newer version of the program wrote it.
        """
        path = Path(path).absolute()
        if not path.is_file():
            raise MissingFile("project_missing", path=path)
        refuse_torn(path)
        lock = WriterLock(path)
        why = "asked" if read_only else "network" if is_remote(path) else take(lock)
        try:
            with translated(path):
                writer = None if why else open_writer(path)
                return cls(path, writer, lock, why or ("" if writer else "place"))
        except BaseException:
            lock.let_go()
            raise

    def close(self) -> None:
        """Leave one file behind; a second call does nothing.

        Raises
        ------
        CannotWrite
            The log could not be moved into the file (the disk is full, the stick is gone). Nothing is lost as
            long as the log lies beside the file; the project is closed all the same.
        """
        if self._closed:
            return
        self._closed = True
        try:
            with self._writing, self._reading, translated(self.path):
                self._reader.close()
                if self._writer is not None:
                    make_single(self._writer, self.path)
                    outside.sign(self._writer, self.path)
        finally:
            if self._writer is not None:
                self._writer.close()
                self._writer = None
            self._lock.let_go()

    def __enter__(self) -> "ProjectFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def layers(self) -> tuple[LayerEntry, ...]:
        """All layers that can be read, in order; listed anew only when something was written."""
        with self._reading, translated(self.path):
            (state,) = self._reader.execute("PRAGMA data_version").fetchone()
            if self._listed is None or self._listed[0] != state:
                self._listed = state, entries(self._reader, self._count)
            return self._listed[1]

    def damages(self) -> tuple[KnownError, ...]:
        """What is to be said of layers that are damaged, see `layers.storage.soundness`."""
        with self._reading, translated(self.path):
            return tuple(damages(self._reader))

    def _count(self, name: str) -> int:
        """Rows of a layer; remembered only where nobody else can write."""
        if self.read_only or name not in self._counts:
            self._counts[name] = count_rows(self._reader, name)
        return self._counts[name]

    def layer(self, name: str) -> LayerEntry:
        """The layer of that name; a `MissingLayer`, which is a `KeyError` too, if none is registered."""
        with self._reading, translated(self.path):
            return entry_named(self._reader, name, self._count)

    def first(self, kind: str) -> LayerEntry | None:
        """The first layer of a catalogue kind, ``None`` if there is none."""
        return next((entry for entry in self.layers() if entry.kind == kind), None)

    def free_name(self, wanted: str, taken: Collection[str] = ()) -> str:
        """A table name near `wanted` that this project has never used.

        Parameters
        ----------
        wanted : str
        taken : collection of str
            Names, in lower case, that are about to be used.
        """
        plain = safe_name(wanted)
        number, name = 1, plain
        with self._reading, translated(self.path):
            while name in taken or is_taken(self._reader, name) or (self.rasters / f"{name}.tif").exists():
                number += 1
                name = f"{plain}_{number}"
        return name

    def columns(self, name: str) -> tuple[str, ...]:
        """The attributes of a vector layer or table, without ``uuid``.

        Raises
        ------
        MissingLayer
            No such layer, or it is a raster.
        """
        with self._reading, translated(self.path):
            return tuple(table_of(self._reader, name).columns)

    @contextmanager
    def asking(self) -> Iterator[sqlite3.Connection]:
        """The connection that reads, for one thread at a time; for the modules of this package."""
        with self._reading, translated(self.path):
            yield self._reader

    def read(
        self,
        name: str,
        *,
        columns: Sequence[str] | None = None,
        extent: Extent | None = None,
        progress: Progress = ignore,
        strict: bool = True,
    ) -> VectorLayer:
        """A vector layer or table, or the part of it that meets `extent`, in the order of storing.

        Parameters
        ----------
        name : str
        columns : sequence of str, optional
            The attributes to read; all by default. ``uuid`` always comes.
        extent : Extent, optional
            In the project's reference system; features whose boxes meet it.
        progress : Progress
        strict : bool
            If not, features of torn geometry come without one: for looking, not for reckoning.

        Raises
        ------
        MissingLayer
            No such layer, or it is a raster.
        BadInput
            A geometry is torn; a `MissingColumn`, which is a `KeyError` too: no such column.
        """
        entry = self.layer(name)
        with translated(self.path):
            connection = connect(self.path, read_only=True)
            try:
                table = table_of(connection, name)  # of a raster there is none
                shapes, attributes, torn = read_rows(connection, table, columns, extent, entry.rows, progress)
            finally:
                connection.close()
        if torn and strict:
            raise geometry_error(entry.title or name, torn)
        return VectorLayer(
            name, entry.kind, entry.crs, shapes, attributes, entry.title, entry.fields, entry.provenance
        )

    @property
    def rasters(self) -> Path:
        """The folder of the project's rasters, beside the file."""
        return self.path.with_suffix(".rasters")

    def raster_path(self, name: str) -> Path:
        """Where a registered raster lies.

        Raises
        ------
        KeyError
            No raster of that name is registered.
        MissingFile
            The project was moved without its folder of rasters.
        """
        entry = self.layer(name)
        if entry.geometry != "raster":
            raise MissingLayer(name)
        path = self.rasters / Path(entry.path).name
        if not path.is_file():
            raise MissingFile("raster_missing", path=path, title=entry.title)
        return path

    def grid(self, name: str, *, band: int = 1) -> Grid:
        """A registered raster on its own lattice, NaN where no data."""
        return read_grid(self.raster_path(name), band=band)

    def table(self, name: str) -> Mapping[str, Row]:
        """Rows by key: of a registered layer by UUID, of ``layers`` by name, of ``settings`` by key.

        The rows are read when they are asked for. A row of a layer holds its columns and, as WKB, ``geom``;
        its UUID is the key and not part of it.

        Raises
        ------
        KeyError
            No such table.
        """
        with self._reading, translated(self.path):
            return Rows(table_of(self._reader, name), self._reader, self._reading, self.path)

    def apply(self, edit: Edit, deed: Deed = "do") -> int:
        """Carry out an edit and enter it in the journal: one transaction, on the disk when it returns.

        Returns the number of the journal's entry.

        Raises
        ------
        Conflict
            A row is not as the edit expects it.
        CannotWrite
            The project is read-only, the disk is full, another program holds the file.
        BadInput
            A value that its column cannot hold, or a layer of a name that is taken.
        """
        if self._writer is None:
            raise CannotWrite("project_read_only", path=self.path)
        loads = edit.loads if deed == "do" else ()
        with self._writing, translated(self.path):
            for raster in (layer for layer in loads if isinstance(layer, RasterLayer)):
                store_raster(raster, self.rasters)
            with transaction(self._writer) as connection:
                for vector in (layer for layer in loads if isinstance(layer, VectorLayer)):
                    store_vector(connection, vector)
                carry_out(connection, edit, self.path, self.crs)
                number = journal.enter(connection, deed, edit)
            with self._reading:
                self.recount(edit)
        return number

    def recount(self, edit: Edit, *, anew: bool = False) -> None:
        """Count rows on by an edit; or `anew`, where its rows were there before it was entered."""
        self._listed = None
        for name in edit.tables & self._counts.keys():
            self._counts[name] += edit.growth(name)
        for name in edit.tables if anew else (change.key for change in edit.of("layers")):
            self._counts.pop(name, None)

    def journal(self) -> Iterator[Entry]:
        """All entries, oldest first."""
        with self._reading, translated(self.path):
            return iter(list(journal.entries(self._reader)))

    def deeds(self) -> Iterator[tuple[int, Deed]]:
        """Number and deed of every entry, oldest first, without reading the edits."""
        with self._reading, translated(self.path):
            return iter(journal.deeds(self._reader))

    def entry(self, number: int) -> Entry:
        """One entry of the journal; a `KeyError` if it has none of that number."""
        with self._reading, translated(self.path):
            return journal.entry(self._reader, number)

    def history(self, table: str, key: str) -> tuple[Entry, ...]:
        """The entries that touch one row, oldest first: who changed what, and when."""
        with self._reading, translated(self.path):
            return tuple(journal.touching(self._reader, table, key))

    def keep_base(self, batches: Iterable[Edit]) -> str:
        """Store rows as the base of a work package; returns their checksum. Not an edit: no data change."""
        with self.writing() as connection:
            return journal.keep_base(connection, batches)

    def base(self) -> tuple[Mapping[str, Mapping[str, Row]], str]:
        """The base of a work package, by table and key, and its checksum; empty if this is none."""
        with self._reading, translated(self.path):
            return journal.base(self._reader)

    def keep_styles(self, styles: Mapping[str, str]) -> None:
        """Let QGIS draw layers so (layer → QML), in its project and out of it. No edit: no data change."""
        if not self.has_styles(styles):
            with self.writing() as connection:
                keep_styles(connection, styles)
                write_qgis_project(connection, self.path)

    def has_styles(self, styles: Mapping[str, str]) -> bool:
        """Whether QGIS draws layers just so."""
        with self._reading, translated(self.path):
            return styles_kept(self._reader) == dict(styles)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The connection that writes, in one transaction; for the modules of this package."""
        if self._writer is None:
            raise CannotWrite("project_read_only", path=self.path)
        with self._writing, translated(self.path), transaction(self._writer) as connection:
            yield connection
