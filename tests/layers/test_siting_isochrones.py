"""Isochrones and what closes roads: who is reached, by which roads, in which direction."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from layers.errors import BadInput
from layers.grid import Grid, Lattice
from layers.layer import Shapes, VectorLayer
from layers.progress import ignore
from layers.siting.answers import Given
from layers.siting.closing import Closing, roads_of
from layers.siting.isochrones import isochrones, minutes_of
from layers.siting.network import by_vehicle, on_foot, road_network
from layers.siting.paths import Access, travel_times
from layers.siting.relief_answers import answer
from layers.siting.relief_study import drives
from layers.siting.residents import residents_of
from layers.siting.routing import route_between
from layers.storage.geopackage import ProjectFile, load

CRS = "EPSG:4548"
EAST, NORTH, SIDE = 400_000.0, 4_170_000.0, 6000.0


@pytest.fixture(scope="module")
def project(make_county: Callable[[], ProjectFile]) -> ProjectFile:
    return make_county()


def test_people_within_some_minutes_are_those_whose_way_is_no_longer(project: ProjectFile) -> None:
    """The oracle searches from every house to the place, not from the place."""
    network, start = road_network(roads_of(project), on_foot()), np.array([[EAST + 2000.0, NORTH + 3000.0]])
    found = isochrones(project, network, start, (10.0, 25.0, 60.0), "圈", "zh_CN")
    people = residents_of(project)
    access = Access.of(network, np.concatenate([people.xy, start]))
    seconds = travel_times(access, np.arange(len(people.xy)), np.array([len(people.xy)]))[:, 0]
    for minutes in (10.0, 25.0, 60.0):
        assert found.table[f"within_{minutes:g}"].sum() == people.people[seconds <= 60 * minutes].sum()
    assert found.table["people"].sum() == people.people.sum() == 4000
    assert (found.table["within_60"] + found.table["beyond"] == found.table["people"]).all()
    assert found.layer["people"].sum() == found.table["within_60"].sum()


def test_the_ground_of_the_rings_holds_the_people_that_they_count(project: ProjectFile) -> None:
    network, start = road_network(roads_of(project), on_foot()), np.array([[EAST + 3000.0, NORTH + 3000.0]])
    found = isochrones(project, network, start, (20.0, 40.0), "圈", "zh_CN")
    people = residents_of(project)
    rings = found.layer.shapes.geometries()
    inside = [float(people.people[shapely.contains_xy(ring, *people.xy.T)].sum()) for ring in rings]
    assert inside == pytest.approx(found.layer["people"].tolist(), rel=0.1)
    assert shapely.area(shapely.intersection(*rings)) == 0
    assert found.layer["area_km2"].tolist() == pytest.approx((shapely.area(rings) / 1e6).tolist(), abs=1e-3)


def test_minutes_are_sorted_and_what_are_none_is_refused() -> None:
    assert minutes_of("30, 10，20") == (10.0, 20.0, 30.0)
    for text in ("", "ten", "10,,20", "0,10", "-5", "nan", "inf"):
        with pytest.raises(BadInput):
            minutes_of(text)


@pytest.mark.parametrize("source", ["place", "depot", "shelter", "fire_station", "school"])
def test_isochrones_begin_at_any_place_or_facility(project: ProjectFile, source: str) -> None:
    given = Given(source=source, origin=(EAST + 500, NORTH + 500), travel="foot", bands="5,30")
    found = answer("isochrones", project, None, given, "en", ignore)
    tops = found.rows[[parent < 0 for parent in found.parent]]
    assert tops[["within_5", "beyond"]].sum().tolist() == found.plain[["within_5", "beyond"]].sum().tolist()
    assert found.edit is not None
    with pytest.raises(BadInput):
        answer("isochrones", project, None, Given(source="place"), "en", ignore)
    with pytest.raises(BadInput):
        answer("isochrones", project, None, Given(source="plan"), "en", ignore)


def test_values_out_of_range_and_words_that_are_none_are_refused_by_name() -> None:
    for wrong in ({"days": -1}, {"limit": float("nan")}, {"count": 0}, {"depth": 9.0}, {"travel": "boat"},
                  {"season": "monsoon"}, {"kind": "police"}, {"source": "moon"}):  # fmt: skip
        with pytest.raises(BadInput, match=next(iter(wrong))):
            Given(**wrong)  # type: ignore[arg-type]


def one_way_street(path: Path) -> ProjectFile:
    """A short street that may be driven eastwards only, and a long way round."""
    corners = [(0, 0), (1000, 0), (1000, 2000), (0, 2000), (0, 0)]
    lines = [shapely.LineString([(EAST + x, NORTH + y) for x, y in pair]) for pair in pairwise(corners)]
    table = pd.DataFrame({"name": list("ABCD"), "class": ["乡道"] * 4, "oneway": ["是", "", "", ""]})
    roads = VectorLayer("road", "road", CRS, Shapes.of(lines, "line"), table)
    made = ProjectFile.create(path, name="街", crs=CRS)
    made.apply(load("导入", [roads], made))
    return made


def test_the_studies_mind_one_way_streets_by_vehicle_and_not_on_foot(tmp_path: Path) -> None:
    with one_way_street(tmp_path / "街.gpkg") as project:
        west, east = (EAST, NORTH), (EAST + 1000.0, NORTH)
        ways = [route_between(project, a, b, travel) for a, b in ((west, east), (east, west))
                for travel in (by_vehicle(), on_foot())]  # fmt: skip
        assert [way.line.length for way in ways] == pytest.approx([1000, 1000, 5000, 1000])
        place, station = np.array([east]), np.array([west])
        assert drives(project, None, place, station) < drives(project, None, station, place)


def test_help_does_not_drive_through_water_of_a_stored_result(project: ProjectFile, tmp_path: Path) -> None:
    """Water stands across the middle of the county: west and east are apart for vehicles."""
    lattice = Lattice(EAST - 1000, NORTH + 7000, 100.0, 80, 80, CRS)
    depth = np.zeros(lattice.shape)
    depth[:, 38:42] = 0.6
    closing = Closing(depth=Grid(depth, lattice, "m"))
    network = road_network(roads_of(project), by_vehicle())
    left = closing.of(network)
    west, east = np.array([[EAST + 500.0, NORTH + 500.0]]), np.array([[EAST + 5500.0, NORTH + 5000.0]])
    assert np.isfinite(drives(project, None, west, east)).all()
    assert np.isinf(drives(project, closing, west, east)).all()
    assert (closing.shut(network) == ~left.is_open).all()
    shallow = Closing(depth=Grid(depth, lattice, "m"), limit=0.7)
    assert np.isfinite(drives(project, shallow, west, east)).all()
