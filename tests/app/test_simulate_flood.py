"""`riskatlas simulate flood` on plain files."""

import json
import signal
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.transform import Affine

from app.arguments.simulation import span
from app.cli import main
from app.verbs.shared import safely_stopped
from layers.progress import Cancelled

DEGREES = Affine(0.001, 0, 115, 0, -0.001, 38)
OUTPUTS = ("depth_max", "speed_max", "hazard_rating", "arrival", "duration", "depth_final")


def write(path: Path, values: np.ndarray, cell: float = 10.0, crs: str | None = "EPSG:4548", **more) -> Path:
    transform = more.pop("transform", Affine(cell, 0, 500000, 0, -cell, 4100000))
    rows, columns = values.shape
    with rasterio.open(
        path, "w", driver="GTiff", height=rows, width=columns, count=1, dtype=values.dtype.name,
        crs=crs, transform=transform, **more,
    ) as file:  # fmt: skip
        file.write(values, 1)
    return path


def write_vectors(path: Path, shapes: list[shapely.Geometry]) -> None:
    geopandas.GeoDataFrame(geometry=shapes, crs="EPSG:4548").to_file(path)


@pytest.fixture
def dem(tmp_path: Path) -> Path:
    return write(tmp_path / "dem.tif", np.tile(np.linspace(1, 0, 30), (6, 1)))


def run(tmp_path: Path, *words: object) -> int:
    return main(["simulate", "flood", *map(str, words), "--out", str(tmp_path / "out"), "--language", "en"])


def read(path: Path) -> np.ndarray:
    with rasterio.open(path) as file:
        return file.read(1)


def test_everything_that_was_asked_for_is_written(tmp_path, dem, capsys) -> None:
    pd.DataFrame({"time_h": [0, 0.1], "mm_per_h": [100, 0]}).to_csv(tmp_path / "rain.csv", index=False)
    pd.DataFrame(
        {"name": "a", "x": 500015, "y": 4099985, "time_h": [0, 1], "m3_per_s": [1, 1]}
    ).to_csv(tmp_path / "in.csv", index=False)  # fmt: skip
    pd.DataFrame({"name": ["g"], "x": [500155], "y": [4099965]}).to_csv(tmp_path / "g.csv", index=False)
    pd.DataFrame({"time_h": [0], "level_m": [0.3]}).to_csv(tmp_path / "l.csv", index=False)
    status = run(
        tmp_path, "--dem", dem, "--manning", 0.03, "--duration", "20min", "--rain", tmp_path / "rain.csv",
        "--inflow", tmp_path / "in.csv", "--gauges", tmp_path / "g.csv", "--gauge-interval", "5min",
        "--times", "10min,0.25h", "--boundary", f"E=level:{tmp_path / 'l.csv'},N=slope:0.001", "--json",
    )  # fmt: skip
    told = json.loads(capsys.readouterr().out)
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert status == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        *(f"{name}.tif" for name in OUTPUTS),
        "depth_10min.tif",
        "depth_0.25h.tif",
        "gauges.csv",
        "summary.json",
    }
    assert len(told["wrote"]) == 10
    assert abs(summary["mass"]["error_relative"]) < 1e-6
    assert summary["mass"]["inflow_m3"] == pytest.approx(1200, rel=1e-6)
    assert pd.read_csv(tmp_path / "out" / "gauges.csv")["time_h"].tolist() == pytest.approx(
        [0, 1 / 12, 1 / 6, 0.25, 1 / 3]
    )


def test_a_run_of_float64_from_a_file_of_depths_on_a_plain_of_metres(tmp_path) -> None:
    bed = np.zeros((5, 40))
    bed[2, 20] = np.nan
    dem = write(tmp_path / "dem.tif", bed, crs=None)
    depth = write(tmp_path / "depth.tif", np.where(np.arange(40) < 20, 1.0, 0.1) * np.ones((5, 1)), crs=None)
    n = write(tmp_path / "n.tif", np.full((5, 40), 0.02, "float32"), crs=None)
    words = (
        "--dem",
        dem,
        "--manning",
        n,
        "--initial",
        depth,
        "--duration",
        "30s",
        "--scheme",
        "shallow-water",
    )
    assert run(tmp_path, *words) == 0
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    final = read(tmp_path / "out" / "depth_final.tif")
    assert final.dtype == np.float64
    assert np.isnan(final[2, 20])
    assert "no CRS" in summary["warnings"][0]
    assert "without data inside" in summary["warnings"][1]
    assert summary["mass"]["error_relative"] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--boundary", "E=leaky"), "is not understood"),
        (("--boundary", "E=level:missing.csv"), "missing.csv"),
        (("--rain", "{bad}"), "missing: mm_per_h"),
        (("--rain", "{negative}"), "negative rain"),
        (("--inflow", "{order}"), "do not rise"),
        (("--gauges", "{away}"), "lies off the terrain"),
        (("--initial", "{other}"), "grids differ"),
    ],
)
def test_bad_tables_are_refused_in_one_line(tmp_path, dem, capsys, words, sentence) -> None:
    tables = {
        "bad": "time_h,rain\n0,1\n",
        "negative": "time_h,mm_per_h\n0,1\n1,-2\n",
        "order": "name,x,y,time_h,m3_per_s\na,500015,4099985,1,1\na,500015,4099985,0,1\n",
        "away": "name,x,y\ng,0,0\n",
    }
    places = {name: tmp_path / f"{name}.csv" for name in tables}
    for name, text in tables.items():
        places[name].write_text(text)
    places["other"] = write(tmp_path / "other.tif", np.zeros((6, 29)))
    filled = [word.format(**places) for word in words]
    assert run(tmp_path, "--dem", dem, "--manning", 0.03, "--duration", "1min", *filled) == 1
    told = capsys.readouterr().err.strip().splitlines()
    assert len(told) == 1
    assert sentence in told[0]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda p: write(p, np.zeros((4, 4)), crs="EPSG:4490", transform=DEGREES), "in degrees"),
        (lambda p: write(p, np.zeros((4, 4)), crs=None, transform=DEGREES), "in degrees"),
        (lambda p: write(p, np.zeros((4, 4)), crs="EPSG:2225"), "US survey foot"),
        (lambda p: write(p, np.zeros((4, 4)), transform=Affine(10, 0, 0, 0, -20, 0)), "20"),
        (lambda p: write(p, np.random.default_rng(0).uniform(0, 3000, (9, 9))), "do not look like metres"),
        (lambda p: write(p, np.where(np.eye(9) > 0, -9999.0, 3.0)), "-9999"),
        (lambda p: p, "dem.tif"),
    ],
    ids=["degrees", "degrees without CRS", "feet", "oblong", "centimetres", "spike", "missing"],
)  # fmt: skip
def test_bad_terrain_is_refused_in_one_line(tmp_path, capsys, make, sentence) -> None:
    dem = make(tmp_path / "dem.tif")
    assert run(tmp_path, "--dem", dem, "--manning", 0.03, "--duration", "1min") == 1
    told = capsys.readouterr().err.strip().splitlines()
    assert len(told) == 1
    assert sentence in told[0]


@pytest.mark.parametrize("words", [("--duration", "soon"), ("--duration", "1h", "--threads", "0")])
def test_wrong_words_end_with_2(tmp_path, dem, words) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(tmp_path, "--dem", dem, "--manning", 0.03, *words)
    assert stopped.value.code == 2


def test_spans_of_time() -> None:
    assert [span(text) for text in ("6h", "30min", "90s", "24h", "1.5h", "2d", "45")] == [
        21600, 1800, 90, 86400, 5400, 172800, 45,
    ]  # fmt: skip


def test_sections_polygons_and_a_design_storm_are_written(tmp_path, dem) -> None:
    pd.DataFrame({"name": ["s", "s"], "x": [500150, 500150], "y": [4099930, 4100010]}).to_csv(
        tmp_path / "s.csv", index=False
    )
    words = ("--storm", "beijing:P=20,minutes=60", "--losses", "cn:85", "--sections", tmp_path / "s.csv")
    status = run(
        tmp_path, "--dem", dem, "--manning", 0.03, "--duration", "20min", "--boundary", "E=open",
        "--polygons", "--gauge-interval", "5min", *words,
    )  # fmt: skip
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert status == 0
    assert (tmp_path / "out" / "flooded.gpkg").is_file()
    assert pd.read_csv(tmp_path / "out" / "sections.csv")["m3_per_s"].iloc[-1] > 0
    assert "recalled" in summary["warnings"][0]
    assert summary["mass"]["rain_soaked_m3"] > 0


def test_terrain_is_joined_breached_and_its_low_places_listed(tmp_path) -> None:
    ground = np.tile(10 - 0.1 * np.arange(12), (9, 1))
    ground[4, 6:8] -= 2
    tiles = (
        write(tmp_path / "a.tif", ground[:, :7]),
        write(tmp_path / "b.tif", ground[:, 5:], transform=Affine(10, 0, 500050, 0, -10, 4100000)),
    )
    out = tmp_path / "terrain"
    assert (
        main(["terrain", *map(str, tiles), "--sinks", "breach", "--out", str(out), "--language", "en"]) == 0
    )
    assert pd.read_csv(out / "depressions.csv")["volume_m3"].tolist() == pytest.approx([370.0])
    assert read(out / "terrain.tif")[:, 9].min() < 8
    assert json.loads((out / "terrain.json").read_text())["overlap_difference_m"] == 0


def test_rain_comes_as_rasters_with_their_times(tmp_path, dem, capsys) -> None:
    """Half an hour of 40 mm/h on the western half, as files in a folder or as the bands of one."""
    west = np.where(np.arange(30) < 15, 40.0, 0.0) * np.ones((6, 1))
    words = ("--dem", dem, "--manning", 0.05, "--duration", "40min", "--json")
    folder = tmp_path / "rain"
    folder.mkdir()
    write(folder / "a.tif", west)
    write(folder / "b.tif", west * 0)
    (folder / "times.csv").write_text("file,time_h\na.tif,0\nb.tif,0.5\n")
    assert run(tmp_path, *words, "--rain", folder) == 0
    fallen = json.loads(capsys.readouterr().out)["mass"]["rain_m3"]
    assert fallen == pytest.approx(0.02 * 15 * 6 * 100, rel=1e-4)
    assert run(tmp_path, *words, "--rain", folder / "a.tif") == 1
    assert "carry no times" in capsys.readouterr().err
    assert run(tmp_path, *words, "--rain", folder / "a.tif", "--rain-times", "10min") == 0
    assert json.loads(capsys.readouterr().out)["mass"]["rain_m3"] == pytest.approx(fallen, rel=1e-4)


def test_buildings_stand_in_the_way(tmp_path, capsys) -> None:
    """A street of 60 m between houses: water that comes down it stands the higher the less way it has."""
    dem = write(tmp_path / "dem.tif", np.tile(np.linspace(1, 0, 30), (6, 1)))
    houses = [shapely.box(500120, 4099940, 500160, 4099980), shapely.box(500122, 4099986, 500127, 4099996)]
    write_vectors(tmp_path / "b.gpkg", houses)
    given = {"name": "a", "x": 500015, "y": 4099975, "time_h": [0, 1], "m3_per_s": [1.0, 1.0]}
    pd.DataFrame(given).to_csv(tmp_path / "in.csv", index=False)
    words = ("--dem", dem, "--manning", 0.03, "--duration", "30min", "--inflow", tmp_path / "in.csv")
    deepest = {}
    for mode in ("none", "block", "raise", "roughen"):
        more = () if mode == "none" else ("--buildings", tmp_path / "b.gpkg", "--buildings-as", mode)
        assert run(tmp_path, *words, *more, "--boundary", "E=open") == 0
        deepest[mode] = read(tmp_path / "out" / "depth_max.tif")
    house, before = np.s_[2:6, 12:16], np.s_[:, 10]
    assert np.isnan(deepest["block"][house]).all()
    assert np.isfinite(deepest["block"]).sum() == 180 - 16  # the shed covers too little of its cell
    assert np.nanmax(deepest["raise"][house]) == 0
    for mode in ("block", "raise", "roughen"):
        assert np.nanmean(deepest[mode][before]) > 1.1 * np.nanmean(deepest["none"][before])
    assert run(tmp_path, *words, "--buildings", tmp_path / "b.gpkg", "--building-share", 0) == 1
    assert "make" in capsys.readouterr().err


def test_ctrl_c_stops_the_work_where_it_tells_its_progress() -> None:
    told: list[float] = []
    before = signal.getsignal(signal.SIGINT)
    with safely_stopped(told.append) as progress:
        progress(0.1)
        signal.raise_signal(signal.SIGINT)  # in the midst of a step: it ends first
        with pytest.raises(Cancelled):
            progress(0.2)
    assert told == [0.1]
    assert signal.getsignal(signal.SIGINT) is before
