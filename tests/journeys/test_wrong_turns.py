"""What the program says when something is not as it should be."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_a_project_is_not_made_over_another(riskatlas: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "甲.gpkg"
    riskatlas("new", path)
    before = path.read_bytes()
    assert "甲.gpkg" in riskatlas("new", path, status=1).stderr
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["甲.gpkg"]


def test_a_missing_project_is_named_in_one_line(riskatlas: Callable[..., Any], tmp_path: Path) -> None:
    said = riskatlas("info", tmp_path / "无.gpkg", status=1).stderr
    assert "无.gpkg" in said
    assert len(said.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("空.shp", b""),
        ("半.gpkg", b"SQLite format 3\0" + b"\0" * 40),
        ("乱.tif", b"not a tiff"),
        ("空.csv", b""),
    ],
)
def test_a_torn_file_is_refused_by_name_and_the_project_stays_as_it_was(
    riskatlas: Callable[..., Any], machine: Callable[..., Any], tmp_path: Path, name: str, content: bytes
) -> None:
    project = tmp_path / "p.gpkg"
    riskatlas("new", project)
    torn = tmp_path / name
    torn.write_bytes(content)
    said = riskatlas("import", project, torn, status=1).stderr
    assert name in said
    assert len(said.strip().splitlines()) == 1
    assert machine("info", project)["layers"] == []


def test_a_hazard_without_layers_says_which_are_missing(
    riskatlas: Callable[..., Any], tmp_path: Path
) -> None:
    project = tmp_path / "p.gpkg"
    riskatlas("new", project)
    said = riskatlas("overlay", project, "--hazard", "flood", status=1).stderr
    assert len(said.strip().splitlines()) == 1


def test_wrong_usage_is_status_2(riskatlas: Callable[..., Any], tmp_path: Path) -> None:
    riskatlas("overlay", tmp_path / "p.gpkg", "--hazard", "meteor", status=2)
    riskatlas("fly", status=2)
