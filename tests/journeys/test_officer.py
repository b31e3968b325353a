"""An emergency officer at the window: an earthquake, shelters that can be defended, a change by hand."""

import json
from pathlib import Path

import numpy as np
import openpyxl
import pypdf
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from app.cli import main
from app.main_window import MainWindow
from app.settings import Settings
from app.sheltering.amended import AmendedPage
from app.sheltering.output import write_for
from layers.changes import Change, Edit
from layers.reports.shelter_outputs import OutputWish
from layers.siting.shelter_plan import ShelterPlan
from layers.siting.shelter_routes import ways_of
from layers.storage.geopackage import ProjectFile

LONG = 300_000
JING = "131127"


@pytest.fixture
def window(qtbot: QtBot, own_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    shown = MainWindow(Settings(), "zh_CN")
    qtbot.addWidget(shown)
    shown.show()
    shown.files.open_path(own_project)
    qtbot.waitUntil(lambda: bool(shown.gazetteer.regions), timeout=LONG)
    settle(shown, qtbot)
    return shown


def settle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.wait(100)
    qtbot.waitUntil(lambda: window.tasks.idle, timeout=LONG)
    qtbot.wait(50)


def check(plan: ShelterPlan) -> None:
    """What must hold of every plan, whatever was done to it."""
    flows = plan.flows
    served = np.bincount(flows.point, flows.people, len(plan.demand))
    assert np.array_equal(served + plan.unmet, plan.demand)
    assert (plan.load <= plan.capacity + 1e-9).all()
    assert (flows.cost <= plan.case.radius + 1e-6).all()
    assert plan.case.judgement.is_allowed[plan.row].all()


def test_an_officer_chooses_shelters_after_an_earthquake(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    work = window.workspaces.shelters
    shelters, form = work.shelters, work.form
    window.go_to("shelters")
    form.magnitude.setValue(6.5)
    form.place.setCurrentIndex(form.place.findData(JING))
    form.region.setCurrentIndex(form.region.findData(JING))
    form.stage.setValue(1.5)
    form.count.setValue(6)
    form.limit.setValue(3)
    assert form.exclude.isChecked()
    form.start.click()
    qtbot.waitUntil(lambda: shelters.plan("方案 1") is not None, timeout=LONG)
    settle(window, qtbot)
    plan = shelters.plan("方案 1")
    assert plan is not None
    assert plan.case.wish.flood is not None
    check(plan)
    assert 0.0 <= plan.gap < np.inf
    assert plan.status in {"optimal", "feasible"}

    # the earthquake is a hazard result of the project: the map, the losses and the sheets have it
    assert window.desk.project is not None
    shaking = window.desk.project.first("hazard_shaking")
    assert shaking is not None
    assert "magnitude=6.5" in shaking.provenance.model
    assert form.quake.findData(shaking.name) > 0
    form.quake.setCurrentIndex(form.quake.findData(shaking.name))
    assert form.scenario() == plan.case.wish.scenario

    # every excluded site names its rule, in the project too
    kept = window.desk.project.first("plan_excluded")
    assert kept is not None
    excluded = window.desk.project.read(kept.name)
    assert len(excluded) == (~plan.case.judgement.is_allowed).sum()
    assert excluded["rule"].str.len().min() >= 2
    row = int(np.flatnonzero(~plan.case.judgement.is_allowed)[0])
    work.overlay.look(row)
    assert "被排除" in work.rules.site.text()

    # nobody walks over a closed road
    closed = np.flatnonzero(~plan.case.network.is_open)
    assert len(closed)
    ways = ways_of(plan)
    assert not np.isin(np.concatenate([way.edges for way in ways]), closed).any()
    assert np.allclose([way.line.length for way in ways], plan.flows.cost, atol=0.5)

    # one site is dragged on the map; the plan follows, and is kept as a variant
    window.choice.take_region(JING)
    window.wayfinding.show_region()
    settle(window, qtbot)
    shelters.begin_draft()
    site = int(np.argmax(plan.load))
    before = plan.xy[site].copy()
    drag(window, qtbot, before, QPoint(60, -40))
    assert shelters.draft is not None
    assert np.hypot(*(shelters.draft.xy[site] - before)) > 500
    check_by_hand(shelters.draft)
    qtbot.waitUntil(lambda: "界只作参考" in work.plans.proof.text(), timeout=LONG)
    work.overlay.close_site(0)
    check_by_hand(shelters.draft)
    assert len(shelters.draft.row) == len(plan.row) - 1
    shelters.keep_draft()
    settle(window, qtbot)
    assert list(shelters.cards) == ["方案 1", "方案 1 变体 1"]

    # two plans side by side
    page = work.compare(tuple(shelters.cards))
    assert page is not None
    figures = [page.side_by_side.topLevelItem(k) for k in range(page.side_by_side.topLevelItemCount())]
    left_out = next(item for item in figures if item is not None and item.text(0) == "未安置")
    assert "(" in left_out.text(2)
    page.score()
    settle(window, qtbot)
    assert page.scores.topLevelItemCount() == 4
    page.close()

    # cards and the evacuation plan
    shelters.choose("方案 1")
    town = plan.case.points.towns.codes[int(plan.case.points.township[plan.flows.point[0]])]
    write_for(window, plan, OutputWish(("book", "cards", "table"), town, tmp_path / "成果", "示例应急局"))
    settle(window, qtbot)
    book = pypdf.PdfReader(next((tmp_path / "成果").glob("*场所卡.pdf")))
    assert len(book.pages) == 1 + int((plan.load > 0).sum())
    assert plan.names[int(np.argmax(plan.load))][:4] in "".join(book.pages[1].extract_text().split())
    cards = pypdf.PdfReader(next((tmp_path / "成果").glob("*村庄卡*.pdf")))
    assert any("步行" in page.extract_text() for page in cards.pages)
    sheet = openpyxl.load_workbook(next((tmp_path / "成果").glob("*.xlsx")))["转移去向"]
    heads = [cell.value for cell in next(sheet.iter_rows(max_row=1))]
    people = sum(row[heads.index("人数")].value for row in sheet.iter_rows(min_row=2))
    assert people == plan.flows.people.sum()

    # and all of it can be taken back
    window.undo()
    settle(window, qtbot)
    assert list(shelters.cards) == ["方案 1"]


def check_by_hand(plan: ShelterPlan) -> None:
    """A plan by hand: a dragged site may stand anywhere, but people and room must still agree."""
    served = np.bincount(plan.flows.point, plan.flows.people, len(plan.demand))
    assert np.array_equal(served + plan.unmet, plan.demand)
    assert (plan.load <= plan.capacity + 1e-9).all()


def drag(window: MainWindow, qtbot: QtBot, place: np.ndarray, by: QPoint) -> None:
    """Take what stands at a place of the map and let it go elsewhere."""
    view = window.stage.map
    x, y = view.view.to_screen(*place)
    start = QPoint(round(x), round(y))
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    for share in (0.5, 1.0):
        qtbot.mouseMove(view, start + by * share)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=start + by)


def test_a_stored_plan_is_gone_on_with_another_day(window: MainWindow, qtbot: QtBot) -> None:
    work = window.workspaces.shelters
    form = work.form
    form.kind.setCurrentIndex(form.kind.findData("everyone"))
    form.region.setCurrentIndex(form.region.findData(JING))
    form.unit.setCurrentIndex(form.unit.findData("township"))
    form.exclude.setChecked(False)
    form.count.setValue(5)
    form.limit.setValue(2)
    work.solve()
    settle(window, qtbot)
    first = work.shelters.plan("方案 1")
    assert first is not None
    path = window.desk.project.path if window.desk.project else Path()
    window.files.close()
    window.files.open_path(path)
    qtbot.waitUntil(lambda: window.desk.project is not None, timeout=LONG)
    settle(window, qtbot)
    assert list(work.shelters.cards) == ["方案 1"]
    work.shelters.begin_draft()
    settle(window, qtbot)
    again = work.shelters.draft
    assert again is not None
    assert again.unmet.sum() == first.unmet.sum()
    assert again.names == first.names
    with ProjectFile.open(path, read_only=True) as project:
        assert {entry.kind for entry in project.layers()} >= {"plan_site", "plan_allocation", "plan_gap"}
    work.shelters.end_draft()

    # the people of a township change: the plan says so, and is gone on with only when somebody has decided
    held = window.desk.project
    assert held is not None
    rows = held.table("township")
    key = next(key for key in rows if str(rows[key]["county_code"]) == JING)
    before = dict(rows[key])
    window.desk.do(Edit("人口", (Change("township", key, before, before | {"population": 1}),)))
    qtbot.waitUntil(lambda: "求出之后有改动" in work.plans.proof.text(), timeout=LONG)
    for of_then in (True, False):
        work.shelters.begin_draft()
        settle(window, qtbot)
        page = window.findChild(AmendedPage)
        assert page is not None
        assert "1 个要素改动" in page.list.text()
        (page.of_then if of_then else page.anew).click()
        settle(window, qtbot)
        found = work.shelters.draft
        assert found is not None
        assert (found.demand.sum() == first.demand.sum()) == of_then
        check_by_hand(found)
        work.shelters.end_draft()
        after = dict(held.table("township")[key])
        window.desk.do(Edit("又", (Change("township", key, after, after | {"population": 2}),)))
        settle(window, qtbot)


def test_by_command_an_earthquake_is_not_passed_over(
    sample_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(sample_project.parent)  # files may be named from where one stands
    words = ["shelters", sample_project.name, "--region", JING, "--count", "2", "--out", str(tmp_path / "o")]
    assert main([*words, "--magnitude", "6.5"]) == 1
    assert "--epicentre" in capsys.readouterr().err
    assert main([*words, "--magnitude", "6.5", "--scenario", "everyone"]) == 1
    assert "--scenario earthquake" in capsys.readouterr().err
    assert main([*words, "--epicentre", JING, "--write", "posters"]) == 1
    assert "posters" in capsys.readouterr().err
    monkeypatch.chdir(tmp_path)
    words[1], words[-1] = str(sample_project), "out"
    assert main([*words, "--epicentre", JING, "--rule", "S99=3"]) == 1
    assert "S2a" in capsys.readouterr().err
    assert main([*words, "--epicentre", JING, "--rule", "S1=3"]) == 1
    assert "S1" in capsys.readouterr().err
    (tmp_path / "r.csv").write_text("id,value,on\nS5,60,\nS8,,0\n", encoding="utf-8")
    more = ["--rules", str(tmp_path / "r.csv"), "--rule", "S6=500", "--without", "S3", "--with", "S7"]
    assert main([*words, "--epicentre", JING, "--write", "need,table", *more]) == 0
    plan = json.loads((tmp_path / "out" / "plan.json").read_text(encoding="utf-8"))
    assert plan["rules"] == {"off": ["S3", "S8"], "on": ["S7"], "values": {"S5": 60.0, "S6": 500.0}}
    assert "S6=500" in capsys.readouterr().out
    figures = plan["summary"]
    assert "6.5" in plan["scenario"]
    assert figures["demand"] == figures["assigned"] + figures["unmet"]
    assert any(file.suffix == ".gpkg" for file in (tmp_path / "out").iterdir())
