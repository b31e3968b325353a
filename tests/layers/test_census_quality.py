"""Quality: errors planted in a county are all found, none where there is none, the safe ones put right."""

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers.census.catalogue import catalogue
from layers.census.quality import TESTS, Finding, check
from layers.census.rules import PARTS, Rule, read_rules, shipped_rules, written_rules
from layers.changes import Row
from layers.editing import EditSession
from layers.editing.repair import fixed
from layers.errors import BadInput
from layers.layer import Shapes, VectorLayer
from layers.project import MemoryProject

WEST, SOUTH, SIDE = 380_000.0, 4_170_000.0, 6_000.0
TOWNS = 9
BUILDINGS = 1_200


def made(kind: str, geometries: Any, /, **columns: Any) -> VectorLayer:
    table = pd.DataFrame({k: pd.Series(v) for k, v in columns.items()})
    if geometries is None:
        shapes = Shapes.none(len(table))
    else:
        shapes = Shapes.of(np.asarray(geometries, dtype=object), catalogue()[kind].geometry)  # type: ignore[arg-type]
    table["uuid"] = [f"{kind}-{n}" for n in range(len(table))]
    return VectorLayer(kind, kind, "EPSG:4548", shapes, table, fields=catalogue()[kind].fields)


def county() -> dict[str, VectorLayer]:
    """A county without a fault: nine townships in a square, buildings on a lattice, roads, the rest."""
    place = np.arange(TOWNS)
    x, y = WEST + place % 3 * SIDE, SOUTH + place // 3 * SIDE
    towns = shapely.segmentize(shapely.box(x, y, x + SIDE, y + SIDE), 500)
    codes = [f"131121{n + 101:03}" for n in place]
    people = 3_000 + 100 * place
    rng = np.random.default_rng(4)
    column = np.arange(BUILDINGS)
    bx = WEST + 200 + column % 40 * 430.0
    by = SOUTH + 200 + column // 40 * 570.0
    width, depth = rng.uniform(10, 30, BUILDINGS), rng.uniform(8, 15, BUILDINGS)
    houses = shapely.box(bx, by, bx + width, by + depth)
    town = ((bx - WEST) // SIDE + 3 * ((by - SOUTH) // SIDE)).astype(int)
    storeys = rng.integers(1, 4, BUILDINGS)
    floor = np.round(width * depth * storeys * 0.9, 1)
    nodes = [shapely.Point(WEST + 1_000 + 1_500 * n, SOUTH + 9_000) for n in range(11)]
    roads = [shapely.LineString([a, b]) for a, b in pairwise(nodes)]
    roads += [shapely.LineString([n, shapely.Point(n.x, n.y + 4_000)]) for n in nodes]
    px = WEST + 500 + np.arange(40) * 400.0
    return {
        "county": made(
            "county",
            [shapely.union_all(towns)],
            code=["131121"],
            name=["枣强县"],
            population=[int(people.sum())],
        ),
        "township": made(
            "township",
            towns,
            code=codes,
            name=[f"{n}镇" for n in "甲乙丙丁戊己庚辛壬"],
            county_code=["131121"] * TOWNS,
            population=people,
        ),
        "building": made(
            "building",
            houses,
            code=[f"B{n:05}" for n in column],
            township_code=[codes[t] for t in town],
            use=["农村住宅"] * BUILDINGS,
            structure=list(rng.choice(["砖混", "砖木", "钢筋混凝土"], BUILDINGS)),
            storeys=storeys,
            floor_area=floor,
            year=rng.integers(1970, 2020, BUILDINGS),
            occupants=np.minimum(4, floor // 10).astype(int),
        ),
        "road": made(
            "road", roads, name=[f"路{n}" for n in range(len(roads))], **{"class": ["县道"] * len(roads)}
        ),
        "enterprise": made(
            "enterprise",
            shapely.points(px, SOUTH + 3_333),
            code=[f"E{n}" for n in range(40)],
            name=[f"企业{n}" for n in range(40)],
            type=["其他"] * 40,
            quantity=np.arange(40) * 2.5,
        ),
        "shelter": made(
            "shelter",
            shapely.points(px, SOUTH + 4_444),
            name=[f"场所{n}" for n in range(40)],
            **{"class": ["短期"] * 40},
            effective_area=[2_000.0] * 40,
            capacity=[900] * 40,
        ),
        "past_disaster": made(
            "past_disaster",
            None,
            hazard=["洪水"] * 30,
            start=["2016-07-19"] * 30,
            end=["2016-07-25"] * 30,
            affected=[1_000] * 30,
            dead=[1] * 30,
        ),
    }


@dataclass
class Planter:
    """Plants errors and remembers where: (rule, key)."""

    layers: dict[str, VectorLayer] = field(default_factory=county)
    planted: list[tuple[str, str]] = field(default_factory=list)
    used: dict[str, int] = field(default_factory=dict)

    def row(self, kind: str) -> int:
        """A row that has no error yet."""
        self.used[kind] = self.used.get(kind, -1) + 1
        return self.used[kind]

    def cell(self, rule: str, kind: str, column: str, value: Any, row: int | None = None) -> None:
        layer, row = self.layers[kind], self.row(kind) if row is None else row
        table = layer.attributes.copy()
        if not (pd.api.types.is_numeric_dtype(table[column]) and isinstance(value, int | float)):
            table[column] = table[column].astype(object)
        elif isinstance(value, float):
            table[column] = table[column].astype(float)
        table.loc[row, column] = value
        self.layers[kind] = replace(layer, attributes=table)
        self.planted.append((rule, f"{kind}-{row}"))

    def shape(self, rule: str, kind: str, change: Any, row: int | None = None, at: int | None = None) -> None:
        layer, row = self.layers[kind], self.row(kind) if row is None else row
        geometries = layer.shapes.geometries()
        geometries[row] = change(geometries[row])
        self.layers[kind] = replace(layer, shapes=Shapes.of(geometries, layer.geometry_kind))
        self.planted.append((rule, f"{kind}-{row if at is None else at}"))


def bow(house: Any) -> Any:
    a, b, c, d, _ = house.geoms[0].exterior.coords
    return shapely.Polygon([a, c, b, d, a])


def spike(house: Any) -> Any:
    a, b, c, d, _ = house.geoms[0].exterior.coords
    return shapely.Polygon([a, b, (b[0] + 5, b[1]), b, c, d, a])


def plant() -> Planter:
    """Three hundred errors of all kinds."""
    p = Planter()
    house = "building"
    for n in range(18):
        p.cell("required", house, "structure", None if n % 2 else " ")
        p.cell("domain", house, "use", "猪圈" if n % 2 else " 农村住宅")
        p.cell("domain", house, "structure", "石头")
        p.cell("built_by_census", house, "year", 2031)
        p.cell("storeys", house, "storeys", 0)
        p.cell("floor_area", house, "floor_area", 99_999.0)
        p.cell("code_unique", house, "code", "B00000")
        p.cell("township_code_place", house, "township_code", "131121109")
        p.shape("geometry_valid", house, bow if n % 2 else spike)
        p.shape("outside_region", house, lambda g: shapely.transform(g, lambda xy: xy + [-40_000, 0]))
    for _ in range(10):
        p.cell("built_since", house, "year", 1066)
        p.cell("occupants", house, "occupants", 5_000)
        row = p.row(house)
        p.cell("storeys_of_brick_and_timber", house, "structure", "砖木", row)
        p.layers[house].attributes.loc[row, "storeys"] = 5
        p.layers[house].attributes.loc[row, "floor_area"] = float(
            shapely.area(p.layers[house].shapes.geometries(np.array([row])))[0] * 5
        )
        p.shape("geometry_present", house, lambda g: None)
        p.shape(
            "duplicate",
            "enterprise",
            lambda g: shapely.Point(WEST + 500 + 39 * 400.0 + 0.4, SOUTH + 3_333.0),
        )
        p.cell("required", "enterprise", "name", None)
        p.cell("stock", "enterprise", "quantity", -4.0)
        p.cell("shelter_capacity", "shelter", "capacity", 1_001)
        p.cell("type", "past_disaster", "start", "2016年7月")
        p.cell("dead_among_affected", "past_disaster", "dead", 1_001)
        p.cell("ends_after_begin", "past_disaster", "end", "2016-07-01")
    for n in range(6):
        p.shape(
            "line_dangling",
            "road",
            lambda g: shapely.LineString(
                [(g.geoms[0].coords[0][0], g.geoms[0].coords[0][1] + 2.0), g.geoms[0].coords[1]]
            ),
            11 + n,
        )
    seen = {key for rule, key in p.planted if rule == "duplicate"}
    first = sorted(seen, key=lambda key: int(key.split("-")[1]))[0]
    p.planted.remove(
        ("duplicate", first)
    )  # the first of a heap is no duplicate; the one it lies on comes later
    p.planted.append(("duplicate", "enterprise-39"))
    p.shape(
        "coverage_overlap",
        "township",
        lambda g: g.union(shapely.box(WEST + SIDE - 1, SOUTH + 2_000, WEST + SIDE + 30, SOUTH + 2_100)),
        0,
        at=1,
    )
    p.shape(
        "coverage_gap",
        "township",
        lambda g: g.difference(
            shapely.box(WEST + 2 * SIDE - 40, SOUTH + 1.5 * SIDE, WEST + 2 * SIDE, SOUTH + 1.5 * SIDE + 90)
        ),
        4,
        at=-1,
    )
    p.cell("township_of_county", "township", "county_code", "131122", 8)
    p.cell("population_sum", "county", "population", 5, 0)
    return p


def found_in(layers: dict[str, VectorLayer]) -> tuple[Finding, ...]:
    return check(list(layers.values()))


def test_a_clean_county_has_no_finding() -> None:
    assert found_in(county()) == ()


def test_every_planted_error_is_found() -> None:
    p = plant()
    found = {(f.rule, f.key) for f in found_in(p.layers)}
    rules = {f.rule for f in found_in(p.layers)}
    anywhere = {("coverage_gap", "township--1")}
    assert len(p.planted) >= 300
    assert sorted(set(p.planted) - found - anywhere) == []
    assert "coverage_gap" in rules
    assert {rule.name for rule in shipped_rules()} - rules <= {"county_code_place", "not_negative", "blanks"}
    # what else is found follows from a planted error: one building's fault may break two rules
    keys = (
        {key for _, key in p.planted}
        | {f"enterprise-{n}" for n in range(40)}
        | {f"township-{n}" for n in range(9)}
    )
    assert not [pair for pair in found if pair[1] not in keys]


def test_spikes_on_the_borders_of_a_coverage_are_told_as_that_and_as_nothing_else() -> None:
    layers = county()
    towns = layers["township"].shapes.geometries()
    spiked = []
    for town in towns:
        corners = shapely.get_coordinates(town)
        spiked.append(shapely.Polygon([*corners[:3], corners[2] + [7, 7], *corners[2:]]))
    layers["township"] = replace(layers["township"], shapes=Shapes.of(spiked))
    found = found_in(layers)
    assert Counter(f.rule for f in found) == {"geometry_valid": TOWNS}
    assert all(f.facts.get("fix") == "valid" for f in found)


def test_findings_tell_the_place() -> None:
    p = Planter()
    p.shape("geometry_valid", "building", bow)
    p.cell("dead_among_affected", "past_disaster", "dead", 9_999)
    found = {finding.rule: finding for finding in found_in(p.layers)}
    first, second = found["geometry_valid"], found["dead_among_affected"]
    assert shapely.box(WEST, SOUTH, WEST + 3 * SIDE, SOUTH + 3 * SIDE).contains(shapely.Point(first.place))
    assert np.isnan(second.place).all()
    assert second.facts["value"] == 9_999


# --- fixes -----------------------------------------------------------------------------------------


def project_of(layers: dict[str, VectorLayer]) -> MemoryProject:
    return MemoryProject({name: rows_of(layer) for name, layer in layers.items()})


def rows_of(layer: VectorLayer) -> dict[str, Row]:
    wkb = shapely.to_wkb(layer.shapes.geometries(), byte_order=1)
    table = layer.attributes.astype(object).where(layer.attributes.notna(), None)
    return {
        row["uuid"]: {"geom": geometry, **{k: v for k, v in row.items() if k != "uuid"}}
        for row, geometry in zip(table.to_dict("records"), wkb, strict=True)
    }


def test_safe_fixes_are_one_edit_and_the_others_are_left_to_people() -> None:
    p = Planter()
    p.shape("geometry_valid", "building", spike)
    p.shape("geometry_valid", "building", bow)
    p.cell("domain", "building", "use", "　农村住宅 ")
    p.cell("domain", "building", "use", "猪圈")
    p.cell("blanks", "enterprise", "name", " 企业\u200b0 ")
    layer = p.layers["road"]
    p.layers["road"] = replace(
        layer,
        shapes=Shapes.of([*layer.shapes.geometries(), layer.shapes.geometries()[3]]),
        attributes=pd.concat(
            [layer.attributes, layer.attributes.iloc[[3]].assign(uuid="again")], ignore_index=True
        ),
    )
    project = project_of(p.layers)
    session = EditSession(project)
    findings = found_in(p.layers)
    edit = fixed(findings, project, "自动修复")
    assert edit is not None
    session.do(edit)
    assert {(c.table, c.key) for c in edit.changes} == {
        ("building", "building-0"),
        ("building", "building-2"),
        ("enterprise", "enterprise-0"),
        ("road", "again"),
    }
    assert shapely.is_valid(shapely.from_wkb(project.table("building")["building-0"]["geom"]))
    assert project.table("building")["building-2"]["use"] == "农村住宅"
    assert project.table("enterprise")["enterprise-0"]["name"] == "企业0"
    assert fixed(findings, project, "再来") is None
    session.undo()
    assert project.table("building")["building-2"]["use"] == "　农村住宅 "


# --- rules are data --------------------------------------------------------------------------------


def test_rules_can_be_edited() -> None:
    rules = read_rules(
        '[[rule]]\nid = "mine"\ntest = "condition"\ncondition = "地上层数 <= 1"\nfield = "storeys"\n'
    )
    found = check([county()["building"]], rules=rules)
    assert Counter(f.rule for f in found) == {"mine": int((county()["building"]["storeys"] > 1).sum())}
    for wrong in ("[[rule]]\nid = 1", "a = [", "rule = 3"):
        with pytest.raises(BadInput):
            read_rules(wrong)
    for test in ('"magic"', '"overlap"', '"overlap"\ntolerance = "1"', '"condition"\ncondition = "a >="'):
        with pytest.raises(BadInput):
            read_rules(f'[[rule]]\nid = "x"\ntest = {test}\n')


def test_a_rule_may_be_for_named_layers_only_or_off() -> None:
    rule = '[[rule]]\nid = "mine"\ntest = "condition"\ncondition = "storeys > 99"\n'
    for line, count in (("", 1), ('layers = ["building"]', 1), ('layers = ["school"]', 0), ("on = false", 0)):
        found = check([county()["building"]], rules=read_rules(rule + line))
        assert bool(found) == bool(count)


def test_what_each_test_reads_is_declared() -> None:
    assert set(PARTS) == set(TESTS)
    for rule in shipped_rules():
        assert set(rule.parameters) <= {part.name for part in PARTS[rule.test]}


texts = st.text(st.characters(codec="utf-8"), max_size=20)
numbers = st.floats(allow_nan=False) | st.integers(-(2**60), 2**60)


@given(
    st.builds(
        Rule,
        name=texts.filter(bool),
        test=st.just("duplicate"),
        kinds=st.lists(texts, max_size=3).map(tuple),
        layers=st.lists(texts, max_size=3).map(tuple),
        is_on=st.booleans(),
        severity=st.sampled_from(["error", "warning"]),
        source=texts,
        parameters=st.fixed_dictionaries(
            {"tolerance": numbers}, optional={"a b": st.dictionaries(texts, texts, max_size=2), "c": numbers}
        ),
    )
)
def test_rules_are_read_as_they_were_written(rule: Rule) -> None:
    assert read_rules(written_rules([rule])) == (rule,)


def test_every_shipped_rule_has_a_test_and_says_where_its_numbers_come_from() -> None:
    for rule in shipped_rules():
        assert rule.test in TESTS
        assert set(rule.kinds) <= set(catalogue())
        if "tolerance" in rule.parameters:
            assert rule.source
