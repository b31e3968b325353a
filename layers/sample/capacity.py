"""Made-up capacity to reduce disaster: shelters, depots, ledgers, stations, teams, sirens, grid patches."""

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.grid import Array
from layers.sample.city import City
from layers.sample.plane import chance

# Least effective area a person (m²) and areas drawn from (m²), by class. The areas a person follow
# GB 51143-2015 table 3.1.10, recalled and not checked against the print.
SHELTERS = {"中心": (4.5, 200_000, 240_000), "长期": (4.5, 50_000, 90_000), "中期": (3.0, 10_000, 40_000),
            "短期": (2.0, 2_000, 9_000), "紧急": (0.5, 600, 4_000)}  # fmt: skip
# Floor areas (m²): city and county as in 建标121-2009 for their tiers; townships made up.
DEPOTS = {"市级": (2900, 4100), "县级": (630, 800), "乡镇": (80, 200)}


def _beside(xy: Array, reach: float, draw: np.random.Generator, city: City) -> NDArray[np.object_]:
    """Points within `reach` metres of the given ones, in the city and out of the lake."""
    wet = shapely.buffer(city.lake, 50)
    points = []
    for place in xy:
        spot = shapely.Point(place)
        for _ in range(50):
            drawn = shapely.Point(place + draw.uniform(-reach, reach, 2))
            if city.real.city.contains(drawn) and not wet.contains(drawn):
                spot = drawn
                break
        points.append(spot)
    return np.array(points, dtype=object)


def _seats(city: City) -> pd.DataFrame:
    """County seats: county code, short name, x, y."""
    counties = city.real.counties
    at = np.array([city.real.county_seats[code] for code in counties["区划代码"]])
    return pd.DataFrame(
        {"code": counties["区划代码"], "name": counties["名称"], "x": at[:, 0], "y": at[:, 1]}
    )


def shelters(city: City) -> pd.DataFrame:
    """Columns name, class, effective_area, capacity, township_code, point."""
    draw = chance("shelters")
    towns = city.townships
    order = np.argsort(-towns["people"].to_numpy(), kind="stable")
    central = int(np.flatnonzero(towns["code"] == "131102003")[0])
    rows = [(central, "中心")]
    rows += [(int(t), "长期") for t in order[1:6]] + [(int(t), "中期") for t in order[:22]]
    rows += [(int(t), "短期") for t in order[:60]] + [(t, "紧急") for t in range(len(towns))]
    frame = pd.DataFrame(rows, columns=["town", "class"])
    person, low, high = (frame["class"].map(lambda c, k=k: SHELTERS[c][k]).to_numpy(float) for k in range(3))
    area = np.round(draw.uniform(low, high), -2)
    town = towns.iloc[frame["town"]].reset_index(drop=True)
    number = frame.groupby("town").cumcount() + 1
    frame["name"] = town["name"] + frame["class"] + "避难场所（示例" + number.astype(str) + "）"
    frame["effective_area"] = area
    frame["capacity"] = np.floor(area / person).astype(np.int64)
    frame["township_code"] = town["code"]
    frame["point"] = _beside(town[["x", "y"]].to_numpy(), 1300, draw, city)
    return frame.drop(columns="town")


def depots(city: City) -> pd.DataFrame:
    """Columns name, tier, floor_area, tents, quilts, food, water, point."""
    draw = chance("depots")
    seats, towns = _seats(city), city.townships
    held = towns.iloc[np.sort(draw.choice(len(towns), 24, replace=False))]
    head = pd.DataFrame({"name": ["衡水市"], "tier": ["市级"], "x": seats["x"][:1], "y": seats["y"][:1]})
    frame = pd.concat([head, seats.assign(tier="县级"), held.assign(tier="乡镇")], ignore_index=True)
    low, high = (frame["tier"].map(lambda t, k=k: DEPOTS[t][k]).to_numpy(float) for k in (0, 1))
    area = np.round(draw.uniform(low, high), -1)
    return pd.DataFrame({
        "name": frame["name"] + "救灾物资储备库（示例）", "tier": frame["tier"], "floor_area": area,
        "tents": np.round(area * draw.uniform(0.5, 0.9, len(area))).astype(int),
        "quilts": np.round(area * draw.uniform(2, 4, len(area))).astype(int),
        "food": np.round(area * draw.uniform(0.005, 0.02, len(area)), 1),
        "water": np.round(area * draw.uniform(0.01, 0.03, len(area)), 1),
        "point": _beside(frame[["x", "y"]].to_numpy(float), 2200, draw, city),
    })  # fmt: skip


def fire_stations(city: City) -> pd.DataFrame:
    """Columns name, people, vehicles, point: two in the city, one a county seat, some in large towns."""
    draw = chance("fire stations")
    seats, towns = _seats(city), city.townships
    large = towns.sort_values(["people", "code"], ascending=[False, True]).iloc[8:26]
    city_rows = pd.DataFrame(
        {"name": ["衡水市特勤", "衡水市水上"], "x": [seats["x"][0]] * 2, "y": [seats["y"][0]] * 2}
    )
    frame = pd.concat([city_rows, seats, large], ignore_index=True)
    size = np.array([45, 30] + [30] * len(seats) + [12] * len(large))
    return pd.DataFrame({
        "name": frame["name"] + "消防救援站（示例）",
        "people": size + draw.integers(-4, 5, len(size)),
        "vehicles": np.maximum(size // 6 + draw.integers(-1, 2, len(size)), 1),
        "point": _beside(frame[["x", "y"]].to_numpy(float), 1600, draw, city),
    })  # fmt: skip


def rescue_teams(city: City) -> pd.DataFrame:
    """Columns name, type, people, point."""
    draw = chance("rescue teams")
    seats, towns = _seats(city), city.townships
    drawn = towns.iloc[np.sort(draw.choice(len(towns), 30, replace=False))]
    parts = [
        seats.assign(type="综合消防", word="综合应急救援队"),
        seats.assign(type="专业", word="防汛抢险队"),
        seats.iloc[::2].assign(type="社会", word="志愿救援队"),
        drawn.assign(type="基层", word="民兵应急分队"),
    ]
    frame = pd.concat(parts, ignore_index=True)
    return pd.DataFrame({
        "name": frame["name"] + frame["word"] + "（示例）", "type": frame["type"],
        "people": draw.integers(15, 70, len(frame)),
        "point": _beside(frame[["x", "y"]].to_numpy(float), 1800, draw, city),
    })  # fmt: skip


def responders(city: City) -> pd.DataFrame:
    """Columns name, people (one a village), township_code, point; one row a township."""
    towns = city.townships
    villages = city.real.codes.set_index("区划代码")["村居数"].reindex(towns["code"]).to_numpy()
    return pd.DataFrame({
        "name": towns["name"] + "第一响应人（示例）", "people": villages, "township_code": towns["code"],
        "point": _beside(towns[["x", "y"]].to_numpy(), 500, chance("responders"), city),
    })  # fmt: skip


def ledger(city: City) -> pd.DataFrame:
    """Columns depot, item, day, amount, unit, expires: the stock of `depots`, of which some has expired."""
    rows = []
    for k, depot in enumerate(depots(city).to_dict("records")):
        name = depot["name"]
        rows += [
            (name, "帐篷", "2024-04-10", depot["tents"], "顶", ""),
            (name, "棉被", "2024-10-15", depot["quilts"], "床", ""),
            (name, "粮食", "2023-03-20", depot["food"] * 0.4, "t", "2025-03-20"),
            (name, "粮食", "2025-09-05", depot["food"], "t", "2028-09-05"),
            (name, "饮用水", "2025-05-12", depot["water"] * 0.5, "t", "2026-05-12"),
            (name, "饮用水", "2025-11-12", depot["water"], "t", "2027-11-12"),
        ]
        if k % 4 == 0:
            rows.append((name, "帐篷", "2025-08-02", -float(depot["tents"] // 10), "顶", ""))
    table = pd.DataFrame(rows, columns=["depot", "item", "day", "amount", "unit", "expires"])
    return table.assign(amount=table["amount"].astype(float).round(2))


def sirens(city: City) -> pd.DataFrame:
    """Columns name, reach, point: one at each township's seat and some in its villages."""
    draw = chance("sirens")
    towns = city.townships
    each = np.clip(np.round(towns["people"].to_numpy() / 4500), 4, 16).astype(int)
    town = np.repeat(np.arange(len(towns)), each)
    number = pd.Series(town).groupby(town).cumcount() + 1
    seats = towns[["x", "y"]].to_numpy()[town]
    spread = np.where(number == 1, 300.0, 4200.0)[:, None]
    points = [_beside(seats[[k]], float(spread[k, 0]), draw, city)[0] for k in range(len(town))]
    names = towns["name"].to_numpy()[town] + "大喇叭" + number.astype(str).to_numpy() + "（示例）"
    reach = np.where(number == 1, 2000.0, np.round(draw.uniform(800, 1600, len(town)), -2))
    return pd.DataFrame({"name": names, "reach": reach, "point": np.array(points, dtype=object)})


def grid_patches(city: City) -> pd.DataFrame:
    """Columns name, responsible, polygon: townships parted; an overlap, a gap, patches of nobody planted."""
    draw = chance("grid patches")
    rows: list[tuple[str, str, shapely.Geometry]] = []
    for town in city.townships.to_dict("records"):
        seeds = np.array([town["x"], town["y"]]) + draw.uniform(-3500, 3500, (5, 2))
        cells = shapely.get_parts(
            shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=town["polygon"])
        )
        parts = shapely.intersection(cells, town["polygon"])
        for part in parts[shapely.area(parts) > 1000]:
            number = len(rows) + 1
            rows.append((f"{town['name']}网格{number:03d}（示例）", f"网格员{number:03d}", part))
    table = pd.DataFrame(rows, columns=["name", "responsible", "polygon"])
    table.loc[[40, 200], "responsible"] = ""
    table.at[120, "polygon"] = shapely.buffer(table.at[120, "polygon"], 60.0)
    return table.drop(index=300).reset_index(drop=True)
