"""Values of a table are brought to the features that its rows mean; what is not met is told."""

from pathlib import Path

import pandas as pd
import pytest
import shapely

from layers.errors import BadInput, MissingFile
from layers.layer import Field, Shapes, VectorLayer
from layers.storage.matching import brought, likely_fields, likely_keys, match, read_table

FIELDS = {f.name: f for f in (Field("code"), Field("name"), Field("population", "integer", "人", "常住人口"))}


def towns() -> VectorLayer:
    table = pd.DataFrame(
        {"code": ["11", "12", "13"], "name": ["甲", "乙", "丙"], "population": [1, None, 3]}
    ).assign(uuid=["a", "b", "c"])
    return VectorLayer("town", "", "EPSG:4548", Shapes.of(shapely.points([[0, 0]] * 3)), table)


def test_a_key_is_met_however_it_is_written() -> None:
    found = match(["11", "12", "13", None], [12.0, " １１", "99", "", "13", 13])
    assert found.rows.tolist() == [1, 0, -1, -1]
    assert (found.unused, found.repeated, found.count) == (("99",), ("13",), 2)


def test_key_and_fields_are_found_by_what_they_hold_and_are_called() -> None:
    table = pd.DataFrame({"乡镇": ["乙", "丙"], "区划": [12, 13], "常住人口": [5, 6], "x": [1, 2]})
    assert likely_keys(towns(), table) == ("code", "区划")
    assert likely_keys(towns(), table[["x", "乡镇"]]) == ("name", "乡镇")
    assert likely_keys(towns(), table[["x"]]) == ("", "")
    assert likely_fields("", list(FIELDS.values()), list(table)) == {"population": "常住人口"}


def test_cells_are_filled_of_their_type_and_empty_ones_leave_what_is_there() -> None:
    table = pd.DataFrame({"c": ["11", "12", "13"], "p": ["", "1,200", "3"], "n": ["甲", " 乙镇", None]})
    found = match(towns().attributes["code"], table["c"])
    edit = brought(towns(), FIELDS, table, found, {"population": "p", "name": "n"}, "填")
    assert [(c.key, c.before, c.after) for c in edit.changes] == [
        ("b", {"population": None, "name": "乙"}, {"population": 1200, "name": "乙镇"})
    ]
    table.loc[1, "p"] = "约五"
    with pytest.raises(BadInput) as told:
        brought(towns(), FIELDS, table, found, {"population": "p"}, "填")
    assert (told.value.facts["row"], told.value.facts["value"]) == (2, "约五")


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingFile):
        read_table(tmp_path / "none.csv")
    (tmp_path / "a.doc").write_text("x")
    with pytest.raises(BadInput):
        read_table(tmp_path / "a.doc")
    (tmp_path / "人.csv").write_bytes("代码,人口\n11,5\n".encode("gb18030"))
    assert read_table(tmp_path / "人.csv").to_dict("records") == [{"代码": "11", "人口": "5"}]
