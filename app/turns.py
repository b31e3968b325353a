"""Made in turns: what the window's thread needs long for is done part by part, and it answers between.

`Making` is one long work in parts; `Later` is the work of many panels that follows from one change. All of
it stands in one line, of which each turn takes a piece: timers of their own would be due in the same turn.
"""

import time
from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from app.theme import the_application

BETWEEN = 20
"""Milliseconds from the end of a part to the next: what it has set going comes first."""
SHORT = 0.006
"""Seconds for which small parts are done one after the other in a turn, see `bundled`."""


class Later(QObject):
    """Work that waits for a turn of its own; however often it is asked for until then, it is done once.

    Parameters
    ----------
    work : callable
    parent : QObject
        When it is gone, nothing is done any more.
    """

    def __init__(self, work: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self.work = work

    @Slot()
    def start(self) -> None:
        """Ask for it."""
        _Line.of_all().put(self)

    def give_up(self) -> None:
        """It is not wanted any more."""
        _Line.of_all().drop(self)

    @property
    def is_waiting(self) -> bool:
        """Whether it is asked for and not done yet."""
        return self in _Line.of_all().waiting

    @property
    def is_seen(self) -> bool:
        """Whether it is work of a panel that is in front."""
        parent = self.parent()
        while parent is not None and not isinstance(parent, QWidget):
            parent = parent.parent()
        return parent is not None and parent.isVisible()


def nothing_waits() -> bool:
    """Whether all that was asked for is done."""
    return not _Line.of_all().waiting


class _Line(QObject):
    """All work that waits for a turn: one piece in each, what is seen before what is not."""

    _there: "_Line | None" = None

    def __init__(self) -> None:
        super().__init__(the_application())
        self.waiting: list[Later] = []
        self._next = QTimer(self, interval=0, singleShot=True)
        self._next.timeout.connect(self._turn)

    @classmethod
    def of_all(cls) -> "_Line":
        if cls._there is None or not isValid(cls._there):
            cls._there = cls()
        return cls._there

    def put(self, later: Later) -> None:
        if later not in self.waiting:
            self.waiting.append(later)
            self._next.start()

    def drop(self, later: Later) -> None:
        if later in self.waiting:
            self.waiting.remove(later)

    def _turn(self) -> None:
        waiting, first = [later for later in self.waiting if isValid(later)], None
        if waiting:
            first = next((later for later in waiting if later.is_seen), waiting[0])
            waiting.remove(first)
        self.waiting = waiting
        if waiting:
            self._next.start()
        if first is not None:
            first.work()


class Making(QObject):
    """Something that is being made: a part in each turn of the window, or all that is left at once.

    Signal: `whole`, when the last part is made.

    Parameters
    ----------
    parts : iterator
        Each step makes a part.
    parent : QObject
    between : int
        Milliseconds between two parts.
    """

    whole = Signal()

    def __init__(self, parts: Iterator[object], parent: QObject, between: int = BETWEEN) -> None:
        super().__init__(parent)
        self._parts = parts
        self._late = Later(self._turn, self)
        self._turns = QTimer(self, interval=between, singleShot=True)
        self._turns.timeout.connect(self._late.start)
        self._next = self._turns if between else self._late

    def begin(self) -> None:
        """Make a part in each turn from now on."""
        self._next.start()

    def finish(self) -> None:
        """Somebody cannot wait: make all that is left."""
        self._stop()
        all_of(self._parts)
        self.whole.emit()

    def give_up(self) -> None:
        """Nobody wants it any more."""
        self._stop()
        self.deleteLater()

    def _stop(self) -> None:
        self._turns.stop()
        self._late.give_up()

    def _turn(self) -> None:
        if next(self._parts, self) is self:
            self.whole.emit()
        else:
            self.begin()


def bundled(parts: Iterator[object]) -> Iterator[None]:
    """Small parts, as many in a step as a short turn holds."""
    since = time.monotonic()
    for _ in parts:
        if time.monotonic() - since >= SHORT:
            yield
            since = time.monotonic()


def parts_of(work: object) -> Iterator[object]:
    """What somebody's work yields, if it is done in parts."""
    return work if isinstance(work, Iterator) else iter(())


def all_of(work: object) -> None:
    """Do all parts of somebody's work at once, if it is done in parts."""
    for _ in parts_of(work):
        pass
