"""Editing tools: what each gesture makes of the features; ground is neither lost nor covered twice."""

import random
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers.changes import Change, Edit, Row
from layers.editing import EditSession
from layers.editing.features import added, pasted, reckoned, removed, shape, wkb
from layers.editing.features import given as given_values
from layers.editing.rollback import roll_back
from layers.editing.shaping import bent, merged, moved, offset, rotated, split, with_hole
from layers.editing.snapping import snap, trace
from layers.editing.topology import vertex_added, vertex_moved, vertex_removed
from layers.errors import BadInput
from layers.layer import Field, Shapes, VectorLayer
from layers.positions import Position, parse_length, parse_position
from layers.project import MemoryProject


def row(geometry: Any, **values: Any) -> Row:
    return {"geom": wkb(geometry), **values}


def quilt(side: int = 3) -> dict[str, Row]:
    """Squares of a hundred metres that cover the ground without gap."""
    return {
        f"{i}{j}": row(shapely.box(100 * i, 100 * j, 100 * i + 100, 100 * j + 100), name=f"{i}{j}", people=7)
        for i in range(side)
        for j in range(side)
    }


def carried_out(rows: dict[str, Row], edit: Edit) -> dict[str, Row]:
    project = MemoryProject({"t": rows})
    session = EditSession(project)
    session.do(edit)
    after = dict(project.table("t"))
    session.undo()
    assert dict(project.table("t")) == rows
    return after


def is_coverage(rows: dict[str, Row]) -> bool:
    """No gap and no overlap: the whole is as large as its parts and has no hole."""
    parts = [shape(r) for r in rows.values()]
    whole = shapely.union_all(parts)
    return abs(whole.area - sum(p.area for p in parts)) < 1e-6 and not any(
        p.interiors for p in shapely.get_parts(whole)
    )


# --- split and merge -------------------------------------------------------------------------------


def test_a_split_keeps_one_identity_and_shares_people_to_the_last() -> None:
    rows = {"a": row(shapely.box(0, 0, 100, 100), code="1", people=101, floor=50.0)}
    line = shapely.LineString([(30, -10), (30, 110)])
    after = carried_out(rows, split("t", "a", rows["a"], line, "分割", shared=("people", "floor")))
    assert shape(after["a"]).bounds == (30, 0, 100, 100)
    (new,) = [r for k, r in after.items() if k != "a"]
    assert (new["code"], after["a"]["code"]) == (None, "1")
    assert (after["a"]["people"], new["people"]) == (71, 30)
    assert (after["a"]["floor"], new["floor"]) == pytest.approx((35.0, 15.0))
    smaller = carried_out(rows, split("t", "a", rows["a"], line, "分割", keeps=1))
    assert shape(smaller["a"]).bounds == (0, 0, 30, 100)
    with pytest.raises(BadInput):
        split("t", "a", rows["a"], shapely.LineString([(30, 10), (30, 50)]), "分割")


@given(st.lists(st.integers(0, 500), min_size=2, max_size=2), st.floats(1, 99), st.floats(1, 99))
def test_pieces_of_a_split_are_the_whole(people: list[int], west: float, east: float) -> None:
    rows = {"a": row(shapely.box(0, 0, 100, 100), people=people[0])}
    edit = split(
        "t", "a", rows["a"], shapely.LineString([(west, -1), (east, 101)]), "分割", shared=("people",)
    )
    after = carried_out(rows, edit)
    assert sum(int(str(r["people"])) for r in after.values()) == people[0]
    assert sum(shape(r).area for r in after.values()) == pytest.approx(10_000)


def test_a_line_is_split_too() -> None:
    rows = {"a": row(shapely.LineString([(0, 0), (100, 0)]))}
    after = carried_out(rows, split("t", "a", rows["a"], shapely.LineString([(40, -1), (40, 1)]), "分割"))
    assert sorted(round(shape(r).length) for r in after.values()) == [40, 60]


def test_a_merge_asks_who_survives_and_whose_values_win() -> None:
    rows = {k: r for k, r in quilt().items() if k in {"00", "10"}}
    edit = merged("t", rows, "10", "合并", values={"name": "00"}, summed=("people",))
    after = carried_out(rows, edit)
    assert list(after) == ["10"]
    assert (after["10"]["name"], after["10"]["people"]) == ("00", 14)
    assert shape(after["10"]).bounds == (0, 0, 200, 100)
    with pytest.raises(BadInput):
        merged("t", {"00": rows["00"]}, "00", "合并")
    lines = {k: row(shapely.LineString([(x, 0), (x + 1, 0)])) for k, x in (("a", 0), ("b", 1))}
    assert len(shape(carried_out(lines, merged("t", lines, "a", "合并"))["a"]).geoms) == 1


# --- borders ---------------------------------------------------------------------------------------


def test_a_border_drawn_anew_moves_for_its_neighbours_too() -> None:
    rows = quilt()
    line = shapely.LineString([(200, 120), (230, 150), (200, 180)])
    others = {k: r for k, r in rows.items() if k != "11"}
    after = carried_out(rows, bent("t", "11", rows["11"], line, "修边", neighbours=others))
    assert shape(after["11"]).area == pytest.approx(10_000 + 900)
    assert shape(after["21"]).area == pytest.approx(10_000 - 900)
    assert is_coverage(after)
    inward = shapely.LineString([(200, 120), (170, 150), (200, 180)])
    after = carried_out(rows, bent("t", "11", rows["11"], inward, "修边", neighbours=others))
    assert shape(after["21"]).area == pytest.approx(10_000 + 900)
    assert is_coverage(after)
    with pytest.raises(BadInput):
        bent("t", "11", rows["11"], shapely.LineString([(500, 0), (600, 0)]), "修边")


def test_a_reshaped_polygon_keeps_its_holes_and_a_line_its_ends() -> None:
    holed = row(shapely.box(0, 0, 100, 100).difference(shapely.box(40, 40, 60, 60)))
    line = shapely.LineString([(100, 20), (130, 50), (100, 80)])
    after = carried_out({"a": holed}, bent("t", "a", holed, line, "修边"))
    assert shape(after["a"]).area == pytest.approx(10_000 - 400 + 900)
    road = row(shapely.LineString([(0, 0), (100, 0)]))
    for way in ([(20, 0), (50, 30), (80, 0)], [(80, 0), (50, 30), (20, 0)]):
        after = carried_out({"a": road}, bent("t", "a", road, shapely.LineString(way), "修边"))
        assert shapely.get_coordinates(shape(after["a"])).tolist() == [
            [0, 0],
            [20, 0],
            [50, 30],
            [80, 0],
            [100, 0],
        ]


def test_a_hole_is_cut_only_inside() -> None:
    rows = {"a": row(shapely.box(0, 0, 100, 100))}
    after = carried_out(rows, with_hole("t", "a", rows["a"], shapely.box(10, 10, 20, 20), "挖洞"))
    assert shape(after["a"]).area == 9_900
    with pytest.raises(BadInput):
        with_hole("t", "a", rows["a"], shapely.box(90, 90, 110, 110), "挖洞")


def test_offset_rotation_and_movement_are_what_they_say() -> None:
    rows = {"a": row(shapely.box(0, 0, 100, 50))}
    grown = carried_out(rows, offset("t", "a", rows["a"], 10, "偏移"))
    assert shape(grown["a"]).bounds == (-10, -10, 110, 60)
    with pytest.raises(BadInput):
        offset("t", "a", rows["a"], -30, "偏移")
    road = {"a": row(shapely.LineString([(0, 0), (100, 0)]))}
    assert shape(carried_out(road, offset("t", "a", road["a"], 5, "偏移"))["a"]).bounds == (0, 5, 100, 5)
    turned = carried_out(rows, rotated("t", rows, 90, (0, 0), "旋转"))
    assert shape(turned["a"]).bounds == pytest.approx((0, -100, 50, 0))
    assert shape(carried_out(rows, moved("t", rows, 7, -3, "移动"))["a"]).bounds == (7, -3, 107, 47)


# --- vertices --------------------------------------------------------------------------------------


@given(st.integers(1, 2), st.integers(1, 2), st.floats(-45, 45), st.floats(-45, 45))
def test_a_shared_vertex_moves_in_all_that_share_it(i: int, j: int, east: float, north: float) -> None:
    rows = quilt()
    edit = vertex_moved({"t": rows}, (100 * i, 100 * j), (100 * i + east, 100 * j + north), "移动节点")
    if (east, north) != (0, 0):
        assert {c.key for c in edit.changes} == {f"{i - a}{j - b}" for a in (0, 1) for b in (0, 1)}
    assert is_coverage(carried_out(rows, edit))


def test_a_border_that_only_passes_gets_a_vertex_first() -> None:
    rows = {"big": row(shapely.box(0, 0, 100, 200)), "a": row(shapely.box(100, 0, 200, 100)),
            "b": row(shapely.box(100, 100, 200, 200))}  # fmt: skip
    after = carried_out(rows, vertex_moved({"t": rows}, (100, 100), (120, 110), "移动节点"))
    assert is_coverage(after)
    assert shape(after["big"]).area > 20_000


def test_vertices_are_added_and_taken_away() -> None:
    rows = {"a": row(shapely.box(0, 0, 100, 100))}
    more = carried_out(rows, vertex_added({"t": rows}, (50, 0), "加节点"))
    assert shapely.get_num_coordinates(shape(more["a"])) == 6
    back = carried_out(more, vertex_removed({"t": more}, (50, 0), "删节点"))
    assert shape(back["a"]).equals(shape(rows["a"]))
    corner = carried_out(more, vertex_removed({"t": more}, (0, 0), "删节点"))
    assert shape(corner["a"]).is_valid
    assert shape(corner["a"]).area == 7_500
    for far in ((500, 500), (50, 50)):
        with pytest.raises(BadInput):
            vertex_moved({"t": rows}, far, (0, 0), "移动节点")


# --- snapping and tracing --------------------------------------------------------------------------


def near() -> Shapes:
    return Shapes.of([shape(r) for r in quilt().values()])


def test_vertices_catch_before_crossings_before_borders() -> None:
    assert (found := snap((101, 99), near(), 5))
    assert (found.sort, found.x, found.y) == ("vertex", 100, 100)
    assert (found := snap((150, 102), near(), 5))
    assert (found.sort, found.x, found.y) == ("edge", 150, 100)
    assert snap((150, 150), near(), 5) is None
    cross = Shapes.of([shapely.LineString([(0, 0), (100, 100)]), shapely.LineString([(0, 100), (100, 0)])])
    assert (found := snap((52, 51), cross, 5))
    assert (found.sort, found.x, found.y) == ("intersection", 50, 50)
    assert snap((52, 51), cross, 5, ("edge",)).sort == "edge"  # type: ignore[union-attr]
    assert snap((0, 0), Shapes.of([], "point"), 5) is None


@given(st.floats(0, 300), st.floats(0, 300))
def test_a_snap_is_as_near_as_shapely_says(x: float, y: float) -> None:
    found = snap((x, y), near(), 30, ("edge",))
    away = shapely.distance(shapely.union_all(shapely.boundary(near().geometries())), shapely.Point(x, y))
    assert (found is None) == (away > 30)
    assert found is None or found.distance == pytest.approx(away, abs=1e-9)


def test_a_border_is_traced_by_the_shortest_way_across_features() -> None:
    way = trace(near(), (50, 100), (200, 150))
    assert way is not None
    assert way.tolist() == [[50, 100], [100, 100], [200, 100], [200, 150]]
    back = trace(near(), (200, 150), (50, 100))
    assert back is not None
    assert np.array_equal(back[::-1], way)
    assert trace(near(), (50, 50), (200, 150)) is None


# --- values ----------------------------------------------------------------------------------------


def test_values_are_given_to_many_and_reckoned_by_a_formula() -> None:
    rows = quilt()
    edit = given_values("t", rows, {"people": 9}, "批量")
    assert len(edit.changes) == 9
    assert given_values("t", rows, {"people": 7}, "批量").changes == ()
    table = pd.DataFrame({"uuid": list(rows), "people": [7] * 9, "name": list(rows)})
    layer = VectorLayer("t", "", "EPSG:4548", Shapes.of([shape(r) for r in rows.values()]), table)
    field = Field("people", "integer", zh="人数")
    held = {key: row["people"] for key, row in rows.items()}
    edit = reckoned(layer, held, field, "round(area() / 1000)", "计算", only="name <> '00'")
    assert edit.changes[0] == Change("t", "01", {"people": 7}, {"people": 10})
    assert {c.after["people"] for c in edit.changes if c.after} == {10}
    assert len(edit.changes) == 8
    assert carried_out(rows, edit)["01"] == {**rows["01"], "people": 10}
    assert carried_out(carried_out(rows, edit), ~edit) == rows
    assert len(reckoned(layer, held, field, "7", "计算").changes) == 0
    with pytest.raises(BadInput):
        reckoned(layer, held, field, "name", "计算")


def test_features_are_added_removed_and_pasted_under_new_identities() -> None:
    rows = quilt()
    after = carried_out(rows, added("t", shapely.box(0, 0, 1, 1), {"name": "新"}, "加"))
    assert len(after) == 10
    assert carried_out(rows, removed("t", {"00": rows["00"]}, "删")).keys() == rows.keys() - {"00"}
    edit = pasted("t", ("name", "count"), [rows["00"]], "粘贴", {"people": "count"})
    (change,) = edit.changes
    assert change.after == {"geom": rows["00"]["geom"], "name": "00", "count": 7}
    assert change.key not in rows


# --- long ago --------------------------------------------------------------------------------------


def test_an_old_edit_is_taken_back_if_nothing_stands_on_it() -> None:
    project = MemoryProject({"t": {"a": {"x": 1, "y": 1}, "b": {"x": 1, "y": 1}}})
    session = EditSession(project)

    def put(key: str, **cells: int) -> None:
        before = project.table("t")[key]
        session.do(Edit(f"{key} {cells}", tuple(given_values("t", {key: before}, cells, "").changes)))

    put("a", x=2)
    put("b", x=5)
    put("a", y=3)
    session.do(roll_back(project, 1, "撤回"))
    assert project.table("t")["a"] == {"x": 1, "y": 3}
    put("b", x=6)
    with pytest.raises(BadInput) as raised:
        roll_back(project, 2, "撤回")
    assert "5" in raised.value.say("zh_CN")
    with pytest.raises(BadInput):
        roll_back(project, 1, "再撤回")
    with pytest.raises(KeyError):
        roll_back(project, 99, "撤回")


def test_rolling_back_a_random_edit_equals_never_having_made_it() -> None:
    for seed in range(200):
        chance = random.Random(seed)
        project = MemoryProject({"t": {k: {"x": 0, "y": 0} for k in "abc"}})
        without = MemoryProject({"t": {k: {"x": 0, "y": 0} for k in "abc"}})
        number = chance.randint(1, 6)
        for step in range(1, 7):
            key, field, value = chance.choice("abc"), chance.choice("xy"), step
            for place in (project, without) if step != number else (project,):
                place.apply(given_values("t", {key: place.table("t")[key]}, {field: value}, "改"))
        try:
            project.apply(roll_back(project, number, "撤回"))
        except BadInput:
            continue
        assert dict(project.table("t")) == dict(without.table("t"))


# --- positions -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("115.5 37.5", ("degrees", 115.5, 37.5)),
        ("37.5, 115.5", ("degrees", 115.5, 37.5)),
        ("115°30′E 37°30′N", ("degrees", 115.5, 37.5)),
        ("北纬37度30分，东经115度30分", ("degrees", 115.5, 37.5)),
        ("382753.5 4178442", ("metres", 382753.5, 4178442)),
        ("4178442，382753.5", ("metres", 382753.5, 4178442)),
        ("@3,-4", ("offset", 3, -4)),
        ("1 km<180", ("offset", 0, -1000)),
    ],
)
def test_positions_are_read_as_people_write_them(text: str, position: tuple[str, float, float]) -> None:
    found = parse_position(text)
    assert found.sort == position[0]
    assert found[1:] == pytest.approx(position[1:], abs=1e-9)


def test_what_is_no_position_is_refused() -> None:
    for text in ("", "12", "a b", "@1", "5<x", "1 2 3"):
        with pytest.raises(BadInput):
            parse_position(text)
    with pytest.raises(BadInput):
        parse_length("3 里")
    assert parse_length("30") == 30
    assert isinstance(parse_position("1 2"), Position)
