"""The layers of a project are listed anew only when something was written, whoever wrote it."""

import sqlite3
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from layers.changes import Change, Edit
from layers.editing import EditSession
from layers.layer import Shapes, VectorLayer
from layers.storage.geopackage import ProjectFile, load


def wells(count: int) -> VectorLayer:
    shapes = Shapes.of(shapely.points(380_000.0 + np.arange(count), 4_170_000.0))
    return VectorLayer("well", "", "EPSG:4548", shapes, pd.DataFrame({"name": ["井"] * count}), "井")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "p.gpkg"
    with ProjectFile.create(path) as made:
        EditSession(made).do(load("导入", [wells(3)], made))
    return path


def test_layers_are_listed_once_until_something_is_written(path: Path) -> None:
    with ProjectFile.open(path) as project:
        first = project.layers()
        assert project.layers() is first
        key, row = next(iter(project.table("well").items()))
        session = EditSession(project)
        session.do(Edit("删", (Change("well", key, dict(row), None),)))
        assert [entry.rows for entry in project.layers()] == [2]
        session.undo()
        assert [entry.rows for entry in project.layers()] == [3]


def test_what_another_program_writes_is_listed(path: Path) -> None:
    with ProjectFile.open(path, read_only=True) as project:
        assert [entry.title for entry in project.layers()] == ["井"]
        other = sqlite3.connect(path)
        with other:
            other.execute("UPDATE riskatlas_layers SET title = '泉'")
        other.close()
        assert [entry.title for entry in project.layers()] == ["泉"]


def test_another_door_to_the_file_sees_an_edit(path: Path) -> None:
    with ProjectFile.open(path) as project, ProjectFile.open(path, read_only=True) as reader:
        assert [entry.rows for entry in reader.layers()] == [3]
        key, row = next(iter(project.table("well").items()))
        EditSession(project).do(Edit("删", (Change("well", key, dict(row), None),)))
        assert [entry.rows for entry in reader.layers()] == [2]
