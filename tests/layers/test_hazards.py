"""Every hazard model keeps its promises; and each gives the numbers that another way gives."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyflwdir
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.ndimage import label

from layers.errors import BadInput
from layers.grid import Grid, Lattice
from layers.hazards import HAZARDS, FuelDryness, HeightAboveDrainage, ZoningIntensity
from layers.hazards.earthquake import intensity_of_pga, site_factor
from layers.hazards.model import HazardModel, parameters
from layers.hazards.reach import compile_kernels, lower_away, spill_heights
from layers.hazards.standards import standard
from layers.progress import Cancelled
from layers.words import has

LATTICE = Lattice(500_000.0, 4_170_000.0, 90.0, 12, 15, "EPSG:4548")
PUBLISHED = Path(__file__).resolve().parents[1] / "published"
PLAUSIBLE = {
    "terrain": (10.0, 35.0),
    "ground": (10.0, 35.0),
    "lake": (0.0, 1.0),
    "drainage": (0.0, 1.0),
    "levee": (0.0, 3.0),
    "pga": (0.05, 0.3),
    "region": (1.0, 1.0),
    "site_class": (0.0, 4.0),
    "fuel": (101.0, 104.0),
    "slope": (0.0, 0.2),
    "dry_season_rain": (5.0, 80.0),
}
WHOLE = {"drainage", "lake", "site_class", "fuel"}


class Recorded(Mapping[str, Grid]):
    """Grids that remember which of them were asked for."""

    def __init__(self, grids: Mapping[str, Grid]) -> None:
        self.grids, self.asked = grids, set[str]()

    def __getitem__(self, name: str) -> Grid:
        self.asked.add(name)
        return self.grids[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.grids)

    def __len__(self) -> int:
        return len(self.grids)


def inputs_of(model: HazardModel, seed: int = 0) -> dict[str, Grid]:
    chance = np.random.default_rng(seed)
    grids = {}
    for each in model.requires:
        low, high = PLAUSIBLE[each.name]
        values = chance.uniform(low, high, LATTICE.shape)
        grids[each.name] = Grid(np.rint(values) if each.name in WHOLE else values, LATTICE, each.unit)
    return grids


@pytest.fixture(params=HAZARDS, ids=lambda kind: kind.name)
def model(request: pytest.FixtureRequest) -> HazardModel:
    made: HazardModel = request.param()
    return made


def test_a_model_reads_exactly_what_it_requires(model: HazardModel) -> None:
    others = {name: Grid(np.zeros(LATTICE.shape), LATTICE) for name in PLAUSIBLE}
    inputs = Recorded({**others, **inputs_of(model)})
    model.intensity(inputs)
    assert inputs.asked == {each.name for each in model.requires}


def test_a_model_answers_on_its_inputs_lattice_in_its_measures_unit(model: HazardModel) -> None:
    answer = model.intensity(inputs_of(model))
    assert answer.lattice == LATTICE
    assert answer.unit == model.measure.unit
    assert np.isfinite(answer.values).all()


def test_a_model_leaves_its_inputs_alone_and_answers_the_same_again(model: HazardModel) -> None:
    inputs = inputs_of(model)
    before = {name: grid.values.copy() for name, grid in inputs.items()}
    first, second = model.intensity(inputs), model.intensity(inputs)
    assert all(np.array_equal(before[name], grid.values) for name, grid in inputs.items())
    np.testing.assert_array_equal(first.values, second.values)


def test_a_model_equals_another_of_the_same_parameters(model: HazardModel) -> None:
    assert model == type(model)()
    assert hash(model) == hash(type(model)())


def test_no_data_in_any_input_is_no_data_in_the_answer(model: HazardModel) -> None:
    for number, each in enumerate(model.requires):
        inputs = inputs_of(model)
        values = inputs[each.name].values.copy()
        values[number, 3] = np.nan
        answer = model.intensity({**inputs, each.name: inputs[each.name].like(values)})
        assert np.isnan(answer.values[number, 3])
        assert np.isfinite(answer.values).sum() == LATTICE.rows * LATTICE.columns - 1


def test_a_model_tells_its_progress_up_to_the_end_and_can_be_stopped(model: HazardModel) -> None:
    told: list[float] = []
    model.intensity(inputs_of(model), told.append)
    assert len(told) >= 2
    assert told == sorted(told)
    assert told[-1] == 1.0
    for number in range(len(told)):
        left = iter(range(number))

        def stop(fraction: float, left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise Cancelled

        with pytest.raises(Cancelled):
            model.intensity(inputs_of(model), stop)


def test_a_model_refuses_inputs_on_different_lattices(model: HazardModel) -> None:
    inputs = inputs_of(model)
    if len(inputs) == 1:
        return
    last = model.requires[-1].name
    elsewhere = replace(LATTICE, west=LATTICE.west + 30)
    with pytest.raises(BadInput):
        model.intensity({**inputs, last: replace(inputs[last], lattice=elsewhere)})


def test_a_model_has_references_and_words(model: HazardModel) -> None:
    assert model.references
    assert all(reference.text for reference in model.references)
    keys = [f"model.{model.name}", model.limits, f"measure.{model.measure.name}", f"hazard.{model.hazard}"]
    keys += [f"input.{each.name}" for each in model.requires]
    keys += [f"parameter.{model.name}.{each.name}" for each in parameters(model)]
    keys += [f"choice.{word}" for each in parameters(model) for word in each.choices]
    assert [key for key in keys if not has(key)] == []


def test_every_parameter_says_where_it_comes_from_and_lies_within_its_bounds(model: HazardModel) -> None:
    for each in parameters(model):
        assert each.source
        assert each.status in {"verified", "recalled", "derived"}
        if not each.choices:
            assert each.low is not None
            assert each.high is not None
            with pytest.raises(ValueError, match=each.name):
                replace(model, **{each.name: each.high + 1})  # type: ignore[type-var]


def test_every_number_of_the_standards_has_source_and_status() -> None:
    names = ("site_factor", "structures", "risk_scales", "fuel_flame_length")
    for name in (*names, "flood_damage_ratio", "earthquake_damage_ratio"):
        table = standard(name)
        assert set(table["status"]) <= {"verified", "recalled", "derived"}
        assert table["source"].str.len().min() > 10


# flood


def flood(terrain: np.ndarray, drainage: np.ndarray, levee: np.ndarray, head_loss: float = 0.0) -> np.ndarray:
    lattice = Lattice(0.0, 0.0, 90.0, *terrain.shape, "EPSG:4548")
    grids = {"terrain": terrain, "drainage": drainage, "levee": levee}
    inputs = {name: Grid(np.asarray(values, float), lattice) for name, values in grids.items()}
    return HeightAboveDrainage(head_loss=head_loss).intensity(inputs).values


def valley(rows: int = 21, columns: int = 30) -> tuple[np.ndarray, np.ndarray]:
    """A valley that rises 0.1 m a cell from its channel in the middle row."""
    away = np.abs(np.mgrid[:rows, :columns][0] - rows // 2)
    return 10.0 + 0.1 * away, (away == 0).astype(float)


def test_in_a_level_valley_the_height_above_drainage_is_the_rise_of_its_sides() -> None:
    terrain, channel = valley()
    np.testing.assert_allclose(flood(terrain, channel, terrain * 0), terrain - 10.0)


def test_in_a_level_valley_pyflwdir_gives_the_same_height_above_nearest_drainage() -> None:
    terrain, channel = valley()
    flow = pyflwdir.from_dem(terrain.astype(np.float32), nodata=-9999.0, outlets="edge")
    oracle = flow.hand(channel.astype(bool), terrain.astype(np.float32))
    np.testing.assert_allclose(flood(terrain, channel, terrain * 0), oracle, atol=1e-5)


def test_beside_a_perched_river_low_land_is_reached_at_the_height_of_the_bank() -> None:
    terrain = np.full((5, 9), 8.0)
    terrain[:, 0], terrain[:, 1] = 10.0, 11.5  # the bed, the bank
    channel = np.zeros_like(terrain)
    channel[:, 0] = 1
    height = flood(terrain, channel, terrain * 0)
    assert height[2, 0] == 0
    np.testing.assert_allclose(height[:, 1:], 1.5)


def test_the_water_surface_falls_away_from_the_drainage_by_the_head_loss() -> None:
    terrain = np.full((1, 40), 10.0)
    channel = np.zeros_like(terrain)
    channel[0, 0] = 1
    height = flood(terrain, channel, terrain * 0, head_loss=1.0)
    np.testing.assert_allclose(height[0], 0.09 * np.arange(40))


def test_a_levee_protects_up_to_its_crest_and_water_comes_round_its_end() -> None:
    terrain, channel = valley()
    levee = np.zeros_like(terrain)
    levee[5, :] = 4.0
    behind = flood(terrain, channel, levee)[:5]
    np.testing.assert_allclose(behind, 4.0 + terrain[5, 0] - 10.0)
    levee[5, -1] = 0.0
    np.testing.assert_allclose(flood(terrain, channel, levee)[:5], (terrain - 10.0)[:5])


def test_a_levee_in_the_rivers_own_cell_holds_the_water_in() -> None:
    terrain, channel = valley()
    height = flood(terrain, channel, channel * 3.0)
    assert np.all(height[channel == 1] == 0)
    assert np.all(height[channel == 0] == 3.0)


def test_once_compiled_the_kernels_take_grids_of_any_size_without_compiling_again() -> None:
    compile_kernels()
    known = len(lower_away.made().signatures)
    flood(*valley(), np.zeros((21, 30)))
    assert len(lower_away.made().signatures) == known


SMALL = (7, 8)
GROUND = arrays(np.float64, SMALL, elements=st.integers(0, 9).map(float))
FLAGS = arrays(np.bool_, SMALL)


@given(GROUND, FLAGS, GROUND, GROUND)
def test_a_higher_levee_never_raises_the_hazard_anywhere(
    terrain: np.ndarray, drains: np.ndarray, levee: np.ndarray, more: np.ndarray
) -> None:
    low = flood(terrain, drains, levee, head_loss=0.5)
    high = flood(terrain, drains, levee + more, head_loss=0.5)
    np.testing.assert_array_equal(np.isnan(low), np.isnan(high))
    assert np.all((high >= low) | np.isnan(low))


@given(GROUND, FLAGS)
def test_spill_heights_are_those_at_which_a_rising_water_connects(
    ground: np.ndarray, starts: np.ndarray
) -> None:
    """The oracle floods the ground stage by stage and asks which cells hang together with a start."""
    found = spill_heights(ground, np.where(starts, 0.0, np.nan))
    expected = np.full(SMALL, np.nan)
    for stage in range(9, -1, -1):
        wet, _ = label((ground <= stage) | starts, structure=np.ones((3, 3)))
        expected[np.isin(wet, wet[starts]) & (wet > 0)] = stage
    expected[starts] = 0.0
    np.testing.assert_array_equal(found, expected)


@given(arrays(np.float64, SMALL, elements=st.floats(0, 20)), FLAGS)
def test_the_lowered_surface_is_the_highest_cone_of_all_sources(
    levels: np.ndarray, sources: np.ndarray
) -> None:
    surface = np.where(sources, levels, -np.inf)
    lower_away(surface, 1.0)
    for row, column in np.argwhere(np.isfinite(surface)):
        r, c = np.nonzero(sources)
        distance = np.hypot(r - row, c - column)
        assert surface[row, column] <= (levels[r, c] - distance).max() + 1e-9
        assert surface[row, column] >= (levels[r, c] - 1.028 * distance).max() - 1e-9


# earthquake


def test_the_intensity_relation_gives_back_the_means_of_the_scales_table() -> None:
    table = pd.read_csv(PUBLISHED / "intensity_of_pga.csv", comment="#")
    found = intensity_of_pga(table["mean_m_s2"].to_numpy())
    felt = table["intensity"] < 5  # where nothing is damaged the table's means are rounded more
    np.testing.assert_allclose(found, table["intensity"], rtol=0, atol=0.06)
    np.testing.assert_allclose(found[~felt], table["intensity"][~felt], rtol=0, atol=0.02)


def test_the_intensity_relation_stays_on_the_scale() -> None:
    np.testing.assert_array_equal(intensity_of_pga(np.array([0.0, 1e6, np.nan])), [1.0, 12.0, np.nan])


def test_the_site_factor_is_linear_between_the_tables_columns_and_constant_beyond() -> None:
    pga = np.array([0.01, 0.05, 0.075, 0.1, 0.15, 0.35, 0.4, 1.0, 0.1])
    third = np.full(9, 3.0)
    third[-1] = 7.0  # no such class
    expected = [1.3, 1.3, 1.275, 1.25, 1.15, 1.0, 1.0, 1.0, np.nan]
    np.testing.assert_allclose(site_factor(pga, third), expected)


@pytest.mark.parametrize(
    ("motion", "pga", "expected"),
    [
        ("basic", 0.10, 3.17 * np.log10(0.10 * 1.25 * 9.80665) + 6.59),
        ("rare", 0.05, 3.17 * np.log10(0.095 * 1.255 * 9.80665) + 6.59),
        ("very_rare", 0.15, 3.17 * np.log10(0.435 * 1.0 * 9.80665) + 6.59),
    ],
)
def test_the_motion_asked_for_is_taken_before_the_site_factor(
    motion: str, pga: float, expected: float
) -> None:
    lattice = Lattice(0.0, 0.0, 90.0, 1, 1, "EPSG:4548")
    inputs = {"pga": Grid(np.array([[pga]]), lattice), "site_class": Grid(np.array([[3.0]]), lattice)}
    answer = ZoningIntensity(motion=motion).intensity(inputs)
    assert answer.values[0, 0] == pytest.approx(expected)


# fire


def susceptibility(fuel: float, slope: float, rain: float) -> float:
    lattice = Lattice(0.0, 0.0, 90.0, 1, 1, "EPSG:4548")
    values = {"fuel": fuel, "slope": slope, "dry_season_rain": rain}
    inputs = {name: Grid(np.array([[value]]), lattice) for name, value in values.items()}
    return float(FuelDryness().intensity(inputs).values[0, 0])


def test_what_does_not_burn_has_no_susceptibility_and_an_unknown_fuel_no_data() -> None:
    assert susceptibility(93, 0.0, 10.0) == 0.0
    assert np.isnan(susceptibility(255, 0.0, 10.0))


def test_susceptibility_is_flame_length_over_the_limit_times_dryness() -> None:
    assert susceptibility(102, 0.0, 30.0) == pytest.approx(1.38 / 3.4 * 0.8)
    steep = 1 + 5.275 * 0.005**-0.3 * 0.3**2
    assert susceptibility(102, 0.3, 30.0) == pytest.approx(1.38 * steep**0.46 / 3.4 * 0.8)
    assert susceptibility(109, 0.0, 0.0) == 1.0
    assert susceptibility(109, 0.0, 500.0) == 0.0
