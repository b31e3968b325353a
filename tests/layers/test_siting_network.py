"""Roads as a graph, against distances known in closed form."""

import numpy as np
import pandas as pd
import pytest
import shapely

from layers.errors import BadInput
from layers.grid import Grid, Lattice
from layers.layer import Shapes, VectorLayer
from layers.siting.network import by_vehicle, on_foot, road_network
from layers.siting.paths import Access, isochrone, reached, route, travel_times

CRS = "EPSG:4548"


def roads(*lines: list[tuple[float, float]], **columns: object) -> VectorLayer:
    shapes = Shapes.of([shapely.LineString(line) for line in lines], "line")
    return VectorLayer("road", "road", CRS, shapes, pd.DataFrame(columns, index=range(len(lines))))


def streets(blocks: int, side: float = 100.0) -> VectorLayer:
    """A square of streets, each from crossing to crossing."""
    lines = [[(i, j), (i + 1, j)] for i in range(blocks) for j in range(blocks + 1)]
    lines += [[(j, i), (j, i + 1)] for i in range(blocks) for j in range(blocks + 1)]
    return roads(*[[(x * side, y * side) for x, y in line] for line in lines])


def metres(layer: VectorLayer, points: list[tuple[float, float]], **asked: float) -> np.ndarray:
    access = Access.of(road_network(layer, on_foot(1.0), **asked), np.array(points))
    every = np.arange(len(points))
    return travel_times(access, every, every)


def test_ways_in_a_town_of_squares_are_as_long_as_they_must_be() -> None:
    chance = np.random.default_rng(1)
    along, across = chance.uniform(0, 500, 40), 100.0 * chance.integers(0, 6, 40)
    points = np.column_stack([along, across])  # all on streets from west to east
    found = metres(streets(5), [(x, y) for x, y in points])
    for i, (x, y) in enumerate(points):
        for j, (u, v) in enumerate(points):
            corners = {
                100 * np.floor(x / 100),
                100 * np.ceil(x / 100),
                100 * np.floor(u / 100),
                100 * np.ceil(u / 100),
            }
            by_corner = min(abs(x - c) + abs(u - c) + abs(y - v) for c in corners)
            expected = abs(x - u) if y == v else by_corner
            assert found[i, j] == pytest.approx(expected, abs=1e-3)


def test_the_way_between_point_and_road_is_walked_too() -> None:
    assert metres(roads([(0, 0), (100, 0)]), [(10, 30), (90, -40)])[0, 1] == pytest.approx(30 + 80 + 40)


def test_a_point_far_from_any_road_reaches_nothing() -> None:
    access = Access.of(road_network(roads([(0, 0), (100, 0)]), on_foot()), np.array([[50.0, 0], [50, 5000]]))
    assert access.is_tied.tolist() == [True, False]
    assert np.isinf(travel_times(access, np.array([0]), np.array([1])))


def test_ends_that_nearly_meet_are_joined_and_a_road_that_ends_on_another_parts_it() -> None:
    layer = roads([(0, 0), (100, 0)], [(100.4, 0), (200, 0)], [(50, 0.5), (50, 80)])
    report = road_network(layer, on_foot()).report
    assert (report.joined, report.parted, report.pieces, report.apart.tolist()) == (2, 1, 1, [])
    assert metres(layer, [(50, 80), (200, 0)])[0, 1] == pytest.approx(80 + 150, abs=1.5)


def test_what_does_not_hang_together_is_reported() -> None:
    report = road_network(
        roads([(0, 0), (100, 0)], [(100, 0), (200, 0)], [(50, 5), (50, 90)]), on_foot()
    ).report
    assert (report.pieces, report.apart.tolist()) == (2, [2])
    report = road_network(roads([(0, 0), (100, 0)], [(50, -50), (50, 50)]), on_foot()).report
    assert (report.crossings, report.pieces) == (1, 2)


def test_one_way_roads_bind_vehicles_only() -> None:
    layer = roads([(0, 0), (100, 0)], **{"class": ["县道"], "oneway": ["yes"]})
    points = np.array([[0.0, 0], [100, 0]])
    both = np.arange(2)
    driven = travel_times(Access.of(road_network(layer, by_vehicle()), points), both, both)
    assert driven[0, 1] == pytest.approx(100 / (40 / 3.6))
    assert np.isinf(driven[1, 0])
    walked = travel_times(Access.of(road_network(layer, on_foot()), points), both, both)
    assert walked[0, 1] == pytest.approx(walked[1, 0])


def test_nobody_walks_on_an_expressway() -> None:
    layer = roads([(0, 0), (100, 0)], [(0, 0), (0, 90), (100, 90), (100, 0)], **{"class": ["高速", "乡道"]})
    assert metres(layer, [(0, 1), (100, 1)])[0, 1] == pytest.approx(89 + 100 + 89, abs=3)


def test_no_route_leads_over_a_closed_road() -> None:
    lattice = Lattice(-10, 510, 20.0, 26, 26, CRS)
    depth = np.zeros(lattice.shape)
    depth[:, 12:14] = 0.5  # water from 230 to 270 m east, all the way but for the northernmost street
    depth[:2] = 0.0
    network = road_network(streets(5), on_foot(1.0)).closed_by(Grid(depth, lattice, "m"), 0.3)
    access = Access.of(network, np.array([[150.0, 0], [350, 0]]))
    way = route(access, 0, 1)
    assert way.seconds == pytest.approx(200 + 2 * 500)
    wet = shapely.box(230, 0, 270, 460)
    assert not shapely.intersects(wet, way.line)
    dry = road_network(streets(5), on_foot(1.0))
    assert route(Access.of(dry, np.array([[150.0, 0], [350, 0]])), 0, 1).seconds == pytest.approx(200)


def test_where_every_road_is_closed_there_is_no_route() -> None:
    network = road_network(roads([(0, 0), (100, 0)], [(100, 0), (200, 0)], [(200, 0), (300, 0)]), on_foot())
    broken = network.closed(np.array([False, True, False]))
    with pytest.raises(BadInput, match="way"):
        route(Access.of(broken, np.array([[50.0, 0], [250, 0]])), 0, 1)


def test_a_route_says_where_to_turn() -> None:
    layer = roads(
        [(0, 0), (100, 0)], [(100, 0), (100, 100)], [(100, 100), (180, 100)], [(180, 100), (260, 110)]
    )
    way = route(Access.of(road_network(layer, on_foot(1.0)), np.array([[20.0, 0], [240, 107.5]])), 0, 1)
    assert way.table["turn"].tolist() == ["start", "left", "right", "straight"]
    assert way.table["road"].tolist() == [0, 1, 2, 3]
    assert way.table["metres"].sum() == pytest.approx(way.line.length)
    back = route(Access.of(road_network(layer, on_foot(1.0)), np.array([[20.0, 0], [240, 107.5]])), 1, 0)
    assert back.table["turn"].tolist() == ["start", "straight", "left", "right"]


def test_an_isochrone_holds_what_is_reached_in_time() -> None:
    access = Access.of(road_network(streets(4), on_foot(1.0)), np.array([[200.0, 200]]))
    lines = reached(access, np.array([0]), 150.0)
    far = np.abs(shapely.get_coordinates(lines) - 200).sum(axis=1)
    assert far.max() == pytest.approx(150)
    assert shapely.union_all(lines).length == pytest.approx(4 * 150 + 8 * 50)
    area = isochrone(access, np.array([0]), 150.0, 10.0)
    assert shapely.covers(area, shapely.Point(345, 200))
    assert not shapely.covers(area, shapely.Point(365, 200))


def test_a_layer_without_lines_is_refused() -> None:
    points = VectorLayer("p", "", CRS, Shapes.of([shapely.Point(0, 0)]), pd.DataFrame(index=range(1)))
    with pytest.raises(BadInput, match="road"):
        road_network(points, on_foot())
