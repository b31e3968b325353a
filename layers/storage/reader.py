"""The child that reads foreign files for `guarded`: it is told folders, a line each, and answers in them."""

import json
import sys
from pathlib import Path
from typing import Any

from layers.errors import BadInput, KnownError
from layers.layer import VectorLayer
from layers.storage.formats import Imported, read_file
from layers.storage.rasters import drained
from layers.storage.shelf import lay, take

ANSWER = "answer.json"


def main(folder: Path) -> None:
    """Read what is asked and lay the answer down."""
    asked = json.loads((folder / "asked.json").read_text(encoding="utf-8"))
    limit(asked["memory"])
    known = [take(folder, f"known_{number}") for number in range(asked["known"])]
    region = known.pop(0) if asked["region"] else None
    try:
        found = read_file(Path(asked["path"]), region=region, anchors=known, **asked["ways"])
        answer = _told(found, folder)
    except KnownError as error:
        facts = {k: v if isinstance(v, int | float) else str(v) for k, v in error.facts.items()}
        answer = {"error": type(error).__name__, "key": error.key, "facts": facts}
    except MemoryError:
        answer = {"key": "reader_too_large", "error": BadInput.__name__, "facts": {"path": asked["path"]}}
    draft = folder / f"{ANSWER}.new"
    draft.write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")
    draft.replace(folder / ANSWER)


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
    for line in sys.stdin:
        main(Path(line.rstrip("\n")))
