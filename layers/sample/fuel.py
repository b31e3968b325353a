"""Made-up fuel map: numbers of the standard fire behaviour fuel models (Scott & Burgan 2005) on 60 m cells."""

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy.ndimage import zoom

from layers.grid import Extent, Lattice
from layers.sample.city import City
from layers.sample.plane import PLANE, Waves, chance
from layers.sample.water import WIDTHS

CELL = 60.0
URBAN, FIELD, WATER, GRASS, SHRUB, UNDERSTORY, LITTER, BROADLEAF = 91, 93, 98, 102, 142, 161, 183, 189
OUTSIDE = 255  # no data


def fuel_lattice(city: City) -> Lattice:
    """Cells of 60 m that cover the city."""
    return Lattice.covering(Extent(*city.real.city.bounds), CELL, PLANE)


def fuel_models(city: City) -> NDArray[np.uint8]:
    """Fuel model numbers; 255 outside the city.

    Fields as the real land cover says (it knows crops, towns and water at 0.05° only); woods near sandy
    rivers, shelterbelts along roads, grass on levees, settlements and water are made up.
    """
    lattice = fuel_lattice(city)
    fuel = np.full(lattice.shape, FIELD, np.uint8)
    _plant_woods(fuel, lattice, city)
    roads = city.roads
    _burn(fuel, lattice, shapely.buffer(roads.lines[roads.grade <= 3], 25), LITTER, all_touched=False)
    _burn(fuel, lattice, [shapely.buffer(levee.line, 50) for levee in city.levees], GRASS)
    _burn(fuel, lattice, [_marsh(city)], GRASS)
    _burn(fuel, lattice, _settlements(city), URBAN)
    banks = [line.buffer(WIDTHS[name] / 2) for name, line in city.rivers.items()]
    _burn(fuel, lattice, [*banks, city.lake], WATER)
    inside = rasterize([city.real.city], lattice.shape, transform=lattice.transform, all_touched=True)
    fuel[inside == 0] = OUTSIDE
    return fuel


def _burn(
    fuel: NDArray[np.uint8], lattice: Lattice, shapes: object, value: int, all_touched: bool = True
) -> None:
    rasterize(shapes, out=fuel, transform=lattice.transform, default_value=value, all_touched=all_touched)


def _plant_woods(fuel: NDArray[np.uint8], lattice: Lattice, city: City) -> None:
    """Patches where a smooth field is highest; their species by another; shrubs on the sand by the rivers."""
    wood, species = (_field(name, length, lattice) for name, length in (("wood", 2200), ("species", 9000)))
    sand = np.zeros(lattice.shape, np.uint8)
    banks = [city.rivers[name].buffer(1500) for name in ("滹沱河", "潴龙河", "滏阳新河", "卫运河")]
    _burn(sand, lattice, banks, 1)
    woods = wood > np.where(sand, 1.45, 2.05)
    kinds = np.select([species > 0.7, species > -0.3], [BROADLEAF, LITTER], UNDERSTORY)
    fuel[woods] = kinds[woods]
    shrubs = (sand > 0) & (wood > 1.15) & ~woods
    fuel[shrubs] = SHRUB


def _field(name: str, length: float, lattice: Lattice) -> NDArray[np.float64]:
    """A smooth field on the lattice, computed on every eighth cell."""
    step = 8
    rows, columns = -(-lattice.rows // step) + 1, -(-lattice.columns // step) + 1
    x = lattice.west + np.arange(columns) * step * lattice.cell
    y = lattice.north - np.arange(rows) * step * lattice.cell
    coarse = Waves(f"fuel {name}", length, count=32)(x[None, :], y[:, None])
    return np.asarray(zoom(coarse, step, order=1)[: lattice.rows, : lattice.columns])


def _marsh(city: City) -> shapely.Geometry:
    return shapely.buffer(city.lake, 180)


def _settlements(city: City) -> list[shapely.Geometry]:
    """A winding disk for each village and town, its size by what it is."""
    nodes, towns, seats = city.nodes
    radius = chance("settlement size").uniform(130, 260, len(nodes))
    radius[towns] = 320 + 2.2 * np.sqrt(city.townships["people"].to_numpy())
    radius[list(seats.values())] = 1600
    radius[seats["131102"]] = 3800
    disks = shapely.buffer(shapely.points(nodes), radius, quad_segs=6)

    def wind(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(xy + np.column_stack([Waves(f"settlement {a}", 700, 70)(*xy.T) for a in "xy"]))

    return list(shapely.make_valid(shapely.transform(disks, wind)))
