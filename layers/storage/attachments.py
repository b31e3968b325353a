"""Photos and notes of features: rows of a table of the project, the pictures in a folder beside it.

A picture is kept under the checksum of its content, so that the same one lies there once and a changed one is
found. The rows are edited like all others: undo takes an attachment away, redo brings it back.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from layers.census.catalogue import catalogue
from layers.changes import Change, Edit, Value
from layers.editing.features import new_key
from layers.errors import CannotWrite, MissingFile
from layers.layer import Shapes, VectorLayer
from layers.storage.geopackage import ProjectFile
from layers.storage.loads import checksum, load

KIND = "attachment"


@dataclass(frozen=True)
class Attachment:
    """A note, a photo, or both.

    Parameters
    ----------
    key : str
    layer, feature : str
        Name of the layer and UUID of the feature that it belongs to.
    note : str
    title : str
        The file's own name; empty without a file.
    path : Path or None
        Where the file lies beside the project.
    """

    key: str
    layer: str
    feature: str
    note: str = ""
    title: str = ""
    path: Path | None = None

    @property
    def is_missing(self) -> bool:
        """Whether the project was moved without the folder of its files."""
        return self.path is not None and not self.path.is_file()


def folder_of(project: ProjectFile) -> Path:
    """The folder of the project's files, beside it."""
    return project.path.with_suffix(".files")


def attached(
    project: ProjectFile, layer: str, feature: str, name: str, *, note: str = "", file: Path | None = None
) -> Edit:
    """The edit that attaches a note or a file to a feature; the file is copied first.

    Parameters
    ----------
    project : ProjectFile
    layer, feature : str
        Name of the layer and UUID of the feature.
    name : str
        Of the edit.
    note : str
    file : Path, optional

    Raises
    ------
    MissingFile
        There is no such file.
    CannotWrite
        No room, or no right to write beside the project.
    """
    stored = _stored(file, folder_of(project)) if file is not None else ""
    cells: dict[str, Value] = {
        "layer": layer,
        "feature": feature,
        "note": note or None,
        "title": file.name if file is not None else None,
        "file": stored or None,
    }
    entry = project.first(KIND)
    if entry is not None:
        return Edit(name, (Change(entry.name, new_key(), None, cells),))
    table = pd.DataFrame({column: pd.Series([cell], dtype=object) for column, cell in cells.items()})
    kind = catalogue()[KIND]
    first = VectorLayer(KIND, KIND, "", Shapes.none(1), table, kind.zh, kind.fields)
    return load(name, [first], project)


def _stored(file: Path, folder: Path) -> str:
    """Copy a file aside, onto the disk, then into its place; returns its name there."""
    if not file.is_file():
        raise MissingFile("file_missing", path=file)
    name = f"{checksum(file)[:32]}{file.suffix.casefold()}"
    target = folder / name
    if target.is_file():
        return name
    aside = target.with_suffix(".new")
    try:
        folder.mkdir(exist_ok=True)
        shutil.copyfile(file, aside)
        with aside.open("rb+") as copied:
            os.fsync(copied.fileno())
        aside.replace(target)
    except OSError as error:
        raise CannotWrite("file_unwritable", path=target) from error
    finally:
        aside.unlink(missing_ok=True)
    return name


def attachments(project: ProjectFile, layer: str, feature: str) -> tuple[Attachment, ...]:
    """What is attached to a feature, the oldest first."""
    entry = project.first(KIND)
    if entry is None:
        return ()
    return tuple(
        Attachment(
            key,
            layer,
            feature,
            str(row["note"] or ""),
            str(row["title"] or ""),
            folder_of(project) / Path(str(row["file"])).name if row["file"] else None,
        )
        for key, row in project.table(entry.name).items()
        if (row["layer"], row["feature"]) == (layer, feature)
    )


def bring_files(returned: Path, project: ProjectFile, edit: Edit) -> None:
    """Copy the files of attachments that a returned package brings into the project's folder.

    Raises
    ------
    CannotWrite
        No room, or no right to write beside the project.
    """
    entry = project.first(KIND)
    rows = [c.after for c in edit.changes if entry is not None and c.table == entry.name and c.after]
    names = [str(row["file"]) for row in rows if row.get("file")]
    for layer in edit.loads:
        if isinstance(layer, VectorLayer) and layer.kind == KIND:
            names += layer.attributes["file"].dropna().astype(str).tolist()
    for name in names:
        source = returned.with_suffix(".files") / Path(name).name
        if source.is_file():
            _stored(source, folder_of(project))
