"""Work packages: a part of a project handed out with its base kept inside; `homecoming` brings them back."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import shapely

from layers.changes import Change, Edit
from layers.errors import BadInput, CannotWrite
from layers.layer import VectorLayer
from layers.progress import Progress, ignore
from layers.storage.area import Area
from layers.storage.geopackage import LayerEntry, ProjectFile
from layers.storage.loads import load, new_uuids

CARD = "package"
"""Key in the table ``settings`` of a package under which it says what it is."""

_BATCH = 2_000


@dataclass(frozen=True)
class Card:
    """What a package is.

    Parameters
    ----------
    package : str
        Its own UUID.
    region : str
        Code of the region.
    name : str
        Of the region.
    date : str
        ISO 8601, UTC.
    number : int
        Last entry of the project's journal when it was handed out.
    base : str
        SHA-256 of the base.
    layers : tuple of str
    """

    package: str
    region: str
    name: str
    date: str
    number: int
    base: str
    layers: tuple[str, ...]


# --- out -----------------------------------------------------------------------------------------------


def checkout(
    project: ProjectFile, code: str, path: Path, *, progress: Progress = ignore
) -> tuple[Card, Edit]:
    """Write a region's work package; returns its card and the edit by which the project remembers it.

    The package is a project of its own: all features that meet the region, and inside it its base. Rasters
    stay behind. The file appears whole or not at all.

    Parameters
    ----------
    project : ProjectFile
    code : str
        Of a county, township or city of the project.
    path : Path
    progress : Progress

    Raises
    ------
    BadInput
        No region has that code.
    CannotWrite
        There is such a file, or no room.
    """
    path = Path(path).absolute()
    if path.exists():
        raise CannotWrite("project_exists", path=path)
    region = Area.of(project, code)
    aside = path.with_name(f".{path.stem}.package{path.suffix}")
    aside.unlink(missing_ok=True)
    try:
        card = _fill(project, region, aside, progress)
        with aside.open("rb+") as file:
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        if isinstance(error, CannotWrite):
            raise
        raise CannotWrite("file_unwritable", path=path) from error
    finally:
        for left in path.parent.glob(f"{aside.name}*"):
            left.unlink()
    remembered = Change("settings", f"{CARD}:{card.package}", None, {"value": _json(card)})
    return card, Edit(f"检出 {region.name}", (remembered,))


def _fill(project: ProjectFile, region: Area, aside: Path, progress: Progress) -> Card:
    number = max((n for n, _ in project.deeds()), default=0)
    entries = [entry for entry in project.layers() if entry.geometry != "raster"]
    with ProjectFile.create(aside, name=f"{project.name} {region.name}", crs=project.crs) as package:
        layers = []
        for place, entry in enumerate(entries):
            layers.append(_part(project, entry, region))
            progress(0.6 * (place + 1) / len(entries))
        package.apply(load("检出", layers, package))
        names = tuple(entry.name for entry in package.layers())
        base = package.keep_base(_batches(package, names))
        progress(0.95)
        card = Card(
            new_uuids(1)[0],
            region.code,
            region.name,
            datetime.now(UTC).isoformat(timespec="seconds"),
            number,
            base,
            names,
        )
        package.apply(Edit("工作包", (Change("settings", CARD, None, {"value": _json(card)}),)))
    return card


def _part(project: ProjectFile, entry: LayerEntry, region: Area) -> VectorLayer:
    """The features of a layer that meet the region; of a table the rows that name it."""
    if entry.geometry == "table":
        layer = project.read(entry.name)
        return layer.take(region.names(layer))
    layer = project.read(entry.name, extent=region.extent)
    meets = shapely.intersects(region.polygon, layer.shapes.geometries())
    return layer.take(np.asarray(meets) | (np.diff(layer.shapes.spans) == 0))


def _batches(project: ProjectFile, names: tuple[str, ...]) -> Iterator[Edit]:
    for name in names:
        rows = [Change(name, key, None, row) for key, row in project.table(name).items()]
        for start in range(0, len(rows), _BATCH):
            yield Edit("", tuple(rows[start : start + _BATCH]))


def _json(card: Card) -> str:
    return json.dumps(asdict(card), ensure_ascii=False)


def card_of(project: ProjectFile) -> Card:
    """What a returned package says it is.

    Raises
    ------
    BadInput
        It is no package.
    """
    row = project.table("settings").get(CARD)
    try:
        content = json.loads(str(row["value"] if row else ""))
        return Card(**{**content, "layers": tuple(content["layers"])})
    except (TypeError, KeyError, ValueError) as error:
        raise BadInput("package_none", path=project.path) from error
