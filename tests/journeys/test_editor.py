"""The census worker: files in, journal, files out, by the command line (in this process: it is quick)."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from app.cli import main
from layers.changes import Change, Edit
from layers.editing import EditSession
from layers.storage.geopackage import ProjectFile

Run = Callable[..., Any]


class Said(NamedTuple):
    stdout: str
    stderr: str


@pytest.fixture
def riskatlas(capsys: pytest.CaptureFixture[str]) -> Run:
    """A verb; fails if it ends otherwise than expected."""

    def run(*words: object, status: int = 0) -> Said:
        capsys.readouterr()
        ended = main([str(word) for word in words])
        said = Said(*capsys.readouterr())
        assert ended == status, said.stderr
        return said

    return run


@pytest.fixture
def machine(riskatlas: Run) -> Run:
    """The answer that `--json` gives."""
    return lambda *words, **status: json.loads(riskatlas(*words, "--json", **status).stdout)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with eight firms, imported once."""
    folder = tmp_path_factory.mktemp("县")
    path, table = folder / "县.gpkg", folder / "企业.csv"
    rows = [f"企业{n},{115.5 + n / 100},{37.5 + n / 100},其他" for n in range(8)]
    table.write_text("\n".join(["企业名称,经度,纬度,企业类型", *rows]), encoding="gbk")
    assert main(["new", str(path)]) == 0
    assert main(["import", str(path), str(table), "--as", "enterprise", "--gcj02", "no"]) == 0
    return path


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(template, tmp_path / "县.gpkg"))


def test_a_layer_goes_out_and_the_journal_is_told_and_undone(
    riskatlas: Run, machine: Run, project: Path, tmp_path: Path
) -> None:
    for ending in (".shp", ".gpkg", ".geojson", ".csv", ".xlsx"):
        told = machine("export", project, "企业", tmp_path / f"出{ending}")
        assert told["rows"] == 8
        assert all(Path(path).exists() for path in told["wrote"])
    said = riskatlas("export", project, "没有", tmp_path / "a.shp", status=1).stderr
    assert "enterprise" in said
    assert machine("log", project)["entries"][0]["deed"] == "do"
    riskatlas("undo", project)
    assert machine("info", project)["layers"] == []
    riskatlas("undo", project, status=1)
    riskatlas("redo", project)
    assert machine("info", project)["layers"][0]["rows"] == 8


def test_points_of_unknown_origin_are_asked_about(
    riskatlas: Run, machine: Run, project: Path, tmp_path: Path
) -> None:
    machine("export", project, "enterprise", tmp_path / "甲.shp", "--crs", "EPSG:4490")
    (tmp_path / "甲.prj").unlink()
    riskatlas("new", tmp_path / "空.gpkg")
    said = riskatlas("import", tmp_path / "空.gpkg", tmp_path / "甲.shp", status=1).stderr
    assert "gcj02" in said
    assert said.count("\n") == 1
    told = machine("import", tmp_path / "空.gpkg", tmp_path / "甲.shp", "--gcj02", "bd09")
    assert told["layers"][0]["rows"] == 8
    again = machine("import", project, tmp_path / "甲.shp")  # the project knows these names
    assert any("不带" in note for note in again["layers"][0]["notes"])
    assert np.isfinite(again["layers"][0]["rows"])


def test_findings_are_one_line_each_and_the_safe_ones_are_put_right(
    riskatlas: Run, machine: Run, project: Path, tmp_path: Path
) -> None:
    table = tmp_path / "学校.csv"
    table.write_text(
        "学校名称,经度,纬度,类别\n一中,115.7,37.7,中学\n,115.71,37.7,小学\n二中,115.7,37.7,中学\n", "utf-8"
    )
    riskatlas("import", project, table, "--as", "school", "--gcj02", "no")
    lines = riskatlas("check", project, "--layer", "school").stdout.splitlines()
    assert sorted(line.split("\t")[0] for line in lines) == ["duplicate", "required"]
    assert all(len(line.split("\t")) == 5 for line in lines)
    rules = tmp_path / "规则.toml"
    rules.write_text(
        '[[rule]]\nid = "mine"\ntest = "condition"\ncondition = "类型 = \'其他\'"\nfield = "type"\n', "utf-8"
    )
    assert machine("check", project, "--rules", rules)["findings"] == []
    told = machine("check", project, "--fix", "--out", tmp_path / "问题.xlsx")
    assert told["fixed"] == 0
    assert (tmp_path / "问题.xlsx").exists()


def test_a_package_goes_out_and_comes_home_with_a_conflict(
    riskatlas: Run, machine: Run, project: Path, tmp_path: Path
) -> None:
    table = tmp_path / "县.geojson"
    ring = [[115.4, 37.4], [115.6, 37.4], [115.6, 37.7], [115.4, 37.7], [115.4, 37.4]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"code": "131121", "name": "枣强县"}, "geometry": geometry}
    table.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    riskatlas("import", project, table, "--as", "county")
    out = tmp_path / "枣强.gpkg"
    told = machine("checkout", project, "--region", "131121", out)
    assert Path(told["wrote"]).exists()
    riskatlas("checkout", project, "--region", "999", tmp_path / "x.gpkg", status=1)
    for path, name in ((out, "对方"), (project, "本方")):
        with ProjectFile.open(path) as held:
            key, row = next(item for item in held.table("enterprise").items() if item[1]["name"] == "企业3")
            EditSession(held).do(Edit("改", (Change("enterprise", key, row, {**row, "name": name}),)))
    refused = json.loads(riskatlas("merge", project, out, "--json", status=1).stdout)
    assert [(c["field"], c["mine"], c["theirs"]) for c in refused["conflicts"]] == [("name", "本方", "对方")]
    path = Path(refused["file"])
    path.write_text(path.read_text("utf-8").replace('"choose": ""', '"choose": "theirs"'), "utf-8")
    done = machine("merge", project, out, "--resolve", path)
    assert (done["changes"], len(done["conflicts"])) == (1, 1)
    with ProjectFile.open(project, read_only=True) as held:
        assert held.table("enterprise")[key]["name"] == "对方"
    riskatlas("undo", project)
    with ProjectFile.open(project, read_only=True) as held:
        assert held.table("enterprise")[key]["name"] == "本方"


def test_the_history_of_a_feature_is_told_and_one_old_edit_taken_back(
    riskatlas: Run, machine: Run, project: Path
) -> None:
    with ProjectFile.open(project) as held:
        session, table = EditSession(held), held.table("enterprise")
        key = next(iter(table))
        for cells in ({"name": "一"}, {"type": "烟花爆竹"}, {"name": "二"}):
            row = table[key]
            session.do(Edit("改", (Change("enterprise", key, row, {**row, **cells}),)))
    told = machine("log", project, "--layer", "enterprise", "--uuid", key)["entries"]
    assert [(line["number"], line["fields"]) for line in told] == [
        (2, ["name"]),
        (3, ["type"]),
        (4, ["name"]),
    ]
    assert "4" in riskatlas("undo", project, "--number", 2, status=1).stderr
    riskatlas("undo", project, "--number", 3)
    with ProjectFile.open(project, read_only=True) as held:
        assert (held.table("enterprise")[key]["type"], held.table("enterprise")[key]["name"]) == (
            "其他",
            "二",
        )
    riskatlas("undo", project, "--number", 99, status=1)
