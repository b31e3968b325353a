"""Long work off the GUI thread: a task is a function of `progress` that returns a value.

It never touches a widget or the open project; its value is delivered on the GUI thread. A known error becomes
a sentence, a bug becomes a report, a cancelled task becomes nothing.
"""

import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.turns import Making, parts_of
from layers.errors import KnownError
from layers.progress import Cancelled, Progress

TOLD_EVERY = 0.05
"""Seconds between two reports of progress: the eye needs no more."""

THREADS = 3
"""Tasks that run at a time; the others wait."""
MEET = 5.0
"""Seconds that the threads wait at most for each other at the start."""


@dataclass(frozen=True)
class Outcome:
    """How a task ended: with a value, a known error, or the traceback of a bug; cancelled if none."""

    value: Any = None
    error: KnownError | None = None
    bug: str = ""
    cancelled: bool = False


class Task(QObject):
    """One piece of work. Lives in the GUI thread; only its function runs elsewhere."""

    moved = Signal(float)
    ended = Signal(object)
    _landed = Signal(object)

    def __init__(self, title: str, work: Callable[[Progress], Any], quiet: bool, parent: QObject) -> None:
        super().__init__(parent)
        self.title = title
        self.quiet = quiet
        self.fraction = 0.0
        self._work = work
        self._told = 0.0
        self._unwanted = threading.Event()
        self._landed.connect(self._end, Qt.ConnectionType.QueuedConnection)
        self.moved.connect(self._note)

    def cancel(self) -> None:
        """The result is no longer wanted; the work stops at its next safe point."""
        self._unwanted.set()

    @property
    def is_cancelled(self) -> bool:
        return self._unwanted.is_set()

    def progress(self, fraction: float) -> None:
        """Called by the work, in its thread: report, and stop here if nobody wants the result."""
        if self._unwanted.is_set():
            raise Cancelled
        now = time.monotonic()
        if now - self._told >= TOLD_EVERY:
            self._told = now
            self.moved.emit(fraction)

    def run(self) -> None:
        """Do the work; in the worker's thread."""
        try:
            outcome = Outcome(self._work(self.progress))
        except Cancelled:
            outcome = Outcome(cancelled=True)
        except KnownError as error:
            outcome = Outcome(error=error)
        except Exception:
            outcome = Outcome(bug=traceback.format_exc())
        self._landed.emit(outcome)

    @Slot(float)
    def _note(self, fraction: float) -> None:
        self.fraction = fraction

    @Slot(object)
    def _end(self, outcome: Outcome) -> None:
        self.ended.emit(Outcome(cancelled=True) if self.is_cancelled else outcome)


class Tasks(QObject):
    """All work in hand. `changed`: the list is another; `told`: a known error; `crashed`: a bug."""

    changed = Signal()
    told = Signal(object)
    crashed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # Python's threads, not Qt's: in a thread that Python did not start, thread-local values (PROJ's
        # contexts among them) die with every call, and what was cached in them crashes the next.
        self._pool = ThreadPoolExecutor(THREADS, "task")
        together = threading.Barrier(THREADS)
        for _ in range(THREADS):  # started now: who starts a thread waits for it, and long if others run
            self._pool.submit(together.wait, MEET)
        self._running: list[Task] = []
        self._taking: list[Making] = []

    def start(
        self,
        title: str,
        work: Callable[[Progress], Any],
        done: Callable[[Any], object] | None = None,
        *,
        quiet: bool = False,
        finished: Callable[[], None] | None = None,
    ) -> Task:
        """Run `work` in another thread and hand its value to `done` in this one.

        Parameters
        ----------
        title : str
            What the user reads in the list of tasks.
        work : callable
            ``work(progress) -> value``.
        done : callable
            Called with the value, on success only. If it yields, each part is done in a turn of the window's.
        quiet : bool
            Not listed: work of a moment.
        finished : callable
            Called at the end, however it ended.
        """
        task = Task(title, work, quiet, self)
        self._running.append(task)

        def end(outcome: Outcome) -> None:
            self._settle(task, outcome, done)
            if finished is not None:
                finished()

        task.ended.connect(end)
        self.changed.emit()
        self._pool.submit(task.run)
        return task

    def running(self) -> tuple[Task, ...]:
        """The tasks in hand that the user should see, oldest first."""
        return tuple(task for task in self._running if not task.quiet)

    @property
    def idle(self) -> bool:
        """Whether nothing at all is in hand."""
        return not self._running and not self._taking

    def close(self) -> None:
        """Cancel everything and wait until no thread is left."""
        for task in self._running:
            task.cancel()
        self._pool.shutdown()

    def _settle(self, task: Task, outcome: Outcome, done: Callable[[Any], object] | None) -> None:
        self._running.remove(task)
        task.deleteLater()
        self.changed.emit()
        if outcome.error is not None:
            self.told.emit(outcome.error)
        elif outcome.bug:
            self.crashed.emit(outcome.bug)
        elif not outcome.cancelled and done is not None:
            self._take(parts_of(done(outcome.value)))

    def _take(self, parts: Iterator[object]) -> None:
        """The first part is done here and now."""
        if next(parts, self) is not self:
            taking = Making(parts, self)
            self._taking.append(taking)
            taking.whole.connect(lambda: self._taking.remove(taking))
            taking.begin()
