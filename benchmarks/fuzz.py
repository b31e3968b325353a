"""Foreign files torn, bent and poisoned: what the doors make of them.

    python benchmarks/fuzz.py [--files 20000] [--seed 1] [--minutes m] [--quick] [--json]

Good files of every format are mutated (bytes flipped, cut, doubled, swapped; lengths and counts made huge;
texts poisoned) and read, each in a process of its own with the memory and time limits of the program. Every
one must come in or be refused with a known error: no bug, no hang over ten seconds, no memory over 2 GB, no
file written outside. A crash inside GDAL is counted: the program's reader survives it, but it is told. The
last line is one JSON object; exit status 1 if anything is amiss.
"""

import argparse
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import shapely

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from layers.errors import KnownError
from layers.layer import Shapes, VectorLayer
from layers.storage.crs import transformed
from layers.storage.formats import read_file
from layers.storage.reader import limit

PLANE = "EPSG:4548"
MEMORY = 2 << 30
SECONDS = 10
POISON = (
    b"=cmd|' /C calc'!A0",
    b"'; DROP TABLE riskatlas_layers; --",
    b"<script>alert(1)</script>",
    b"../../etc/passwd",
    b"\x00",
    b"\xff\xfe",
    b"%n%n%n",
    b"NaN",
    b"1e999",
    b"-1",
    b"9" * 400,
    b"\xe2\x80\xae",
    b"{" * 200,
    b'"' * 50,
)
HUGE = (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\x80\0\0\0")


def seeds(folder: Path) -> list[Path]:
    """One good file of each format."""
    names = np.array(["衡水", "冀州", "景县", "故城"], dtype=object)
    points = shapely.points([115.6, 115.7, 116.1, 115.9], [37.7, 37.6, 37.5, 37.4])
    areas = shapely.buffer(points, 0.01)
    common: dict[str, Any] = {"field_data": [names, np.arange(4), np.arange(4) / 3], "crs": "EPSG:4490"}
    common["fields"] = ["name", "count", "depth"]
    formats = ((".shp", areas), (".gpkg", areas), (".geojson", points), (".kml", points))
    for ending, shapes in formats:
        more = {".shp": {"encoding": "UTF-8"}, ".kml": {"driver": "LIBKML"}}.get(ending, {})
        kind, wkb = shapes[0].geom_type, shapely.to_wkb(shapes)
        pyogrio.raw.write(folder / f"a{ending}", geometry=wkb, geometry_type=kind, **common, **more)
    pyogrio.raw.write(
        folder / "a.dxf",
        geometry=shapely.to_wkb(np.array([shapely.LineString([(0, 0), (100, 50)])], dtype=object)),
        geometry_type="LineString",
        driver="DXF",
        crs=None,
        field_data=[np.array(["0"], dtype=object)],
        fields=["Layer"],
    )
    rows = [["名称", "经度", "纬度", "备注"], *[[n, 115.6 + i, 37.5, "=1+1"] for i, n in enumerate(names)]]
    (folder / "a.csv").write_text("\n".join(",".join(map(str, row)) for row in rows), encoding="gb18030")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(folder / "a.xlsx")
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for ending in (".shp", ".shx", ".dbf", ".prj"):
            archive.write(folder / f"a{ending}", f"资料/a{ending}")
    return [folder / f"a{e}" for e in (".shp", ".gpkg", ".geojson", ".kml", ".dxf", ".csv", ".xlsx", ".zip")]


def counties() -> VectorLayer:
    """Two regions that the files lie in, to be compared with."""
    boxes = shapely.box(np.array([115.3, 115.8]), 37.3, np.array([115.8, 116.3]), 37.9)
    table = pd.DataFrame({"code": ["131102", "131103"], "name": ["衡水", "冀州"]})
    shapes = transformed(Shapes.of(boxes), "EPSG:4490", PLANE)
    return VectorLayer("county", "county", PLANE, shapes, table)


def schools() -> VectorLayer:
    """Points of the same names as in the files."""
    places = shapely.points([115.6, 115.7, 116.1, 115.9], [37.7, 37.6, 37.5, 37.4])
    shapes = transformed(Shapes.of(places), "EPSG:4490", PLANE)
    return VectorLayer(
        "school", "school", PLANE, shapes, pd.DataFrame({"name": ["衡水", "冀州", "景县", "故城"]})
    )


def mutated(content: bytes, chance: random.Random) -> bytes:
    """A few wounds."""
    data = bytearray(content)
    for _ in range(chance.choice([1, 1, 2, 4, 16])):
        if not data:
            break
        at = chance.randrange(len(data))
        wound = chance.randrange(7)
        if wound == 0:
            data[at] ^= 1 << chance.randrange(8)
        elif wound == 1:
            del data[at : len(data) if chance.random() < 0.3 else at + chance.randint(1, 64)]
        elif wound == 2:
            data[at:at] = data[at : at + chance.randint(1, 512)]
        elif wound == 3:
            data[at : at + 4] = chance.choice(HUGE)
        elif wound == 4:
            data[at:at] = chance.choice(POISON)
        elif wound == 5:
            data[at : at + 1] = bytes([chance.randrange(256)])
        else:
            other = chance.randrange(len(data))
            data[at : at + 16], data[other : other + 16] = data[other : other + 16], data[at : at + 16]
    return bytes(data)


def victim(seed: Path, place: Path, chance: random.Random) -> Path:
    """A mutated copy; of a shapefile one of its parts, or several, or one missing."""
    for old in place.iterdir():
        old.unlink()
    if seed.suffix in {".zip", ".xlsx"} and chance.random() < 0.7:
        return _bent_archive(seed, place / f"x{seed.suffix}", chance)
    if seed.suffix != ".shp":
        target = place / f"x{seed.suffix}"
        target.write_bytes(mutated(seed.read_bytes(), chance))
        return target
    for ending in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
        part = seed.with_suffix(ending)
        if part.exists() and (ending == ".shp" or chance.random() < 0.9):
            content = part.read_bytes()
            bent = chance.random() < (0.6 if ending in {".shp", ".dbf"} else 0.2)
            (place / f"x{ending}").write_bytes(mutated(content, chance) if bent else content)
    return place / "x.shp"


def _bent_archive(seed: Path, target: Path, chance: random.Random) -> Path:
    """A sound archive with bent files, or with names that lead out."""
    with zipfile.ZipFile(seed) as good, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bad:
        for entry in good.infolist():
            way = chance.choice(["", "", "../../", "/tmp/"]) if seed.suffix == ".zip" else ""
            content = good.read(entry)
            bad.writestr(
                way + entry.filename, mutated(content, chance) if chance.random() < 0.12 else content
            )
    return target


def fate(path: Path, ways: dict[str, Any]) -> tuple[str, float, int]:
    """How the reading of a file ends, its processor seconds, and how much memory (kB)."""
    read_end, told = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # GDAL and PROJ grumble there
            limit(MEMORY)
            signal.alarm(SECONDS)
            warnings.simplefilter("ignore")
            words = b"read"
            try:
                read_file(path, kind="", **ways)
            except KnownError as error:
                words = f"refused {error.key} {error.say('zh_CN')} {error.say('en')}".encode()
            except MemoryError:
                words = b"refused memory"
            except BaseException:
                words = ("bug " + traceback.format_exc()[-1500:]).encode()
            os.write(told, words)
        finally:
            os._exit(0)
    os.close(told)
    with os.fdopen(read_end, "rb") as said:
        words = said.read().decode("utf-8", "replace")
    _, status, usage = os.wait4(child, 0)
    took = usage.ru_utime + usage.ru_stime
    ended = os.waitstatus_to_exitcode(status)
    if ended < 0:
        words = "hang" if -ended == signal.SIGALRM else f"crash {signal.Signals(-ended).name}"
    return words, took, usage.ru_maxrss


def run(files: int, seed: int, minutes: float) -> dict[str, Any]:
    """All of it, or as much as there is time for; returns what is printed last."""
    root = Path(tempfile.mkdtemp(prefix="riskatlas-fuzz-")) / "a" / "b"
    good, place, temporary = root / "good", root / "place", root / "tmp"
    for folder in (good, place, temporary):
        folder.mkdir(parents=True)
    tempfile.tempdir = str(temporary)
    os.environ["TMPDIR"] = str(temporary)
    os.chdir(root)
    chance, started = random.Random(seed), time.perf_counter()
    ways = [{"gcj02": "no"}, {"region": counties(), "anchors": [schools()]}, {"crs": "EPSG:4548"}]
    fates: Counter[str] = Counter()
    amiss: list[str] = []
    slowest = largest = 0.0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sources = seeds(good)
        before = {p.name for p in root.parent.iterdir()}
        for number in range(files):
            if time.perf_counter() - started > 60 * minutes:
                break
            source = chance.choice(sources)
            path = victim(source, place, chance)
            words, took, memory = fate(path, chance.choice(ways))
            kind = words.split("\n")[0][:40] if not words.startswith("bug") else "bug"
            fates[f"{source.suffix} {kind.split()[0]}"] += 1
            slowest, largest = max(slowest, took), max(largest, memory)
            if kind in {"bug", "hang"} or memory * 1024 > MEMORY + (1 << 28):
                amiss.append(f"{number} {source.suffix}: {words[-700:]}")
            if {p.name for p in root.iterdir()} != {"good", "place", "tmp"}:
                amiss.append(f"{number} {source.suffix}: a file was written outside")
            for left in temporary.iterdir():
                shutil.rmtree(left, ignore_errors=True)
        outside = {p.name for p in root.parent.iterdir()} - before
        crashes = sum(count for name, count in fates.items() if name.endswith("crash"))
    finally:
        os.chdir("/")
        shutil.rmtree(root.parents[1])
    return {
        "case": "fuzz",
        "files": sum(fates.values()),
        "fates": dict(sorted(fates.items())),
        "crashes_in_gdal": crashes,
        "seconds": round(time.perf_counter() - started),
        "slowest_processor_s": round(slowest, 2),
        "largest_mb": round(largest / 1024),
        "written_beside": sorted(name for name in outside if name.startswith("a.") or name == "资料"),
        "amiss": len(amiss),
        "causes": dict(Counter(each.strip().splitlines()[-1][:160] for each in amiss)),
        "first": amiss[:5],
    }


def main() -> int:
    plain = argparse.RawDescriptionHelpFormatter
    options = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    options.add_argument("--files", type=int, default=20_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--minutes", type=float, default=1e9, help="stop after so many")
    options.add_argument("--quick", action="store_true", help="2,000 files")
    options.add_argument("--json", action="store_true", help="the last line is JSON in any case")
    asked = options.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    found = run(min(asked.files, 2_000) if asked.quick else asked.files, asked.seed, asked.minutes)
    print(json.dumps(found, ensure_ascii=False))
    return 1 if found["amiss"] or found["written_beside"] else 0


if __name__ == "__main__":
    sys.exit(main())
