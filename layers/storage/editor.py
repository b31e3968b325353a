"""The child in which edits of very many rows are made."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from layers.progress import Progress
from layers.storage.apart import serve_works
from layers.storage.edits_apart import EDIT, keys_in
from layers.storage.geopackage import ProjectFile
from layers.storage.packing import pack
from layers.storage.reckoned import Filling, reckoned
from layers.storage.removing import removal
from layers.storage.shelf import LAYER_KINDS, of_plain


def remove(asked: Mapping[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """Features taken away."""
    with ProjectFile.open(Path(asked["project"]), read_only=True) as project:
        edit = removal(project, asked["layer"], keys_in(folder) or (), "", progress)
    (folder / EDIT).write_bytes(pack(edit))
    return {}


def reckon(asked: Mapping[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """A field filled by a formula."""
    field = of_plain(asked["field"], LAYER_KINDS)
    wish = Filling(asked["layer"], keys_in(folder), field, asked["formula"], "")
    with ProjectFile.open(Path(asked["project"]), read_only=True) as project:
        made = reckoned(project, wish, progress)
    (folder / EDIT).write_bytes(pack(made.edit))
    return {"findings": made.findings}


if __name__ == "__main__":
    serve_works({"remove": remove, "reckon": reckon})
