"""The region of a work package: what belongs to it and what does not."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.changes import Row
from layers.errors import BadInput
from layers.grid import Extent
from layers.layer import VectorLayer
from layers.storage.geopackage import ProjectFile

_REGIONS = ("county", "township", "city")
_CODES = ("county_code", "township_code", "code")


@dataclass(frozen=True)
class Area:
    """The region of a package: what lies in it with its middle belongs to it.

    Parameters
    ----------
    code, name : str
    polygon : shapely geometry
        In the project's reference system.
    """

    code: str
    name: str
    polygon: Any

    @classmethod
    def of(cls, project: ProjectFile, code: str) -> "Area":
        """The region of that code.

        Raises
        ------
        BadInput
            The project has none.
        """
        known: list[str] = []
        for kind in _REGIONS:
            entry = project.first(kind)
            if entry is None or "code" not in project.columns(entry.name):
                continue
            layer = project.read(entry.name)
            codes = layer.attributes["code"].astype(str)
            known += codes.tolist() if len(known) < 20 else []
            rows = np.flatnonzero((codes == code).to_numpy())
            if len(rows):
                polygon = shapely.union_all(shapely.make_valid(layer.shapes.geometries(rows)))
                shapely.prepare(polygon)
                name = layer.attributes["name"].iloc[rows[0]] if "name" in layer.attributes else code
                return cls(code, str(name), polygon)
        raise BadInput("package_region", code=code, codes="、".join(known[:20]))

    @property
    def extent(self) -> Extent:
        """The region's box."""
        return Extent(*self.polygon.bounds)

    def owns(self, row: Row) -> bool:
        """Whether a feature lies here with its middle; one without geometry, if it names no other region."""
        geometry = row.get("geom")
        if isinstance(geometry, bytes):
            middle = shapely.point_on_surface(shapely.from_wkb(geometry))
            return bool(shapely.intersects(self.polygon, middle))
        codes = [str(row[name]) for name in _CODES if row.get(name)]
        return not codes or any(self._is_of(code) for code in codes)

    def _is_of(self, code: str) -> bool:
        return code.startswith(self.code) or self.code.startswith(code)

    def names(self, layer: VectorLayer) -> NDArray[np.bool_]:
        """Rows of a table that name the region."""
        held = np.zeros(len(layer), bool)
        for name in _CODES:
            if name in layer.attributes:
                held |= layer.attributes[name].map(lambda c: str(c).startswith(self.code)).to_numpy(bool)
        return held
