"""The large files, made on first use into a cache folder: buildings and 30 m terrain.

They are built aside and moved in when whole; a marker, written last, says which sample they were made from.
"""

import hashlib
import json
import os
import shutil
from pathlib import Path

import rasterio

from layers.errors import CannotWrite
from layers.progress import Progress, ignore, part
from layers.resources import cache_folder, sample
from layers.sample.buildings import build
from layers.sample.files import SampleFile, sources, write_raster, write_shapes
from layers.sample.ground import INPUTS, Ground
from layers.sample.real import Real
from layers.sample.terrain import NODATA, refine

VERSION = 1  # raised when the same inputs would give other files
BUILDINGS = 200_000
CELL = 30.0
MARKER = "complete.json"
BUILDING_FILE, TERRAIN_FILE = "房屋建筑_示例.shp", "地形30米_示例.tif"
BUILDING_COLUMNS = {
    "code": "楼栋编号",
    "township_code": "乡镇代码",
    "use": "用途",
    "structure": "结构类型",
    "storeys": "地上层数",
    "floor_area": "建筑面积",
    "year": "建成年份",
    "occupants": "居住人数",
}


def large_folder() -> Path:
    """Where the large files are kept: ``sample`` in the program's cache folder. It need not exist."""
    return cache_folder() / "sample"


def make_large(
    folder: Path, progress: Progress = ignore, *, buildings: int = BUILDINGS, cell: float = CELL
) -> tuple[SampleFile, ...]:
    """The large files of the sample; made if they are not there, or from another sample.

    Parameters
    ----------
    folder : Path
        Made if need be.
    progress : Progress
        May raise `Cancelled`: then the folder is as before.
    buildings : int
        Number of buildings.
    cell : float
        Cell of the terrain, metres.

    Returns
    -------
    tuple of SampleFile

    Raises
    ------
    CannotWrite
        The disk is full or the folder cannot be written.
    """
    files = tuple(s.at(folder) for s in sources().values() if s.large)
    made_from = {"version": VERSION, "buildings": buildings, "cell": cell, "inputs": _fingerprint()}
    if is_complete(folder, made_from):
        return files
    aside = folder.with_name(f"{folder.name}.part{os.getpid()}")
    try:
        aside.mkdir(parents=True, exist_ok=True)
        _make(aside, buildings, cell, progress)
        _move_in(aside, folder, made_from)
    except OSError as error:
        raise CannotWrite("sample_cannot_write", folder=folder, reason=error.strerror or error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    progress(1.0)
    return files


def _fingerprint() -> str:
    """A checksum of the committed files that the large ones are made from."""
    digest = hashlib.sha256()
    for name in INPUTS:
        for ending in (".shp", ".dbf"):
            digest.update(sample(name + ending).read_bytes())
    digest.update(sample("地形_5角分.tif").read_bytes())
    return digest.hexdigest()


def is_complete(folder: Path, made_from: dict[str, object]) -> bool:
    """Whether the marker is of this sample and every file it names has the size it says."""
    try:
        marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
        sizes: dict[str, int] = marker.pop("sizes")
        return marker == made_from and all((folder / n).stat().st_size == size for n, size in sizes.items())
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return False


def _make(folder: Path, buildings: int, cell: float, progress: Progress) -> None:
    ground = Ground(Real())
    rows = build(ground, buildings, part(progress, 0.0, 0.2))
    columns = {BUILDING_COLUMNS[name]: rows[name] for name in BUILDING_COLUMNS}
    write_shapes(folder, BUILDING_FILE, columns, rows["polygon"].to_numpy(), part(progress, 0.2, 0.6))
    heights, lattice = refine(ground, cell, part(progress, 0.6, 0.85))
    write_raster(folder, TERRAIN_FILE, heights, lattice, NODATA, part(progress, 0.85, 0.95))
    _add_overviews(folder / TERRAIN_FILE)


def _add_overviews(path: Path) -> None:
    """Reduced copies inside the file, so that a small view reads little."""
    with rasterio.open(path, "r+") as file:
        file.build_overviews([2, 4, 8, 16], rasterio.enums.Resampling.average)


def _move_in(aside: Path, folder: Path, made_from: dict[str, object]) -> None:
    """Replace the folder's files by the finished ones; the marker goes first and comes back last."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).unlink(missing_ok=True)
    sizes = {path.name: path.stat().st_size for path in sorted(aside.iterdir())}
    for name in sizes:
        (aside / name).replace(folder / name)
    marker = aside / MARKER
    marker.write_text(json.dumps({**made_from, "sizes": sizes}, ensure_ascii=False), encoding="utf-8")
    marker.replace(folder / MARKER)
