"""The lower floors: shapes, grids, changes, edits."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers.changes import Change, Edit, net
from layers.editing import EditSession
from layers.errors import BadInput, Conflict
from layers.grid import Extent, Grid, Lattice, same_lattice
from layers.layer import Shapes
from layers.project import MemoryProject

HOLED = shapely.Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(1, 1), (2, 1), (2, 2), (1, 2)]])
TWO = shapely.MultiPolygon([HOLED, shapely.box(10, 10, 11, 11)])
LINE = shapely.LineString([(0, 0), (1, 1), (5, 0)])


@pytest.mark.parametrize(
    "geometries",
    [
        [HOLED, None, TWO],
        [None, HOLED],
        [LINE, shapely.MultiLineString([LINE, LINE]), None],
        [shapely.Point(1, 2), shapely.MultiPoint([(1, 2), (3, 4)]), shapely.Point()],
        [shapely.Point(1, 2, 3)],
    ],
    ids=["polygons", "a missing one first", "lines", "points", "with height"],
)
def test_geometries_come_back_from_flat_arrays_as_they_went_in(geometries: list[shapely.Geometry]) -> None:
    shapes = Shapes.of(geometries)
    back = shapes.geometries()
    for before, after in zip(geometries, back, strict=True):
        flat = shapely.Point() if before is None else shapely.force_2d(before)
        assert shapely.equals(flat, after) or (shapely.is_empty(flat) and shapely.is_empty(after))


@given(st.lists(st.integers(0, 3), max_size=8), st.data())
def test_taken_rows_are_the_rows_asked_for(picks: list[int], data: st.DataObject) -> None:
    shapes = Shapes.of([HOLED, None, TWO, shapely.box(5, 5, 6, 6)])
    taken = shapes.take(np.array(picks, dtype=np.intp))
    expected = shapes.geometries()[picks]
    assert list(shapely.to_wkt(taken.geometries())) == list(shapely.to_wkt(expected))
    np.testing.assert_array_equal(taken.boxes, shapes.boxes[picks])


def test_geometries_of_two_dimensions_are_refused() -> None:
    with pytest.raises(ValueError, match="several dimensions"):
        Shapes.of([HOLED, LINE])


def test_boxes_agree_with_shapely_bounds() -> None:
    geometries = [HOLED, None, TWO]
    np.testing.assert_array_equal(Shapes.of(geometries).boxes, shapely.bounds(geometries))


def test_a_grid_answers_for_points_inside_and_with_nan_outside() -> None:
    lattice = Lattice(west=100.0, north=220.0, cell=10.0, rows=2, columns=3, crs="EPSG:4548")
    grid = Grid(np.arange(6.0).reshape(2, 3), lattice)
    values = grid.at(np.array([101.0, 129.9, 130.0, 115.0]), np.array([219.0, 201.0, 210.0, np.nan]))
    np.testing.assert_array_equal(values, [0.0, 5.0, np.nan, np.nan])


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(1, 1e4), st.floats(1, 1e4), st.floats(1, 500))
def test_a_covering_lattice_covers(
    west: float, south: float, width: float, height: float, cell: float
) -> None:
    extent = Extent(west, south, west + width, south + height)
    box = Lattice.covering(extent, cell, "EPSG:4548").extent
    slack = 1e-6 * max(abs(west), abs(south), width, height, 1)
    assert box.west <= extent.west + slack
    assert box.east >= extent.east - slack
    assert box.south <= extent.south + slack
    assert box.north >= extent.north - slack


def test_grids_on_two_lattices_are_refused_with_both_named() -> None:
    one = Grid(np.zeros((1, 1)), Lattice(0, 0, 1, 1, 1, "EPSG:4548"))
    other = Grid(np.zeros((1, 1)), Lattice(5, 0, 1, 1, 1, "EPSG:4548"))
    with pytest.raises(BadInput) as error:
        same_lattice(one, other)
    assert "(0, 0)" in error.value.say("zh_CN")
    assert "(5, 0)" in error.value.say("en")


rows = st.dictionaries(st.sampled_from("ab"), st.integers(0, 2), max_size=2)


@st.composite
def histories(draw: st.DrawFn) -> tuple[dict[str, dict[str, dict[str, int]]], list[Edit]]:
    """A table and a list of edits that fit it one after the other."""
    start = draw(st.dictionaries(st.sampled_from("xyz"), rows))
    state: dict[str, dict[str, int] | None] = dict(start)
    edits = []
    for number in range(draw(st.integers(0, 5))):
        changes = []
        for key in draw(st.lists(st.sampled_from("xyz"), max_size=3)):
            after = draw(st.none() | rows)
            before = state.get(key)
            if before is not None or after is not None:
                changes.append(Change("t", key, before, after))
                state[key] = after
        edits.append(Edit(str(number), tuple(changes)))
    return {"t": start}, edits


@given(histories())
def test_the_net_of_edits_leads_where_the_edits_lead(history: tuple[dict, list[Edit]]) -> None:
    tables, edits = history
    one, other = MemoryProject(tables), MemoryProject(tables)
    for edit in edits:
        one.apply(edit)
    other.apply(Edit("net", net(edits)))
    assert one.table("t") == other.table("t")


@given(histories())
def test_undoing_everything_gives_the_first_state_and_redoing_the_last(
    history: tuple[dict, list[Edit]],
) -> None:
    tables, edits = history
    project = MemoryProject(tables)
    session = EditSession(project)
    for edit in edits:
        session.do(edit)
    last = dict(project.table("t"))
    while EditSession(project).undo():
        pass
    assert project.table("t") == tables["t"]
    session = EditSession(project)
    while session.redo():
        pass
    assert project.table("t") == last


def test_a_conflict_changes_nothing() -> None:
    project = MemoryProject({"t": {"x": {"a": 1}}})
    edit = Edit("two", (Change("t", "y", None, {"a": 2}), Change("t", "x", {"a": 9}, None)))
    with pytest.raises(Conflict, match="x"):
        project.apply(edit)
    assert dict(project.table("t")) == {"x": {"a": 1}}
