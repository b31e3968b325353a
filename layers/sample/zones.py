"""Made-up census results: grades of drought and of wind and hail by township, and site classes."""

import numpy as np
import pandas as pd
import shapely

from layers.grid import Array
from layers.sample.city import City
from layers.sample.plane import Waves, chance

GRADES = np.array(["低", "中低", "中", "中高", "高"])
# Share of the townships in each grade, lowest first, and how many are left without one.
HAZARDS = {"干旱": ((0.12, 0.25, 0.33, 0.20, 0.10), 4), "风雹": ((0.20, 0.30, 0.27, 0.15, 0.08), 5)}


def hazard_zones(city: City) -> pd.DataFrame:
    """Columns hazard, grade (``None`` where missing), polygon; one row a hazard and township."""
    towns = city.townships
    zones = []
    for hazard, (shares, missing) in HAZARDS.items():
        grade = _graded(_field(hazard, towns[["x", "y"]].to_numpy()), shares).astype(object)
        grade[chance(f"missing {hazard}").choice(len(grade), missing, replace=False)] = None
        zones.append(pd.DataFrame({"hazard": hazard, "grade": grade, "polygon": towns["polygon"]}))
    return pd.concat(zones, ignore_index=True)


def _field(name: str, xy: Array) -> Array:
    """Smooth over some 60 km, with a little of its own for each township."""
    own = chance(f"zone {name}").normal(0, 0.25, len(xy))
    smooth: Array = Waves(f"zone {name}", 60_000)(*xy.T) + own
    return smooth


def _graded(field: Array, shares: tuple[float, ...]) -> np.ndarray:
    """Grades whose shares of the rows are the given ones."""
    bounds = np.quantile(field, np.cumsum(shares)[:-1])
    return np.asarray(GRADES[np.searchsorted(bounds, field)])


def site_classes(city: City) -> pd.DataFrame:
    """Columns class (II or III), polygon; one row a township: softer ground towards the north-east."""
    towns = city.townships
    xy = towns[["x", "y"]].to_numpy()
    softness = (xy @ np.array([0.6, 0.8]) - 3.6e6) / 40_000 + _field("site", xy)
    soft = softness > np.quantile(softness, 0.28)
    return pd.DataFrame({"class": np.where(soft, "III", "II"), "polygon": towns["polygon"]})


def centres(city: City) -> pd.DataFrame:
    """Columns name, category, code, point: where the townships and counties are governed from, made up."""
    towns = city.townships
    points = shapely.points(towns[["x", "y"]].to_numpy())
    return pd.DataFrame(
        {"name": towns["name"], "category": "乡镇驻地（示例）", "code": towns["code"], "point": points}
    )
