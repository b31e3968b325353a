"""Layers on the way out: what a file cannot hold is told or refused, never cut."""

import csv
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.errors import BadInput
from layers.layer import Field, Shapes, VectorLayer
from layers.storage.export import write_file
from layers.storage.formats import read_file
from layers.storage.shapefile_export import DICTIONARY, safe_field_name

FIELDS = (
    Field("name", zh="名称"),
    Field("hazchem_name", zh="危险化学品名称"),
    Field("hazchem_amount", "real", "t", "危险化学品数量"),
    Field("workers", "integer", "人", "从业人数"),
    Field("built", "date", "", "建成日期"),
)


def layer(texts: list[str | None], kind: str = "point") -> VectorLayer:
    rows = np.arange(len(texts))
    points = shapely.points(380_000.0 + 100 * rows, 4_170_000.5 + rows)
    shapes = Shapes.of(points if kind == "point" else shapely.buffer(points, 30.25))
    table = pd.DataFrame(
        {
            "name": pd.Series(texts, dtype=object),
            "hazchem_name": pd.Series([f"硝化棉{n}" for n in rows], dtype=object),
            "hazchem_amount": np.where(rows % 2, 1 / 3, np.nan),
            "workers": rows * 7,
            "built": pd.Series(["1998-05-01" if n % 3 else None for n in rows], dtype=object),
            "uuid": [f"{n:032x}" for n in rows],
        }
    )
    return VectorLayer("firm", "", "EPSG:4548", shapes, table, "企业", FIELDS)


@pytest.mark.parametrize("kind", ["point", "polygon"])
def test_a_shapefile_comes_back_as_it_went_out(tmp_path: Path, kind: str) -> None:
    long = "衡水市" * 120 + "末"
    texts = ["甲", None, "喆䶮村", long, " 空 格 "]
    made = layer(texts, kind)
    done = write_file(made, tmp_path / "企业.shp")
    assert [note.key for note in done.notes] == ["note.field_dictionary", "note.blanks_dropped"]
    names = {path.name for path in done.paths}
    assert names == {f"企业{e}" for e in (".shp", ".shx", ".dbf", ".prj", ".cpg", DICTIONARY)}
    assert {path.name for path in tmp_path.iterdir()} == names
    assert (tmp_path / "企业.cpg").read_text() == "GB18030"
    back = read_file(tmp_path / "企业.shp", kind="").layer
    with (tmp_path / f"企业{DICTIONARY}").open(encoding="utf-8-sig", newline="") as file:
        dictionary = list(csv.DictReader(file))
    columns = {(row["field"], int(row["part"])): row["column"] for row in dictionary}
    assert all(len(row["column"].encode("gb18030")) <= 10 for row in dictionary)
    joined = [
        "".join(back.attributes[columns["name", p]].iloc[3] for p in range(1, 10) if ("name", p) in columns)
    ]
    assert joined == [long]
    assert back.attributes[columns["name", 1]].tolist()[:3] == ["甲", None, "喆䶮村"]
    assert back.attributes[columns["hazchem_name", 1]].tolist() == made.attributes["hazchem_name"].tolist()
    amount = back.attributes[columns["hazchem_amount", 1]]
    assert amount.tolist() == pytest.approx(made.attributes["hazchem_amount"].tolist(), nan_ok=True)
    assert back.attributes[columns["built", 1]].tolist() == made.attributes["built"].tolist()
    assert back.crs == "EPSG:4548"
    assert np.abs(back.shapes.extent - np.array(made.shapes.extent)).max() < 1e-6


def test_other_programs_read_the_text_without_being_told(tmp_path: Path) -> None:
    write_file(layer(["甲", "乙"]), tmp_path / "a.shp")
    assert (tmp_path / "a.cpg").read_text() == "GBK"
    frame = pyogrio.read_dataframe(tmp_path / "a.shp")
    assert frame["名称"].tolist() == ["甲", "乙"]
    assert frame.crs.to_epsg() == 4548
    (tmp_path / "a.cpg").unlink()
    assert pyogrio.read_dataframe(tmp_path / "a.shp")["名称"].tolist() == ["甲", "乙"]


def test_an_older_file_is_replaced_with_its_indexes(tmp_path: Path) -> None:
    write_file(layer(["甲", "乙"]), tmp_path / "a.shp")
    (tmp_path / "a.qix").write_bytes(b"old")
    write_file(layer(["丙"]), tmp_path / "a.shp")
    assert not (tmp_path / "a.qix").exists()
    assert read_file(tmp_path / "a.shp", kind="").layer.attributes["名称"].tolist() == ["丙"]


def test_what_a_shapefile_cannot_hold_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    plain = layer(["甲"])
    table = VectorLayer("t", "", "", Shapes.none(1), plain.attributes)
    large = plain.with_columns({"workers": np.array([10**18])})
    for refused, key in ((table, "shapefile_needs_geometry"), (large, "number_too_large")):
        with pytest.raises(BadInput) as raised:
            write_file(refused, tmp_path / "a.shp")
        assert raised.value.key == key
    assert list(tmp_path.iterdir()) == []


NAMES = st.text("危险化学品名称数量abcdefgh_", min_size=1, max_size=20)


@given(st.lists(st.tuples(NAMES, st.text("abcdefghij_", min_size=1, max_size=20)), max_size=30))
def test_field_names_are_short_and_unique(pairs: list[tuple[str, str]]) -> None:
    taken: set[str] = set()
    made = [safe_field_name(Field(en, zh=zh), 1, taken, "gbk") for zh, en in pairs]
    assert len({name.casefold() for name in made}) == len(made)
    assert all(0 < len(name.encode("gbk")) <= 10 for name in made)


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=300)


@settings(max_examples=15)
@given(st.lists(st.none() | TEXTS, min_size=1, max_size=4))
def test_any_text_survives_a_shapefile(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str | None]
) -> None:
    path = tmp_path_factory.mktemp("shp") / "a.shp"
    write_file(layer(texts), path)  # it compares for itself
    assert path.exists()


def test_formulas_are_text_in_every_table_and_come_back_as_they_were(tmp_path: Path) -> None:
    texts = ["=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "甲"]
    made = layer(list(texts))
    for name in ("a.csv", "a.xlsx"):
        write_file(made, tmp_path / name)
        assert read_file(tmp_path / name, kind="").layer.attributes["名称"].tolist() == texts
    rows = list(csv.reader((tmp_path / "a.csv").read_text("utf-8-sig").splitlines()))
    assert all(not row[0].startswith(("=", "+", "-", "@")) for row in rows)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert all(cell.data_type != "f" for row in book.active.iter_rows() for cell in row)
    book.close()


def test_what_a_table_leaves_behind_is_told(tmp_path: Path) -> None:
    done = write_file(layer(["甲"], "polygon"), tmp_path / "a.csv")
    assert [note.key for note in done.notes] == ["note.geometry_left"]
    with pytest.raises(BadInput) as raised:
        write_file(layer(["长" * 40_000]), tmp_path / "a.xlsx")
    assert raised.value.key == "cell_too_long"
    assert not (tmp_path / "a.xlsx").exists()
    numbers = layer(["甲"]).with_columns({"workers": np.array([1234567890123456789])})
    write_file(numbers, tmp_path / "a.xlsx")
    assert "1234567890123456789" in [
        str(c.value) for c in openpyxl.load_workbook(tmp_path / "a.xlsx").active[2]
    ]
