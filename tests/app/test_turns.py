"""What takes the window long is done in parts, each in a turn of its own."""

from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.tasks import Tasks
from app.turns import Later, Making
from tests.waiting import LONG


def test_what_is_done_with_an_answer_may_be_done_in_turns(qtbot: QtBot) -> None:
    tasks, done = Tasks(), list[str]()

    def take(value: str) -> Iterator[None]:
        done.append(value)
        yield
        done.append("later")

    tasks.start("", lambda progress: "now", take)
    qtbot.waitUntil(lambda: bool(done), timeout=LONG)
    assert done == ["now"]
    assert not tasks.idle
    qtbot.waitUntil(lambda: tasks.idle, timeout=LONG)
    assert done == ["now", "later"]
    tasks.close()


def test_who_cannot_wait_has_the_rest_made_at_once(qtbot: QtBot) -> None:
    made, parent = list[int](), QObject()
    making = Making((made.append(part) for part in range(4)), parent)
    making.begin()
    qtbot.waitUntil(lambda: bool(made), timeout=LONG)
    with qtbot.waitSignal(making.whole, timeout=LONG):
        making.finish()
    assert made == [0, 1, 2, 3]


def test_what_waits_is_done_once_and_one_piece_in_each_turn(qtbot: QtBot) -> None:
    parent, gone, done = QObject(), QObject(), list[str]()
    turns = [Later(lambda name=name: done.append(name), parent) for name in "abc"]  # type: ignore[misc]
    lost = Later(lambda: done.append("lost"), gone)
    for later in (lost, *turns, turns[0]):
        later.start()
    delete(gone)
    assert not done
    assert turns[0].is_waiting
    seen: list[int] = []
    ticks = QTimer(parent, interval=0)
    ticks.timeout.connect(lambda: seen.append(len(done)))
    ticks.start()
    qtbot.waitUntil(lambda: len(done) == 3, timeout=LONG)
    assert done == ["a", "b", "c"]
    assert not turns[0].is_waiting
    assert {1, 2} <= set(seen)
