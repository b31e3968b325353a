"""The highest historical flood, named by the user: ground of a site at least 0.5 m above its level."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from layers.errors import BadInput
from layers.grid import Grid, Lattice
from layers.layer import RasterLayer
from layers.siting.evidence import WATER_REACH, evidence_of
from layers.siting.plan_rules import unjudged
from layers.siting.rules import judge, siting_rules
from layers.siting.scenario import Scenario
from layers.siting.shelter_wish import ShelterWish
from layers.siting.shelters import ShelterCase, prepare
from layers.storage.geopackage import ProjectFile, load
from layers.storage.rasters import write_grid
from tests.county import EAST, NORTH, SIDE

LEVEL, RISE = 20.0, 0.01  # m of water; the ground rises to the east
S10 = tuple(rule for rule in siting_rules() if rule.id == "S10")


@pytest.fixture
def project(make_county: Callable[[], ProjectFile], tmp_path: Path) -> ProjectFile:
    """The small county on a slope, its west under the water of a flood."""
    made = make_county()
    lattice = Lattice(EAST - 600, NORTH + SIDE + 600, 30.0, 240, 240, "EPSG:4548")
    height = np.tile(RISE * (lattice.west + 30.0 * (np.arange(240) + 0.5) - EAST), (240, 1))
    rasters = {"terrain": height, "hazard_inundation": np.maximum(LEVEL - height, 0.0)}
    for kind, values in rasters.items():
        write_grid(Grid(values, lattice, "m"), tmp_path / f"{kind}.tif")
    layers = [RasterLayer(kind, kind, str(tmp_path / f"{kind}.tif"), lattice) for kind in rasters]
    made.apply(load("栅格", layers, made))
    return made


def case_of(project: ProjectFile, **named: str) -> ShelterCase:
    wish = ShelterWish(Scenario("everyone"), unit="grid", cell=1000.0, count=2, radius=9000.0, rules=S10,
                       evidence=tuple(named.items()))  # fmt: skip
    return prepare(project, wish)


def test_freeboard_is_the_height_above_the_water_next_to_a_site(project: ProjectFile) -> None:
    case = case_of(project, freeboard="hazard_inundation")
    evidence = evidence_of(project, S10, case.sites, {"freeboard": "hazard_inundation"})
    found = judge(case.sites, evidence, S10).findings
    expected = RISE * (case.xy[:, 0] - EAST) - LEVEL
    is_near = expected < RISE * (WATER_REACH - 100)
    np.testing.assert_allclose(found["found"].to_numpy()[is_near], expected[is_near], atol=0.31)
    assert found["found"].isna().to_numpy()[expected > RISE * (WATER_REACH + 100)].all()
    clear = np.abs(expected - 0.5) > 0.4
    assert (found["passes"].to_numpy() == (expected >= 0.5))[clear].all()
    assert (expected < 0).any()
    assert (expected > 0.9).any()


def test_why_freeboard_was_not_judged_is_said_exactly(project: ProjectFile) -> None:
    told = dict(unjudged(case_of(project), 0, "en"))
    assert told["S10"] == "no layer of flood depths is named as the highest historical flood"
    case = case_of(project, freeboard="hazard_inundation")
    far = int(np.argmax(case.xy[:, 0]))
    assert dict(unjudged(case, far, "en"))["S10"] == "the highest historical flood has no water near here"
    assert "S10" not in dict(unjudged(case, int(np.argmin(case.xy[:, 0])), "en"))


@pytest.mark.parametrize("layer", ["terrain", "road"])
def test_a_layer_without_depths_cannot_be_the_historical_flood(project: ProjectFile, layer: str) -> None:
    with pytest.raises(BadInput) as told:
        case_of(project, freeboard=layer)
    assert told.value.key == "evidence_form"
