"""Rasters in time: frames on disk, and the codes and tables that the time slider plays."""

from pathlib import Path

import numpy as np
import pytest

from layers.cartography.style import Fill, Style, StyleClass, Symbol, default_style
from layers.cartography.timed import MOST_STEPS, Arrival, Frames, style_codes, style_table
from layers.errors import BadInput
from layers.grid import Extent, Grid, Lattice
from layers.storage.frames import FrameWriter, frame_times, held_piece, read_piece
from layers.storage.rasters import opened, write_grid

LATTICE = Lattice(1000.0, 9000.0, 30.0, 600, 700, "EPSG:4509")
HOURS = (0.0, 3600.0, 7200.0)
DEPTHS = default_style("depth_frames")


def depths() -> list[np.ndarray[tuple[int, int], np.dtype[np.float32]]]:
    rows, columns = np.mgrid[0:600, 0:700]
    return [np.where(columns < 200 * k, (rows + columns) / 300, np.nan).astype(np.float32) for k in range(3)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "depth.tif"
    with FrameWriter(path, LATTICE, HOURS, "m") as writer:
        for values in depths():
            writer.add(values)
    return path


def test_frames_come_back_with_their_times(file: Path) -> None:
    assert frame_times(file) == HOURS
    piece = read_piece(file, LATTICE.extent, 30.0, band=3)
    assert piece is not None
    np.testing.assert_array_equal(piece.values, depths()[2])
    assert piece.extent == LATTICE.extent


def test_a_piece_is_thinned_to_the_screen_and_lies_where_it_belongs(file: Path) -> None:
    seen = Extent(4000.0, -3000.0, 13000.0, 2000.0)
    read, held = read_piece(file, seen, 130.0, band=3), held_piece(depths()[2], LATTICE, seen, 130.0)
    assert read is not None
    assert held is not None
    assert read.extent == held.extent
    assert read.values.shape == held.values.shape
    assert read.extent.west <= seen.west
    assert read.extent.south <= seen.south
    assert read.values.shape[1] == pytest.approx(read.extent.width / 120.0, abs=1)
    x = read.extent.west + read.extent.width * (np.arange(read.values.shape[1]) + 0.5) / read.values.shape[1]
    wet = (~np.isnan(read.values)).any(axis=0)
    assert x[wet].max() == pytest.approx(1000.0 + 400 * 30, abs=120)


def test_large_frames_carry_overviews(tmp_path: Path) -> None:
    path, lattice = tmp_path / "large.tif", Lattice(0.0, 0.0, 10.0, 600, 1100, "EPSG:4509")
    values = np.add.outer(np.arange(600.0), np.arange(1100.0))
    with FrameWriter(path, lattice, (0.0, 60.0), "m") as writer:
        writer.add(values)
        writer.add(values + 1)
    with opened(path) as file:
        assert [file.overviews(band) for band in file.indexes] == [[2], [2]]
        coarse = file.read(2, out_shape=(300, 550))
    assert set(np.unique(coarse - values[::2, ::2])) <= {1.0, 2.0, 3.0}


def test_nothing_is_read_where_the_raster_does_not_reach(file: Path) -> None:
    assert read_piece(file, Extent(90_000.0, 0.0, 91_000.0, 900.0), 30.0) is None


def test_a_file_whose_frames_did_not_all_come_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "torn.tif"
    with FrameWriter(path, LATTICE, HOURS, "m") as writer:
        writer.add(depths()[0])
    assert list(tmp_path.iterdir()) == []


def test_times_that_do_not_ascend_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "backwards.tif"
    with FrameWriter(path, LATTICE, (10.0, 5.0)) as writer:
        writer.add(depths()[0])
        writer.add(depths()[1])
    with pytest.raises(BadInput):
        frame_times(path)


def test_a_raster_without_times_has_none(tmp_path: Path) -> None:
    path = tmp_path / "plain.tif"
    write_grid(Grid(np.zeros(LATTICE.shape), LATTICE), path)
    assert frame_times(path) == ()


def test_each_frame_holds_until_the_next(file: Path) -> None:
    frames = Frames.of_file(file, HOURS, DEPTHS)
    assert [frames.picture_at(t) for t in (-1.0, 0.0, 3599.0, 3600.0, 9e9)] == [-1, 0, 0, 1, 2]


def test_codes_look_up_the_colour_of_the_class_that_holds_the_value() -> None:
    values = np.array([np.nan, 0.0, 0.05, 0.7, 1.0, 2.5, 3.0, 40.0], np.float32)
    titles = [None if code == 0 else DEPTHS.classes[code - 1].title for code in style_codes(values, DEPTHS)]
    assert titles == [
        None, None, "0.05 – 0.5 米", "0.5 – 1 米", "1 – 2 米", "2 – 3 米", "≥ 3 米", "≥ 3 米",
    ]  # fmt: skip
    table = style_table(DEPTHS)
    assert table[0].tolist() == [0, 0, 0, 0]
    assert table[1, 3] == round(255 * 0.85)


def test_what_is_reached_by_a_time_is_what_the_values_say(tmp_path: Path) -> None:
    hours = np.where(np.indices(LATTICE.shape)[1] < 650, np.indices(LATTICE.shape)[1] / 100.0, np.nan)
    path = tmp_path / "arrival.tif"
    write_grid(Grid(hours, LATTICE, "h"), path)
    red = StyleClass(Symbol(fill=Fill("#ff0000")), lower=0.0)
    arrival = Arrival.of_file(path, 6.49 * 3600, Style(classes=(red,), kind="graduated"), 3600.0)
    assert len(arrival.times) <= MOST_STEPS + 1
    codes = arrival.codes(0, LATTICE.extent, 30.0)
    assert codes is not None
    for seconds in arrival.times:
        seen = arrival.table(seconds)[codes.values][..., 3] > 0
        np.testing.assert_array_equal(seen, hours * 3600 <= seconds + 0.01)
