"""The child in which `layers.risk.results.run_apart` runs a hazard's model."""

import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from layers.errors import KnownError
from layers.hazards import HAZARDS
from layers.hazards.recipe import revived
from layers.progress import Progress
from layers.risk.results import run
from layers.risk.vulnerability import VULNERABILITIES
from layers.storage.child import serve
from layers.storage.geopackage import ProjectFile
from layers.storage.shelf import lay

M = TypeVar("M")


def work(asked: Mapping[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """Run what is asked and lay its layers down; a bug is told with its trace."""
    try:
        return _work(asked, folder, progress)
    except KnownError:
        raise
    except MemoryError as error:
        raise KnownError("run_too_large") from error
    except Exception:
        return {"bug": traceback.format_exc()}


def _work(asked: Mapping[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    model, vulnerability = _made(asked["model"], HAZARDS), _made(asked["vulnerability"], VULNERABILITIES)
    with ProjectFile.open(Path(asked["project"]), read_only=True) as project:
        layers, gone = run(project, asked["hazard"], model, vulnerability, folder, progress)
    for number, layer in enumerate(layers):
        lay(layer, folder, f"layer_{number}")
    return {"layers": len(layers), "instead_of": list(gone)}


def _made(recipe: str, kinds: Iterable[type[M]]) -> M | None:
    if recipe == repr(None):
        return None
    made = revived(recipe, kinds)
    if made is None:
        raise ValueError(recipe)
    return made


if __name__ == "__main__":
    serve(work)
