"""Editing and import against the clock, and against GDAL and QGIS on the same machine.

    python benchmarks/editing.py [--json] [--quick]

Makes its own data: a layer of a million squares and a GBK shapefile of 200,000 buildings. Prints JSON lines
``{case, unit, ours, peer, peer_name, ratio, target}``; `ratio` is our time through the peer's (for rates the
peer's through ours), smaller is better; without a peer it is null. GDAL is Debian's (gdal-bin, python3-gdal);
a peer that is not there is named with how to install it. `--quick` is the same with fewer repetitions.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyogrio
import shapely

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from layers.census.quality import check
from layers.changes import Change, Edit
from layers.editing import EditSession
from layers.editing.snapping import snap
from layers.grid import Extent
from layers.layer import Field, Shapes, VectorLayer
from layers.storage import pages
from layers.storage.formats import read_file
from layers.storage.geopackage import ProjectFile, load

MILLION = 1_000_000
BUILDINGS = 200_000
WEST, SOUTH = 340_000.0, 4_100_000.0
HOW = "apt-get install gdal-bin python3-gdal"

GDAL_EDITS = """
import sys, time, random
from osgeo import gdal, ogr
gdal.SetConfigOption("OGR_SQLITE_SYNCHRONOUS", "FULL")
source = ogr.Open(sys.argv[1], 1)
layer = source.GetLayerByName("parcel")
chance, count = random.Random(2), int(sys.argv[2])
started = time.perf_counter()
for n in range(count):
    feature = layer.GetFeature(chance.randint(1, 1_000_000))
    feature.SetField("name", f"n{n}")
    layer.SetFeature(feature)
print(count / (time.perf_counter() - started))
"""
GDAL_IDENTIFY = """
import sys, time, random
from osgeo import ogr
source = ogr.Open(sys.argv[1])
layer = source.GetLayerByName("parcel")
chance, times = random.Random(3), []
for n in range(int(sys.argv[2])):
    x, y = 340_000 + chance.uniform(0, 120_000), 4_100_000 + chance.uniform(0, 120_000)
    started = time.perf_counter()
    layer.SetSpatialFilterRect(x, y, x, y)
    point = ogr.CreateGeometryFromWkt(f"POINT({x} {y})")
    found = [f.GetFID() for f in layer if f.GetGeometryRef().Intersects(point)]
    times.append(time.perf_counter() - started)
print(sorted(times)[int(0.95 * len(times))] * 1000)
"""
QGIS_SNAP = """
import os, sys, time, random
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from qgis.core import QgsApplication, QgsVectorLayer, QgsPointLocator, QgsPointXY
application = QgsApplication([], False); application.initQgis()
layer = QgsVectorLayer(sys.argv[1] + "|layername=parcel", "p", "ogr")
started = time.perf_counter()
locator = QgsPointLocator(layer); locator.init(-1)
built, times, chance = time.perf_counter() - started, [], random.Random(4)
for n in range(int(sys.argv[2])):
    at = QgsPointXY(340_000 + chance.uniform(0, 120_000), 4_100_000 + chance.uniform(0, 120_000))
    started = time.perf_counter(); locator.nearestVertex(at, 50); times.append(time.perf_counter() - started)
print(built, sorted(times)[int(0.95 * len(times))] * 1000)
sys.stdout.flush(); os._exit(0)
"""


@dataclass(frozen=True)
class Result:
    """One line."""

    case: str
    unit: str
    ours: float
    peer: float | None = None
    peer_name: str = ""
    ratio: float | None = None
    target: str = ""


def timed(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def p95(times: list[float]) -> float:
    """Milliseconds."""
    return float(np.percentile(times, 95) * 1000)


def peer(python: str, *arguments: object) -> list[float] | None:
    """What a script of another program prints, in numbers; ``None`` if the program is not there."""
    words = ["/usr/bin/python3", "-c", python, *map(str, arguments)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return [float(word) for word in done.stdout.split()] if done.returncode == 0 and done.stdout else None


# --- a million features --------------------------------------------------------------------------------


def million(path: Path) -> None:
    """A thousand times a thousand squares of 100 m, 120 m apart."""
    n = np.arange(MILLION)
    x, y = WEST + n % 1000 * 120.0, SOUTH + n // 1000 * 120.0
    offsets = (np.arange(MILLION + 1) * 5, np.arange(MILLION + 1), np.arange(MILLION + 1))
    corners = np.stack([x, y, x + 100, y, x + 100, y + 100, x, y + 100, x, y], axis=1).reshape(-1, 2)
    shapes = Shapes("polygon", corners, tuple(o.astype(np.int64) for o in offsets))
    rng = np.random.default_rng(1)
    table = pd.DataFrame(
        {"name": [f"地块{v}" for v in rng.permutation(MILLION)], "value": rng.random(MILLION), "kind": n % 7}
    )
    fields = (Field("name"), Field("value", "real"), Field("kind", "integer"))
    with ProjectFile.create(path) as project:
        project.apply(
            load("导入", [VectorLayer("parcel", "", project.crs, shapes, table, "地块", fields)], project)
        )


def edits(path: Path, seconds: float) -> Result:
    """Single edits, each durable when it is acknowledged."""
    with ProjectFile.open(path) as project:
        session, rng = EditSession(project), np.random.default_rng(2)
        numbers = pages.view(project, "parcel")
        wanted = pages.page(project, "parcel", rng.choice(numbers, 900, replace=False), [])
        rows = project.table("parcel")
        done, started = 0, time.perf_counter()
        for key, _ in (wanted * 20)[: int(seconds * 2000)]:
            row = rows[key]
            session.do(Edit("改", (Change("parcel", key, row, {**row, "name": f"n{done}"}),)))
            done += 1
            if time.perf_counter() - started > seconds:
                break
        ours = done / (time.perf_counter() - started)
    found = peer(GDAL_EDITS, path, max(done // 2, 50))
    rate = found[0] if found else None
    name = "GDAL, synchronous FULL" if found else f"GDAL is not installed: {HOW}"
    return Result("single edits, durable, 1 million features", "1/s", ours, rate, name, rate and rate / ours)


def identify(path: Path, times: int) -> Result:
    rng = np.random.default_rng(3)
    places = np.column_stack([WEST + rng.uniform(0, 120_000, times), SOUTH + rng.uniform(0, 120_000, times)])
    took = []
    with ProjectFile.open(path, read_only=True) as project:
        for x, y in places.tolist():
            started = time.perf_counter()
            pages.at(project, "parcel", x, y)
            took.append(time.perf_counter() - started)
    found = peer(GDAL_IDENTIFY, path, times)
    theirs = found[0] if found else None
    ours = p95(took)
    name = "GDAL, spatial filter" if found else f"GDAL is not installed: {HOW}"
    return Result(
        "identify, p95, 1 million features", "ms", ours, theirs, name, theirs and ours / theirs, "< 5"
    )


def snapping(path: Path, times: int) -> Iterator[Result]:
    rng = np.random.default_rng(4)
    took = []
    with ProjectFile.open(path, read_only=True) as project:
        started = time.perf_counter()
        for x, y in (WEST, SOUTH) + rng.uniform(0, 120_000, (times, 2)):
            began = time.perf_counter()
            _, shapes = pages.near(project, "parcel", Extent(x - 50, y - 50, x + 50, y + 50))
            snap((float(x), float(y)), shapes, 50.0)
            took.append(time.perf_counter() - began)
            if len(took) == 1:
                first = time.perf_counter() - started
    found = peer(QGIS_SNAP, path, times)
    ours = p95(took)
    yield Result("snap query, p95, 1 million features", "ms", ours, target="< 5")
    name = "QGIS QgsPointLocator, index and query" if found else "QGIS is not installed: apt-get install qgis"
    theirs = found[0] * 1000 + found[1] if found else None
    ratio = theirs and first * 1000 / theirs
    yield Result("first snap after opening, 1 million features", "ms", first * 1000, theirs, name, ratio)


def table(path: Path) -> Iterator[Result]:
    """A table of a million rows: its first page, and sorted by a number and by a text."""

    def opened() -> None:
        with ProjectFile.open(path, read_only=True) as project:
            numbers = pages.view(project, "parcel")
            pages.page(project, "parcel", numbers[:100], ["name", "value", "kind"])

    yield Result("table opens, 1 million rows", "s", timed(opened), target="< 0.5")
    with ProjectFile.open(path, read_only=True) as project:
        for column in ("value", "name"):

            def sort(column: str = column) -> None:
                numbers = pages.view(project, "parcel", pages.View(column))
                pages.page(project, "parcel", numbers[:100], ["name", "value", "kind"])

            yield Result(f"table sorts by {column}, 1 million rows", "s", timed(sort), target="< 1.5")

        def filtered() -> None:
            pages.view(project, "parcel", pages.View(only="kind = 3 and value > 0.5"))

        yield Result("table filters, 1 million rows", "s", timed(filtered))


# --- 200,000 buildings ---------------------------------------------------------------------------------


def buildings() -> VectorLayer:
    """A city's buildings, all sound."""
    n = np.arange(BUILDINGS)
    rng = np.random.default_rng(5)
    x, y = WEST + n % 500 * 90.0, SOUTH + n // 500 * 90.0
    width, depth = rng.uniform(10, 40, BUILDINGS), rng.uniform(8, 20, BUILDINGS)
    storeys = rng.integers(1, 4, BUILDINGS)
    table = pd.DataFrame(
        {
            "code": [f"B{v:08}" for v in n],
            "township_code": np.where(x < WEST + 22_500, "131121101", "131121102"),
            "use": rng.choice(["城镇住宅", "农村住宅", "公共建筑"], BUILDINGS),
            "structure": rng.choice(["钢筋混凝土", "砖混", "砖木"], BUILDINGS),
            "storeys": storeys,
            "floor_area": np.round(width * depth * storeys * 0.9, 1),
            "year": rng.integers(1950, 2020, BUILDINGS),
            "occupants": rng.integers(0, 5, BUILDINGS),
            "uuid": [f"b{v}" for v in n],
        }
    )
    shapes = Shapes.of(shapely.box(x, y, x + width, y + depth))
    return VectorLayer("building", "building", "EPSG:4548", shapes, table)


def regions() -> VectorLayer:
    halves = shapely.box(
        [WEST - 50, WEST + 22_480], SOUTH - 50, [WEST + 22_480, WEST + 45_050], SOUTH + 36_050
    )
    table = pd.DataFrame(
        {
            "code": ["131121101", "131121102"],
            "name": ["甲镇", "乙镇"],
            "county_code": ["131121"] * 2,
            "population": [10, 20],
            "uuid": ["t1", "t2"],
        }
    )
    shapes = Shapes.of(shapely.segmentize(halves, 100))
    return VectorLayer("township", "township", "EPSG:4548", shapes, table)


def checking() -> Result:
    layer, township = buildings(), regions()
    county = VectorLayer(
        "county",
        "county",
        "EPSG:4548",
        Shapes.of([shapely.union_all(township.shapes.geometries())]),
        pd.DataFrame({"code": ["131121"], "name": ["枣强县"], "uuid": ["c"]}),
    )
    context = {"township": township, "county": county}
    found: list[Any] = []
    took = timed(lambda: found.extend(check([layer], context=context)))
    assert not found, found[:3]
    return Result("check of 200,000 buildings", "s", took, target="< 10")


def importing(folder: Path, times: int) -> Result:
    """A GBK shapefile into a new project, in this process; ogr2ogr on the same file."""
    shp = _gbk_shapefile(folder)
    ours, theirs = [], []
    for number in range(times):
        ours.append(timed(lambda n=number: _import(shp, folder / f"ours{n}.gpkg")))  # type: ignore[misc]
        if shutil.which("ogr2ogr"):
            target = folder / f"theirs{number}.gpkg"
            words = ["ogr2ogr", "-f", "GPKG", str(target), str(shp), "-nlt", "MULTIPOLYGON"]
            theirs.append(timed(lambda w=words: subprocess.run(w, check=True, capture_output=True)))  # type: ignore[misc]
    best = min(ours)
    peer_best = min(theirs) if theirs else None
    name = "ogr2ogr" if theirs else f"GDAL is not installed: {HOW}"
    ratio = peer_best and best / peer_best
    return Result(
        "import of 200,000 buildings from a GBK shapefile", "s", best, peer_best, name, ratio, "ratio ≤ 1.5"
    )


def _gbk_shapefile(folder: Path) -> Path:
    layer, path = buildings(), folder / "房屋.shp"
    names = {
        "code": "编号",
        "township_code": "乡镇代码",
        "use": "用途",
        "structure": "结构类型",
        "storeys": "层数",
        "floor_area": "建筑面积",
        "year": "建成年份",
        "occupants": "居住人数",
    }
    as_latin = {k: v.encode("gbk").decode("latin-1") for k, v in names.items()}
    data = []
    for column in names:
        values = layer.attributes[column]
        texts = (
            values.map(lambda v: v.encode("gbk").decode("latin-1"))
            if values.dtype == object or str(values.dtype) == "str"
            else values
        )
        data.append(texts.to_numpy())
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(layer.shapes.geometries()),
        field_data=data,
        fields=list(as_latin.values()),
        geometry_type="Polygon",
        crs="EPSG:4548",
        encoding="ISO-8859-1",
    )
    path.with_suffix(".cpg").write_text("GBK")
    return path


def _import(shp: Path, target: Path) -> None:
    with ProjectFile.create(target) as project:
        found = read_file(shp, kind="building", target_crs=project.crs)
        project.apply(load("导入", [found.layer], project))
        assert found.layer.attributes["structure"].iloc[0] in {"钢筋混凝土", "砖混", "砖木"}


# --- all -----------------------------------------------------------------------------------------------


def results(folder: Path, *, quick: bool) -> Iterator[Result]:
    yield importing(folder, 2 if quick else 5)
    yield checking()
    path = folder / "million.gpkg"
    million(path)
    yield from table(path)
    yield identify(path, 300 if quick else 2000)
    yield from snapping(path, 300 if quick else 2000)
    yield edits(path, 3.0 if quick else 15.0)


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument(
        "--json", action="store_true", help="JSON lines; without it the same, rounded, for people"
    )
    options.add_argument("--quick", action="store_true", help="fewer repetitions; within five minutes")
    asked = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="riskatlas-editing-"))
    try:
        for found in results(folder, quick=asked.quick):
            if asked.json:
                print(json.dumps(asdict(found), ensure_ascii=False), flush=True)
            else:
                ratio = f"{found.ratio:.2f}" if found.ratio else "—"
                peer_name = found.peer_name or "no peer"
                target = found.target or "—"
                print(
                    f"{found.case}: {found.ours:.3g} {found.unit} ({target}); {peer_name}: {ratio}",
                    flush=True,
                )
    finally:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
