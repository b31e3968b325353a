"""The flood engine: volumes, sides, threads, what it remembers, what it refuses."""

import numpy as np
import pytest

from layers.errors import BadInput
from layers.grid import Grid, Lattice
from layers.hazards.inundation import (
    SCHEMES,
    Course,
    Gauge,
    Inflow,
    Rain,
    Scenario,
    Side,
    compile_kernels,
    simulate,
)
from layers.hazards.inundation.arithmetic import inverse_cube_root, inverse_cube_root_64
from layers.hazards.inundation.checks import warnings_of
from layers.hazards.inundation.leap import attend, leap
from layers.hazards.inundation.run import Run
from layers.hazards.inundation.tiles import LANES, PAD, TILE_COLUMNS, TILE_ROWS, Tiling
from layers.progress import Cancelled

NOW = np.zeros(1)


def ground(rows: int = 40, columns: int = 60, cell: float = 10.0, seed: int = 3) -> Grid:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:rows, 0:columns]
    bed = 30 + np.sin(x / 6) + np.cos(y / 5) - 0.02 * x + rng.normal(0, 0.05, (rows, columns))
    return Grid(bed, Lattice(500.0, 4000.0, cell, rows, columns, "EPSG:4548"), "m")


def spring(terrain: Grid, discharge: float = 20.0) -> Inflow:
    lattice = terrain.lattice
    x, y = lattice.west + 10.5 * lattice.cell, lattice.north - 10.5 * lattice.cell
    return Inflow("spring", x, y, Course(np.array([0.0, 600.0]), np.array([discharge, 0.0])))


@pytest.fixture(params=SCHEMES)
def scheme(request: pytest.FixtureRequest) -> str:
    return request.param


def test_the_volume_of_the_inflow_is_there_to_a_millionth(scheme) -> None:
    terrain = ground()
    found = simulate(Scenario(terrain, 0.04, 1200.0, inflows=(spring(terrain),), scheme=scheme))
    mass = found.summary["mass"]
    assert mass["inflow_m3"] == pytest.approx(6000.0, rel=1e-6)
    assert abs(mass["error_relative"]) < 1e-6
    assert np.nansum(found.grids["depth_final"], dtype=float) * 100 == pytest.approx(6000.0, rel=1e-6)


def test_rain_and_open_sides_balance_and_no_depth_is_negative(scheme) -> None:
    terrain = ground()
    terrain.values[5:8, 20:30] = np.nan
    rain = Rain(np.array([0.0, 900.0]), np.array([80 / 3.6e6, 0.0]))
    sides = {name: Side("open") for name in ("west", "east", "north", "south")}
    found = simulate(Scenario(terrain, 0.03, 1800.0, rain=rain, sides=sides, scheme=scheme))
    mass = found.summary["mass"]
    known = np.isfinite(terrain.values)
    assert mass["rain_m3"] == pytest.approx(known.sum() * 100 * 0.02, rel=1e-6)
    assert abs(mass["error_relative"]) < 1e-6
    assert mass["out_m3"] > 0
    for values in found.grids.values():
        assert np.isnan(values[~known]).all()
    assert np.nanmin(found.grids["depth_final"]) >= 0


def test_steep_ground_drains_without_making_water(scheme) -> None:
    rows, columns = 30, 30
    y, x = np.mgrid[0:rows, 0:columns]
    bed = 4.0 * np.hypot(y - 15, x - 15)
    terrain = Grid(bed, Lattice(0, 300, 10.0, rows, columns, ""), "m")
    depth = terrain.like(np.where(bed > 30, 2.0, 0.0))
    found = simulate(Scenario(terrain, 0.02, 300.0, initial=depth, scheme=scheme))
    mass = found.summary["mass"]
    assert np.nanmin(found.grids["depth_final"]) >= 0
    assert mass["stored_m3"] == pytest.approx(mass["initial_m3"], rel=1e-6)


def test_the_answer_does_not_hang_on_the_number_of_threads(scheme) -> None:
    terrain = ground(3 * TILE_ROWS, TILE_COLUMNS + 40)
    rain = Rain(NOW, np.full(1, 100 / 3.6e6))
    one, three = (
        simulate(Scenario(terrain, 0.03, 120.0, rain=rain, scheme=scheme, threads=threads))
        for threads in (1, 3)
    )
    for name in one.grids:
        assert np.array_equal(one.grids[name], three.grids[name], equal_nan=True)


def test_a_small_pond_far_away_does_not_change_what_happens_here(scheme) -> None:
    terrain = ground(2 * TILE_ROWS + 5, 2 * TILE_COLUMNS)
    inflow = (spring(terrain, 5.0),)
    alone = simulate(Scenario(terrain, 0.04, 300.0, inflows=inflow, scheme=scheme))
    pond = np.zeros(terrain.lattice.shape)
    pond[-3:, -3:] = 0.001
    beside = simulate(
        Scenario(terrain, 0.04, 300.0, inflows=inflow, initial=terrain.like(pond), scheme=scheme)
    )
    here = np.s_[:TILE_ROWS, :TILE_COLUMNS]
    assert beside.grids["depth_final"][here] == pytest.approx(alone.grids["depth_final"][here], abs=1e-3)


def test_only_what_water_can_reach_is_worked() -> None:
    tiling = Tiling(3 * TILE_ROWS, 3 * TILE_COLUMNS)
    depth = np.zeros((3 * TILE_ROWS + 2 * PAD, 3 * TILE_COLUMNS + 2 * PAD))
    depth[PAD + TILE_ROWS - 1, PAD + TILE_COLUMNS - 1] = 1  # the south-east corner of the first tile
    tiling.look(depth)
    assert tiling.choose().size == 0
    assert tiling.numbers.tolist() == [0, 1, 3, 4]
    assert tiling.cells == (2 * PAD + 1) * 2 * LANES
    tiling.wet[0], tiling.wet[8] = 0, tiling.full[8]
    assert tiling.choose().tolist() == [0, 1, 3]
    assert tiling.numbers.tolist() == [4, 5, 7, 8]
    assert tiling.choose(everywhere=True).size == 0
    assert tiling.cells == 9 * TILE_ROWS * TILE_COLUMNS


@pytest.mark.parametrize(
    ("slope", "n", "discharge"), [(0.001, 0.03, 1.0), (0.01, 0.03, 1.0), (0.03, 0.05, 1.0)]
)
def test_uniform_flow_stands_at_the_depth_of_manning_on_gentle_and_on_steep_ground(
    scheme, slope, n, discharge
) -> None:
    bed = np.tile(-slope * 10 * (np.arange(100) + 0.5), (3, 1))
    terrain = Grid(bed, Lattice(0, 30, 10.0, 3, 100, ""), "m")
    flow = Course(np.zeros(1), np.array([discharge * 10]))
    inflows = tuple(Inflow(str(k), 5.0, 5.0 + 10 * k, flow) for k in range(3))
    found = simulate(
        Scenario(terrain, n, 5400.0, inflows=inflows, sides={"east": Side("open")}, scheme=scheme)
    )
    normal = (discharge * n / np.sqrt(slope)) ** 0.6
    assert found.grids["depth_final"][:, 10:] == pytest.approx(normal, rel=5e-3)


def test_leaving_dry_ground_out_changes_nothing(scheme, monkeypatch) -> None:
    terrain = ground(3 * TILE_ROWS, 2 * TILE_COLUMNS + 30)
    lattice = terrain.lattice
    corner = Inflow(
        "corner",
        lattice.west + (TILE_COLUMNS - 0.5) * lattice.cell,
        lattice.north - (2 * TILE_ROWS - 0.5) * lattice.cell,
        Course(np.array([0.0, 100.0, 101.0]), np.array([30.0, 30.0, 0.0])),
    )
    scenario = Scenario(terrain, 0.02, 400.0, inflows=(corner,), scheme=scheme, threads=1)
    part = simulate(scenario)
    choose = Tiling.choose
    monkeypatch.setattr(Tiling, "choose", lambda self, *, everywhere=False: choose(self, everywhere=True))
    whole = simulate(scenario)
    assert abs(part.summary["mass"]["error_relative"]) < 5e-8
    for name in ("depth_max", "depth_final", "speed_max"):  # to rounding: other lanes, other last bits
        assert np.abs(part.grids[name] - whole.grids[name]).max() < 1e-3, name
        assert np.abs(part.grids[name] - whole.grids[name]).mean() < 1e-5, name


def test_a_level_on_a_side_fills_the_land_up_to_it_and_no_higher(scheme) -> None:
    bed = np.tile(np.linspace(0, 2, 40), (5, 1))
    terrain = Grid(bed, Lattice(0, 50, 10.0, 5, 40, ""), "m")
    side = Side("level", Course(np.array([0.0, 600.0]), np.array([0.0, 1.0])))
    found = simulate(Scenario(terrain, 0.05, 4 * 3600.0, sides={"west": side}, scheme=scheme))
    level = found.grids["depth_final"] + bed
    assert level[:, bed[0] < 0.9] == pytest.approx(1.0, abs=0.01)
    assert (found.grids["depth_final"][:, bed[0] > 1.1] < 0.01).all()
    assert abs(found.summary["mass"]["error_relative"]) < 1e-6


def test_a_lake_at_the_level_of_its_sides_stays_at_rest(scheme) -> None:
    terrain = ground()
    level = float(np.median(terrain.values))
    depth = np.maximum(level - terrain.values, 0.0)
    side = Side("level", Course(NOW, np.full(1, level)))
    sides = dict.fromkeys(("west", "east", "north", "south"), side)
    found = simulate(
        Scenario(terrain, 0.03, 900.0, initial=terrain.like(depth), sides=sides, scheme=scheme, threads=1)
    )
    assert np.abs(found.grids["depth_final"] - depth).max() < 1e-6
    assert found.grids["speed_max"].max() < 1e-6


def test_the_four_sides_do_the_same(scheme) -> None:
    bed = np.tile(np.linspace(1, 0, 30), (30, 1)) ** 2
    rain = Rain(NOW, np.full(1, 200 / 3.6e6))

    def run(turns: int, name: str) -> np.ndarray:
        terrain = Grid(np.ascontiguousarray(np.rot90(bed, turns)), Lattice(0, 300, 10.0, 30, 30, ""), "m")
        found = simulate(Scenario(terrain, 0.03, 900.0, rain=rain, sides={name: Side("open")}, scheme=scheme))
        return np.rot90(found.grids["depth_final"], -turns)

    east = run(0, "east")
    for turns, name in ((1, "north"), (2, "west"), (3, "south")):
        assert run(turns, name) == pytest.approx(east, abs=2e-6)


def test_a_wave_leaves_through_an_open_side_and_flow_stays_at_its_normal_depth(scheme) -> None:
    x = (np.arange(400) + 0.5) * 10
    hump = 1 + 0.2 * np.exp(-(((x - 500) / 100) ** 2))

    def run(columns: int, side: str) -> np.ndarray:
        flat = Grid(np.zeros((3, columns)), Lattice(0, 30, 10.0, 3, columns, ""), "m")
        depth = flat.like(np.tile(hump[:columns], (3, 1)))
        scenario = Scenario(flat, 0.02, 250.0, initial=depth, sides={"east": Side(side)}, scheme=scheme)
        return simulate(scenario).grids["depth_final"][1]

    assert run(100, "open")[-10:] == pytest.approx(run(400, "closed")[90:100], abs=0.02)
    slope = Grid(np.tile(-0.001 * x[:60], (3, 1)), Lattice(0, 30, 10.0, 3, 60, ""), "m")
    flow = Course(NOW, np.array([10.0]))
    inflows = tuple(Inflow(str(k), 5.0, 5.0 + 10 * k, flow) for k in range(3))
    found = simulate(
        Scenario(slope, 0.03, 3600.0, inflows=inflows, sides={"east": Side("open")}, scheme=scheme)
    )
    assert found.grids["depth_final"][1, 10:] == pytest.approx((0.03 / 0.001**0.5) ** 0.6, rel=0.005)


def test_gauges_tell_at_the_times_that_were_asked_for_and_where(scheme) -> None:
    lattice = Lattice(0, 100, 10.0, 10, 10, "")
    x, _ = np.meshgrid(np.arange(10) * 10 + 5.0, np.arange(10))
    terrain = Grid(np.zeros((10, 10)), lattice, "m")
    gauges = (Gauge("centre", 45.0, 55.0), Gauge("between", 50.0, 50.0))
    depth = terrain.like(2.0 - 0.001 * x)
    found = simulate(
        Scenario(terrain, 0.03, 65.0, initial=depth, gauges=gauges, gauge_interval=20.0, scheme=scheme)
    ).gauges
    assert found.columns.tolist() == ["name", "time_h", "depth_m", "level_m", "speed_m_s"]
    assert found["name"].tolist() == ["centre"] * 5 + ["between"] * 5
    assert (found["time_h"] * 3600).tolist() == pytest.approx([0, 20, 40, 60, 65] * 2)
    assert found["depth_m"].iloc[[0, 5]].tolist() == pytest.approx([1.955, 1.95])


def test_arrival_duration_and_hazard_rating_are_of_one_piece(scheme) -> None:
    terrain = ground()
    found = simulate(
        Scenario(terrain, 0.04, 900.0, inflows=(spring(terrain),), scheme=scheme, wet_depth=0.02)
    )
    flooded = np.isfinite(found.grids["arrival"])
    assert 0 < flooded.sum() < flooded.size
    assert (found.grids["depth_max"][flooded] >= 0.02).all()
    assert (found.grids["depth_max"][~flooded] < 0.02).all()
    ends = (found.grids["arrival"] + found.grids["duration"])[flooded]
    assert ends.max() <= 900 / 3600 + 1e-5  # seconds add up in float32
    deep = found.grids["depth_max"] > 0.25
    assert (found.grids["hazard_rating"][deep] >= 0.25 * 0.5 + 1).all()


@pytest.mark.parametrize("shape", [(1, 50), (50, 1), (1, 1), (2, 2)])
def test_the_narrowest_terrains_balance(scheme, shape) -> None:
    terrain = Grid(np.zeros(shape), Lattice(0, shape[0] * 10, 10.0, *shape, ""), "m")
    depth = terrain.like(np.linspace(1, 0.1, terrain.values.size).reshape(shape))
    sides = {
        "east": Side("open"),
        "north": Side("slope", slope=0.001),
        "west": Side("level", Course(NOW, NOW + 0.5)),
    }
    gauge = (Gauge("on the last corner", shape[1] * 10.0, 0.0),)
    rain = Rain(NOW, NOW + 1e-5)
    found = simulate(
        Scenario(terrain, 0.03, 120.0, initial=depth, sides=sides, rain=rain, gauges=gauge, scheme=scheme)
    )
    assert abs(found.summary["mass"]["error_relative"]) < 1e-6
    assert found.grids["depth_final"].min() >= 0


def test_depths_are_kept_at_the_times_that_were_asked_for(scheme) -> None:
    terrain = ground()
    found = simulate(
        Scenario(terrain, 0.04, 600.0, inflows=(spring(terrain),), times=(300.0, 600.0), scheme=scheme)
    )
    assert np.array_equal(found.grids["depth@600"], found.grids["depth_final"])
    assert found.grids["depth@300"].sum() < found.grids["depth_final"].sum()


def test_a_listener_can_stop_a_run() -> None:
    terrain = ground()

    def stop(fraction: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        simulate(Scenario(terrain, 0.04, 1e6, inflows=(spring(terrain),)), stop)


def test_negative_inflow_takes_what_there_is(scheme) -> None:
    terrain = ground()
    depth = terrain.like(np.full(terrain.lattice.shape, 0.01))
    drain = Inflow("drain", 600.0, 3900.0, Course(NOW, np.full(1, -50.0)))
    found = simulate(Scenario(terrain, 0.04, 60.0, initial=depth, inflows=(drain,), scheme=scheme))
    mass = found.summary["mass"]
    assert mass["taken_m3"] > 0
    assert abs(mass["error_m3"]) < 1e-6 * mass["initial_m3"]


def test_the_roots_are_right_over_twelve_orders_of_depth() -> None:
    depths = 10 ** np.linspace(-6, 3, 500)
    coarse = np.array([inverse_cube_root(np.float32(d)) for d in depths])
    fine = np.array([inverse_cube_root_64(float(np.float32(d))) for d in depths])
    assert coarse == pytest.approx(depths ** (-1 / 3), rel=3e-6)
    assert fine == pytest.approx(depths.astype(np.float32).astype(float) ** (-1 / 3), rel=1e-12)


def test_a_hyetograph_holds_until_the_next_row_and_a_hydrograph_is_linear() -> None:
    rain = Rain(np.array([100.0, 200.0]), np.array([1.0, 3.0]))
    assert rain.total(0, 100) == 0
    assert rain.total(50, 250) == pytest.approx(100 * 1 + 50 * 3)
    flow = Course(np.array([0.0, 100.0]), np.array([0.0, 10.0]))
    assert flow.total(0, 100) == pytest.approx(500)
    assert flow.total(50, 200) == pytest.approx(0.5 * (5 + 10) * 50 + 1000)


@pytest.mark.parametrize(
    ("key", "make"),
    [
        ("flood_series_order", lambda t: Course(np.array([0.0, 5.0, 5.0]), np.zeros(3), "I.csv")),
        ("flood_series_holes", lambda t: Course(np.array([0.0, np.nan]), np.zeros(2), "I.csv")),
        ("flood_rain_negative", lambda t: Rain(np.array([0.0, 9.0]), np.array([1e-6, -1e-6]), "R.csv")),
        ("flood_duration", lambda t: Scenario(t, 0.03, 0.0)),
        ("flood_manning_range", lambda t: Scenario(t, 30.0, 60.0)),
        ("flood_manning_range", lambda t: Scenario(t, -0.03, 60.0)),
        ("flood_manning_holes", lambda t: Scenario(t, t.like(np.full(t.values.shape, np.nan)), 60.0)),
        ("flood_initial_negative", lambda t: Scenario(t, 0.03, 60.0, initial=t.like(t.values * 0 - 1))),
        ("flood_terrain_empty", lambda t: Scenario(t.like(t.values * np.nan), 0.03, 60.0)),
        ("flood_terrain_spike", lambda t: Scenario(t.like(t.values * 0 - 9999), 0.03, 60.0)),
        ("flood_gauge_outside", lambda t: simulate(Scenario(t, 0.03, 9.0, gauges=(Gauge("G", 0, 0),)))),
        ("flood_inflow_outside", lambda t: simulate(
            Scenario(t, 0.03, 9.0, inflows=(Inflow("I", 0, 0, Course(NOW, NOW)),)))),
    ],
)  # fmt: skip
def test_bad_input_is_told_in_one_sentence(key, make) -> None:
    with pytest.raises(BadInput) as caught:
        make(ground())
    assert caught.value.key == key
    assert caught.value.say("en") != caught.value.say("zh_CN")


def test_what_is_odd_about_a_scenario_is_told() -> None:
    terrain = ground()
    assert warnings_of(Scenario(terrain, 0.03, 60.0)) == [("no_water", {})]
    terrain.values[4:6, 7] = np.nan
    terrain.values[0, 0:3] = np.nan  # on the edge: outside
    terrain.values[20, 30] += 80
    late = Inflow("late", 600.0, 3900.0, Course(np.array([10.0, 90.0]), np.ones(2), "I.csv: late"))
    told = warnings_of(Scenario(terrain, 0.03, 60.0, inflows=(late,)))
    assert told == [
        ("closed_inside", {"count": 2}),
        ("spikes", {"count": 1, "row": 21, "column": 31}),
        ("series_short", {"name": "I.csv: late"}),
    ]


def test_a_run_tells_when_much_of_the_water_was_held_at_critical() -> None:
    flow = Course(NOW, np.array([50.0]))
    for slope, told in ((0.001, []), (0.05, ["critical"])):
        bed = np.tile(-slope * 10 * np.arange(60.0), (3, 1))
        terrain = Grid(bed, Lattice(0, 30, 10.0, 3, 60, ""), "m")
        inflows = tuple(Inflow(str(k), 5.0, 5.0 + 10 * k, flow) for k in range(3))
        found = simulate(Scenario(terrain, 0.03, 600.0, inflows=inflows, sides={"east": Side("open")}))
        assert [key for key, _ in found.warnings] == told


@pytest.mark.parametrize(
    "side", [Side(), Side("level", Course(np.array([0.0, 300.0]), np.array([0.0, 1.5])))]
)
def test_many_steps_in_one_call_do_what_they_do_one_by_one(side, monkeypatch) -> None:
    terrain = ground(40, 60)
    lattice = terrain.lattice
    times = np.array([0.0, 200.0, 400.0])
    inflow = Inflow("in", lattice.west + 305, lattice.north - 205, Course(times, np.array([0.0, 30.0, 5.0])))
    rain = Rain(np.array([0.0, 100.0, 250.0]), np.array([0.0, 2e-5, 0.0]))
    scenario = Scenario(terrain, 0.03, 600.0, inflows=(inflow,), rain=rain, sides={"west": side}, threads=1)
    leaping = simulate(scenario)
    monkeypatch.setattr(Run, "_leap", lambda *_: False)
    walking = simulate(scenario)
    assert leaping.summary["steps"] == walking.summary["steps"]
    for name, values in walking.grids.items():
        assert leaping.grids[name] == pytest.approx(values, abs=1e-6, nan_ok=True), name
    for key in ("rain_m3", "inflow_m3", "stored_m3"):
        assert leaping.summary["mass"][key] == pytest.approx(walking.summary["mass"][key], rel=1e-9)


def test_the_kernels_compile_ahead_of_time() -> None:
    compile_kernels()
    rain = Rain(NOW, np.full(1, 100 / 3.6e6))
    simulate(Scenario(ground(3 * TILE_ROWS, TILE_COLUMNS + 40), 0.03, 60.0, rain=rain, threads=2))
    for kernel in (leap, attend):
        assert len(kernel.signatures) == 2, "with crests and without, whatever the size"


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(scheme, tmp_path) -> None:
    terrain = ground()
    lattice = terrain.lattice
    gauge = Gauge("g", lattice.west + 150.0, lattice.north - 150.0)
    scenario = Scenario(
        terrain, 0.04, 6000.0, inflows=(spring(terrain),), sides={"east": Side("open")}, times=(600.0,),
        gauges=(gauge,), gauge_interval=300.0, scheme=scheme,
        rain=Rain(NOW, np.full(1, 5 / 3.6e6)), threads=1,
    )  # fmt: skip
    whole = simulate(scenario)
    kept = tmp_path / "kept.npz"

    def stop(fraction: float) -> None:
        if fraction > 0.3:
            raise Cancelled

    monkey = pytest.MonkeyPatch()
    monkey.setattr("layers.hazards.inundation.run._PATIENCE", 0.0)
    with monkey.context(), pytest.raises(Cancelled):
        simulate(scenario, stop, keep_in=kept)
    monkey.undo()
    again = simulate(scenario, resume=kept)
    for name, values in whole.grids.items():
        assert np.array_equal(values, again.grids[name], equal_nan=True), name
    assert whole.gauges.equals(again.gauges)
    assert whole.summary["mass"] == again.summary["mass"]
    assert whole.summary["steps"] == again.summary["steps"]


def test_a_kept_run_of_another_terrain_is_refused(tmp_path) -> None:
    kept = tmp_path / "kept.npz"

    def stop(fraction: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        simulate(Scenario(ground(), 0.04, 1e6, inflows=(spring(ground()),)), stop, keep_in=kept)
    with pytest.raises(BadInput, match="another run"):
        simulate(Scenario(ground(seed=4), 0.04, 1e6), resume=kept)
    kept.write_bytes(b"PK torn")
    with pytest.raises(BadInput, match="torn"):
        simulate(Scenario(ground(), 0.04, 1e6), resume=kept)
