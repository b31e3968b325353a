"""The work in hand: a bar and a Cancel for each task."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.panels.parts import hint
from app.tasks import Task, Tasks
from app.theme import named
from app.words import Words


class TaskRow(QWidget):
    """One task."""

    def __init__(self, task: Task, words: Words) -> None:
        super().__init__()
        self.setObjectName("task")
        title = QLabel(task.title)
        self.bar = QProgressBar(minimum=0, maximum=0, textVisible=False)
        self.bar.setFixedHeight(6)
        cancel = named(QPushButton(words.say("task.cancel")), "small")
        cancel.clicked.connect(task.cancel)
        cancel.clicked.connect(lambda: cancel.setEnabled(False))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 12, 4)
        row.setSpacing(12)
        row.addWidget(title, 2)
        row.addWidget(self.bar, 3)
        row.addWidget(cancel)
        task.moved.connect(self._move)
        self._move(task.fraction)

    def _move(self, fraction: float) -> None:
        if fraction > 0:
            self.bar.setRange(0, 1000)
            self.bar.setValue(round(fraction * 1000))


class TaskList(QWidget):
    """All tasks that the user should know of."""

    def __init__(self, tasks: Tasks, words: Words) -> None:
        super().__init__()
        self._tasks, self._words = tasks, words
        self._rows: dict[Task, TaskRow] = {}
        area, inner = QScrollArea(widgetResizable=True), named(QWidget(), "form")
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(inner)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(0, 8, 0, 8)
        self._column.setSpacing(0)
        self.empty = hint(words, "task.empty")
        self.empty.setContentsMargins(16, 8, 16, 8)
        self._column.addWidget(self.empty)
        self._column.addStretch(1)
        tasks.changed.connect(self._fill)

    def _fill(self) -> None:
        running = self._tasks.running()
        for task in [task for task in self._rows if task not in running]:
            self._rows.pop(task).deleteLater()
        for task in running:
            if task not in self._rows:
                self._rows[task] = TaskRow(task, self._words)
                self._column.insertWidget(self._column.count() - 1, self._rows[task])
        self.empty.setVisible(not running)
