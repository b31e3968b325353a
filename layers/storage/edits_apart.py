"""Edits of very many rows made in a process of their own: what comes back is packed, and stays so.

To read some hundred thousand rows and to pack them is a second of work that holds the interpreter's lock.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from layers.changes import Edit
from layers.progress import Progress, ignore
from layers.storage.apart import Laid, apart
from layers.storage.geopackage import ProjectFile
from layers.storage.packed import PIECE
from layers.storage.packing import unpack
from layers.storage.reckoned import Filling, Reckoned, reckoned
from layers.storage.removing import removal
from layers.storage.shelf import plain

MANY = 5_000
"""Rows beyond which a process of its own is worth its second."""
EDITOR, EDIT = "layers.storage.editor", "edit"
"""The child, and the file in which its edit lies."""
KEYS = "keys"
"""The file in which the keys lie that it is given, a line each."""


def removal_apart(
    project: ProjectFile, layer: str, keys: Sequence[str], name: str, progress: Progress = ignore
) -> Edit:
    """As `removal`; very many rows are read and packed apart."""
    if len(keys) <= MANY:
        return removal(project, layer, keys, name, progress)
    asked = {"project": str(project.path), "layer": layer}
    give = partial(_lay_keys, keys)
    return apart(EDITOR, "remove", asked, lambda _, folder: _edit(folder, name), progress, give=give)


def reckoned_apart(project: ProjectFile, wish: Filling, progress: Progress = ignore) -> Reckoned:
    """As `reckoned`; very many rows are reckoned apart."""
    if (project.layer(wish.layer).rows if wish.keys is None else len(wish.keys)) <= MANY:
        return reckoned(project, wish, progress)
    asked = {
        "project": str(project.path),
        "layer": wish.layer,
        "field": plain(wish.field),
        "formula": wish.formula,
    }

    def made(answer: Laid, folder: Path) -> Reckoned:
        return Reckoned(_edit(folder, wish.name), answer["findings"])

    give = None if wish.keys is None else partial(_lay_keys, wish.keys)
    return apart(EDITOR, "reckon", asked, made, progress, give=give)


def keys_in(folder: Path) -> list[str] | None:
    """The keys that the child was given; ``None``: all."""
    path = folder / KEYS
    return path.read_text(encoding="utf-8").split("\n")[:-1] if path.exists() else None


def _lay_keys(keys: Sequence[str], folder: Path) -> None:
    """In pieces: to write many at once holds the interpreter's lock for long."""
    with (folder / KEYS).open("w", encoding="utf-8", newline="\n") as file:
        for start in range(0, len(keys), PIECE):
            file.write("\n".join([*keys[start : start + PIECE], ""]))


def _edit(folder: Path, name: str) -> Edit:
    return unpack(name, (folder / EDIT).read_bytes())
