"""Files of siting rules, as `riskatlas shelters --rules` takes them."""

from argparse import Namespace
from pathlib import Path

import pytest

from app.verbs.siting_rules import changes, chosen_rules
from layers.errors import BadInput, MissingFile


def chosen(path: Path) -> dict[str, object]:
    return changes(chosen_rules(Namespace(rules=path, rule=[], without=[], switched_on=[])))


def test_a_file_of_rules_may_be_in_gb18030(tmp_path: Path) -> None:
    path = tmp_path / "规则.csv"
    path.write_bytes("id,value,on,说明\nS3,50,,高压线\nS8,,0,坡度\n".encode("gb18030"))
    assert chosen(path) == {"off": ["S8"], "on": [], "values": {"S3": 50.0}}


@pytest.mark.parametrize("row", ["S99,4,", "S3,abc,", "S3,-1,", "S3,inf,", "S1,3,", "S3,,2"])
def test_a_wrong_row_is_named_with_its_file(tmp_path: Path, row: str) -> None:
    path = tmp_path / "r.csv"
    path.write_text(f"id,value,on\nS5,60,\n{row}\n", encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        chosen(path)
    assert "Row 2" in caught.value.say("en")
    assert "r.csv" in caught.value.say("zh_CN")


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"value,on\n3,1\n", "编号,值\n高压,50\n".encode("gbk")]
)
def test_what_is_no_table_of_rules_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        chosen(path)
    assert "r.csv" in caught.value.say("en")
    with pytest.raises(MissingFile):
        chosen(tmp_path / "none.csv")
