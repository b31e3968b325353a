"""The grids that the models read, made from the layers of a project."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.census.catalogue import catalogue
from layers.errors import BadInput, KnownError
from layers.grid import Grid, Lattice
from layers.hazards.earthquake import SITE_CLASSES
from layers.hazards.memory import remembered
from layers.hazards.model import HazardModel
from layers.hazards.rasterise import burn, centres
from layers.hazards.source import Reading, SourceEntry, entries_of
from layers.layer import VectorLayer
from layers.progress import Progress, ignore
from layers.storage.rasters import read_grid
from layers.words import Language

Array = NDArray[np.float64]

_DEGREE = 111_320.0  # metres of one degree of latitude, to compare resolutions only
_SQUARE = 1000.0  # side of the squares in which climate is worked out, m
_NEIGHBOURHOOD = 5  # cells to each side in which a levee finds the ground it stands on


class MissingLayer(KnownError, LookupError):
    """The project holds no layer of a kind that is needed."""

    def __init__(self, kind: str) -> None:
        super().__init__("kind_missing", kind=kind, title=both_titles(kind))

    def say(self, language: Language) -> str:
        """With the title of the kind in the language in which all is said."""
        kind = str(self.facts["kind"])
        return KnownError(self.key, kind=kind, title=catalogue()[kind].title(language)).say(language)


def gather(
    model: HazardModel, reading: Reading, lattice: Lattice, progress: Progress = ignore
) -> dict[str, Grid]:
    """The grids that a model requires, from the layers of a project.

    Parameters
    ----------
    model : HazardModel
    reading : Reading
        Remembers the layers and the assumptions (no levees known, site class II assumed).
    lattice : Lattice
    progress : Progress

    Raises
    ------
    MissingLayer
        The project lacks a layer; its kind is named.
    BadInput
        A layer cannot be used as it is.
    """
    grids: dict[str, Grid] = {}
    for number, needed in enumerate(model.requires):
        progress(number / len(model.requires))
        grids[needed.name] = _MAKERS[needed.name](reading, lattice)
    progress(1.0)
    return grids


def both_titles(kind: str) -> str:
    """A kind of layer as a fact of a known error, whose language is not yet known."""
    return f"{catalogue()[kind].zh} ({catalogue()[kind].en})"


def missing_kinds(model: HazardModel, reading: Reading) -> tuple[str, ...]:
    """Kinds of layers that the model cannot do without and the project lacks."""
    kinds = (kind for needed in model.requires for kind in _INDISPENSABLE[needed.name])
    return tuple(kind for kind in dict.fromkeys(kinds) if reading.first(kind) is None)


def needed_layer(reading: Reading, kind: str, *columns: str) -> VectorLayer:
    """The first layer of a kind of which one counts, such as the counties.

    Raises
    ------
    MissingLayer
        There is none.
    """
    layer = reading.read_first(kind, *columns)
    if layer is None:
        raise MissingLayer(kind)
    return layer


def numbers(column: "pd.Series[object]") -> Array:
    """A column as float64; what is no number is NaN."""
    result: Array = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    return result


def _raster(reading: Reading, kind: str, lattice: Lattice, resampling: str, band: int = 1) -> Grid:
    entry = _best_raster(reading, kind, lattice.cell)
    if entry is None:
        raise MissingLayer(kind)
    return read_grid(reading.raster(entry), band=band, target=lattice, resampling=resampling)


def _best_raster(reading: Reading, kind: str, cell: float) -> SourceEntry | None:
    """The coarsest raster that is no coarser than `cell`; else the finest."""
    entries = [entry for entry in entries_of(reading.source, kind) if entry.lattice is not None]
    sizes = {entry.name: _cell_in_metres(entry) for entry in entries}
    fine = [entry for entry in entries if sizes[entry.name] <= cell * 1.01]
    if fine:
        return max(fine, key=lambda entry: sizes[entry.name])
    return min(entries, key=lambda entry: sizes[entry.name], default=None)


def _cell_in_metres(entry: SourceEntry) -> float:
    """A cell below 1 unit is taken for degrees: no terrain model has cells of less than a metre here."""
    assert entry.lattice is not None
    return entry.lattice.cell * (_DEGREE if entry.lattice.cell < 1 else 1.0)


def terrain(reading: Reading, lattice: Lattice) -> Grid:
    """Elevation, m; where a lake with a design level lies, at least that level."""
    ground = _plain_terrain(reading, lattice)
    lakes = reading.read("lake", "level")
    if lakes is None:
        return ground
    level = burn(lakes.shapes, numbers(lakes["level"]), lattice)
    return ground.like(np.where(np.isfinite(level), np.maximum(ground.values, level), ground.values))


def _plain_terrain(reading: Reading, lattice: Lattice) -> Grid:
    """The terrain model on the lattice, remembered: four inputs of two models ask for it."""
    entry = _best_raster(reading, "terrain", lattice.cell)
    if entry is None:
        raise MissingLayer("terrain")
    path = reading.raster(entry)
    grid = remembered(
        reading.source,
        ("terrain", entry.name, lattice),
        lambda: read_grid(path, target=lattice, resampling="average"),
    )
    if not np.isfinite(grid.values).any():
        raise BadInput("terrain_elsewhere")
    return Grid(grid.values, lattice, "m")


def drainage(reading: Reading, lattice: Lattice) -> Grid:
    """1 where a river or a lake lies, else 0."""
    rivers = reading.read("river")
    if rivers is None:
        raise MissingLayer("river")
    cells = burn(rivers.shapes, np.ones(len(rivers)), lattice, empty=0.0, touched=True)
    lakes = reading.read("lake")
    if lakes is not None:
        cells = np.maximum(cells, burn(lakes.shapes, np.ones(len(lakes)), lattice, empty=0.0))
    return Grid(cells, lattice)


def ground(reading: Reading, lattice: Lattice) -> Grid:
    """Elevation of the terrain as it is, m."""
    return _plain_terrain(reading, lattice)


def lake(reading: Reading, lattice: Lattice) -> Grid:
    """1 where a lake lies, else 0."""
    lakes = reading.read("lake")
    if lakes is None:
        return Grid(np.zeros(lattice.shape), lattice)
    return Grid(burn(lakes.shapes, np.ones(len(lakes)), lattice, empty=0.0), lattice)


def levee(reading: Reading, lattice: Lattice) -> Grid:
    """Crest above the terrain model's cell, m; 0 without levee.

    The layer gives the crest above the ground beside the levee. Fine terrain models show the levee already:
    so that it does not count twice, the ground is the median of the neighbourhood.
    """
    levees = reading.read("levee", "crest")
    if levees is None:
        reading.note("note.no_levees")
        return Grid(np.zeros(lattice.shape), lattice, "m")
    crest = burn(levees.shapes, numbers(levees["crest"]), lattice, empty=0.0, touched=True)
    ground = _plain_terrain(reading, lattice).values
    rows, columns = np.nonzero(crest > 0)
    beside = _neighbourhood_medians(ground, rows, columns)
    above = np.nan_to_num(beside + crest[rows, columns] - ground[rows, columns])
    crest[rows, columns] = np.maximum(above, 0.0)
    return Grid(crest, lattice, "m")


def _neighbourhood_medians(values: Array, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Array:
    reach = _NEIGHBOURHOOD
    padded = np.pad(values, reach, constant_values=np.nan)
    window = np.lib.stride_tricks.sliding_window_view(padded, (2 * reach + 1, 2 * reach + 1))
    around = window[rows, columns].reshape(len(rows), -1)
    known = np.isfinite(around).any(axis=1)
    medians = np.full(len(rows), np.nan)
    medians[known] = np.nanmedian(around[known], axis=1)
    return medians


def pga(reading: Reading, lattice: Lattice) -> Grid:
    """Basic peak acceleration at class II, g, of the county in the zoning table."""
    zones = needed_layer(reading, "seismic_zone", "code", "pga")
    counties = needed_layer(reading, "county", "code")
    by_code = dict(zip(zones["code"].map(code_text), numbers(zones["pga"]), strict=True))
    values = counties["code"].map(code_text).map(by_code).to_numpy(np.float64)
    if not np.isfinite(values).any():
        raise BadInput("zones_match_nothing", table=zones.title or zones.name)
    return Grid(burn(counties.shapes, values, lattice), lattice, "g")


def region(reading: Reading, lattice: Lattice) -> Grid:
    """1 in every cell that a county touches; nothing outside."""
    counties = needed_layer(reading, "county")
    return Grid(burn(counties.shapes, np.ones(len(counties)), lattice, touched=True), lattice)


def code_text(code: object) -> str:
    """A code as text, also if a spreadsheet made a number of it.

    Examples
    --------
    >>> code_text(131102.0), code_text(" 131102 "), code_text(None)
    ('131102', '131102', '')
    """
    if code is None or code != code:
        return ""
    if isinstance(code, float) and code.is_integer():
        return str(int(code))
    return str(code).strip()


def site_class(reading: Reading, lattice: Lattice) -> Grid:
    """Code of the site class; II everywhere, with a note, if the project has no such layer."""
    sites = reading.read("site_class", "class")
    if sites is None:
        reading.note("note.site_class_assumed")
        return Grid(np.full(lattice.shape, float(SITE_CLASSES.index("II"))), lattice)
    codes = {name: float(code) for code, name in enumerate(SITE_CLASSES)}
    values = sites["class"].map(code_text).map(codes).to_numpy(np.float64)
    return Grid(burn(sites.shapes, values, lattice), lattice)


def fuel(reading: Reading, lattice: Lattice) -> Grid:
    """Number of the fuel model."""
    return _raster(reading, "fuel", lattice, "nearest")


def slope(reading: Reading, lattice: Lattice) -> Grid:
    """Tangent of the slope of the terrain model's cells."""
    heights = _plain_terrain(reading, lattice).values
    if min(lattice.shape) < 2:
        return Grid(np.where(np.isfinite(heights), 0.0, np.nan), lattice)
    down, across = np.gradient(heights, lattice.cell)
    return Grid(np.hypot(down, across), lattice)


def landcover(reading: Reading, lattice: Lattice) -> Grid | None:
    """Class of land cover (IGBP); None if the project has no such layer."""
    if reading.first("landcover") is None:
        return None
    return _raster(reading, "landcover", lattice, "nearest")


def dry_season_rain(reading: Reading, lattice: Lattice) -> Grid:
    """Rain in the driest three months in a row, mm; the year is a ring.

    Climate is smooth: it is worked out in kilometre squares, whose values the cells take.
    """
    squares = Lattice.covering(lattice.extent, max(_SQUARE, lattice.cell), lattice.crs)
    bands = (_raster(reading, "rainfall", squares, "bilinear", band) for band in range(1, 13))
    months = np.stack([band.values for band in bands])
    quarters = months + np.roll(months, -1, axis=0) + np.roll(months, -2, axis=0)
    driest = Grid(np.min(quarters, axis=0), squares, "mm").at(*centres(lattice))
    return Grid(driest.reshape(lattice.shape), lattice, "mm")


_MAKERS: Mapping[str, Callable[[Reading, Lattice], Grid]] = {
    "terrain": terrain,
    "ground": ground,
    "lake": lake,
    "drainage": drainage,
    "levee": levee,
    "pga": pga,
    "region": region,
    "site_class": site_class,
    "fuel": fuel,
    "slope": slope,
    "dry_season_rain": dry_season_rain,
}

_INDISPENSABLE: Mapping[str, tuple[str, ...]] = {
    "terrain": ("terrain",),
    "ground": ("terrain",),
    "lake": (),
    "drainage": ("river",),
    "levee": (),
    "pga": ("seismic_zone", "county"),
    "region": ("county",),
    "site_class": (),
    "fuel": ("fuel",),
    "slope": ("terrain",),
    "dry_season_rain": ("rainfall",),
}
