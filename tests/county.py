"""A small made-up county, for shelters and relief."""

from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from layers.layer import Shapes, VectorLayer
from layers.storage.geopackage import ProjectFile, load

CRS = "EPSG:4548"
EAST, NORTH, SIDE = 400_000.0, 4_170_000.0, 6000.0


def made_layer(kind: str, shapes: list[object], **columns: object) -> VectorLayer:
    table = pd.DataFrame(columns, index=pd.RangeIndex(len(shapes)))
    return VectorLayer(kind, kind, CRS, Shapes.of(shapes), table)


def place(x: float, y: float) -> tuple[float, float]:
    return EAST + x, NORTH + y


def county(path: Path) -> ProjectFile:
    """Two townships, a grid of roads, 240 houses, nine shelters, three schools, a chemical plant."""
    draw = np.random.default_rng(7)
    west = shapely.box(*place(0, 0), *place(SIDE / 2, SIDE))
    east = shapely.box(*place(SIDE / 2, 0), *place(SIDE, SIDE))
    lines = [shapely.LineString([place(0, k), place(SIDE, k)]) for k in range(0, 6001, 750)]
    lines += [shapely.LineString([place(k, 0), place(k, SIDE)]) for k in range(0, 6001, 750)]
    roads = shapely.get_parts(shapely.node(shapely.multilinestrings(lines)))
    houses = draw.uniform(100, SIDE - 100, (240, 2))
    boxes = [shapely.box(*place(x, y), *place(x + 12, y + 9)) for x, y in houses]
    sites = draw.uniform(300, SIDE - 300, (9, 2))
    layers = [
        made_layer("county", [shapely.union(west, east)], code=["130001"], name=["甲县"], population=[4000]),
        made_layer(
            "township",
            [west, east],
            code=["130001001", "130001002"],
            name=["东镇", "西镇"],
            county_code=["130001"] * 2,
            population=[2500, 1500],
        ),
        made_layer(
            "road",
            list(roads),
            name=[f"路{k}" for k in range(len(roads))],
            **{"class": ["乡道"] * len(roads)},
        ),
        made_layer(
            "building",
            boxes,
            use=["农村住宅"] * 200 + ["公共建筑"] * 40,
            storeys=[1] * 240,
            structure=["砖木"] * 120 + ["砖混"] * 120,
            floor_area=[100.0] * 240,
            year=[1985] * 240,
            occupants=[20] * 200 + [0] * 40,
        ),
        made_layer(
            "shelter",
            [shapely.Point(place(x, y)) for x, y in sites],
            name=[f"避难{k}" for k in range(9)],
            capacity=[500] * 9,
            effective_area=[1500.0] * 9,
            **{"class": ["紧急"] * 9},
        ),
        made_layer(
            "school", [shapely.Point(place(k, k)) for k in (1000, 3000, 5000)], name=["一小", "二小", "三小"]
        ),
        made_layer(
            "enterprise",
            [shapely.Point(place(*(sites[0] + 100)))],
            name=["化工厂"],
            type=["危险化学品生产"],
            status=["在产"],
            substance=["苯"],
        ),
        made_layer(
            "depot",
            [shapely.Point(place(3000, 3000)), shapely.Point(place(500, 500))],
            name=["县库", "镇库"],
            tier=["县级", "乡镇"],
            floor_area=[500.0, 90.0],
            tents=[30, 10],
            quilts=[100, 50],
            food=[1.0, 0.5],
            water=[2.0, 0.5],
        ),
        made_layer("fire_station", [shapely.Point(place(3000, 3000))], name=["一站"]),
        made_layer(
            "siren",
            [shapely.Point(place(1500, 3000)), shapely.Point(place(4500, 3000))],
            name=["东", "西"],
            reach=[4000.0, np.nan],
        ),
        made_layer(
            "grid_patch",
            [shapely.box(*place(w, 0), *place(e, SIDE)) for w, e in ((0, 3100), (3000, 5900))],
            name=["甲", "乙"],
            responsible=["张三", ""],
        ),
        VectorLayer(
            "depot_ledger",
            "depot_ledger",
            "",
            Shapes.none(3),
            pd.DataFrame(
                {
                    "depot": ["县库"] * 3,
                    "item": ["帐篷"] * 3,
                    "day": ["2026-01-01", "2026-02-01", "2026-03-01"],
                    "amount": [30.0, 20.0, -12.0],
                    "expires": ["2026-06-01", None, None],
                }
            ),
        ),
    ]
    made = ProjectFile.create(path, name="小县", crs=CRS)
    made.apply(load("导入", layers, made))
    return made
