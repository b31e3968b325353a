"""Projects that were damaged or made by others: the rest is on the map, what is damaged is said once."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.turns import nothing_waits
from layers.storage.connection import connect
from tests.waiting import LONG

TRIGGERS = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
ONE_POINT = "geom = CAST(substr(geom, 1, 58) || x'01000000' || substr(geom, 63, 16) AS BLOB)"


def damaged(path: Path, *words: str) -> Path:
    """The project after these statements, that no trigger follows."""
    with closing(connect(path, read_only=False)) as connection:
        for (name,) in connection.execute(TRIGGERS).fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        for each in words:
            connection.execute(each)
    return path


class Look:
    """A window with an open project, and what it told."""

    def __init__(self, window: MainWindow, qtbot: QtBot, path: Path) -> None:
        self.window, self.qtbot = window, qtbot
        self.told: list[str] = []
        self.bugs: list[str] = []
        window.tasks.told.connect(lambda error: self.told.append(error.say("zh_CN")))
        window.tasks.crashed.connect(self.bugs.append)
        window.files.open_path(path)
        qtbot.waitUntil(lambda: bool(self.bugs) or self.is_drawn(), timeout=LONG)

    def is_drawn(self) -> bool:
        drawing = self.window.stage.map.drawing
        is_final = drawing is not None and drawing.is_final
        return is_final and self.window.tasks.idle and nothing_waits()

    def again(self) -> None:
        self.window.stage.map.zoom(1.2)
        self.qtbot.wait(100)
        self.qtbot.waitUntil(self.is_drawn, timeout=LONG)

    def is_empty(self) -> bool:
        return not self.window.stage.map.drawing.pixels[..., 3].any()


@pytest.fixture
def look(
    open_window: Callable[..., MainWindow], county_once: Path, tmp_path: Path, qtbot: QtBot
) -> Callable[..., Look]:
    def opened(*words: str) -> Look:
        path = tmp_path / "县.gpkg"
        path.write_bytes(county_once.read_bytes())
        return Look(open_window(), qtbot, damaged(path, *words))

    return opened


def test_a_layer_whose_table_is_gone_is_left_out_and_said_once(look: Callable[..., Look]) -> None:
    seen = look("DROP TABLE building", "DROP TABLE rtree_building_geom")
    seen.again()
    assert not seen.bugs
    assert len(seen.told) == 1
    assert "房屋" in seen.told[0]
    assert "备份" in seen.told[0]
    assert [entry.name for entry in seen.window.stack.entries] == ["township"]
    assert not seen.is_empty()
    project = seen.window.desk.project
    assert "building" in project.table("layers")  # nothing is lost
    assert project.free_name("building") == "building_2"


@pytest.mark.parametrize(
    "words",
    [
        "UPDATE riskatlas_layers SET provenance = 'nonsense'",
        "UPDATE riskatlas_layers SET fields = '[{\"name\": 1}]'",
        "UPDATE riskatlas_layers SET lattice = '{\"west\": 1}', position = 'first'",
    ],
)
def test_a_registration_that_nobody_can_read_is_empty_and_said_once(
    look: Callable[..., Look], words: str
) -> None:
    seen = look(words)
    assert not seen.bugs
    assert len(seen.told) == 1
    assert "乡镇" in seen.told[0]
    assert len(seen.window.stack.entries) == 2
    assert not seen.is_empty()


@pytest.mark.parametrize(
    "geometry", ["geom = substr(geom, 1, 90)", "geom = x'47'", "geom = 'text'", ONE_POINT], ids=str
)
def test_a_torn_geometry_takes_one_feature_off_the_map_not_all(
    look: Callable[..., Look], geometry: str
) -> None:
    seen = look(f"UPDATE township SET {geometry} WHERE fid = 3")
    seen.again()
    assert not seen.bugs
    assert [text for text in seen.told if "几何" in text] == seen.told[:1]
    assert "乡镇" in seen.told[0]
    assert "第 3 行" in seen.told[0]
    assert not seen.is_empty()
    assert len(seen.window.gazetteer.regions) == 5
    project = seen.window.desk.project
    with pytest.raises(ValueError, match="row 3"):  # what reckons does not leave it out silently
        project.read("township")


def test_a_torn_feature_can_be_named_deleted_and_brought_back(look: Callable[..., Look]) -> None:
    from layers.changes import Change, Edit

    seen = look("UPDATE township SET geom = substr(geom, 1, 90) WHERE fid = 3")
    desk = seen.window.desk
    key, row = next((k, r) for k, r in desk.project.table("township").items() if r["name"] == "2村")
    desk.do(Edit("删除", (Change("township", key, row, None),)))
    assert len(desk.project.table("township")) == 5
    desk.undo()
    assert desk.project.table("township")[key] == row
    desk.do(Edit("改名", (Change("township", key, row, {**row, "name": "新名"}),)))
    assert desk.project.table("township")[key] == {**row, "name": "新名"}


def test_columns_may_be_missing_and_cells_hold_anything(look: Callable[..., Look]) -> None:
    seen = look(
        "UPDATE township SET population = 'many' WHERE fid = 1",
        "UPDATE township SET population = 9e999, name = x'fffe' WHERE fid = 2",
        "ALTER TABLE township DROP COLUMN county_code",
        "ALTER TABLE building DROP COLUMN code",
    )
    assert not seen.bugs
    layer = seen.window.desk.project.read("township")
    assert layer["population"].isna().tolist() == [True, *[False] * 5]
    assert all(isinstance(name, str) for name in layer["name"])
    assert len(seen.window.gazetteer.regions) == 6


def test_a_spatial_index_that_is_gone_is_made_anew(look: Callable[..., Look]) -> None:
    from layers.grid import Extent
    from tests.app.conftest import SOUTH, WEST

    seen = look("DROP TABLE rtree_township_geom", "UPDATE township SET geom = x'47' WHERE fid = 6")
    assert not seen.bugs
    project = seen.window.desk.project
    near = Extent(WEST + 100, SOUTH + 100, WEST + 200, SOUTH + 200)
    assert list(project.read("township", extent=near)["name"]) == ["0村"]


@pytest.mark.parametrize(
    "words",
    [
        ("DROP TABLE qgis_projects",),
        ("DROP TABLE IF EXISTS layer_styles", "CREATE TABLE layer_styles (a INTEGER)"),
        ("UPDATE riskatlas_layers SET crs = 'nonsense'",),
        ("UPDATE riskatlas_journal SET deed = 'redo'",),
        ("UPDATE riskatlas_journal SET deed = 'undo'",),
        ("UPDATE gpkg_contents SET min_x = 'far', max_x = 9e999",),
    ],
    ids=str,
)
def test_what_other_programs_have_thrown_away_or_put_in_its_place(
    look: Callable[..., Look], words: tuple[str, ...]
) -> None:
    seen = look(*words, "UPDATE riskatlas_project SET file = 'other.gpkg'")  # so that QGIS is told anew
    assert not seen.bugs
    assert not seen.told
    assert len(seen.window.stack.entries) == 2
    assert not seen.is_empty()


def test_a_journal_with_torn_entries_is_listed(look: Callable[..., Look]) -> None:
    seen = look("UPDATE riskatlas_journal SET edit = x'00', time = 'when'")
    seen.window.go_to("journal")
    listed = seen.window.workspaces.edit.journal.list
    assert listed.topLevelItem(0).text(0) == "导入"
    seen.window.undo()
    assert any("编辑日志第 1 条" in text for text in seen.window.notices.texts())
    assert len(seen.window.stack.entries) == 2


def test_rows_that_another_program_took_away_are_counted_once(look: Callable[..., Look]) -> None:
    seen = look("DELETE FROM township")
    assert [entry.edit.name for entry in seen.window.desk.project.journal()][-1] != "导入"  # it was entered
    assert seen.window.desk.project.layer("township").rows == 0
    assert seen.window.stack.entry("township").rows == 0


def test_plan_cards_of_nonsense_leave_the_workspace_whole(look: Callable[..., Look]) -> None:
    cards = ", ".join(f"('shelter_plan:坏{n}', '{text}')" for n, text in enumerate(("{", "5", '{"wish": 1}')))
    seen = look(f"INSERT INTO riskatlas_settings VALUES {cards}")
    assert seen.window.workspaces.shelters.shelters.cards == {}
    assert [text for text in seen.told if "坏0、坏1、坏2" in text] == seen.told


@pytest.mark.parametrize(
    "words",
    [
        "DROP TABLE riskatlas_journal",
        "DELETE FROM riskatlas_project",
        "UPDATE riskatlas_project SET crs = 'nonsense'",
    ],
)
def test_what_is_no_project_any_more_is_refused_in_a_sentence(
    open_window: Callable[..., MainWindow], county_once: Path, tmp_path: Path, qtbot: QtBot, words: str
) -> None:
    path = tmp_path / "县.gpkg"
    path.write_bytes(county_once.read_bytes())
    window, told, bugs = open_window(), list[str](), list[str]()
    window.tasks.told.connect(lambda error: told.append(error.say("zh_CN")))
    window.tasks.crashed.connect(bugs.append)
    window.files.open_path(damaged(path, words))
    qtbot.waitUntil(lambda: bool(told or bugs), timeout=LONG)
    assert not bugs
    assert len(told) == 1
    assert window.desk.project is None
