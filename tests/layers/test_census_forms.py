"""What forms and tools know of fields: bounds from the rules, amounts by their unit, rows not stored yet."""

from pathlib import Path

import pandas as pd
import shapely

from layers.census.amounts import amounts
from layers.census.bounds import Bounds, bounds
from layers.census.catalogue import catalogue, meanings
from layers.census.rules import shipped_rules
from layers.editing import EditSession
from layers.editing.snapping import around, snap
from layers.grid import Extent
from layers.layer import Field, Shapes, VectorLayer
from layers.storage.checking import check_cells
from layers.storage.geopackage import ProjectFile, load
from layers.storage.pages import held, near


def test_bounds_of_a_building_come_from_the_shipped_rules() -> None:
    found = bounds("building", shipped_rules())
    assert found["storeys"] == Bounds(1, 120)
    assert found["year"] == Bounds(1800, 2020)
    assert "floor_area" not in found  # compared with other fields, not with numbers
    assert bounds("river", shipped_rules()) == {}


def test_amounts_are_known_by_their_unit() -> None:
    assert amounts(catalogue()["building"].fields) == ("floor_area", "occupants")
    assert amounts(catalogue()["road"].fields) == ()


def test_the_catalogue_goes_before_what_a_layer_says_of_itself() -> None:
    own = (Field("population", zh="人口"), Field("extra", zh="备用"))
    known = meanings("township", own)
    assert (known["population"].unit, known["extra"].zh) == ("人", "备用")
    assert meanings("", own)["population"].zh == "人口"


def test_rows_are_judged_before_they_are_stored(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {"code": ["a", "b"], "structure": ["砖混", "砖混"], "storeys": [2, 3], "floor_area": [80.0] * 2}
    )
    shapes = Shapes.of([shapely.box(0, 0, 10, 8), shapely.box(20, 0, 30, 8)])
    with ProjectFile.create(tmp_path / "p.gpkg", name="p") as project:
        layer = VectorLayer("building", "building", project.crs, shapes, table)
        EditSession(project).do(load("导入", [layer], project))
        (key, row), (other, _) = project.table("building").items()
        wrong = {**row, "code": "b", "storeys": 0, "structure": None}
        found = {(f.rule, f.facts.get("field")) for f in check_cells(project, "building", {key: wrong})}
        assert {("code_unique", "code"), ("storeys", "storeys"), ("required", "结构类型")} <= found
        assert not [f for f in check_cells(project, "building", {key: row}) if f.rule == "code_unique"]
        assert [f.rule for f in check_cells(project, "building", {"new": {**row, "code": "a"}})] == [
            "code_unique"
        ]
        assert check_cells(project, "building", {}) == ()
        assert held(project, "building", [other, "gone"])["code"].tolist() == ["b"]
        keys, some = near(project, "building", Extent(0, 0, 100, 100), 1)
        assert (len(keys), len(some)) == (1, 1)


def test_what_lies_about_a_place_catches_as_the_whole_does() -> None:
    boxes = shapely.box([0.0, 10, 20], 0, [10.0, 20, 30], 10)
    whole = Shapes.of(boxes)
    part = around(whole, Extent(8, -2, 12, 2))
    assert len(part.xy) < len(whole.xy)
    for point in ((10.4, 0.3), (9, 0.2), (10.2, 1.5)):
        assert snap(point, part, 1) == snap(point, whole, 1)
