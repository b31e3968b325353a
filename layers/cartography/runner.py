"""The child in which the window draws sheets: text and lines hold the interpreter's lock for seconds."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from layers.cartography.engrave import draw
from layers.cartography.risksheet import risk_sheet
from layers.cartography.series import series
from layers.progress import Progress
from layers.storage.apart import serve_works
from layers.storage.geopackage import ProjectFile


def pages(asked: Mapping[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """A series, written where that is asked for."""
    with ProjectFile.open(Path(asked["project"]), read_only=True) as project:
        written = series(
            project,
            asked["hazard"],
            asked["regions"],
            formats=asked["formats"],
            folder=Path(asked["folder"]),
            progress=progress,
            **asked["about"],
        )
    return {"names": [path.name for path in written]}


def preview(asked: Mapping[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """The first page of a series, as ``page.png`` in the folder of the work."""
    with ProjectFile.open(Path(asked["project"]), read_only=True) as project:
        sheet = risk_sheet(project, asked["hazard"], asked["regions"][0], **asked["about"])
        draw(sheet, pdf=None, png=folder / "page.png", dpi=asked["dpi"], progress=progress)
    return {}


if __name__ == "__main__":
    serve_works({"pages": pages, "preview": preview})
