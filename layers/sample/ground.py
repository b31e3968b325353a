"""The committed sample, read back: what the large files are made from."""

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.grid import Array
from layers.sample.plane import to_plane
from layers.sample.real import Real, read_shapes
from layers.sample.water import Levee, downstream

INPUTS = ("乡镇界_示例", "乡镇驻地_示例", "道路_示例", "衡水湖_示例", "河流_示例", "堤防_示例", "主要河流")


def _on_plane(rows: gpd.GeoDataFrame) -> NDArray[np.object_]:
    return to_plane(rows.geometry.values, rows.crs.to_string())


@dataclass(frozen=True)
class Ground:
    """Townships, settlements and water of the committed files; geometry on the plane."""

    real: Real

    @cached_property
    def townships(self) -> pd.DataFrame:
        """Columns code, people, polygon, x, y (seat); one row a township."""
        towns, seats = read_shapes("乡镇界_示例"), read_shapes("乡镇驻地_示例")
        table = pd.DataFrame(
            {"code": towns["区划代码"], "people": towns["常住人口"], "polygon": _on_plane(towns)}
        )
        at = pd.DataFrame(
            shapely.get_coordinates(_on_plane(seats)), index=seats["乡镇代码"], columns=["x", "y"]
        )
        return table.join(at, on="code")

    @cached_property
    def settlements(self) -> Array:
        """Where roads meet or end, expressways aside, and the township seats; shape (n, 2)."""
        roads = read_shapes("道路_示例")
        lines = _on_plane(roads[roads["技术等级"] != "高速"])
        ends = np.concatenate([shapely.get_coordinates(shapely.get_point(lines, k)) for k in (0, -1)])
        return np.asarray(np.unique(np.round(ends, 1), axis=0))

    @cached_property
    def basins(self) -> dict[float, shapely.Polygon]:
        """The lake's basins by bed level (m)."""
        rows = read_shapes("衡水湖_示例")
        return dict(zip(rows["湖底高程"].astype(float), _on_plane(rows), strict=True))

    @cached_property
    def rivers(self) -> dict[str, shapely.LineString]:
        """Real and made-up rivers, downstream."""
        rows = read_shapes("河流_示例")
        made = dict(zip(rows["名称"], _on_plane(rows), strict=True))
        return {**{n: downstream(line, self.real) for n, line in self.real.rivers.items()}, **made}

    @cached_property
    def levees(self) -> list[Levee]:
        """Levees with crest and return period."""
        rows = read_shapes("堤防_示例")
        columns = zip(rows["堤名"], _on_plane(rows), rows["堤顶超高"], rows["防洪标准"], strict=True)
        return [Levee(name, line, float(crest), int(period)) for name, line, crest, period in columns]

    @cached_property
    def wet(self) -> shapely.Geometry:
        """Where nobody builds: the lake, the rivers and their banks."""
        banks = [line.simplify(20).buffer(140) for line in self.rivers.values()]
        return shapely.union_all([*banks, *(shapely.buffer(basin, 150) for basin in self.basins.values())])
