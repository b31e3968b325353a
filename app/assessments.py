"""Results of long reckonings, kept until the project changes: one number for chart, table and export."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject

from app.desk import Desk
from app.tasks import Tasks
from layers.progress import Progress
from layers.storage.geopackage import ProjectFile

Key = tuple[str, ...]


class Assessments(QObject):
    """Reckons each question once: the second who asks while the first waits gets the same answer."""

    def __init__(self, desk: Desk, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk, self._tasks = desk, tasks
        self._known: dict[Key, Any] = {}
        self._asked: dict[Key, list[Callable[[Any], None]]] = {}
        self._age = 0
        desk.changed.connect(self._forget)

    def ask(
        self,
        key: Key,
        title: str,
        work: Callable[[ProjectFile, Progress], Any],
        done: Callable[[Any], None],
    ) -> None:
        """Hand the answer of `work` to `done`: at once if it is known, else when it has been reckoned."""
        if key in self._known:
            done(self._known[key])
        elif key in self._asked:
            self._asked[key].append(done)
        else:
            self._asked[key] = [done]
            age = self._age
            reading = self._desk.reading(work)
            self._tasks.start(
                title,
                reading,
                lambda value: self._tell(key, value, age),
                finished=lambda: self._give_up(key, age),
            )

    def known(self, key: Key) -> Any:
        """The answer, if it has been reckoned."""
        return self._known.get(key)

    def _tell(self, key: Key, value: Any, age: int) -> None:
        """An answer about a project that is no longer so is no answer."""
        if age == self._age:
            self._known[key] = value
            for done in self._asked.pop(key, ()):
                done(value)

    def _give_up(self, key: Key, age: int) -> None:
        """The reckoning has ended; if it gave no answer, the question may be asked again."""
        if age == self._age:
            self._asked.pop(key, None)

    def _forget(self, tables: frozenset[str]) -> None:
        self._age += 1
        self._known.clear()
        self._asked.clear()
