"""Plain files at the door of a flood run: rasters on one grid, tables of values over time."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyproj
import rasterio
from numpy.typing import NDArray
from rasterio.enums import ColorInterp

from layers.errors import BadInput, CannotWrite
from layers.grid import Grid, Lattice
from layers.hazards.inundation.forcing import SIDES, Course, Gauge, Inflow, Rain, Side
from layers.hazards.inundation.losses import Loss, read_loss
from layers.hazards.inundation.sections import Section
from layers.hazards.inundation.showers import Zoned
from layers.hazards.inundation.tables import read_table
from layers.storage.rasters import lattice_of, opened

Array = NDArray[np.float64]
NO_CRS = ""  # of a terrain that says nothing: taken as metres
_HOUR, _MM_PER_HOUR = 3600.0, 1.0 / 3.6e6
_SMALLEST, _LARGEST = 1e-4, 1e4  # m of a cell in which water can be reckoned
_CODES = {-999.0, -9999.0, -32767.0, -32768.0}  # heights that are none: no data, where it is not declared
_STEEP = 1.0  # tangent: half of all neighbours steeper than this are no ground in metres
_METRES = ("m", "metre", "metres", "meter", "meters", "米")
_LETTERS = {"W": "west", "E": "east", "N": "north", "S": "south"}


def read_terrain(path: Path) -> Grid:
    """The ground of a run.

    Returns
    -------
    Grid
        m, NaN closed; the CRS is empty if the file says none.

    Raises
    ------
    MissingFile
    BadInput
        The file is torn, has several bands, its cells are oblong, in degrees or feet, or its heights are no
        metres.
    """
    with opened(path) as source:
        crs = source.crs
        if (crs and crs.is_geographic) or (not crs and _looks_like_degrees(source)):
            raise BadInput("flood_degrees", path=path)
        if crs and pyproj.CRS.from_wkt(crs.to_wkt()).is_geocentric:
            raise BadInput("flood_no_map", path=path)
        if crs and abs(crs.units_factor[1] - 1.0) > 1e-6:
            raise BadInput("flood_unit", path=path, unit=crs.units_factor[0])
        unit = (source.units[0] or "").strip().lower()
        if unit and unit not in _METRES:
            raise BadInput("flood_height_unit", path=path, unit=unit)
        lattice = lattice_of(source, path, "unknown")
        lattice = replace(lattice, crs=NO_CRS) if not crs else lattice
        if not _SMALLEST <= lattice.cell <= _LARGEST:
            raise BadInput("flood_cell", path=path, cell=lattice.cell)
        values = _values(source, path)
    if coded := sorted(_CODES & set(np.unique(values[np.isin(values, list(_CODES))]).tolist())):
        raise BadInput("flood_code", path=path, value=coded[0])
    steep = _usual_step(values)
    if steep > _STEEP * lattice.cell:
        raise BadInput("flood_vertical_unit", path=path, slope=steep / lattice.cell)
    return Grid(values, lattice, "m")


def _usual_step(values: Array) -> float:
    """Median difference between neighbours, along some hundred rows and columns."""
    rows, columns = (max(n // 300, 1) for n in values.shape)
    across, down = np.diff(values[::rows], axis=1), np.diff(values[:, ::columns], axis=0)
    return float(np.nanmedian(np.abs(np.r_[across.ravel(), down.ravel(), 0.0])))


def read_on(path: Path, terrain: Grid, unit: str) -> Grid:
    """A raster that lies on the grid of the terrain.

    Raises
    ------
    MissingFile
    BadInput
        It is torn, or lies on another grid: both are named.
    """
    with opened(path) as source:
        check_place(source, path, terrain.lattice)
        values = _values(source, path)
    return Grid(values, terrain.lattice, unit)


def check_place(source: rasterio.DatasetReader, path: Path, here: Lattice) -> None:
    """Refuse an open raster that lies on another lattice, or in another reference system.

    Raises
    ------
    BadInput
        Both are named.
    """
    if not is_placed(source, here):
        raise BadInput("grids_differ", first=here, second=lattice_of(source, path, here.crs or "unknown"))


def is_placed(source: rasterio.DatasetReader, here: Lattice) -> bool:
    """Whether an open raster lies on a lattice, in its reference system if both say one."""
    across, turned, west, leaning, down, north = tuple(source.transform)[:6]
    off = max(abs(west - here.west), abs(north - here.north), abs(across - here.cell) * here.columns)
    off = max(off, abs(-down - here.cell) * here.rows, abs(turned) + abs(leaning))
    same_place = not here.crs or not source.crs or source.crs == rasterio.crs.CRS.from_user_input(here.crs)
    return source.shape == here.shape and off <= 1e-3 * here.cell and same_place


def _values(source: rasterio.DatasetReader, path: Path) -> Array:
    """The one band of a raster, NaN where it has no data; a mask beside it may be there."""
    bands = [kind for kind in source.colorinterp if kind is not ColorInterp.alpha]
    if len(bands) > 1:
        raise BadInput("flood_bands", path=path, count=len(bands))
    if np.issubdtype(np.dtype(source.dtypes[0]), np.complexfloating):
        raise BadInput("flood_complex", path=path)
    values = source.read(1, masked=True).astype(np.float64).filled(np.nan)
    found: Array = values * source.scales[0] + source.offsets[0]
    return np.where(np.isfinite(found), found, np.nan)


def _looks_like_degrees(source: rasterio.DatasetReader) -> bool:
    bounds = source.bounds
    within = (
        max(abs(bounds.left), abs(bounds.right)) <= 180 and max(abs(bounds.bottom), abs(bounds.top)) <= 90
    )
    return bool(within and abs(source.transform.a) < 0.01)


def write_raster(values: NDArray, lattice: Lattice, path: Path, unit: str) -> None:  # type: ignore[type-arg]
    """Write an array on a lattice as a tiled GeoTIFF in its own precision; NaN is no data.

    Raises
    ------
    CannotWrite
    """
    profile = {
        "driver": "GTiff", "height": lattice.rows, "width": lattice.columns, "count": 1,
        "dtype": values.dtype.name, "crs": rasterio.CRS.from_user_input(lattice.crs) if lattice.crs else None,
        "transform": rasterio.Affine(*lattice.transform), "nodata": float("nan"), "compress": "deflate",
        "predictor": 3, "zlevel": 1, "tiled": True, "blockxsize": 256, "blockysize": 256,
        "bigtiff": "if_safer",
    }  # fmt: skip
    try:
        with rasterio.Env(GDAL_PAM_ENABLED="NO"), rasterio.open(path, "w", **profile) as target:
            target.write(values, 1)
            target.set_band_unit(1, unit)
    except (OSError, rasterio.errors.RasterioError) as error:
        raise CannotWrite("file_unwritable", path=path) from error


def read_rain(path: Path) -> Rain:
    """``time_h, mm_per_h``: each intensity holds until the next row."""
    table = read_table(path, ("time_h", "mm_per_h"))
    times = table["time_h"].to_numpy(float) * _HOUR
    return Rain(times, table["mm_per_h"].to_numpy(float) * _MM_PER_HOUR, path.name)


def read_zoned_rain(path: Path, zones: Grid) -> Zoned:
    """``zone, time_h, mm_per_h``: a hyetograph for each zone of a raster."""
    table = read_table(path, ("zone", "time_h", "mm_per_h"))
    rains: dict[float, Rain] = {}
    for zone, rows in table.groupby("zone"):
        times, rain = rows["time_h"].to_numpy(float), rows["mm_per_h"].to_numpy(float)
        rains[float(zone)] = Rain(times * _HOUR, rain * _MM_PER_HOUR, f"{path.name}: {zone:g}")
    return Zoned(zones, rains, path.name)


def read_sections(path: Path) -> tuple[Section, ...]:
    """``name, x, y``: the points of each line in their order, two or more."""
    table = read_table(path, ("name", "x", "y"))
    found = []
    for name, rows in table.groupby("name", sort=False):
        line = tuple(zip(rows["x"].tolist(), rows["y"].tolist(), strict=True))
        if len(line) < 2:
            raise BadInput("flood_section_points", path=path, name=name)
        found.append(Section(str(name), line))
    return tuple(found)


def read_losses(text: str, terrain: Grid, land: Path | None) -> Loss | Zoned:
    """A formula for all (see `read_loss`), ``cn:CN.tif``, or a CSV ``class, loss`` for the classes of `land`.

    Raises
    ------
    MissingFile
    BadInput
        The words or the table say something else, or a class of the raster has no row.
    """
    if text.lower().endswith(".csv"):
        if land is None:
            raise BadInput("flood_losses_land", text=text)
        table = read_table(Path(text), ("class", "loss"), texts=("loss",))
        losses = {
            float(row[0]): None if row[1] == "none" else read_loss(row[1])
            for row in table.itertuples(index=False)
        }
        return Zoned(read_on(land, terrain, ""), losses, Path(text).name)
    if text.lower().startswith("cn:") and text.lower().endswith((".tif", ".tiff")):
        grid = read_on(Path(text[3:]), terrain, "")
        rounded = terrain.like(np.round(grid.values, 1))
        numbers = np.unique(rounded.values[np.isfinite(rounded.values)]).tolist()
        return Zoned(rounded, {number: read_loss(f"cn:{number}") for number in numbers}, Path(text[3:]).name)
    return read_loss(text)


def read_level(path: Path) -> Course:
    """``time_h, level_m``: linear between rows."""
    table = read_table(path, ("time_h", "level_m"))
    return Course(table["time_h"].to_numpy(float) * _HOUR, table["level_m"].to_numpy(float), path.name)


def read_inflows(path: Path) -> tuple[Inflow, ...]:
    """``name, x, y, time_h, m3_per_s``: linear between the rows of one name and place."""
    table = read_table(path, ("name", "x", "y", "time_h", "m3_per_s"))
    found = []
    for (name, x, y), rows in table.groupby(["name", "x", "y"], sort=False):
        times, flows = rows["time_h"].to_numpy(float) * _HOUR, rows["m3_per_s"].to_numpy(float)
        found.append(Inflow(str(name), float(x), float(y), Course(times, flows, f"{path.name}: {name}")))
    return tuple(found)


def read_gauges(path: Path) -> tuple[Gauge, ...]:
    """``name, x, y``; each name once.

    Raises
    ------
    BadInput
        A name stands twice.
    """
    table = read_table(path, ("name", "x", "y"))
    twice = table["name"][table["name"].duplicated()]
    if len(twice):
        raise BadInput("flood_gauge_twice", path=path, name=twice.iloc[0])
    return tuple(
        Gauge(str(row.name_), row.x, row.y) for row in table.rename(columns={"name": "name_"}).itertuples()
    )


def read_sides(text: str) -> dict[str, Side]:
    """Sides from words: ``open`` for all, or ``W=level:L.csv,E=level:21.5,S=slope:0.001``; else closed.

    Raises
    ------
    BadInput
        The words say something else.
    """
    parts = re.split(r",(?=\s*[WENSwens]\s*=)", text.strip())
    if len(parts) == 1 and "=" not in parts[0].split(":")[0]:
        side = _side(parts[0])
        return dict.fromkeys(SIDES, side)
    sides = {}
    for part in parts:
        letter, _, words = part.partition("=")
        name = _LETTERS.get(letter.strip().upper())
        if name is None or name in sides:
            raise BadInput("flood_boundary", text=part)
        sides[name] = _side(words)
    return sides


def _side(words: str) -> Side:
    kind, _, value = words.strip().partition(":")
    if kind in ("closed", "open") and not value:
        return Side(kind)  # type: ignore[arg-type]
    if kind == "level" and re.fullmatch(r"-?[0-9]+(\.[0-9]*)?", value):
        return Side("level", Course(np.zeros(1), np.array([float(value)])))
    if kind == "level" and value:
        return Side("level", read_level(Path(value)))
    if kind == "slope" and re.fullmatch(r"([0-9]+\.?|[0-9]*\.[0-9]+)(e-?\d+)?", value):
        if not 0 < float(value) <= 1:
            raise BadInput("flood_slope", slope=float(value))
        return Side("slope", slope=float(value))
    raise BadInput("flood_boundary", text=words)
