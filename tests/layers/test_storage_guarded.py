"""Foreign files in a process of their own: the same answer, limits that hold, the fuzz in short."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from layers.errors import BadInput, MissingFile, UnknownCrs
from layers.layer import Provenance, Shapes, VectorLayer
from layers.progress import Cancelled
from layers.storage import guarded, shelf
from layers.storage.formats import read_file
from layers.storage.guarded import read_guarded

FUZZ = Path(__file__).resolve().parents[2] / "benchmarks" / "fuzz.py"


def schools() -> VectorLayer:
    table = pd.DataFrame(
        {
            "name": pd.Series(["甲", None], dtype=object),
            "count": [1, 2],
            "depth": [0.5, np.nan],
            "uuid": ["a", "b"],
        }
    )
    shapes = Shapes.of([shapely.box(0, 0, 1, 1).difference(shapely.box(0.2, 0.2, 0.4, 0.4)), None])
    return VectorLayer("s", "", "EPSG:4548", shapes, table, "校", provenance=Provenance("源", inputs=("a",)))


def test_a_layer_comes_from_the_shelf_as_it_was_laid_down(tmp_path: Path) -> None:
    shelf.lay(schools(), tmp_path, "a")
    back = shelf.take_layer(tmp_path, "a")
    pd.testing.assert_frame_equal(back.attributes, schools().attributes, check_dtype=False)
    assert np.array_equal(back.shapes.xy, schools().shapes.xy)
    assert (back.title, back.provenance, back.crs) == ("校", schools().provenance, "EPSG:4548")


def test_a_guarded_reading_gives_what_the_plain_one_gives(tmp_path: Path) -> None:
    path = tmp_path / "企业.csv"
    path.write_text("企业名称,经度,纬度,企业类型\n甲,115.6,37.7,其他\n乙,,,其他\n", encoding="gbk")
    plain, kept = read_file(path, gcj02="no"), read_guarded(path, gcj02="no")
    assert isinstance(plain.layer, VectorLayer)
    assert isinstance(kept.layer, VectorLayer)
    same = ["path", "encoding", "crs", "notes", "skipped", "altered"]
    assert [getattr(kept, name) for name in same] == [getattr(plain, name) for name in same]
    assert np.array_equal(kept.layer.shapes.xy, plain.layer.shapes.xy)
    assert kept.layer.attributes["name"].tolist() == ["甲"]
    assert (kept.layer.fields, kept.layer.kind) == (plain.layer.fields, "enterprise")


def test_known_errors_come_through(tmp_path: Path) -> None:
    with pytest.raises(MissingFile):
        read_guarded(tmp_path / "没有.shp")
    path = tmp_path / "点.csv"
    path.write_text("东坐标,北坐标\n382753,4178442\n", encoding="utf-8")
    with pytest.raises(UnknownCrs) as raised:
        read_guarded(path, kind="")
    assert "EPSG:4548" in str(raised.value.facts["candidates"])


def test_a_reader_that_dies_or_dawdles_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_text("经度,纬度\n115.6,37.7\n", encoding="utf-8")
    with monkeypatch.context() as less:
        less.setattr(guarded, "MEMORY", 20 << 20)  # too little to live
        with pytest.raises(BadInput) as raised:
            read_guarded(path)
        assert raised.value.key in {"reader_died", "reader_too_large"}
    with monkeypatch.context() as less:
        less.setattr(guarded, "SECONDS", 0.05)
        with pytest.raises(BadInput) as raised:
            read_guarded(path)
        assert raised.value.key == "reader_too_slow"

    def cancel(fraction: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        read_guarded(path, progress=cancel)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs fork")
def test_mutated_files_are_read_or_refused() -> None:
    words = [sys.executable, FUZZ, "--files", "60", "--seed", "7", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode, found["amiss"], found["first"]) == (0, 0, [])


@pytest.mark.skipif(not hasattr(os, "SCHED_BATCH"), reason="only Linux has such classes")
def test_a_child_goes_behind_the_window(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("经度,纬度\n115.6,37.7\n", encoding="utf-8")
    with guarded.Reader() as reader:
        reader.read(path, kind="", gcj02="no")
        process = reader._child._process
        assert process is not None
        assert os.sched_getscheduler(process.pid) == os.SCHED_BATCH


def test_one_reader_reads_many_files_and_outlives_a_death(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("经度,纬度\n115.6,37.7\n", encoding="utf-8")
    with guarded.Reader() as reader:
        assert len(reader.read(path, kind="", gcj02="no").layer) == 1
        first = reader._child._process
        with pytest.raises(MissingFile):
            reader.read(tmp_path / "b.csv")
        assert reader._child._process is first
        assert first is not None
        first.kill()
        first.wait()
        assert len(reader.read(path, kind="", gcj02="no").layer) == 1
