"""Loss: every yuan and every person counts once, low lies below high, and what is not known is not zero."""

import numpy as np
import pytest
import shapely

from layers.errors import KnownError
from layers.grid import Grid
from layers.hazards.model import parameters
from layers.hazards.standards import standard
from layers.risk.damage import WaterDamage, damage_of
from layers.risk.loss import LossResult, loss_result
from layers.risk.valuation import Valuation
from layers.risk.vulnerability import EarthquakeDamage, FireReach, FloodDamage
from layers.words import has


def furnish(world) -> None:
    """A house in each township, one without floor area, a road across all, plants, and tilled land."""
    places = [(500, 500), (500, 1500), (2500, 500), (2500, 1500), (3500, 500)]
    world.add(
        "building",
        [world.box(x, y, x + 10, y + 10) for x, y in places],
        structure=["钢筋混凝土", "砖混", "砖木", "土木", "其他"],
        use=["城镇住宅", "工商建筑", "农村住宅", "农村住宅", "公共建筑"],
        floor_area=[100.0, 200.0, 300.0, 400.0, None],
        year=[2000, 1970, 1980, 1960, 1990],
    )
    world.add("road", [world.line((0, 500), (4000, 500))], **{"class": ["省道"]})
    world.add("enterprise", [world.point(500, 500), world.point(2500, 500)], workers=[40, None])
    world.add_raster("landcover", world.constant(12.0, 500.0))


def flooded(world, height: float, other: float = np.nan) -> LossResult:
    """The loss when water reaches the west at one stage above the drainage, the east at another."""
    values = np.full(world.lattice().shape, height)
    values[:, world.lattice().columns // 2 :] = height if np.isnan(other) else other
    world.add_raster("hazard_flood", Grid(values, world.lattice(), "m"))
    return loss_result(world, "flood")


def test_a_house_loses_its_worth_by_depth_use_and_structure(world) -> None:
    furnish(world)
    found = flooded(world, 3.0).by_township.set_index("code")  # 1 m of water
    brick_shop, wooden = found.loc["12"], found.loc["21"]
    assert found.loc["11", "buildings_loss"] == round(100 * 2500 * 0.49 * 0.85)
    assert brick_shop["buildings_loss"] == round(200 * 1800 * 0.54)
    assert brick_shop["contents_loss"] == round(200 * 1800 * 0.54)
    assert wooden["contents_loss"] == round(300 * 1200 * 0.5 * 0.49 * 1.2)
    assert found.loc["11", "enterprises_loss"] == round(40 * 300_000 * 0.48)
    assert found.loc["11", "roads_loss"] == pytest.approx(2 * 2e6 * 0.37, abs=1)
    assert found.loc["12", "crops_loss"] == pytest.approx(200 * 17_000 * 0.37, rel=0.02)


@pytest.mark.parametrize("unit", ["county", "township"])
@pytest.mark.parametrize("hazard", ["flood", "earthquake"])
def test_the_rows_sum_to_the_totals_to_the_yuan(world, hazard: str, unit: str) -> None:
    furnish(world)
    kinds = {"flood": 2.3, "earthquake": 7.7}
    world.add_raster(f"hazard_{hazard}", world.constant(kinds[hazard]))
    found = loss_result(world, hazard)
    rows = found.by(unit).drop(columns=["code", "name"])
    assert rows.sum().to_dict() == found.total
    assert set(rows.dtypes) == {np.dtype(np.int64)}
    assert found.total["population"] == 1001
    assert found.total["loss"] == sum(found.total[f"{asset}_loss"] for asset in found.assets) > 0


def test_low_lies_below_mid_below_high_everywhere(world) -> None:
    furnish(world)
    table = flooded(world, 2.6, 0.1).by_township
    for name in ("loss", "displaced", "buildings_loss", "crops_loss", "roads_loss"):
        assert (table[f"{name}_low"] <= table[name]).all()
        assert (table[name] <= table[f"{name}_high"]).all()
    assert (table["loss_high"] <= 1.3 * table["value"] + 5).all()


def test_what_is_not_known_is_told_and_never_zero_loss(world) -> None:
    furnish(world)
    world.add_raster("hazard_flood", Grid(np.full(world.lattice().shape, np.nan), world.lattice(), "m"))
    dark = loss_result(world, "flood").total
    assert dark["people_nodata"] == dark["population"] == 1001
    assert (dark["value"], dark["loss"]) == (0, 0)
    assert dark["value_nodata"] > 0
    assert (dark["buildings_unvalued"], dark["enterprises_unvalued"]) == (1, 1)
    assert dark["contents_unvalued"] == 1


def test_what_has_no_layer_or_no_curve_is_missing_not_zero(world) -> None:
    world.add_raster("hazard_earthquake", world.constant(8.0))
    found = loss_result(world, "earthquake")
    assert found.missing == ("buildings", "contents", "crops", "roads", "enterprises")
    assert not [name for name in found.by_county if str(name).startswith("crops")]
    furnish(world)
    assert loss_result(world, "earthquake").missing == ("crops", "roads")


def test_people_are_in_one_class_each_and_leave_by_depth(world) -> None:
    furnish(world)
    found = flooded(world, 2.5, 4.0).total  # 1.5 m in the west, dry in the east
    classes = [found[f"people_depth_{number}"] for number in range(1, 6)]
    assert sum(classes) == found["people_hit"] == found["people_depth_3"] == 301
    assert sum(found[f"people_rating_{number}"] for number in range(1, 5)) == 301
    assert (found["displaced_low"], found["displaced"], found["displaced_high"]) == (241, 301, 301)


def test_an_earthquake_drives_out_of_destroyed_severe_and_half_of_the_moderate(world) -> None:
    furnish(world)
    world.add_raster("hazard_earthquake", world.constant(8.0))
    found = loss_result(world, "earthquake").by_township.set_index("code")
    states = standard("earthquake_damage_states").set_index(["curve", "intensity"]).loc[("old_wood", 8)]
    sure, half = states["severe"] + states["destroyed"], states["moderate"] / 2
    assert found.loc["22", "displaced"] == round(400 * (sure + half))
    assert found.loc["22", "displaced_low"] == round(400 * sure)
    assert found.loc["22", "people_intensity_8"] == 400


def test_the_displaced_stand_where_they_live(world) -> None:
    furnish(world)
    found = flooded(world, 2.5, 4.0)
    leaving = np.concatenate([each.leaving.mid for each in found.displaced])
    people = np.concatenate([each.people for each in found.displaced])
    assert round(float(leaving.sum())) == found.total["displaced"]
    assert people.sum() == found.total["population"]


def test_needs_follow_the_displaced_and_leave_the_injured_out(world) -> None:
    furnish(world)
    found = flooded(world, 2.5, 4.0)
    needs = found.needs("township", "12", days=3).set_index("item")
    row = found.row("township", "12")
    assert needs.loc["water", "amount"] == row["displaced"] * 5 * 3
    assert (needs["low"] <= needs["amount"]).all()
    assert "stretcher" not in needs.index
    with pytest.raises(KnownError):
        found.needs("township", "99")


def test_other_prices_make_other_losses_and_stand_in_the_provenance(world) -> None:
    furnish(world)
    plain = flooded(world, 3.0)
    dear = loss_result(world, "flood", valuation=Valuation(rc=5000.0))
    change = dear.by_township["buildings_loss"] - plain.by_township["buildings_loss"]
    assert change.tolist() == [round(100 * 2500 * 0.49 * 0.85), 0, 0, 0]
    assert "Valuation(rc=5000.0" in dear.provenance.model
    with pytest.raises(ValueError, match="value_spread"):
        Valuation(value_spread=2.0)


def test_fire_has_no_loss_curves(world) -> None:
    with pytest.raises(KnownError):
        damage_of(FireReach())


def test_curves_rise_and_end_at_all() -> None:
    depths = np.linspace(0.0, 8.0, 200)
    water = WaterDamage()
    for asset in ("crops", "roads", "enterprises"):
        ratio = water.ratio(asset, depths, None)  # type: ignore[arg-type]
        assert (np.diff(ratio) >= 0).all()
        assert (ratio[0], ratio[-1]) == (0.0, 1.0)
    shares = water.displaced(depths, None)  # type: ignore[arg-type]
    assert (shares.low <= shares.mid).all()
    assert (shares.mid <= shares.high).all()


def test_every_price_says_where_it_comes_from_in_both_languages() -> None:
    for each in parameters(Valuation()):
        assert has(f"parameter.valuation.{each.name}")
        assert has(each.source)
    for model in (FloodDamage(), EarthquakeDamage()):
        for reference in damage_of(model).references:
            assert has(reference.text) or not reference.text.startswith("reference.")


def test_a_road_and_a_house_outside_all_units_are_told_apart(world) -> None:
    furnish(world)
    world.add("road", [shapely.LineString([(0, 0), (1000, 0)])], table="far", **{"class": ["乡道"]})
    found = flooded(world, 3.0)
    last = found.by_county.iloc[-1]
    assert last["code"] == "outside"
    assert last["roads_value_nodata"] == 500_000
