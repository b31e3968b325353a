"""The small synthetic files, each written from the made-up city under the field names of an office."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from layers.progress import Progress, ignore
from layers.sample import capacity, enterprises, fuel, water, zones
from layers.sample.city import City
from layers.sample.files import sources, sources_page, write_raster, write_shapes, write_table
from layers.sample.real import Real
from layers.sample.roads import CLASSES, WIDTHS

ENTERPRISE_COLUMNS = {
    "code": "信用代码",
    "name": "企业名称",
    "type": "企业类型",
    "substance": "化学品名称",
    "cas": "CAS号",
    "quantity": "最大储量_t",
    "workers": "从业人数",
    "status": "状态",
}
SHELTER_COLUMNS = {
    "name": "名称",
    "class": "类别",
    "effective_area": "有效面积",
    "capacity": "可容纳人数",
    "township_code": "乡镇代码",
}
DEPOT_COLUMNS = {
    "name": "名称",
    "tier": "级别",
    "floor_area": "建筑面积",
    "tents": "帐篷",
    "quilts": "棉被",
    "food": "食品_t",
    "water": "饮用水_t",
}


def make_small(folder: Path, progress: Progress = ignore) -> tuple[Path, ...]:
    """Write every committed synthetic file, and SOURCES.md, into a folder.

    Parameters
    ----------
    folder : Path
    progress : Progress

    Returns
    -------
    tuple of Path
        The files written.
    """
    city = City(Real())
    for done, (name, write) in enumerate(WRITERS.items()):
        progress(done / len(WRITERS))
        write(folder, name, city)
    (folder / "SOURCES.md").write_text(sources_page(), encoding="utf-8")
    progress(1.0)
    return (*(folder / name for name in sources() if name in WRITERS), folder / "SOURCES.md")


def _townships(folder: Path, name: str, city: City) -> None:
    towns = city.townships
    columns = {
        "区划代码": towns["code"],
        "名称": towns["name"],
        "县代码": towns["county_code"],
        "常住人口": towns["people"],
    }
    write_shapes(folder, name, columns, towns["polygon"].to_numpy())


def _centres(folder: Path, name: str, city: City) -> None:
    rows = zones.centres(city)
    write_shapes(
        folder,
        name,
        {"名称": rows["name"], "类别": rows["category"], "乡镇代码": rows["code"]},
        rows["point"].to_numpy(),
    )


def _roads(folder: Path, name: str, city: City) -> None:
    roads = city.roads
    grades = [CLASSES[k] for k in roads.grade]
    columns = {"路名": list(roads.name), "技术等级": grades, "路面宽度": [WIDTHS[g] for g in grades]}
    write_shapes(folder, name, columns, roads.lines)


def _lake(folder: Path, name: str, city: City) -> None:
    basins = city.basins
    columns = {"名称": [f"衡水湖{b}" for b in basins], "设计水位": [water.DESIGN_LEVEL] * len(basins),
               "湖底高程": [water.BASINS[b][1] for b in basins]}  # fmt: skip
    write_shapes(folder, name, columns, np.array(list(basins.values()), dtype=object))


def _rivers(folder: Path, name: str, city: City) -> None:
    rivers = city.missing_rivers
    columns = {
        "名称": list(rivers),
        "河流等级": [water.GRADES[r] for r in rivers],
        "河宽": [float(water.WIDTHS[r]) for r in rivers],
    }
    write_shapes(folder, name, columns, np.array(list(rivers.values()), dtype=object))


def _levees(folder: Path, name: str, city: City) -> None:
    rows = pd.DataFrame([(v.name, v.crest, v.return_period, v.line) for v in city.levees])
    write_shapes(
        folder, name, {"堤名": rows[0], "堤顶超高": rows[1], "防洪标准": rows[2]}, rows[3].to_numpy()
    )


def _site_classes(folder: Path, name: str, city: City) -> None:
    rows = zones.site_classes(city)
    write_shapes(folder, name, {"类别": rows["class"]}, rows["polygon"].to_numpy())


def _hazard_zones(folder: Path, name: str, city: City) -> None:
    rows = zones.hazard_zones(city)
    write_shapes(
        folder, name, {"灾种": rows["hazard"], "危险性等级": rows["grade"]}, rows["polygon"].to_numpy()
    )


def _enterprises(folder: Path, name: str, city: City) -> None:
    rows = enterprises.enterprises(city)
    write_table(folder, name, _renamed(rows, ENTERPRISE_COLUMNS), rows["point"].to_numpy())


def _shelters(folder: Path, name: str, city: City) -> None:
    rows = capacity.shelters(city)
    write_shapes(folder, name, _renamed(rows, SHELTER_COLUMNS), rows["point"].to_numpy())


def _depots(folder: Path, name: str, city: City) -> None:
    rows = capacity.depots(city)
    write_table(folder, name, _renamed(rows, DEPOT_COLUMNS), rows["point"].to_numpy())


def _fire_stations(folder: Path, name: str, city: City) -> None:
    rows = capacity.fire_stations(city)
    columns = _renamed(rows, {"name": "队站名称", "people": "人数", "vehicles": "车辆数"})
    write_shapes(folder, name, columns, rows["point"].to_numpy())


def _rescue_teams(folder: Path, name: str, city: City) -> None:
    rows = capacity.rescue_teams(city)
    write_table(
        folder,
        name,
        _renamed(rows, {"name": "队伍名称", "type": "队伍类型", "people": "人数"}),
        rows["point"].to_numpy(),
    )


def _responders(folder: Path, name: str, city: City) -> None:
    rows = capacity.responders(city)
    columns = _renamed(rows, {"name": "姓名", "people": "人数", "township_code": "乡镇代码"})
    write_table(folder, name, columns, rows["point"].to_numpy())


def _ledger(folder: Path, name: str, city: City) -> None:
    names = {
        "depot": "储备库",
        "item": "物资",
        "day": "日期",
        "amount": "数量",
        "unit": "单位",
        "expires": "有效期至",
    }
    write_table(folder, name, _renamed(capacity.ledger(city), names), None)


def _sirens(folder: Path, name: str, city: City) -> None:
    rows = capacity.sirens(city)
    write_table(folder, name, _renamed(rows, {"name": "名称", "reach": "有效半径"}), rows["point"].to_numpy())


def _patches(folder: Path, name: str, city: City) -> None:
    rows = capacity.grid_patches(city)
    columns = _renamed(rows, {"name": "网格名称", "responsible": "网格员"})
    write_shapes(folder, name, columns, rows["polygon"].to_numpy())


def _fuel(folder: Path, name: str, city: City) -> None:
    write_raster(folder, name, fuel.fuel_models(city), fuel.fuel_lattice(city), fuel.OUTSIDE)


def _renamed(rows: pd.DataFrame, names: dict[str, str]) -> dict[str, object]:
    """Columns under the names of an office."""
    return {names[column]: rows[column] for column in names}


WRITERS: dict[str, Callable[[Path, str, City], None]] = {
    "乡镇界_示例.shp": _townships,
    "乡镇驻地_示例.shp": _centres,
    "道路_示例.shp": _roads,
    "衡水湖_示例.shp": _lake,
    "河流_示例.shp": _rivers,
    "堤防_示例.shp": _levees,
    "场地类别_示例.shp": _site_classes,
    "普查危险性等级_示例.shp": _hazard_zones,
    "企业_示例.xlsx": _enterprises,
    "避难场所_示例.shp": _shelters,
    "物资储备库_示例.csv": _depots,
    "消防救援站_示例.shp": _fire_stations,
    "救援队伍_示例.xlsx": _rescue_teams,
    "第一响应人_示例.csv": _responders,
    "出入库台账_示例.csv": _ledger,
    "预警设施_示例.csv": _sirens,
    "网格_示例.shp": _patches,
    "可燃物类型_示例.tif": _fuel,
}
