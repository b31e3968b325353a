"""Shelter plans found in a process of their own: the same, with their cases, and their event in one edit."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layers.editing import EditSession
from layers.errors import KnownError
from layers.progress import Cancelled, ignore
from layers.siting import runner
from layers.siting.rules import siting_rules, with_values
from layers.siting.scenario import Scenario, shaking_entry
from layers.siting.shelter_plan import solved
from layers.siting.shelter_store import cards, read_card, revived
from layers.siting.shelter_wish import ShelterWish
from layers.siting.shelters import prepare
from layers.siting.shelters_apart import KINDS, find_plan, judge_only, revive
from layers.storage.geopackage import ProjectFile
from layers.storage.shelf import lay, of_plain, plain, take

EAST, NORTH = 380_000.0, 4_170_000.0


@pytest.fixture(scope="module")
def project(make_county: Callable[[], ProjectFile]) -> ProjectFile:
    return make_county()


def wish(**given: Any) -> ShelterWish:
    event = Scenario("earthquake", 6.5, EAST + 3000, NORTH + 3000)
    usual = {"scenario": event, "cell": 500.0, "count": 4, "radius": 4000.0, "time_limit": 3.0}
    rules = with_values(siting_rules(), {}, ("S7", "S9"))
    return ShelterWish(**{"objective": "max-cover", "rules": rules, **usual, **given})


def laid(value: object, folder: Path) -> tuple[object, dict[str, np.ndarray]]:
    """All that a value holds."""
    folder.mkdir(exist_ok=True)
    lay(value, folder, "value")
    with np.load(folder / "value.npz") as arrays:
        return json.loads((folder / "value.json").read_text()), dict(arrays)


def agree(one: object, other: object, folder: Path) -> None:
    (tree, arrays), (tree_too, arrays_too) = laid(one, folder), laid(other, folder)
    assert repr(tree) == repr(tree_too)
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, arrays_too[name])


def test_a_wish_crosses_as_plain_values() -> None:
    given = wish(others=(Scenario("flood", stage=2.5),), evidence=(("S1", "slope"),), count=None)
    assert repr(of_plain(json.loads(json.dumps(plain(given))), KINDS)) == repr(given)


def test_a_plan_found_apart_is_the_plan_found_here_and_comes_with_its_event(
    project: ProjectFile, tmp_path: Path
) -> None:
    told: list[float] = []
    found = find_plan(project, wish(), "方案", "选址", "zh_CN", told.append)
    case = prepare(project, wish())
    agree(found.plan.case, case, tmp_path / "laid")
    here = solved(case, "方案")
    assert (found.plan.objective, found.plan.status) == (here.objective, here.status)
    assert told == sorted(told)
    assert shaking_entry(project, wish().scenario) is None
    session, before = EditSession(project), project.layers()
    session.do(found.edit)
    assert shaking_entry(project, wish().scenario) is not None
    read = read_card.cache_info().misses
    assert list(cards(project)) == ["方案"]
    assert read_card.cache_info().misses == read  # it was read where the edit was made
    again = revive(project, ("方案",))["方案"]
    agree(again, revived(project, "方案"), tmp_path / "laid")
    assert again.proof == found.plan.proof
    assert np.array_equal(again.unmet, found.plan.unmet)  # of the stored shaking as of the reckoned one
    session.undo()
    assert project.layers() == before


def test_what_is_held_twice_is_one_again(project: ProjectFile, tmp_path: Path) -> None:
    case = prepare(project, wish(scenario=Scenario()))
    lay({"a": (case, case), "b": case}, tmp_path, "value")
    back = take(tmp_path, "value", KINDS)
    assert back["a"][0] is back["a"][1] is back["b"]
    agree(back["b"], case, tmp_path / "laid")


def test_a_search_that_is_cancelled_or_wrong_is_told(project: ProjectFile) -> None:
    def stop(fraction: float) -> None:
        if fraction > 0.1:
            raise Cancelled

    with pytest.raises(Cancelled):
        find_plan(project, wish(time_limit=60.0, gap=0.0), "x", "x", "en", stop)
    with pytest.raises(KnownError) as raised:
        judge_only(project, wish(region="nowhere"))
    assert raised.value.key == "region_unknown"


def test_before_a_plan_is_answered_the_kernel_for_the_hand_is_kept(
    project: ProjectFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = list[set[str]]()

    def keep() -> None:
        there.append({path.stem for path in tmp_path.iterdir()})
        raise PermissionError("a folder that cannot be written")

    monkeypatch.setattr(runner.transport, "compile_kernels", keep)
    asked = {"project": str(project.path), "name": "方案", "language": "en"}
    runner.find(
        {**asked, "wish": plain(wish(scenario=Scenario("everyone"), time_limit=0.5))}, tmp_path, ignore
    )
    assert (tmp_path / "plan.json").exists()
    runner.revive({**asked, "names": [], "as_kept": []}, tmp_path, ignore)
    assert [name & {"plan", "plans"} for name in there] == [set(), {"plan"}]
