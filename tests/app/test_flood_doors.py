"""What `riskatlas simulate flood` refuses before it begins, rather than after hours."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

from app.cli import main
from layers.hazards.inundation import room
from layers.hazards.inundation.checks import warnings_of
from layers.hazards.inundation.files import read_sides, read_terrain
from layers.hazards.inundation.forcing import Rain
from layers.hazards.inundation.scenario import Scenario
from layers.hazards.inundation.structures import Levee, Structures


@pytest.fixture
def dem(tmp_path: Path) -> Path:
    path = tmp_path / "dem.tif"
    with rasterio.open(
        path, "w", driver="GTiff", height=6, width=8, count=1, dtype="float64", crs="EPSG:4548",
        transform=Affine(10, 0, 500000, 0, -10, 4100000),
    ) as file:  # fmt: skip
        file.write(np.zeros((6, 8)), 1)
    return path


def refused(dem: Path, capsys: pytest.CaptureFixture[str], *words: object) -> str:
    """The one line that a run says, which must not have begun."""
    out = dem.parent / "out"
    told = ("--dem", dem, "--manning", 0.03, "--duration", "1s", "--out", out, "--language", "en", *words)
    assert main(["simulate", "flood", *map(str, told)]) == 1
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert not out.exists()
    return lines[0]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--losses", "cn:75"), "--losses is given without --rain"),
        (("--land", "x.tif"), "--land is given without --losses"),
        (("--rain-zones", "x.tif"), "--rain-zones is given without --rain"),
        (("--keep", "nowhere/k.npz"), "cannot be written"),
        (("--resume", "none.npz"), "There is no file none.npz"),
        (("--manning", "nan"), "n = nan makes no sense"),
    ],
)
def test_what_would_do_nothing_or_be_lost_is_refused_first(dem, capsys, words, sentence) -> None:
    assert sentence in refused(dem, capsys, *words)


def test_a_folder_that_cannot_be_written_is_told_before_the_run(dem, capsys, monkeypatch) -> None:
    (dem.parent / "file").write_text("x")
    monkeypatch.setattr("app.verbs.flood.simulate", lambda *_, **__: pytest.fail("the run began"))
    assert "Cannot write" in refused(dem, capsys, "--out", dem.parent / "file" / "out")


def test_a_grid_that_has_no_room_in_memory_is_told_beforehand(dem, capsys, monkeypatch) -> None:
    monkeypatch.setattr(room, "_free", lambda: 1000.0)
    assert "GB of memory" in refused(dem, capsys)


def test_what_is_odd_about_forcing_and_structures_is_told(dem) -> None:
    scenario = Scenario(
        read_terrain(dem), 0.03, 60.0, rain=Rain(np.zeros(1), np.full(1, 1.0)),
        sides=read_sides("E=level:500"), structures=Structures((Levee("far", ((0, 0), (1, 1)), (3.0,)),)),
    )  # fmt: skip
    assert [key for key, _ in warnings_of(scenario)] == ["levee_away", "level_away", "rain_heavy"]
