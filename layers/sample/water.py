"""衡水湖, the rivers that no open source has, and levees: plausible courses, not surveyed ones."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.interpolate import PchipInterpolator

from layers.grid import Array
from layers.sample.plane import DEGREES, Waves, bend, to_plane
from layers.sample.real import Real

# Control points, degrees east and north, downstream. Drawn by eye after general descriptions.
COURSES: dict[str, tuple[tuple[float, float], ...]] = {
    "滏阳河": ((115.13, 37.555), (115.30, 37.625), (115.46, 37.71), (115.62, 37.752), (115.70, 37.765),
             (115.76, 37.86), (115.86, 37.96), (115.94, 38.045), (116.04, 38.12), (116.10, 38.19)),
    "清凉江": ((115.68, 37.17), (115.76, 37.33), (115.86, 37.45), (115.97, 37.60), (116.03, 37.74),
             (116.10, 37.86), (116.20, 37.93), (116.32, 38.00), (116.40, 38.07)),
    "江江河": ((115.98, 37.36), (116.04, 37.46), (116.12, 37.56), (116.17, 37.64), (116.25, 37.76),
             (116.33, 37.86), (116.43, 37.93), (116.58, 37.99)),
    "索泸河": ((115.50, 37.30), (115.62, 37.40), (115.70, 37.47), (115.76, 37.56), (115.82, 37.68),
             (115.92, 37.79), (116.00, 37.88), (116.08, 37.94), (116.13, 38.03)),
    "潴龙河": ((115.26, 38.23), (115.36, 38.285), (115.44, 38.325), (115.56, 38.40)),
}  # fmt: skip
GRADES = {
    "滏阳河": "干流",
    "滏东排河": "支流",
    "清凉江": "支流",
    "江江河": "支流",
    "索泸河": "支流",
    "潴龙河": "干流",
}
WIDTHS = {"滏阳河": 60, "滏东排河": 80, "清凉江": 70, "江江河": 40, "索泸河": 35, "潴龙河": 90,
          "滹沱河": 220, "滏阳新河": 160, "南运河": 60, "卫运河": 110}  # fmt: skip
# Distance of the levee from the middle of the river, crest above ground (m), design return period (years).
LEVEES = {
    "滹沱河": (900, 4.5, 50), "滏阳新河": (750, 5.5, 50), "卫运河": (320, 5.0, 50), "南运河": (260, 3.5, 50),
    "滏阳河": (180, 2.5, 20), "清凉江": (190, 2.5, 20), "潴龙河": (520, 4.0, 50),
}  # fmt: skip
# Area (km²) and bed level (m) of the basins, the design level and the limits of the lake are published figures.
DESIGN_LEVEL = 21.0
BASINS = {"东湖": (42.5, 18.0), "西湖": (32.5, 19.0)}
LAKE_BOX = (
    115 + 27 / 60 + 50 / 3600,
    37 + 31 / 60 + 40 / 3600,
    115 + 42 / 60 + 51 / 3600,
    37 + 41 / 60 + 56 / 3600,
)


@dataclass(frozen=True, eq=False)
class Levee:
    """A levee: its line on the plane, crest above ground (m), design return period (years)."""

    name: str
    line: shapely.LineString
    crest: float
    return_period: int


def missing_rivers(real: Real) -> dict[str, shapely.LineString]:
    """Made-up courses of the rivers that the real file lacks, by name, downstream, on the plane."""
    near = real.city.buffer(3000)
    rivers = {}
    for name, points in COURSES.items():
        control = shapely.get_coordinates(to_plane(shapely.points(points)))
        line = bend(_spline(control), f"river {name}", 5200, 330, 220)
        rivers[name] = _longest(shapely.intersection(shapely.linestrings(line), near))
    rivers["滏东排河"] = _beside(real.rivers["滏阳新河"], -1700, real)
    return rivers


def _spline(control: Array) -> Array:
    """A smooth line through the points."""
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(control, axis=0).T))])
    fine = np.linspace(0, along[-1], int(along[-1] / 500))
    return np.asarray(PchipInterpolator(along, control)(fine))


def downstream(line: shapely.LineString, real: Real) -> shapely.LineString:
    """The line from its higher to its lower end."""
    (x0, y0), (x1, y1) = line.coords[0], line.coords[-1]
    first, last = real.height(np.array([x0, x1]), np.array([y0, y1]))
    return line if first >= last else shapely.reverse(line)


def _beside(line: shapely.LineString, distance: float, real: Real) -> shapely.LineString:
    """A line at a distance, left positive, of the smoothed river flowing down, near the city."""
    flowing = shapely.segmentize(downstream(line, real).simplify(min(200, abs(distance) / 4)), 400)
    beside = shapely.offset_curve(flowing, distance, join_style="round").simplify(15)
    return _longest(shapely.intersection(beside, real.city.buffer(1500)))


def _longest(lines: shapely.Geometry) -> shapely.LineString:
    parts = shapely.get_parts(lines)
    return parts[int(shapely.length(parts).argmax())]


def lake(real: Real) -> dict[str, shapely.Polygon]:
    """The two basins of 衡水湖 with their published areas and a made-up shore, on the plane."""
    east, west = (BASINS[name][0] * 1e6 for name in ("东湖", "西湖"))
    dry = shapely.union_all([
        _beside(real.rivers["滏阳新河"], -1700, real).buffer(450),
        shapely.transform(shapely.Point(real.seats["冀州"]).buffer(2300), _winding),
    ])  # fmt: skip
    shore = _shore()
    water = _bisect(lambda s: _one_part(shore(s).difference(dry)), lambda p: p.area, east + west, (0.3, 2.0))
    middle = water.centroid.x
    basin = _bisect(
        lambda x: _one_part(water.intersection(_east_of(middle - x, water))),
        lambda p: p.area, east, (-9000.0, 9000.0),
    )  # fmt: skip
    return {"东湖": basin, "西湖": _one_part(water.difference(basin.buffer(0.01)))}


def _winding(xy: Array) -> Array:
    """The points shifted by the field that makes shores wind."""
    moved: Array = xy + np.column_stack([Waves(f"shore {axis}", 7000, 420)(*xy.T) for axis in "xy"])
    return moved


def _shore() -> Callable[[float], shapely.Polygon]:
    """A rounded outline with a winding shore; the function scales it about its middle."""
    middle, tilt = np.array([377600.0, 4162300.0]), np.radians(22)
    turn = np.linspace(0, 2 * np.pi, 300, endpoint=False)
    along, across = 7600 * np.cos(turn), 5000 * np.sin(turn)
    outline = np.column_stack([
        along * np.cos(tilt) - across * np.sin(tilt), along * np.sin(tilt) + across * np.cos(tilt),
    ])  # fmt: skip
    outline = _winding(outline + middle) - middle
    return lambda scale: shapely.make_valid(shapely.Polygon(outline * scale + middle))


def _east_of(x: float, water: shapely.Polygon) -> shapely.Polygon:
    """Everything east of a dike that leans a little."""
    _, south, _, north = water.bounds
    return shapely.Polygon(
        [(x - 500, south - 9), (x + 90000, south - 9), (x + 90000, north + 9), (x + 500, north + 9)]
    )


def _one_part(shape: shapely.Geometry) -> shapely.Polygon:
    """The largest polygon, without islands."""
    return shapely.Polygon(max(shapely.get_parts(shape), key=lambda part: part.area).exterior)


def _bisect(
    make: Callable[[float], shapely.Polygon],
    measure: Callable[[shapely.Polygon], float],
    wanted: float,
    limits: tuple[float, float],
) -> shapely.Polygon:
    """The shape whose measure, growing with the parameter, is the wanted one."""
    low, high = limits
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if measure(make(middle)) < wanted else (low, middle)
    return make(high)


def levees(real: Real, rivers: dict[str, shapely.LineString]) -> list[Levee]:
    """Levees on both sides of the main rivers, in the city, and the dike of the eastern basin."""
    made = []
    for name, (distance, crest, period) in LEVEES.items():
        for side, sign in (("左堤", 1), ("右堤", -1)):
            line = _beside(rivers[name], sign * distance, real)
            inside = shapely.intersection(line, real.city)
            if not inside.is_empty:
                made.append(Levee(f"{name}{side}（示例）", shapely.line_merge(inside), crest, period))
    dike = shapely.LineString(shapely.buffer(lake(real)["东湖"], 60).exterior.simplify(10).coords)
    return [*made, Levee("衡水湖东湖围堤（示例）", dike, 3.0, 50)]


def inside_lake_box(basins: dict[str, shapely.Polygon]) -> bool:
    """Whether the basins keep within the published limits of the lake."""
    box = to_plane([shapely.segmentize(shapely.box(*LAKE_BOX), 0.01)], DEGREES)[0]
    return bool(box.covers(shapely.union_all(list(basins.values()))))
