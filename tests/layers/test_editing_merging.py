"""The three-way merge against a plain oracle, in a machine of random edits, and as files out and back."""

import os
import random
import sqlite3
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from layers.changes import Change, Edit, Row
from layers.editing import EditSession
from layers.editing.merging import ROW, Disagreement, Merged, merge, told_of
from layers.errors import BadInput
from layers.layer import Shapes, VectorLayer
from layers.project import MemoryProject
from layers.storage.attachments import attached, attachments, bring_files
from layers.storage.geopackage import ProjectFile, load
from layers.storage.homecoming import bring_home, edit_of
from layers.storage.package import card_of, checkout

MERGES = 10_000 if os.environ.get("HYPOTHESIS_PROFILE") == "fuzz" else 400
FIELDS = ("geom", "name", "count")
KEYS = "abcdefg"
Rows = dict[str, Row]


# --- the oracle: what must come out, by cases written out one by one ---------------------------------


def oracle(base: Rows, mine: Rows, theirs: Rows, choose: Any) -> tuple[Rows, set[tuple[str, str]]]:
    """The merged rows and the places of disagreement."""
    merged: Rows = {}
    places: set[tuple[str, str]] = set()
    for key in {*base, *mine, *theirs}:
        b, m, t = base.get(key), mine.get(key), theirs.get(key)
        if t == b or m == t:
            result = m
        elif m == b:
            result = t
        elif m is None or t is None:
            places.add((key, ROW))
            result = {"mine": m, "theirs": t, "base": b}[choose(key, ROW)]
        else:
            result = {}
            for f in FIELDS:
                old = (b or {}).get(f, "nothing")
                if m[f] == t[f] or t[f] == old:
                    result[f] = m[f]
                elif m[f] == old:
                    result[f] = t[f]
                else:
                    places.add((key, f))
                    result[f] = {"mine": m, "theirs": t, "base": b or {}}[choose(key, f)].get(f)
        if result is not None:
            merged[key] = result
    return merged, places


def applied(mine: Rows, found: Merged) -> Rows:
    project = MemoryProject({"t": mine})
    project.apply(Edit("合并", found.changes))
    return dict(project.table("t"))


def agree(base: Rows, mine: Rows, theirs: Rows, seed: int) -> None:
    """The merge is what the oracle says, undecided and decided; nothing is lost in silence."""

    def choose(key: str, field: str) -> str:
        return random.Random(f"{seed}{key}{field}").choice(["mine", "theirs", "base"])

    sides = ({"t": base}, {"t": mine}, {"t": theirs})
    open_ = merge(*sides)
    kept, places = oracle(base, mine, theirs, lambda key, field: "mine")
    assert {(d.key, d.field) for d in open_.undecided} == places
    assert applied(mine, open_) == kept
    decided = merge(*sides, {("t", k, f): choose(k, f) for k, f in places})
    assert decided.undecided == ()
    assert decided.disagreements == open_.disagreements
    assert applied(mine, decided) == oracle(base, mine, theirs, choose)[0]
    no_silent_loss(base, mine, theirs, applied(mine, open_), places)


def no_silent_loss(base: Rows, mine: Rows, theirs: Rows, result: Rows, places: set[tuple[str, str]]) -> None:
    """Whatever a side changed is in the result, or a disagreement tells of it."""
    for key in {*base, *mine, *theirs}:
        if (key, ROW) in places:
            continue
        for side in (mine, theirs):
            if side.get(key) == base.get(key):
                continue
            if key not in side or key not in result:
                assert key not in result
                assert key not in side
                continue
            for f in FIELDS:
                changed = key not in base or side[key][f] != base[key][f]
                assert not changed or result[key][f] == side[key][f] or (key, f) in places


def random_row(chance: random.Random) -> Row:
    return {f: chance.choice([None, 1, 2, 3]) for f in FIELDS}


def edited(rows: Rows, chance: random.Random) -> Rows:
    rows = dict(rows)
    for _ in range(chance.randint(0, 8)):
        key = chance.choice(KEYS)
        act = chance.random()
        if key not in rows or act < 0.2:
            rows[key] = random_row(chance)
        elif act < 0.4:
            del rows[key]
        else:
            rows[key] = {**rows[key], chance.choice(FIELDS): chance.choice([None, 1, 2, 3])}
    return rows


def test_thousands_of_random_merges_are_what_the_oracle_says() -> None:
    for seed in range(MERGES):
        chance = random.Random(seed)
        base = {key: random_row(chance) for key in KEYS if chance.random() < 0.7}
        agree(base, edited(base, chance), edited(base, chance), seed)


def test_every_case_of_one_field_is_right() -> None:
    rows: list[Row | None] = [None, {"geom": 1, "name": 1, "count": 1}, {"geom": 2, "name": 1, "count": 1}]
    rows.append({"geom": 3, "name": 2, "count": 1})
    for b, m, t in product(rows, repeat=3):
        sides = ({} if row is None else {"k": row} for row in (b, m, t))
        agree(*sides, seed=1)


class Offices(RuleBasedStateMachine):
    """Two offices edit what they have; now and then one brings its copy home and takes a new one."""

    def __init__(self) -> None:
        super().__init__()
        self.base: Rows = {}
        self.sides: dict[str, Rows] = {"mine": {}, "theirs": {}}
        self.merges = 0

    @rule(side=st.sampled_from(["mine", "theirs"]), key=st.sampled_from(KEYS), value=st.integers(0, 3))
    def put(self, side: str, key: str, value: int) -> None:
        row = self.sides[side].get(key, dict.fromkeys(FIELDS, 0))
        self.sides[side][key] = {**row, FIELDS[value % 3]: value}

    @rule(side=st.sampled_from(["mine", "theirs"]), key=st.sampled_from(KEYS))
    def remove(self, side: str, key: str) -> None:
        self.sides[side].pop(key, None)

    @rule(choice=st.sampled_from(["mine", "theirs", "base"]))
    def bring_home(self, choice: str) -> None:
        self.merges += 1
        mine, theirs = self.sides["mine"], self.sides["theirs"]
        agree(self.base, mine, theirs, self.merges)
        tables = ({"t": self.base}, {"t": mine}, {"t": theirs})
        places = [d.place for d in merge(*tables).undecided]
        home = applied(mine, merge(*tables, dict.fromkeys(places, choice)))
        self.base, self.sides = dict(home), {"mine": dict(home), "theirs": dict(home)}


TestOffices = Offices.TestCase
TestOffices.settings = settings(deadline=None, stateful_step_count=30)


# --- files out and back ------------------------------------------------------------------------------

WEST, SOUTH = 380_000.0, 4_170_000.0


def layer(kind: str, geometries: Any, /, **columns: Any) -> VectorLayer:
    table = pd.DataFrame({k: pd.Series(v) for k, v in columns.items()})
    return VectorLayer(kind, kind, "EPSG:4548", Shapes.of(np.asarray(geometries, dtype=object)), table)


@pytest.fixture
def project(tmp_path: Path) -> ProjectFile:
    """Two counties side by side, ten villages (points of schools) in each."""
    counties = [shapely.box(WEST + x, SOUTH, WEST + x + 1000, SOUTH + 1000) for x in (0, 1000)]
    x = WEST + 50 + 100 * np.arange(20)
    made = ProjectFile.create(tmp_path / "市.gpkg", name="市")
    layers = [
        layer("county", counties, code=["131121", "131122"], name=["枣强县", "武邑县"], population=[10, 20]),
        layer(
            "school",
            shapely.points(x, SOUTH + 500),
            name=[f"校{n}" for n in range(20)],
            category=["小学"] * 20,
        ),
    ]
    EditSession(made).do(load("导入", layers, made))
    return made


def names(project: ProjectFile) -> dict[str, str]:
    return {str(row["name"]): key for key, row in project.table("school").items()}


def put(project: ProjectFile, name: str, /, **cells: Any) -> None:
    key = names(project)[name]
    row = project.table("school")[key]
    EditSession(project).do(Edit(f"改 {name}", (Change("school", key, row, {**row, **cells}),)))


def remove(project: ProjectFile, name: str) -> None:
    key = names(project)[name]
    EditSession(project).do(Edit("删", (Change("school", key, project.table("school")[key], None),)))


def point(x: float, y: float) -> bytes:
    return bytes(shapely.to_wkb(shapely.MultiPoint([(WEST + x, SOUTH + y)]), byte_order=1))


def out(project: ProjectFile, tmp_path: Path) -> Path:
    path = tmp_path / "枣强.gpkg"
    _, edit = checkout(project, "131121", path)
    EditSession(project).do(edit)
    return path


def test_a_package_comes_home_field_by_field_as_one_edit(project: ProjectFile, tmp_path: Path) -> None:
    path = out(project, tmp_path)
    with ProjectFile.open(path) as package:
        assert set(names(package)) == {f"校{n}" for n in range(10)}
        assert card_of(package).name == "枣强县"
        put(package, "校1", category="中学")
        put(package, "校2", geom=point(270, 700))
        remove(package, "校3")
        new = {"geom": point(33, 33), "name": "新校", "category": "小学"}
        EditSession(package).do(Edit("加", (Change("school", "new-1", None, new),)))
    put(project, "校1", name="一中")
    before = dict(project.table("school").items())
    with ProjectFile.open(path, read_only=True) as returned:
        found = bring_home(project, returned)
        assert (found.merged.undecided, found.outside, found.strangers) == ((), (), ())
        edit = edit_of(found, project, {}, "合并")
    assert edit is not None
    session = EditSession(project)
    session.do(edit)
    after = names(project)
    assert project.table("school")[after["一中"]]["category"] == "中学"
    assert project.table("school")[after["校2"]]["geom"] == point(270, 700)
    assert "校3" not in after
    assert after["新校"] == "new-1"
    session.undo()
    assert dict(project.table("school").items()) == before
    project.close()


def test_conflicts_are_told_and_chosen_by_field(project: ProjectFile, tmp_path: Path) -> None:
    path = out(project, tmp_path)
    with ProjectFile.open(path) as package:
        put(package, "校1", category="中学", geom=point(110, 110))
        remove(package, "校2")
        put(package, "校3", category="中学")
    put(project, "校1", category="高中", geom=point(120, 120))
    put(project, "校2", category="中学")
    remove(project, "校3")
    one, two = names(project)["校1"], names(project)["校2"]
    with ProjectFile.open(path, read_only=True) as returned:
        found = bring_home(project, returned)
        places = {(d.key, d.field) for d in found.merged.undecided}
        three = next(d.key for d in found.merged.undecided if d.mine is None)
        assert places == {(one, "category"), (one, "geom"), (two, ROW), (three, ROW)}
        with pytest.raises(BadInput):
            edit_of(found, project, {}, "合并")
        told = {(t["uuid"], t["field"]): t for t in map(told_of, found.merged.undecided)}
        assert (told[one, "category"]["mine"], told[one, "category"]["theirs"]) == ("高中", "中学")
        assert told[one, "geom"]["base"].startswith("MULTIPOINT")
        choices = {("school", one, "category"): "theirs", ("school", one, "geom"): "mine",
                   ("school", two, ROW): "theirs", ("school", three, ROW): "theirs"}  # fmt: skip
        decided = bring_home(project, returned, choices)
        edit = edit_of(decided, project, choices, "合并")
    assert edit is not None
    EditSession(project).do(edit)
    assert project.table("school")[one]["category"] == "中学"
    assert project.table("school")[one]["geom"] == point(120, 120)
    assert two not in project.table("school")
    assert project.table("school")[three]["category"] == "中学"
    kept = [row["value"] for key, row in project.table("settings").items() if key.startswith("merge:")]
    assert "高中" in str(kept)
    project.close()


def test_edits_outside_the_region_are_named(project: ProjectFile, tmp_path: Path) -> None:
    path = out(project, tmp_path)
    with ProjectFile.open(path) as package:
        put(package, "校1", geom=point(1500, 500))
        put(package, "校2", category="中学")
        new = {"geom": point(1800, 33), "name": "越界校", "category": "小学"}
        EditSession(package).do(Edit("加", (Change("school", "new-1", None, new),)))
    with ProjectFile.open(path, read_only=True) as returned:
        found = bring_home(project, returned)
    assert {each.name for each in found.outside} == {"校1", "越界校"}
    assert [c.after["category"] for c in found.merged.changes if c.after] == ["中学"]
    project.close()


def test_edits_by_another_program_come_home_too(project: ProjectFile, tmp_path: Path) -> None:
    path = out(project, tmp_path)
    with sqlite3.connect(path) as connection:
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MinY", "ST_MaxX", "ST_MaxY"):
            connection.create_function(name, 1, lambda blob: 0)
        connection.execute("UPDATE school SET category = '中学' WHERE name = '校4'")
        connection.execute("INSERT INTO school (name, category) VALUES ('无处校', '小学')")
    connection.close()
    with ProjectFile.open(path, read_only=True) as returned:
        found = bring_home(project, returned)
    assert sorted(str(c.after["name"]) for c in found.merged.changes if c.after) == ["无处校", "校4"]
    project.close()


def test_what_is_no_package_of_this_project_is_refused(project: ProjectFile, tmp_path: Path) -> None:
    path = out(project, tmp_path)
    with (
        ProjectFile.create(tmp_path / "别.gpkg") as other,
        ProjectFile.open(path, read_only=True) as returned,
    ):
        for place, package, key in (
            (other, returned, "package_of_another"),
            (project, other, "package_none"),
        ):
            with pytest.raises(BadInput) as raised:
                bring_home(place, package)
            assert raised.value.key == key
    with sqlite3.connect(path) as connection:
        connection.execute(
            "UPDATE riskatlas_base SET rows = (SELECT rows FROM riskatlas_base WHERE number = 1)"
        )
    connection.close()
    with ProjectFile.open(path, read_only=True) as returned, pytest.raises(BadInput) as raised:
        bring_home(project, returned)
    assert raised.value.key == "package_base_changed"
    with pytest.raises(BadInput) as raised:
        checkout(project, "999999", tmp_path / "无.gpkg")
    assert "131121" in raised.value.say("zh_CN")
    assert not (tmp_path / "无.gpkg").exists()
    project.close()


def test_a_disagreement_names_its_place() -> None:
    assert Disagreement("t", "k", "f", 1, 2, 3).place == ("t", "k", "f")


def test_photos_come_home_with_their_notes(project: ProjectFile, tmp_path: Path) -> None:
    photo = tmp_path / "现场.jpg"
    photo.write_bytes(b"a picture")
    key = names(project)["校12"]
    EditSession(project).do(attached(project, "school", key, "附", note="别处"))
    path = out(project, tmp_path)
    with ProjectFile.open(path) as package:
        one = names(package)["校1"]
        EditSession(package).do(attached(package, "school", one, "附", note="漏雨", file=photo))
    with ProjectFile.open(path, read_only=True) as returned:
        edit = edit_of(bring_home(project, returned), project, {}, "合并")
    assert edit is not None
    bring_files(path, project, edit)
    EditSession(project).do(edit)
    (found,) = attachments(project, "school", one)
    assert (found.note, found.title, found.is_missing) == ("漏雨", "现场.jpg", False)
    assert len(attachments(project, "school", key)) == 1
    project.close()


def home(
    project: ProjectFile, path: Path, choices: dict[tuple[str, str, str], str] | None = None
) -> Edit | None:
    """Bring a package home, as one edit."""
    with ProjectFile.open(path, read_only=True) as returned:
        edit = edit_of(bring_home(project, returned, choices), project, choices or {}, "合并")
    if edit is not None:
        bring_files(path, project, edit)
        EditSession(project).do(edit)
    return edit


def test_a_package_may_be_edited_on_and_merged_again(project: ProjectFile, tmp_path: Path) -> None:
    path = out(project, tmp_path)
    with ProjectFile.open(path) as package:
        put(package, "校1", category="中学")
        put(package, "校2", category="中学")
        remove(package, "校3")
    put(project, "校1", category="高中")
    one = names(project)["校1"]
    assert home(project, path, {("school", one, "category"): "mine"}) is not None
    assert home(project, path) is None  # nothing came since, and what was decided is not asked again
    put(project, "校2", name="二中")
    with ProjectFile.open(path) as package:
        put(package, "校2", category="高中")
        new = {"geom": point(33, 33), "name": "新校", "category": "小学"}
        EditSession(package).do(Edit("加", (Change("school", "new-1", None, new),)))
    assert home(project, path) is not None
    after = names(project)
    assert project.table("school")[after["二中"]]["category"] == "高中"
    assert project.table("school")[one]["category"] == "高中"
    assert "新校" in after
    with ProjectFile.open(path) as package:
        put(package, "新校", category="中学")
        put(package, "校1", category="大学")
    with ProjectFile.open(path, read_only=True) as returned:
        (left,) = bring_home(project, returned).merged.undecided
    assert (left.key, left.base, left.mine, left.theirs) == (one, "中学", "高中", "大学")
    session = EditSession(project)
    session.undo()
    again = home(project, path, {("school", one, "category"): "theirs"})
    assert again is not None
    assert project.table("school")["new-1"]["category"] == "中学"
    project.close()


def test_a_layer_that_was_made_in_a_package_comes_home_and_is_followed(
    project: ProjectFile, tmp_path: Path
) -> None:
    photo = tmp_path / "井.jpg"
    photo.write_bytes(b"a well")
    path = out(project, tmp_path)
    wells = VectorLayer(
        "school_2", "", project.crs,
        Shapes.of(shapely.points([(WEST + 50, SOUTH + 50), (WEST + 1800, SOUTH + 50)])),
        pd.DataFrame({"深": [30.0, 40.0], "name": ["甲", "远"], "uuid": ["w1", "w2"]}), "水井",
    )  # fmt: skip
    with ProjectFile.open(path) as package:
        EditSession(package).do(load("加", [wells], package))
        (name,) = (e.name for e in package.layers() if e.title == "水井")
        EditSession(package).do(attached(package, name, "w1", "附", note="浑", file=photo))
    taken = load("占名", [VectorLayer(name, "", project.crs, Shapes.of([shapely.Point(WEST, SOUTH)]),
                 pd.DataFrame({"a": [1]}), "另一层")], project)  # fmt: skip
    EditSession(project).do(taken)
    with ProjectFile.open(path, read_only=True) as returned:
        assert [(o.key, o.name) for o in bring_home(project, returned).outside] == [("w2", "远")]
    assert home(project, path) is not None
    (here,) = (e.name for e in project.layers() if e.title == "水井")
    assert here != name
    assert list(project.table(here)) == ["w1"]
    (found,) = attachments(project, here, "w1")
    assert (found.note, found.is_missing) == ("浑", False)
    assert home(project, path) is None
    with ProjectFile.open(path) as package:
        row = package.table(name)["w1"]
        EditSession(package).do(Edit("改", (Change(name, "w1", row, {**row, "深": 31.5}),)))
    assert home(project, path) is not None
    assert project.table(here)["w1"]["深"] == 31.5
    assert len([e for e in project.layers() if e.title == "水井"]) == 1
    project.close()


@pytest.mark.parametrize("seed", range(4))
def test_packages_that_come_home_again_and_again_lose_nothing(
    project: ProjectFile, tmp_path: Path, seed: int
) -> None:
    """Against a plain dictionary: what nobody else touched comes home, what both touched is chosen."""
    chance = random.Random(seed)
    path = out(project, tmp_path)
    inside = [f"校{n}" for n in range(10)]
    mine = {name: project.table("school")[key]["category"] for name, key in names(project).items()}
    theirs = {name: mine[name] for name in inside}
    for turn in range(4):
        base = dict(theirs)
        edits = {name: f"外{turn}{chance.random():.3f}" for name in chance.sample(inside, 4)}
        with ProjectFile.open(path) as package:
            for name, value in edits.items():
                put(package, name, category=value)
        theirs |= edits
        own = {name: f"内{turn}{chance.random():.3f}" for name in chance.sample(inside, 3)}
        for name, value in own.items():
            put(project, name, category=value)
        mine |= own
        keys = names(project)
        with ProjectFile.open(path, read_only=True) as returned:
            undecided = {d.place for d in bring_home(project, returned).merged.undecided}
        came = [name for name in inside if theirs[name] != base[name]]
        contested = {name for name in came if mine[name] not in (base[name], theirs[name])}
        assert {key for _, key, _ in undecided} == {keys[name] for name in contested}
        choices = {place: chance.choice(["mine", "theirs"]) for place in sorted(undecided)}
        assert home(project, path, choices) is not None
        for name in came:
            if choices.get(("school", keys[name], "category"), "theirs") == "theirs":
                mine[name] = theirs[name]
        held = project.table("school")
        assert {name: held[key]["category"] for name, key in names(project).items()} == mine
    project.close()
