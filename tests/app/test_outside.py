"""Another program at the same file: it is said at the next opening and when the window comes back."""

from typing import Any

from layers.changes import Change, Edit
from layers.storage import outside
from layers.storage.connection import connect
from tests.waiting import LONG

Bench = Any


def write(path: Any, words: str) -> None:
    """What another program does."""
    connection = connect(path, read_only=False)
    connection.execute(words)
    connection.close()


def test_what_changed_while_the_window_was_away_is_said_and_read_anew(bench: Bench) -> None:
    watch = bench.window.workbench.outside
    bench.qtbot.waitUntil(lambda: watch._known is not None, timeout=LONG)
    bench.select("1村")
    bench.do("delete")  # our own edit is nobody else's
    bench.settle()
    watch.look()
    bench.settle()
    assert "其他程序" not in bench.notices()
    write(bench.project.path, "UPDATE building SET storeys = 9 WHERE code = 'H2'")
    watch.look()
    bench.settle()
    assert "其他程序修改了：房屋" in bench.notices()
    assert bench.edits[-1] == "外部修改"
    assert 9 in [row["storeys"] for row in bench.project.table("building").values()]
    bench.window.undo()
    bench.settle()
    assert 9 not in [row["storeys"] for row in bench.project.table("building").values()]
    watch.look()
    bench.settle()
    assert bench.edits.count("外部修改") == 2  # done, and undone by us: nobody else's


def test_of_a_large_layer_it_is_said_and_it_is_read_anew(bench: Bench, monkeypatch: Any) -> None:
    watch = bench.window.workbench.outside
    bench.qtbot.waitUntil(lambda: watch._known is not None, timeout=LONG)
    monkeypatch.setattr(outside, "unexplained", lambda connection, names: ())
    write(bench.project.path, "UPDATE building SET storeys = 9 WHERE code = 'H2'")
    watch.look()
    bench.settle()
    assert "其他程序刚刚修改了：房屋" in bench.notices()
    watch.reload()
    bench.settle()
    assert 9 in [row["storeys"] for row in bench.project.table("building").values()]


def test_what_changed_while_the_project_was_closed_is_said_when_it_is_opened(bench: Bench) -> None:
    path = bench.project.path
    renderer = bench.window.stage._renderer
    bench.qtbot.waitUntil(lambda: renderer._shelf is not None, timeout=LONG)  # the map reads it
    bench.window.files.close()
    write(path, "DELETE FROM township WHERE name = '3村'")
    bench.window.files.open_path(path)
    bench.qtbot.waitUntil(lambda: "其他程序修改了：乡镇" in bench.notices(), timeout=LONG)
    assert "3村" not in bench.rows()
    bench.settle()
    bench.window.undo()
    assert "3村" in bench.rows()


def test_an_edit_of_a_row_that_another_program_changed_is_refused(bench: Bench) -> None:
    bench.select("2村")
    rows = bench.window.workbench.selected()
    key, before = next(iter(rows["township"].items()))
    write(bench.project.path, "UPDATE township SET population = 77 WHERE name = '2村'")
    bench.window.workbench.carry_out(
        Edit("改", (Change("township", key, before, {**before, "population": 5}),))
    )
    assert bench.rows()["2村"]["population"] == 77
    assert bench.notices()
