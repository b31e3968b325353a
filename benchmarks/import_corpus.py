"""The import corpus: shapefiles and tables as they are handed over, and what the doors make of them.

    python benchmarks/import_corpus.py [--json] [--quick] [--keep DIR]

Encodings, language drivers, missing and lying parts, reference systems with and without .prj, exchanged axes,
the shifts of web maps; bare coordinates of one meridian (EPSG:4548, EPSG:4509, UTM), which are asked about
unless a boundary or the regions that rows name prove UTM. Every file has a truth: text and coordinates, or
that nobody can know and it has to be asked. The last line is one JSON object; exit status 1 if any file is
read wrongly, if one that must be asked about is not, or if fewer than 95 % of those whose answer is in the
file or the project are read unasked.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from layers.errors import KnownError, UnknownCrs
from layers.layer import Provenance, Shapes, VectorLayer
from layers.storage import gcj02
from layers.storage.formats import Imported, read_file

PLANE = "EPSG:4548"
NEAR = 0.5  # metres
ENOUGH = 0.95
CODES = {1: "point", 2: "line", 3: "polygon"}

SIMPLE = ["衡水市桃城区", "冀州区", "景县中学", "故城县郑口镇", "武邑县圈头乡", "安平县", "饶阳县", "深州市"]
RARE = ["喆䶮村", "㑇家庄", "衡水市", "冀州区", "景县", "故城县", "武邑县", "安平县"]
TRADITIONAL = ["衡水市桃城區", "冀州區", "景縣中學", "故城縣鄭口鎮", "武邑縣", "安平縣", "饒陽縣", "深州市"]


@dataclass(frozen=True)
class Case:
    """A file and its truth.

    Parameters
    ----------
    name : str
    geometries : ndarray of shapely geometries
        In true degrees.
    texts : tuple of str
    encoding : str
    driver : int
        Byte 29 of the table.
    cpg : str or None
        What the .cpg says; none if there is none.
    crs : str
        In which the coordinates are written.
    prj : str
        The reference system that the .prj names; empty if there is none.
    swapped : bool
        Written north first.
    shift : {"", "gcj02", "bd09"}
    without : tuple of str
        Parts that are missing.
    column : str
    labels : tuple of str
        A second column of text, empty for none.
    anchored : bool
        Whether the project knows the place.
    ask : bool
        Whether nobody can know.
    heads : tuple of str, optional
        A CSV instead of a shapefile: names of its columns of eastings and northings.
    """

    name: str
    geometries: Any
    texts: tuple[str, ...]
    encoding: str = "gb18030"
    driver: int = 0
    cpg: str | None = None
    crs: str = "EPSG:4490"
    prj: str = "EPSG:4490"
    swapped: bool = False
    shift: str = ""
    without: tuple[str, ...] = ()
    column: str = "名称"
    labels: tuple[str, ...] = ()
    anchored: bool = True
    ask: bool = False
    heads: tuple[str, str] | None = None


# --- the city ------------------------------------------------------------------------------------------


def counties() -> Any:
    """Nine counties in three rows, with borders that are not straight; in degrees."""
    corner_x, corner_y = np.linspace(115.22, 116.55, 4), np.linspace(37.05, 38.38, 4)
    boxes = shapely.box(
        *np.array(
            [[corner_x[i], corner_y[j], corner_x[i + 1], corner_y[j + 1]] for i in range(3) for j in range(3)]
        ).T
    )

    def bend(xy: Any) -> Any:
        return xy + 0.03 * np.column_stack([np.sin(9 * xy[:, 1]), np.sin(7 * xy[:, 0])])

    return shapely.transform(shapely.segmentize(boxes, 0.01), bend)


COUNTY_NAMES = ("桃城区", "冀州区", "枣强县", "武邑县", "武强县", "饶阳县", "安平县", "故城县", "景县")
COUNTY_CODES = ("131102", "131103", "131121", "131122", "131123", "131124", "131125", "131126", "131127")


def points(count: int, seed: int) -> Any:
    rng = np.random.default_rng(seed)
    return shapely.points(rng.uniform((115.3, 37.15), (116.45, 38.3), (count, 2)))


def county_of(places: Any) -> tuple[str, ...]:
    tree = shapely.STRtree(counties())
    rows, found = tree.query(places, predicate="within")
    names = dict(zip(rows.tolist(), found.tolist(), strict=True))
    return tuple(COUNTY_CODES[names[n]] for n in range(len(places)))


def project_layers() -> tuple[VectorLayer, VectorLayer]:
    """What the project has already: its counties, and schools with names."""
    region = _layer("county", counties(), {"code": list(COUNTY_CODES), "name": list(COUNTY_NAMES)})
    schools = _layer("school", points(40, 7), {"name": [f"第{n}小学" for n in range(40)]})
    return region, schools


def _layer(kind: str, geometries: Any, columns: dict[str, list[str]]) -> VectorLayer:
    shapes = Shapes.of(_written(geometries, PLANE))
    return VectorLayer(kind, kind, PLANE, shapes, pd.DataFrame(columns), provenance=Provenance())


# --- the corpus ----------------------------------------------------------------------------------------


def corpus() -> Iterator[Case]:
    """All cases."""
    yield from _encodings()
    yield from _parts()
    yield from _systems()
    yield from _lies()
    yield from _shifts()
    yield from _meridians()
    yield from _tables()


def _encodings() -> Iterator[Case]:
    places = points(8, 1)
    for encoding, texts, hints in (
        ("utf-8", SIMPLE, ((0, None), (0, "UTF-8"), (0x57, None), (0x4D, None), (0, "GBK"), (0x13, "OEM"))),
        ("gbk", SIMPLE, ((0x4D, None), (0, None), (0x57, None), (0x13, None), (0, "UTF-8"), (0, "936"))),
        (
            "gb18030",
            RARE,
            ((0x4D, None), (0, None), (0x57, "GB18030"), (0, "UTF-8"), (3, None), (0, "ISO-8859-1")),
        ),
        (
            "cp950",
            TRADITIONAL,
            ((0x4F, None), (0, None), (0x57, None), (0x4D, None), (0, "BIG5"), (0, "UTF-8")),
        ),
    ):
        column = "名稱" if encoding == "cp950" else "名称"
        for driver, cpg in hints:
            name = f"{encoding} driver {driver:02x} cpg {cpg}"
            yield Case(name, places, tuple(texts), encoding, driver, cpg, column=column)


def _parts() -> Iterator[Case]:
    places, texts = points(8, 2), tuple(SIMPLE)
    for without in ((".shx",), (".dbf",), (".shx", ".dbf")):
        yield Case(f"without {' '.join(without)}", places, texts, without=without)
        yield Case(
            f"without {' '.join(without)} .prj", places, texts, crs="EPSG:4527", prj="", without=without
        )


def _systems() -> Iterator[Case]:
    places, texts, names = points(8, 3), tuple(SIMPLE), COUNTY_NAMES
    every = ("4490", "4326", "4526", "4527", "4547", "4548", "4498", "4509")
    for code in every:
        yield Case(f"{code} with prj", places, texts, crs=f"EPSG:{code}", prj=f"EPSG:{code}")
    for code in every:
        for swapped in (False, True):
            words = f"{code} without prj{' swapped' if swapped else ''}"
            bare = {"crs": f"EPSG:{code}", "prj": "", "swapped": swapped, "ask": code in {"4548", "4509"}}
            yield Case(f"{words} polygons", counties(), names, **bare)
            if code not in {"4490", "4326"}:
                yield Case(f"{words} points", places, texts, **bare)
    for code in ("4526", "4527", "4498"):
        yield Case(f"{code} nowhere", places, texts, crs=f"EPSG:{code}", prj="", anchored=False)
    for code in ("4547", "4548", "4509"):
        yield Case(f"{code} nowhere", places, texts, crs=f"EPSG:{code}", prj="", anchored=False, ask=True)


def _lies() -> Iterator[Case]:
    places, texts = points(8, 4), tuple(SIMPLE)
    yield Case("metres that are called degrees", places, texts, crs="EPSG:4527", prj="EPSG:4490")
    yield Case("degrees that are called metres", places, texts, crs="EPSG:4490", prj="EPSG:4548")
    yield Case("a zone that is called none", places, texts, crs="EPSG:4526", prj="EPSG:4547")
    yield Case("degrees exchanged in spite of a prj", places, texts, swapped=True)
    yield Case(
        "metres exchanged in spite of a prj", places, texts, crs="EPSG:4548", prj="EPSG:4548", swapped=True
    )
    yield Case("the neighbour's meridian", places, texts, crs="EPSG:4547", prj="EPSG:4548", ask=True)
    yield Case("the meridian before", places, texts, crs="EPSG:4548", prj="EPSG:4547", ask=True)


def _shifts() -> Iterator[Case]:
    schools, many, few = points(40, 7), points(900, 8), points(8, 9)
    named = tuple(f"第{n}小学" for n in range(40))
    parcels = shapely.buffer(points(8, 10), 0.01)
    for shift in ("", "gcj02", "bd09"):
        words = shift or "true"
        yield Case(f"{words} boundary", counties(), COUNTY_NAMES, prj="", shift=shift)
        yield Case(f"{words} some counties", counties()[2:5], COUNTY_NAMES[2:5], prj="", shift=shift)
        yield Case(f"{words} known schools", schools, named, prj="", shift=shift)
        texts = tuple(f"点{n}" for n in range(900))
        yield Case(
            f"{words} points with county codes", many, texts, prj="", shift=shift, labels=county_of(many)
        )
        yield Case(f"{words} unanchored points", few, tuple(SIMPLE), prj="", shift=shift, ask=True)
        yield Case(f"{words} unanchored parcels", parcels, tuple(SIMPLE), prj="", shift=shift, ask=True)
        if shift:
            yield Case(
                f"{words} boundary that is called true",
                counties(),
                COUNTY_NAMES,
                prj="EPSG:4326",
                shift=shift,
            )
    yield Case("degrees nowhere", few, tuple(SIMPLE), prj="", anchored=False, ask=True)


def _meridians() -> Iterator[Case]:
    """UTM 50N lies 1.7 km from the six-degree zone of the same meridian."""
    few, many, utm = points(8, 11), points(900, 12), "EPSG:32650"
    texts, labels = tuple(f"点{n}" for n in range(900)), county_of(many)
    yield Case("UTM with prj", few, tuple(SIMPLE), crs=utm, prj=utm)
    for swapped in (False, True):
        words = "UTM swapped" if swapped else "UTM"
        bare = {"crs": utm, "prj": "", "swapped": swapped}
        yield Case(f"{words} boundary", counties(), COUNTY_NAMES, **bare)
        yield Case(f"{words} points with county codes", many, texts, labels=labels, **bare)
        yield Case(f"{words} unanchored points", few, tuple(SIMPLE), ask=True, **bare)
    yield Case("UTM nowhere", few, tuple(SIMPLE), crs=utm, prj="", anchored=False, ask=True)
    for code in ("EPSG:4548", "EPSG:4509"):
        name = f"{code[5:]} points with county codes"
        yield Case(name, many, texts, crs=code, prj="", labels=labels, ask=True)
    name = "4547 points with county codes"
    yield Case(name, many, texts, crs="EPSG:4547", prj="", labels=labels)


def _tables() -> Iterator[Case]:
    """CSV with coordinates in two columns."""
    degrees = ("经度", "纬度")
    few, many, schools = points(8, 13), points(900, 14), points(40, 7)
    texts, named = tuple(f"点{n}" for n in range(900)), tuple(f"第{n}小学" for n in range(40))
    said = {"": "经度(CGCS2000)", "gcj02": "经度(GCJ-02)", "bd09": "bd09_lng"}
    for shift, east in said.items():
        words = f"table {shift or 'true'}"
        yield Case(f"{words} unanchored", few, tuple(SIMPLE), shift=shift, heads=degrees, ask=True)
        yield Case(f"{words} known schools", schools, named, shift=shift, heads=degrees)
        yield Case(
            f"{words} with county codes", many, texts, shift=shift, heads=degrees, labels=county_of(many)
        )
        north = east.replace("经", "纬").replace("lng", "lat")
        yield Case(f"{words} that says so", few, tuple(SIMPLE), shift=shift, heads=(east, north))
    yield Case("table nowhere", few, tuple(SIMPLE), heads=degrees, anchored=False, ask=True)
    for code in ("4526", "4527", "4498", "4547", "4548", "4509"):
        bare = {"crs": f"EPSG:{code}", "ask": code in {"4548", "4509"}}
        yield Case(f"table {code}", few, tuple(SIMPLE), heads=("东坐标", "北坐标"), **bare)
        yield Case(f"table {code} north first", few, tuple(SIMPLE), heads=("Y", "X"), **bare)


# --- writing -------------------------------------------------------------------------------------------


def _written(geometries: Any, crs: str, shift: str = "", *, swapped: bool = False) -> Any:
    road = pyproj.Transformer.from_crs("EPSG:4490", crs, always_xy=True)
    away = {"gcj02": gcj02.to_gcj02, "bd09": gcj02.to_bd09}.get(shift)

    def move(xy: Any) -> Any:
        moved = np.column_stack(away(*xy.T)) if away else xy
        moved = np.column_stack(road.transform(*moved.T))
        return moved[:, ::-1] if swapped else moved

    return shapely.transform(geometries, move)


def write(case: Case, path: Path) -> None:
    """The file, its parts made wrong as the case says; text goes in byte by byte."""
    columns = {case.column: case.texts, **({"县代码": case.labels} if case.labels else {})}
    geometries = _written(case.geometries, case.crs, case.shift, swapped=case.swapped)
    if case.heads:
        pd.DataFrame(
            {**columns, **dict(zip(case.heads, shapely.get_coordinates(geometries).T, strict=True))}
        ).to_csv(path, index=False, encoding=case.encoding)
        return
    as_bytes = {
        _as_latin(name, case.encoding)[:10]: _texts(values, case.encoding) for name, values in columns.items()
    }
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(geometries),
        field_data=list(as_bytes.values()),
        fields=list(as_bytes),
        geometry_type=geometries[0].geom_type,
        crs="EPSG:4326",  # its .prj is taken away below
        encoding="ISO-8859-1",
    )
    for ending in (".cpg", ".prj", *case.without):
        path.with_suffix(ending).unlink(missing_ok=True)
    if case.cpg is not None:
        path.with_suffix(".cpg").write_text(case.cpg)
    if case.prj:
        path.with_suffix(".prj").write_text(pyproj.CRS(case.prj).to_wkt("WKT1_ESRI"))
    dbf = path.with_suffix(".dbf")
    if dbf.exists():
        table = bytearray(dbf.read_bytes())
        table[29] = case.driver
        dbf.write_bytes(table)


def _as_latin(text: str, encoding: str) -> str:
    return text.encode(encoding).decode("latin-1")


def _texts(values: tuple[str, ...], encoding: str) -> Any:
    return np.array([_as_latin(value, encoding) for value in values], dtype=object)


# --- judging -------------------------------------------------------------------------------------------


def read(case: Case, path: Path, known: tuple[VectorLayer, VectorLayer]) -> Imported:
    region, schools = known if case.anchored else (None, None)
    anchors = [schools] if schools is not None else []
    return read_file(path, kind="", target_crs=PLANE, region=region, anchors=anchors)


def judge(case: Case, path: Path, known: tuple[VectorLayer, VectorLayer]) -> str:
    """``right``, ``asked``, or what is wrong."""
    try:
        found = read(case, path, known)
    except UnknownCrs as error:
        return "asked" if error.facts.get("candidates") else f"refused: {error.key}"
    except KnownError as error:
        return f"refused: {error.key}"
    assert isinstance(found.layer, VectorLayer)
    true = Shapes.of(_written(case.geometries, PLANE))
    read_shapes = Shapes.of(shapely.normalize(found.layer.shapes.geometries()))
    true = Shapes.of(shapely.normalize(true.geometries()))
    if read_shapes.xy.shape != true.xy.shape:
        return "wrong: other vertices"
    off = float(np.hypot(*(read_shapes.xy - true.xy).T).max())
    if off > NEAR:
        return f"wrong: {off:.1f} m off"
    if ".dbf" not in case.without:
        texts = found.layer.attributes.get(case.column)
        if texts is None or tuple(texts) != case.texts:
            return f"wrong: text {None if texts is None else list(texts)[:2]}"
    return "right"


def run(folder: Path) -> dict[str, Any]:
    """Make and judge all; returns what is printed last."""
    known = project_layers()
    found = []
    for number, case in enumerate(corpus()):
        path = folder / f"{number:03}_{case.name}{'.csv' if case.heads else '.shp'}".replace(" ", "_")
        write(case, path)
        found.append((case, judge(case, path, known)))
    knowable = [verdict for case, verdict in found if not case.ask]
    right = knowable.count("right")
    wrong = [f"{case.name}: {verdict}" for case, verdict in found if verdict not in {"right", "asked"}]
    unasked = [case.name for case, verdict in found if case.ask and verdict == "right"]
    return {
        "case": "import corpus",
        "files": len(found),
        "knowable": len(knowable),
        "right_without_asking": right,
        "share": round(right / len(knowable), 4),
        "asked_though_knowable": [c.name for c, verdict in found if not c.ask and verdict == "asked"],
        "must_ask": len(found) - len(knowable),
        "not_asked": unasked,
        "wrong": wrong,
    }


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--json", action="store_true", help="the last line is JSON in any case")
    options.add_argument("--quick", action="store_true", help="the whole corpus is quick")
    options.add_argument("--keep", type=Path, help="a folder in which the files stay")
    asked = options.parse_args()
    folder = asked.keep or Path(tempfile.mkdtemp(prefix="riskatlas-corpus-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        found = run(folder)
    finally:
        if not asked.keep:
            shutil.rmtree(folder)
    print(json.dumps(found, ensure_ascii=False))
    return 1 if found["wrong"] or found["not_asked"] or found["share"] < ENOUGH else 0


if __name__ == "__main__":
    sys.exit(main())
