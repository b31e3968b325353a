"""The line at the foot: where the mouse is, the scale, what runs."""

from __future__ import annotations

import pyproj
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QProgressBar, QToolButton, QWidget

from app.canvas.viewport import Viewport
from app.tasks import Tasks
from app.theme import named
from app.words import Words

HEIGHT = 26
REST = 1500
"""Milliseconds after opening a project at which its degrees are asked for: the map is drawn first."""


def degrees_words(longitude: float, latitude: float) -> str:
    """Degrees with as many places as a screen pixel is worth."""
    return f"{longitude:.5f}°E  {latitude:.5f}°N"


class StatusLine(QWidget):
    """Signals: `asked` the user wants to see the tasks; `scaled(denominator)` the map at another scale."""

    asked = Signal()
    scaled = Signal(float)

    def __init__(self, tasks: Tasks, words: Words) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setFixedHeight(HEIGHT)
        self._tasks, self._words = tasks, words
        self._to_degrees: pyproj.Transformer | None = None
        self._crs = ""
        self.message = named(QLabel(), "faint")
        self.degrees, self.metres = named(QLabel(), "figure"), named(QLabel(), "figure")
        self.scale = named(QLineEdit(), "scale")
        self.scale.setFixedWidth(112)
        self.scale.setAlignment(Qt.AlignmentFlag.AlignRight)
        words.bind(self.scale.setToolTip, "status.scale.tip")
        self.scale.returnPressed.connect(self._ask_scale)
        self.crs = named(QLabel(), "faint")
        self.busy = named(QToolButton(), "flat")
        self.bar = QProgressBar(minimum=0, maximum=0, textVisible=False)
        self.bar.setFixedSize(96, 6)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(20)
        row.addWidget(self.message, 1)
        row.addWidget(self.busy)
        row.addWidget(self.bar)
        for label in (self.degrees, self.metres, self.scale, self.crs):
            row.addWidget(label)
        self.busy.clicked.connect(self.asked)
        self._rest = QTimer(self, interval=REST, singleShot=True)
        self._rest.timeout.connect(self._ask_degrees)
        tasks.changed.connect(self.refresh)
        words.changed.connect(self.refresh)
        self.refresh()

    def show_project(self, crs: str) -> None:
        """Coordinates are of this reference system; ``""``: no project."""
        self._crs, self._to_degrees = crs, None
        self._rest.start()
        self.crs.setText(crs)
        for label in (self.degrees, self.metres, self.scale):
            label.clear()

    def show_point(self, x: float, y: float) -> None:
        """Where the mouse is."""
        if self._crs:
            self.metres.setText(f"{x:,.0f}, {y:,.0f} m")
        if self._to_degrees is not None:
            self.degrees.setText(degrees_words(*self._to_degrees.transform(x, y)))

    def show_view(self, view: Viewport) -> None:
        """The scale of what is shown."""
        if self._crs:
            self.scale.setText(f"1 : {view.denominator:,.0f}")

    def _ask_degrees(self) -> None:
        """Find the way from the project's coordinates to degrees; in a thread, as its library loads long."""
        crs = self._crs

        def take(found: pyproj.Transformer) -> None:
            if crs == self._crs:
                self._to_degrees = found

        if crs:
            self._tasks.start("", lambda progress: _to_degrees(crs), take, quiet=True)

    def _ask_scale(self) -> None:
        """What was typed: 50000, 1:50 000, 1 : 50,000."""
        digits = "".join(c for c in self.scale.text().rpartition(":")[2] if c.isdigit())
        if digits and int(digits):
            self.scaled.emit(float(digits))

    def refresh(self) -> None:
        """What runs: the newest task by name, the others by number."""
        running = self._tasks.running()
        for widget in (self.busy, self.bar):
            widget.setVisible(bool(running))
        if running:
            more = self._words.say("status.more", number=len(running) - 1) if len(running) > 1 else ""
            self.busy.setText(f"{running[-1].title} {more}".strip())
            running[-1].moved.connect(self._move)
            self.bar.setRange(0, 0)

    def _move(self, fraction: float) -> None:
        if fraction > 0:
            self.bar.setRange(0, 1000)
            self.bar.setValue(round(fraction * 1000))


def _to_degrees(crs: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(crs, "EPSG:4490", always_xy=True)
