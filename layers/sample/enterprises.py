"""Made-up enterprises: chemicals with CAS numbers and stocks, fireworks, other industry."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from layers.sample.city import City
from layers.sample.plane import chance


@dataclass(frozen=True)
class Substance:
    """A substance of GB 18218-2018 table 1: name, CAS number, threshold quantity (t).

    Names and CAS numbers as in the standard's table 1; thresholds to be checked against the printed standard.
    """

    name: str
    cas: str
    threshold: float


SUBSTANCES = (
    Substance("氨", "7664-41-7", 10),
    Substance("氯", "7782-50-5", 5),
    Substance("氯化氢(无水)", "7647-01-0", 20),
    Substance("环氧乙烷", "75-21-8", 10),
    Substance("二氧化硫", "7446-09-5", 20),
    Substance("硫化氢", "7783-06-4", 5),
    Substance("甲苯二异氰酸酯(TDI)", "26471-62-5", 100),
    Substance("甲烷、天然气", "74-82-8", 50),
    Substance("液化石油气", "68476-85-7", 50),
    Substance("二甲醚", "115-10-6", 50),
    Substance("氢", "1333-74-0", 5),
    Substance("乙炔", "74-86-2", 1),
    Substance("氧(压缩或液化)", "7782-44-7", 200),
    Substance("苯", "71-43-2", 50),
    Substance("苯乙烯", "100-42-5", 500),
    Substance("丙酮", "67-64-1", 500),
    Substance("2-丙烯腈", "107-13-1", 50),
    Substance("甲苯", "108-88-3", 500),
    Substance("甲醇", "67-56-1", 500),
    Substance("汽油(乙醇汽油、甲醇汽油)", "86290-81-5", 200),
    Substance("乙醇", "64-17-5", 500),
    Substance("乙酸乙酯", "141-78-6", 500),
)
CHEMICAL_TYPES = ("危险化学品生产", "危险化学品储存", "危险化学品经营", "危险化学品使用")
TRADES = {"危险化学品生产": "化工", "危险化学品储存": "仓储", "危险化学品经营": "燃料", "危险化学品使用": "材料",
          "烟花爆竹": "花炮", "其他": "机械"}  # fmt: skip
COUNTS = {"chemical": 44, "烟花爆竹": 6, "其他": 12}


def enterprises(city: City) -> pd.DataFrame:
    """One row an enterprise, in the columns of the catalogue, with `point`; every name contains 示例."""
    draw = chance("enterprises")
    kinds = [str(draw.choice(CHEMICAL_TYPES)) for _ in range(COUNTS["chemical"])]
    kinds += ["烟花爆竹"] * COUNTS["烟花爆竹"] + ["其他"] * COUNTS["其他"]
    counties = city.real.counties
    codes = list(counties["区划代码"])
    short = {c: n.rstrip("区县市") for c, n in zip(codes, counties["名称"], strict=True)}
    rows = []
    for number, kind in enumerate(kinds):
        county = codes[number % len(codes)]
        name = f"{short[county]}示例{TRADES[kind]}有限公司{number + 1:02d}"
        rows.append({"code": f"示例{number + 1:04d}", "name": name, "type": kind, **_stock(kind, draw),
                     "workers": int(draw.integers(12, 380)), "status": _status(draw),
                     "point": _place(city, county, kind, draw)})  # fmt: skip
    return pd.DataFrame(rows)


def _stock(kind: str, draw: np.random.Generator) -> dict[str, object]:
    """What is stored, with its CAS number, and how many tonnes."""
    if kind == "其他":
        return {"substance": None, "cas": None, "quantity": None}
    if kind == "烟花爆竹":
        return {"substance": "烟花爆竹", "cas": None, "quantity": round(float(draw.uniform(2, 40)), 1)}
    substance = SUBSTANCES[int(draw.integers(len(SUBSTANCES)))]
    tonnes = substance.threshold * float(np.exp(draw.normal(-0.2, 1.0)))
    return {"substance": substance.name, "cas": substance.cas, "quantity": round(tonnes, 2)}


def _status(draw: np.random.Generator) -> str:
    return str(draw.choice(["在产", "停产", "退出"], p=[0.86, 0.10, 0.04]))


def _place(city: City, county: str, kind: str, draw: np.random.Generator) -> shapely.Point:
    """Beside a road node, out of the county seat; fireworks farther out, and none in the water."""
    nodes = city.nodes[0]
    polygon = city.real.counties.set_index("区划代码").geometry[county]
    away = np.hypot(*(nodes - city.county_seats[county]).T)
    near, far = (7000, 16000) if kind == "烟花爆竹" else (2500, 9500)
    chosen = nodes[(away > near) & (away < far) & shapely.contains_xy(polygon.buffer(-800), nodes)]
    while True:
        turn = draw.uniform(0, 2 * np.pi)
        point = shapely.Point(
            chosen[draw.integers(len(chosen))] + 320 * np.array([np.cos(turn), np.sin(turn)])
        )
        if point.distance(city.lake) > 300:
            return point
