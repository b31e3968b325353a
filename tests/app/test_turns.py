"""What takes the window long is done in parts, each in a turn of its own."""

import threading
from collections.abc import Iterator
from itertools import count

import pytest
from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app import turns
from app.tasks import THREADS, Tasks
from app.turns import Later, Making, bundled
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


def test_what_is_given_up_is_made_no_further(qtbot: QtBot) -> None:
    made, parent = list[int](), QObject()
    making = Making((made.append(part) for part in count()), parent, 0)
    making.begin()
    qtbot.waitUntil(lambda: bool(made))
    making.give_up()
    there = len(made)
    done: list[int] = []
    Later(lambda: done.append(1), parent).start()
    qtbot.waitUntil(lambda: bool(done))
    assert len(made) == there


def test_small_parts_are_done_together_and_large_ones_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    monkeypatch.setattr(turns, "SHORT", 60.0)
    assert not list(bundled(map(made.append, range(9))))
    assert made == list(range(9))
    monkeypatch.setattr(turns, "SHORT", 0.0)
    assert len(list(bundled(map(made.append, range(9))))) == 9


def test_the_threads_of_tasks_are_there_before_a_task_is() -> None:
    before = threading.active_count()
    tasks = Tasks()
    assert threading.active_count() == before + THREADS
    tasks.close()
    assert threading.active_count() == before
