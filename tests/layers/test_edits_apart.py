"""Edits of very many rows, made in a process of their own, are those that are made here."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from layers.editing import EditSession
from layers.errors import BadInput
from layers.layer import Field, Shapes, VectorLayer
from layers.progress import Cancelled
from layers.storage.child import Child
from layers.storage.edits_apart import reckoned_apart, removal_apart
from layers.storage.geopackage import ProjectFile, load
from layers.storage.reckoned import Filling, reckoned
from layers.storage.removing import removal

AREA = Field("area")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProjectFile]:
    west = 380_000.0 + 100 * np.arange(30)
    shapes = Shapes.of(shapely.box(west, 4e6, west + 9, 4e6 + 9))
    table = pd.DataFrame({"name": [f"屋{n}" for n in range(30)], "area": np.arange(30.0)})
    layer = VectorLayer("house", "", "EPSG:4548", shapes, table, "房屋", (Field("name"), AREA))
    with ProjectFile.create(tmp_path_factory.mktemp("apart") / "p.gpkg") as made:
        made.apply(load("导入", [layer], made))
        yield made


@pytest.fixture(autouse=True)
def _all_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layers.storage.edits_apart.MANY", 1)


def test_features_are_read_and_packed_apart(project: ProjectFile) -> None:
    before = dict(project.table("house").items())
    chosen = list(before)[3:20]
    edit = removal_apart(project, "house", chosen, "删除")
    assert (edit, edit.name) == (removal(project, "house", chosen, "删除"), "删除")
    session = EditSession(project)
    session.do(edit)
    assert set(project.table("house")) == set(before) - set(chosen)
    session.undo()
    assert dict(project.table("house").items()) == before


@pytest.mark.parametrize("scope", ["all", "some"])
def test_a_field_is_reckoned_apart(project: ProjectFile, scope: str) -> None:
    keys = None if scope == "all" else list(project.table("house"))[5:9]
    wish = Filling("house", keys, AREA, "area * 2 + 1", "计算")
    apart, here = reckoned_apart(project, wish), reckoned(project, wish)
    assert (apart.edit, apart.findings) == (here.edit, here.findings)
    assert len(apart.edit.changes) == (30 if keys is None else 4)


def test_keys_are_not_told_but_laid_down_in_pieces(
    project: ProjectFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, ask = list[int](), Child.ask

    def listen(self: Child, asked: Mapping[str, object], *more: Any) -> Any:
        told.append(len(str(asked)))
        return ask(self, asked, *more)

    monkeypatch.setattr(Child, "ask", listen)
    monkeypatch.setattr("layers.storage.edits_apart.PIECE", 4)
    keys = list(project.table("house"))
    for chosen in (keys[:3], keys[:9]):
        assert removal_apart(project, "house", chosen, "") == removal(project, "house", chosen, "")
        reckoned_apart(project, Filling("house", chosen, AREA, "area + 1", ""))
    assert told[:2] == told[2:]


def test_what_is_wrong_with_a_formula_is_told_and_work_can_be_stopped(project: ProjectFile) -> None:
    with pytest.raises(BadInput):
        reckoned_apart(project, Filling("house", None, AREA, "area * nothing", "计算"))

    def stop(fraction: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        removal_apart(project, "house", list(project.table("house")), "删除", stop)
