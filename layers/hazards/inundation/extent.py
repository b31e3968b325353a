"""Inundation as polygons: one for each class of greatest depth."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from rasterio.features import shapes
from rasterio.transform import Affine

from layers.errors import CannotWrite
from layers.grid import Lattice
from layers.hazards.standards import standard


def flooded(depth: NDArray[np.float32], lattice: Lattice, wet: float) -> gpd.GeoDataFrame:
    """Where the greatest depth lies in each class of ``resources/standards/flood_depth_classes.csv``.

    Parameters
    ----------
    depth : ndarray of float, shape (rows, columns)
        m; NaN is no data.
    lattice : Lattice
    wet : float
        From which depth ground counts as flooded, m.

    Returns
    -------
    GeoDataFrame
        ``class, depth_low_m, depth_high_m, area_m2`` and a multipolygon along the borders of cells; classes
        that nowhere occur are left out.
    """
    classes = standard("flood_depth_classes")
    low = classes["depth_low_m"].to_numpy(float)
    number = np.searchsorted(low, np.nan_to_num(depth), side="right").astype(np.uint8)
    number[~(depth >= wet)] = 0
    parts: dict[int, list[shapely.Polygon]] = {}
    for outline, value in shapes(number, mask=number > 0, transform=Affine(*lattice.transform)):
        parts.setdefault(int(value) - 1, []).append(shapely.geometry.shape(outline))
    rows = [
        {
            "class": int(classes["class"].iloc[k]),
            "depth_low_m": max(float(low[k]), wet if k == 0 else 0.0),
            "depth_high_m": float(classes["depth_high_m"].iloc[k]),
            "area_m2": float((number == k + 1).sum()) * lattice.cell**2,
            "geometry": shapely.MultiPolygon(parts[k]),
        }
        for k in sorted(parts)
    ]
    columns = ["class", "depth_low_m", "depth_high_m", "area_m2", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=lattice.crs or None)


def write_flooded(depth: NDArray[np.float32], lattice: Lattice, wet: float, path: Path) -> None:
    """Write the polygons of `flooded` as a GeoPackage.

    Raises
    ------
    CannotWrite
    """
    try:
        pyogrio.write_dataframe(
            flooded(depth, lattice, wet), path, layer="flooded", driver="GPKG", geometry_type="MultiPolygon"
        )
    except (OSError, pyogrio.errors.DataSourceError) as error:
        raise CannotWrite("file_unwritable", path=path) from error
