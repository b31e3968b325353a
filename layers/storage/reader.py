"""The child that reads foreign files for `guarded`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from layers.errors import BadInput
from layers.layer import VectorLayer
from layers.progress import Progress
from layers.storage.child import serve
from layers.storage.formats import Imported, read_file
from layers.storage.rasters import drained
from layers.storage.shelf import lay, take_layer


def read(asked: Mapping[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """Read what is asked and lay it down."""
    limit(asked["memory"])
    laid = (take_layer(folder, f"known_{number}") for number in range(asked["known"]))
    known = [layer for layer in laid if isinstance(layer, VectorLayer)]
    region = known.pop(0) if asked["region"] else None
    try:
        found = read_file(Path(asked["path"]), region=region, anchors=known, **asked["ways"])
        return _told(found, folder)
    except MemoryError as error:
        raise BadInput("reader_too_large", path=asked["path"]) from error


def limit(memory: int) -> None:
    """Take no more memory than that, and leave no image of it when dying; where the system can be told so."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_DATA, (memory, resource.getrlimit(resource.RLIMIT_DATA)[1]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _told(found: Imported, folder: Path) -> dict[str, Any]:
    vector = isinstance(found.layer, VectorLayer)
    if isinstance(found.layer, VectorLayer):
        lay(found.layer, folder, "layer")
    else:
        drained(Path(found.layer.path))
    return {
        "vector": vector,
        "path": str(found.path),
        "encoding": found.encoding,
        "crs": found.crs,
        "notes": found.notes,
        "skipped": found.skipped,
        "altered": found.altered,
    }


if __name__ == "__main__":
    serve(read)
