"""Levees, breaches, culverts, gates and pumps."""

import json

import numpy as np
import pytest

from layers.errors import BadInput
from layers.grid import Grid, Lattice
from layers.hazards.inundation import (
    SCHEMES,
    Breach,
    Course,
    Culvert,
    Levee,
    Pump,
    Scenario,
    Structures,
    simulate,
)
from layers.hazards.inundation.structure_files import read_structures
from layers.hazards.inundation.structures import faces_of

CELL, ROWS, COLUMNS = 10.0, 20, 40
LATTICE = Lattice(0.0, ROWS * CELL, CELL, ROWS, COLUMNS, "")
FLAT = Grid(np.zeros((ROWS, COLUMNS)), LATTICE, "m")
ACROSS = ((193.0, -50.0), (207.0, 120.0), (199.0, 260.0))  # bends, and goes beyond the terrain
WEST, EAST = (155.0, 105.0), (255.0, 105.0)


@pytest.fixture(params=SCHEMES)
def scheme(request: pytest.FixtureRequest) -> str:
    return request.param


def pool(depth: float = 1.0) -> Grid:
    x = (np.arange(COLUMNS) + 0.5) * CELL
    return FLAT.like(np.where(x < 190, depth, 0.0) * np.ones((ROWS, 1)))


def run(structures: Structures, scheme: str, seconds: float = 1200.0, depth: float = 1.0) -> tuple:
    scenario = Scenario(FLAT, 0.03, seconds, initial=pool(depth), structures=structures, scheme=scheme)
    found = simulate(scenario)
    mass = found.summary["mass"]
    assert abs(mass["error_m3"]) < 1e-6 * mass["initial_m3"]
    return found, found.grids["depth_final"][:, 21:].sum(dtype=float) * CELL**2


def test_a_levee_stands_between_all_cells_of_its_two_sides() -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        knots = rng.uniform([50, 0], [350, 200], (4, 2))
        knots[0], knots[-1] = (rng.uniform(50, 350), -30), (rng.uniform(50, 350), 230)
        knots = knots[np.argsort(knots[:, 1])]
        faces = faces_of(Levee("", tuple(map(tuple, knots)), (9.0,)), LATTICE)
        x, y = np.meshgrid((np.arange(COLUMNS) + 0.5) * CELL, LATTICE.north - (np.arange(ROWS) + 0.5) * CELL)
        left = x < np.interp(y, knots[:, 1], knots[:, 0])
        walls = {
            (bool(w), int(r), int(c)) for w, r, c in zip(faces.is_west, faces.row, faces.column, strict=True)
        }
        for row in range(ROWS):
            for column in range(1, COLUMNS):
                assert ((True, row, column) in walls) == (left[row, column] != left[row, column - 1])
        for row in range(1, ROWS):
            for column in range(COLUMNS):
                if left[row, column] != left[row - 1, column]:
                    assert (False, row, column) in walls


def test_a_levee_through_the_centres_of_cells_does_not_leak() -> None:
    stairs = Levee("", ((105.0, -5.0), (105.0, 95.0), (205.0, 195.0), (205.0, 205.0)), (9.0,))
    faces = faces_of(stairs, LATTICE)
    closed = {
        (bool(w), int(r), int(c)) for w, r, c in zip(faces.is_west, faces.row, faces.column, strict=True)
    }
    reached, waiting = {(0, 0)}, [(0, 0)]
    while waiting:
        row, column = waiting.pop()
        for r, c, wall in (
            (row, column - 1, (True, row, column)),
            (row, column + 1, (True, row, column + 1)),
            (row - 1, column, (False, row, column)),
            (row + 1, column, (False, row + 1, column)),
        ):
            if 0 <= r < ROWS and 0 <= c < COLUMNS and wall not in closed and (r, c) not in reached:
                reached.add((r, c))
                waiting.append((r, c))
    assert (0, COLUMNS - 1) not in reached


def test_a_levee_holds_water_up_to_its_crest(scheme) -> None:
    found, behind = run(Structures((Levee("dyke", ACROSS, (1.2,)),)), scheme)
    assert behind == 0
    assert found.grids["depth_final"][:, :18].min() > 0.5


def test_water_goes_over_a_low_crest_and_stops_at_it(scheme) -> None:
    _, behind = run(Structures((Levee("dyke", ACROSS, (0.6,)),)), scheme, 7200.0)
    west = 1.0 * 19 * ROWS * CELL**2 - behind
    assert behind > 0
    assert west / (20 * ROWS * CELL**2) == pytest.approx(0.6, abs=0.05)


def test_a_breach_lets_water_through_from_its_time_on(scheme) -> None:
    breach = Breach((200.0, 100.0), time=300.0, width=40.0, bottom=0.0, growth=60.0)
    levee = Levee("dyke", ACROSS, (2.0,), (breach,))
    _, before = run(Structures((levee,)), scheme, 299.0)
    found, after = run(Structures((levee,)), scheme, 1800.0)
    assert before == 0
    assert after > 1000
    arrival = found.grids["arrival"][:, 22:] * 3600
    assert np.nanmin(arrival) > 300
    row, _ = np.unravel_index(np.nanargmin(arrival), arrival.shape)
    assert row in range(8, 12)


def test_a_breach_flows_about_as_a_broad_crested_weir(scheme) -> None:
    breach = Breach((200.0, 100.0), time=0.0, width=40.0, bottom=0.0)
    _, after = run(Structures((Levee("dyke", ACROSS, (2.0,), (breach,)),)), scheme, 30.0)
    weir = 1.705 * 40 * 1.0**1.5 * 30
    assert 0.3 * weir < after < 1.1 * weir


def test_a_culvert_passes_what_an_orifice_passes_and_levels_the_water(scheme) -> None:
    culvert = Culvert("pipe", (WEST, EAST), 2.0, 0.0, Course(np.zeros(1), np.array([0.5])))
    structures = Structures((Levee("dyke", ACROSS, (3.0,)),), (culvert,))
    found, behind = run(structures, scheme, 60.0)
    orifice = 0.6 * 2.0 * 0.5 * np.sqrt(2 * 9.80665 * 0.75)
    assert behind / 60.0 == pytest.approx(orifice, rel=0.15)
    assert found.summary["mass"]["links_m3"]["pipe"] == pytest.approx(behind, rel=1e-5)


def test_a_gate_is_shut_until_it_opens(scheme) -> None:
    opening = Course(np.array([0.0, 600.0, 601.0]), np.array([0.0, 0.0, 1.0]))
    gate = Culvert("gate", (WEST, EAST), 5.0, 0.0, opening)
    levee = (Levee("dyke", ACROSS, (3.0,)),)
    assert run(Structures(levee, (gate,)), scheme, 599.0)[1] == 0
    assert run(Structures(levee, (gate,)), scheme, 900.0)[1] > 100


def test_a_pump_runs_between_its_levels(scheme) -> None:
    levee = (Levee("dyke", ACROSS, (3.0,)),)
    pump = Pump("station", WEST, EAST, 5.0, start=0.5, stop=0.4)
    found, behind = run(Structures(levee, (), (pump,)), scheme, 120.0)
    assert behind == pytest.approx(600.0, rel=0.02)
    idle = Pump("station", WEST, None, 5.0, start=1.5, stop=0.8)
    found, _ = run(Structures(levee, (), (idle,)), scheme, 120.0)
    assert found.summary["mass"]["links_m3"]["station"] == 0
    away = Pump("station", WEST, None, 5.0, start=0.5, stop=0.2)
    found, _ = run(Structures(levee, (), (away,)), scheme, 120.0)
    assert found.summary["mass"]["taken_m3"] == pytest.approx(600.0, rel=1e-3)


def test_structures_are_read_from_json(tmp_path) -> None:
    path = tmp_path / "s.json"
    breach = {"at": [200, 100], "time_h": 1, "width_m": 50, "bottom_m": 1.0, "growth_h": 0.5}
    path.write_text(
        json.dumps(
            {
                "levees": [{"name": "dyke", "line": [[0, 0], [0, 9]], "crest_m": 3, "breaches": [breach]}],
                "culverts": [
                    {"name": "c", "from": [1, 1], "to": [2, 2], "width_m": 2, "height_m": 1, "invert_m": 0}
                ],
                "gates": [
                    {"name": "g", "from": [1, 1], "to": [2, 2], "width_m": 2, "opening_m": [[0, 0], [1, 2]],
                     "invert_m": 0}
                ],
                "pumps": [{"name": "p", "from": [1, 1], "m3_per_s": 2, "start_m": 1, "stop_m": 0.5}],
            }
        )
    )  # fmt: skip
    found = read_structures(path)
    assert found.levees[0].breaches == (Breach((200.0, 100.0), 3600.0, 50.0, 1.0, 1800.0),)
    assert [culvert.opening.at(1800) for culvert in found.culverts] == [1.0, 1.0]
    assert found.pumps[0].target is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("{", "flood_structures_json"),
        ('{"dams": []}', "flood_structures_json"),
        ('{"levees": [{"name": "a", "line": [[0, 0]], "crest_m": 1}]}', "flood_structure"),
        ('{"pumps": [{"name": "p", "from": [1, 1]}]}', "flood_structure"),
    ],
)
def test_bad_structures_are_told_in_one_sentence(tmp_path, text, key) -> None:
    path = tmp_path / "s.json"
    path.write_text(text)
    with pytest.raises(BadInput) as caught:
        read_structures(path)
    assert caught.value.key == key


def test_a_link_off_the_terrain_is_refused() -> None:
    pump = Pump("station", (-5.0, 5.0), None, 1.0, 0.0, 0.0)
    with pytest.raises(BadInput, match="station"):
        simulate(Scenario(FLAT, 0.03, 1.0, structures=Structures((), (), (pump,))))
