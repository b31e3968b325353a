"""Reading for drawing: flat arrays as the plain reading gives them, and boxes from the index."""

import sqlite3

import numpy as np
import pandas as pd
import pytest
import shapely

from layers.grid import Extent
from layers.layer import Shapes, VectorLayer
from layers.storage import drawing
from layers.storage.blobs import blobs_of
from layers.storage.drawing import read_boxes, read_drawn
from layers.storage.gathering import Gathering
from layers.storage.geopackage import ProjectFile, load
from layers.storage.unpack import unpacked

RING = shapely.Polygon([(0, 0), (40, 0), (40, 30), (0, 30)], [[(5, 5), (9, 5), (9, 9)]])
GEOMETRIES = {
    "point": [shapely.Point(3, 4), None, shapely.MultiPoint([(1, 2), (5, 6)])],
    "line": [shapely.LineString([(0, 0), (3, 4)]), None, shapely.MultiLineString([[(0, 1), (2, 3)]] * 2)],
    "polygon": [RING, None, shapely.MultiPolygon([RING, shapely.box(90, 90, 95, 99)])],
}


def layer(kind, geometries):
    attributes = pd.DataFrame(
        {"name": [f"n{i}" for i in range(len(geometries))], "floors": range(len(geometries))}
    )
    return VectorLayer("things", "", "EPSG:4548", Shapes.of(geometries, kind), attributes)


@pytest.fixture
def project(tmp_path):
    def make(kind, geometries):
        path = tmp_path / "p.gpkg"
        with ProjectFile.create(path) as opened:
            opened.apply(load("made", [layer(kind, geometries)], opened))
            return path, opened.layer("things"), opened.read("things")

    return make


def same(a, b):
    return np.array_equal(a.xy, b.xy) and all(
        np.array_equal(x, y) for x, y in zip(a.offsets, b.offsets, strict=True)
    )


@pytest.mark.parametrize("kind", list(GEOMETRIES))
def test_what_is_read_for_drawing_is_what_is_stored(project, kind, monkeypatch):
    monkeypatch.setattr(drawing, "_BATCH", 2)
    path, entry, stored = project(kind, GEOMETRIES[kind] * 3)
    read, _ = read_drawn(path, entry, ("floors", "missing"))
    assert same(read.shapes, stored.shapes)
    assert list(read.attributes) == ["floors"]
    assert read.attributes["floors"].tolist() == stored.attributes["floors"].tolist()


@pytest.mark.parametrize("kind", list(GEOMETRIES))
def test_blobs_are_unpacked_as_shapely_reads_them(kind):
    shapes = Shapes.of(GEOMETRIES[kind], kind)
    assert same(unpacked(blobs_of(shapes, 4548), kind), shapes)


def test_what_is_not_little_endian_in_two_dimensions_is_declined():
    blob = blobs_of(Shapes.of([shapely.Point(1, 2)]), 4548)[0]
    head = blob[:40]
    assert unpacked([head + shapely.to_wkb(shapely.MultiPoint([(1, 2)]), byte_order=0)], "point") is None
    assert unpacked([head + shapely.to_wkb(shapely.Point(1, 2, 3), byte_order=1)], "point") is None
    assert unpacked([blob[:-3]], "point") is None
    assert unpacked([head + shapely.to_wkb(shapely.Point(1, 2), byte_order=1)], "point").xy.tolist() == [
        [1, 2]
    ]


def test_only_what_meets_an_extent_is_read(project):
    path, entry, _ = project("point", [shapely.Point(x, 0) for x in range(10)])
    assert read_drawn(path, entry, extent=Extent(2.5, -1, 5.5, 1))[0].shapes.xy[:, 0].tolist() == [3, 4, 5]


def test_boxes_from_the_index_hold_the_features(project):
    rng = np.random.default_rng(3)
    path, entry, stored = project(
        "polygon", [shapely.box(x, y, x + 9, y + 5) for x, y in rng.uniform(0, 4e6, (5000, 2))]
    )
    boxes, true = read_boxes(path, entry.name), stored.shapes.boxes
    order, wanted = np.lexsort(boxes.T), np.lexsort(true.T)
    assert np.abs(boxes[order] - true[wanted]).max() <= 1
    assert (boxes[order][:, :2] <= true[wanted][:, :2]).all()


def test_without_an_index_there_are_no_boxes(project):
    path, entry, _ = project("point", [shapely.Point(1, 2)])
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE rtree_things_geom")
    connection.close()
    assert not len(read_boxes(path, entry.name))


def test_gathered_batches_are_one_after_the_other_however_long():
    parts = [Shapes.of([RING] * n) for n in (1, 7, 3, 40)]
    gathered = Gathering("polygon", 5)
    for part in parts:
        gathered.add(part)
    assert same(gathered.shapes(), Shapes.of([RING] * 51))
    assert not len(Gathering("line", 0).shapes())
