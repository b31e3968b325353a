"""A hazard's run in a process of its own: the same layers, and nothing left when it dies or is cancelled."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio

from layers.errors import KnownError
from layers.grid import Grid
from layers.hazards.inundation_scenario import InundationScenario
from layers.layer import RasterLayer, VectorLayer
from layers.progress import Cancelled
from layers.risk.results import run, run_apart, set_apart
from layers.risk.scenario_run import carry_out
from layers.risk.scenario_set import BreachPlace, ReturnPeriod, ScenarioSet, Spread
from layers.risk.scenario_store import set_layers
from layers.risk.vulnerability import DepthDamage
from layers.storage.child import Child
from layers.storage.geopackage import ProjectFile, load


@pytest.fixture
def project(world, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProjectFile:
    """A plain with a river, its levees, a road and houses; temporary files lie in a folder of the test."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    lattice = world.lattice(20.0)
    fall = np.tile(np.linspace(22.0, 20.0, lattice.columns), (lattice.rows, 1))
    world.add_raster("terrain", Grid(fall, lattice, "m"))
    world.add("river", [world.line((1025, 0), (1025, 2000))], name=["河"])
    world.add("levee", [world.line((x, 0), (x, 2000)) for x in (875, 1175)], crest=[3.0, 3.0])
    world.add("road", [world.line((1200, 1000), (3900, 1000))], **{"class": ["省道"]})
    world.add("building", [world.box(1300, 990, 1310, 1000)], structure=["砖混"], floor_area=[200.0])
    entry = world.rasters["terrain"]
    terrain = RasterLayer("terrain", "terrain", str(world.raster_path("terrain")), entry.lattice, "m")
    made = ProjectFile.create(tmp_path / "平原.gpkg")
    made.apply(load("平原", [*world.vectors.values(), terrain], made))
    return made


def scenario(world) -> InundationScenario:
    place = world.point(1175, 1000)
    return InundationScenario(
        ((place.x, place.y),), discharge=60.0, rise=0.0, lasts=0.2, duration=0.2, cell=20.0, frame=0.1
    )


def told_by(path: str) -> str:
    """Whatever a raster says of itself."""
    with rasterio.open(path) as file:
        bands = [(file.overviews(band), file.tags(band)) for band in file.indexes]
        return repr((file.profile, file.units, bands))


def values_of(path: str) -> np.ndarray:
    with rasterio.open(path) as file:
        return file.read()


def test_a_run_apart_gives_what_a_run_here_gives(world, project: ProjectFile, tmp_path: Path) -> None:
    model, damage = scenario(world), DepthDamage()
    told: list[float] = []
    (tmp_path / "here").mkdir()
    edit = run_apart("情景", project, "inundation", model, damage, told.append)
    here, _ = run(project, "inundation", model, damage, tmp_path / "here")
    assert [layer.kind for layer in edit.loads] == [layer.kind for layer in here]
    assert {"hazard_inundation", "depth_frames", "evacuation_unit"} <= {layer.kind for layer in here}
    for apart, plain in zip(edit.loads, here, strict=True):
        assert apart.provenance == plain.provenance
        if isinstance(apart, VectorLayer) and isinstance(plain, VectorLayer):
            assert np.array_equal(apart.shapes.xy, plain.shapes.xy)
            columns = list(plain.attributes)
            pd.testing.assert_frame_equal(apart.attributes[columns], plain.attributes, check_dtype=False)
        elif isinstance(apart, RasterLayer) and isinstance(plain, RasterLayer):
            assert told_by(apart.path) == told_by(plain.path)
            np.testing.assert_array_equal(values_of(apart.path), values_of(plain.path))
    assert 0 < max(told) <= 1
    assert told == sorted(told)
    project.apply(edit)
    assert project.first("hazard_inundation") is not None


def test_a_run_that_dies_is_told_and_leaves_nothing(
    world, project: ProjectFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    children: list[Child] = []

    class Watched(Child):
        def __init__(self, module: str) -> None:
            super().__init__(module)
            children.append(self)

    def kill(fraction: float) -> None:
        process = children[0]._process
        assert process is not None
        process.kill()

    monkeypatch.setattr("layers.storage.apart.Child", Watched)
    before = project.layers()
    with pytest.raises(KnownError) as raised:
        run_apart("情景", project, "inundation", scenario(world), DepthDamage(), kill)
    assert raised.value.key == "run_died"
    assert list((tmp_path / "temporary").iterdir()) == []
    assert project.layers() == before


def test_a_cancelled_run_ends_at_once_and_leaves_nothing(world, project: ProjectFile, tmp_path: Path) -> None:
    def stop(fraction: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        run_apart("情景", project, "inundation", scenario(world), DepthDamage(), stop)
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_set_apart_gives_what_a_set_here_gives_and_goes_on_where_it_was_stopped(
    world, project: ProjectFile, tmp_path: Path
) -> None:
    place = world.point(1175, 1000)
    base = InundationScenario((), rise=0.0, lasts=0.2, duration=0.2, cell=20.0, frame=0.1)
    periods = (ReturnPeriod(20.0, 40.0), ReturnPeriod(100.0, 60.0))
    chosen = ScenarioSet(base, (BreachPlace("决口 '1'", place.x, place.y),), periods, Spread())
    runs, here = tmp_path / "runs", tmp_path / "here"

    def stop(fraction: float) -> None:
        if len(list(runs.glob("*.json"))) > 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        set_apart("集", project, chosen, runs, stop)
    done = {path: path.stat().st_mtime_ns for path in runs.glob("*.json")}
    assert 1 < len(done) < 6
    edit = set_apart("集", project, chosen, runs)
    assert done == {path: path.stat().st_mtime_ns for path in done}
    found, provenance = carry_out(project, chosen, here)
    plain = set_layers(project, found, provenance, tmp_path)
    assert [layer.kind for layer in edit.loads] == [layer.kind for layer in plain]
    for apart, layer in zip(edit.loads, plain, strict=True):
        assert apart.provenance == layer.provenance
        if isinstance(apart, VectorLayer) and isinstance(layer, VectorLayer):
            columns = list(layer.attributes)
            pd.testing.assert_frame_equal(apart.attributes[columns], layer.attributes, check_dtype=False)
        elif isinstance(apart, RasterLayer) and isinstance(layer, RasterLayer):
            np.testing.assert_array_equal(values_of(apart.path), values_of(layer.path))
    project.apply(edit)
    assert project.first("scenario_run") is not None


def test_known_errors_of_a_run_apart_come_through_and_bugs_with_their_trace(
    project: ProjectFile, tmp_path: Path
) -> None:
    with pytest.raises(KnownError) as raised:
        run_apart("情景", project, "fire", None, None)
    assert raised.value.key == "hazard_missing"
    assert "uel" in raised.value.say("en")
    with pytest.raises(RuntimeError, match="KeyError"):
        run_apart("情景", project, "no such hazard", None, None)
    assert list((tmp_path / "temporary").iterdir()) == []
