"""The made-up city as one value: townships with people, villages, water, levees, roads."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.grid import Array
from layers.sample import water
from layers.sample.plane import DEGREES, PLANE, project, to_plane
from layers.sample.real import SEAT_TOWNS, Real
from layers.sample.roads import Roads, build_roads
from layers.sample.townships import Division, divide, populations

# Census population of the statistical areas inside 桃城区, which have no polygon of their own.
AREA_POPULATION = {"131102": 608_586, "131171": 144_731, "131172": 79_771}
CITY_TOWN = "131102001"


@dataclass(frozen=True)
class City:
    """Everything that later parts are placed on; made when first asked for, geometry on the plane."""

    real: Real

    @cached_property
    def _divisions(self) -> dict[str, Division]:
        counties = self.real.counties
        return {
            code: divide(polygon, self.real.towns(code), self.wet, code)
            for code, polygon in zip(counties["区划代码"], counties.geometry, strict=True)
        }

    @cached_property
    def townships(self) -> pd.DataFrame:
        """Code, name, county_code, kind, people, polygon, x, y of the seat; one row a township."""
        rows = []
        for county, division in self._divisions.items():
            towns = self.real.towns(county)
            people = populations(towns, self._totals(county), county)
            seats = division.villages[division.centres]
            for k, code in enumerate(towns.code):
                rows.append((code, towns.name[k], county, int(people[k]), division.polygons[k], *seats[k]))
        table = pd.DataFrame(rows, columns=["code", "name", "county_code", "people", "polygon", "x", "y"])
        table["kind"] = self.real.codes.set_index("区划代码")["类别"].reindex(table["code"]).to_numpy()
        table["polygon"] = to_plane(project(table["polygon"], PLANE, DEGREES))
        return table.sort_values("code", ignore_index=True)

    def _totals(self, county: str) -> dict[str, int]:
        if county == "131102":
            return AREA_POPULATION
        rows = self.real.counties
        return {county: int(rows.loc[rows["区划代码"] == county, "常住人口"].iloc[0])}

    @cached_property
    def basins(self) -> dict[str, shapely.Polygon]:
        """The two basins of the lake."""
        return water.lake(self.real)

    @cached_property
    def lake(self) -> shapely.Geometry:
        """Both basins."""
        return shapely.union_all(list(self.basins.values()))

    @cached_property
    def missing_rivers(self) -> dict[str, shapely.LineString]:
        """Made-up courses of rivers without a real one."""
        return water.missing_rivers(self.real)

    @cached_property
    def rivers(self) -> dict[str, shapely.LineString]:
        """Real and made-up rivers, downstream."""
        real = {name: water.downstream(line, self.real) for name, line in self.real.rivers.items()}
        return {**real, **self.missing_rivers}

    @cached_property
    def wet(self) -> shapely.Geometry:
        """Where nobody settles: the lake, the rivers and their banks."""
        banks = shapely.union_all(list(self.rivers.values())).buffer(180)
        wet = shapely.union_all([self.lake.buffer(350), banks])
        shapely.prepare(wet)
        return wet

    @cached_property
    def levees(self) -> list[water.Levee]:
        """Levees along the main rivers and round the eastern basin."""
        return water.levees(self.real, self.rivers)

    @cached_property
    def nodes(self) -> tuple[Array, NDArray[np.intp], dict[str, int]]:
        """Villages, which of them are township seats, and which county seats by code."""
        seats = self.townships[["x", "y"]].to_numpy()
        villages = np.concatenate([d.villages for d in self._divisions.values()])
        villages = np.concatenate([seats, villages])
        _, first = np.unique(np.round(villages, 2), axis=0, return_index=True)
        villages = villages[np.sort(first)]
        codes = list(self.townships["code"])
        main = {code[:6]: codes.index(code) for code in (CITY_TOWN, *SEAT_TOWNS)}
        return villages, np.arange(len(seats)), main

    @cached_property
    def roads(self) -> Roads:
        """The road network."""
        villages, towns, seats = self.nodes
        rivers = shapely.union_all([line.simplify(50) for line in self.rivers.values()])
        return build_roads(villages, towns, seats, self.real.city, self.lake, rivers)
