"""Map tips: what lies under the mouse when it rests, by title and name, on a small card."""

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QLabel

from app.canvas.gestures import Click
from app.canvas.picking import Found, identify
from app.canvas.view import MapView
from app.desk import Desk
from app.panels.parts import number_words
from app.stack import Stack, title_of
from app.tasks import Tasks
from app.theme import named
from app.words import Words
from layers.progress import Progress
from layers.storage.entries import LayerEntry
from layers.storage.geopackage import ProjectFile

REST = 400
"""Milliseconds of rest."""
NAMES = ("name", "title", "code", "class", "type", "use")
"""Fields that say best what a feature is, where its label's field does not."""


class Tips(QObject):
    """Asks in a task, through the spatial index; a move of the mouse forgets the question."""

    def __init__(self, view: MapView, desk: Desk, stack: Stack, tasks: Tasks, words: Words) -> None:
        super().__init__(view)
        self._map, self._desk, self._stack, self._tasks, self._words = view, desk, stack, tasks, words
        self.is_on = True
        self._asked = 0
        self._at = QPoint()
        self.card = named(QLabel(view), "tip")
        self.card.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.card.setTextFormat(Qt.TextFormat.PlainText)
        self.card.hide()
        self._rest = QTimer(self, interval=REST, singleShot=True)
        self._rest.timeout.connect(self._ask)
        view.installEventFilter(self)
        view.viewed.connect(lambda _: self.forget())

    def turn(self, on: bool) -> None:
        """Whether there are tips."""
        self.is_on = on
        self.forget()

    def forget(self) -> None:
        """The mouse is elsewhere."""
        self._asked += 1
        self._rest.stop()
        self.card.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseMove:
            self.forget()
            self._at = event.position().toPoint()
            if self.is_on and event.buttons() == Qt.MouseButton.NoButton and self._map.tool != "measure":
                self._rest.start()
        elif event.type() in {QEvent.Type.Leave, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel}:
            self.forget()
        return False

    def _ask(self) -> None:
        seen = [e for e in self._stack.entries if self._stack.is_seen(e.name) and e.geometry != "table"]
        if self._desk.project is None or not seen:
            return
        click, asked = Click.at(self._map.view, self._at), self._asked
        scale = self._map.view.denominator
        drawn = tuple(e for e in seen if not 0 < self._stack.style(e).smallest_scale < scale)

        def work(project: ProjectFile, progress: Progress) -> tuple[Found, ...]:
            return next((hits for e in drawn if (hits := identify(project, (e,), click, progress))), ())

        def done(found: tuple[Found, ...]) -> None:
            if found and asked == self._asked:
                self._show(found[0])

        self._tasks.start(self._words.say("task.identify"), self._desk.reading(work), done, quiet=True)

    def _show(self, found: Found) -> None:
        title, name = title_of(found.entry, self._words.language), self._name(found.entry, found.values)
        self.card.setText(f"{title} · {name}" if name else title)
        self.card.adjustSize()
        room = self._map.rect()
        x = min(self._at.x() + 14, room.right() - self.card.width() - 4)
        y = self._at.y() + 18
        self.card.move(
            x, y if y + self.card.height() < room.bottom() else self._at.y() - self.card.height() - 8
        )
        self.card.show()
        self.card.raise_()

    def _name(self, entry: LayerEntry, values: dict[str, object]) -> str:
        if entry.geometry == "raster":
            value = values.get("value")
            return f"{number_words(float(value))} {entry.unit}".strip() if isinstance(value, float) else ""
        label = self._stack.style(entry).label
        fields = ((label.field,) if label else ()) + NAMES
        known = (values.get(field) for field in fields)
        return str(
            next((value for value in known if value is not None and value == value and value != ""), "")
        )
