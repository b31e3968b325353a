"""The time slider: a strip below the map that is there as long as a layer with time is seen."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSlider, QToolButton

from app.canvas.player import Player
from app.canvas.view import MapView
from app.desk import Desk
from app.stack import Stack, time_of, title_of
from app.tasks import Tasks
from app.theme import Tokens, icon, named
from app.words import Words
from layers.cartography.style import Style
from layers.cartography.timed import Arrival, Frames, Timed
from layers.progress import Progress
from layers.storage.frames import frame_times
from layers.storage.geopackage import LayerEntry, ProjectFile
from layers.storage.rasters import value_range

HEIGHT = 44
WHOLE, QUICKEST, SLOWEST = 12_000, 16, 500
"""Milliseconds that all of the times take when played, and bounds for one of them."""
SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "": 3600.0}
"""Units in which rasters say when a place is reached."""


_Spans = dict[tuple[str, str], "_Span"]
"""By name and checksum of the layer."""


@dataclass(frozen=True)
class _Span:
    """What a file says of its time: the times of its bands, or how to read its values."""

    times: tuple[float, ...] = ()
    latest: float = 0.0
    unit: float = 1.0


class Timeline(QFrame):
    """Plays layers with time over the map.

    Layers of the project join by themselves when they are seen; others by `add`. Signals: `moved(seconds)`
    another time is shown; `stood(pixels)` the strip has come, or gone, with its height.
    """

    moved = Signal(float)
    stood = Signal(int)

    def __init__(self, desk: Desk, stack: Stack, tasks: Tasks, words: Words, view: MapView) -> None:
        super().__init__()
        self.setObjectName("timeline")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT)
        self._desk, self._stack, self._tasks, self._words, self._map = desk, stack, tasks, words, view
        self.player = Player(self)
        self.times: tuple[float, ...] = ()
        self._added: dict[str, tuple[str, Timed]] = {}
        self._own: dict[str, tuple[str, Timed]] = {}
        self._beside: tuple[LayerEntry, ...] | None = ()
        self._other: tuple[tuple[str, Timed], ...] = ()
        self._spans: _Spans = {}
        self._asked: object = None
        self._clock = QTimer(self)
        self._clock.timeout.connect(self._tick)
        self._settle = QTimer(self, interval=120, singleShot=True)
        self._settle.timeout.connect(self._look)
        self._make()
        self._connect()
        self.hide()

    def _make(self) -> None:
        self.back, self.play, self.on = (named(QToolButton(), "flat") for _ in range(3))
        for button, key in ((self.back, "time_back"), (self.play, "time_play"), (self.on, "time_on")):
            button.setIconSize(QSize(18, 18))
            self._words.bind(button.setToolTip, f"command.{key}.tip")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 0)
        self._words.bind(self.slider.setToolTip, "time.slider.tip")
        self.title, self.label = named(QLabel(), "soft"), named(QLabel(), "strong")
        self.label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 16, 0)
        row.setSpacing(4)
        for widget in (self.back, self.play, self.on):
            row.addWidget(widget)
        row.addSpacing(8)
        row.addWidget(self.slider, 1)
        row.addSpacing(12)
        row.addWidget(self.label)
        row.addSpacing(8)
        row.addWidget(self.title)
        self.paint(self._map.tokens)

    def _connect(self) -> None:
        self.back.clicked.connect(lambda: self.step(-1))
        self.play.clicked.connect(self.toggle)
        self.on.clicked.connect(lambda: self.step(1))
        self.slider.valueChanged.connect(lambda number: self._show(self.times[number]))
        self.player.arrived.connect(self._map.update)
        self.player.told.connect(self._tasks.told)
        self._map.overlays.append(self.player.paint)
        self._map.viewed.connect(lambda _: self._settle.start())
        self._stack.changed.connect(self._follow)
        self._stack.tried.connect(self._follow)
        self._words.changed.connect(self._speak)
        self._desk.changed.connect(self._forget)

    # --- what others use -------------------------------------------------------------------------------

    def add(self, name: str, title: str, layer: Timed) -> None:
        """Play a layer that the project does not hold, a run under way; again under its name: another."""
        self._added[name] = title, layer
        self._take_layers()

    def remove(self, name: str) -> None:
        """Play it no longer."""
        if self._added.pop(name, None) is not None:
            self._take_layers()

    def compare(self, beside: tuple[LayerEntry, ...] | None, moment: float | None = None) -> None:
        """Play these right of the swipe, at their own moment if one is given; ``None``: the same layers."""
        if beside != self._beside:
            self._beside = beside
            self._follow()
        if moment != self.player.seconds_beside:
            self.player.set_moment(moment)
            self._map.update()

    def seek(self, seconds: float) -> None:
        """Show the last time that is not later."""
        if self.times:
            self.slider.setValue(max(int(np.searchsorted(self.times, seconds, side="right")) - 1, 0))

    @property
    def seconds(self) -> float:
        """The time that is shown."""
        return self.player.seconds

    def step(self, by: int) -> None:
        """So many times on, or back."""
        self.slider.setValue(self.slider.value() + by)

    def toggle(self) -> None:
        """Play, from the beginning if it is at its end; or pause."""
        if self._clock.isActive():
            self._stop()
            return
        if self.slider.value() == self.slider.maximum():
            self.slider.setValue(0)
        self._clock.start(min(max(WHOLE // max(len(self.times), 1), QUICKEST), SLOWEST))
        self.paint(self._map.tokens)

    @property
    def is_playing(self) -> bool:
        """Whether time runs."""
        return self._clock.isActive()

    def paint(self, tokens: Tokens) -> None:
        """Icons in the ink of the theme."""
        for button, name in ((self.back, "step-back"), (self.on, "step-forward")):
            button.setIcon(icon(name, tokens))
        self.play.setIcon(icon("pause" if self._clock.isActive() else "play", tokens))

    # --- time ------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        if not self.player.is_ready:
            return  # it is still being read: no time is left out
        self.step(1)
        if self.slider.value() == self.slider.maximum():
            self._stop()

    def _stop(self) -> None:
        if self._clock.isActive():
            self._clock.stop()
            self.paint(self._map.tokens)

    def _show(self, seconds: float) -> None:
        self.player.set_time(seconds)
        self._map.update()
        self._speak()
        self.moved.emit(seconds)

    def _speak(self) -> None:
        self.label.setText(time_words(self.player.seconds, self._words.say))
        shown = dict.fromkeys([*self._own.values(), *self._added.values(), *self._other])
        self.title.setText("、".join(title for title, _ in shown))
        if self.times:
            longest = time_words(self.times[-1] + self._odd, self._words.say)
            self.label.setMinimumWidth(self.label.fontMetrics().horizontalAdvance(longest) + 4)

    @property
    def _odd(self) -> float:
        """Seconds that make a time as long in words as the others may be."""
        return 59 * 60 if any(time % 3600 for time in self.times) else 0

    def _forget(self, tables: frozenset[str]) -> None:
        """Another project: the run under way was of the last one."""
        if "project" in tables and self._added:
            self._added.clear()
            self._take_layers()

    # --- layers ----------------------------------------------------------------------------------------

    def _follow(self) -> None:
        """The layers that are seen, or their styles, are others."""
        project, seen = self._desk.project, self._stack.timed()
        beside = () if project is None else self._beside
        entries = tuple(dict.fromkeys([*seen, *(beside or ())]))
        styles = tuple(self._stack.style(entry) for entry in entries)
        asked = (project.path if project else None, entries, styles, self._words.language, seen, beside)
        if asked == self._asked:
            return
        self._asked = asked
        missing = tuple(e for e in entries if (e.name, e.sha256) not in self._spans)
        if not missing:
            self._take_own(entries, styles)
            return
        work = self._desk.reading(lambda own, progress: _spans(own, missing, progress))

        def done(found: _Spans) -> None:
            self._spans |= found
            if self._asked is asked:
                self._take_own(entries, styles)

        self._tasks.start(self._words.say("task.frames"), work, done, quiet=True)

    def _take_own(self, entries: tuple[LayerEntry, ...], styles: tuple[Style, ...]) -> None:
        project, timed = self._desk.project, {}
        for entry, style in zip(entries, styles, strict=True):
            assert project is not None
            path = project.rasters / Path(entry.path).name
            span = self._spans[entry.name, entry.sha256]
            layer: Timed = Frames.of_file(path, span.times, style)
            if time_of(entry) == "arrival":
                layer = Arrival.of_file(path, span.latest, style, span.unit)
            timed[entry.name] = title_of(entry, self._words.language), layer
        self._own = {entry.name: timed[entry.name] for entry in self._stack.timed()}
        self._other = tuple(timed[entry.name] for entry in self._beside or () if entry.name in timed)
        self._take_layers()

    def _take_layers(self) -> None:
        """Play what is there; the time stays, or stays at the end."""
        layers = [layer for _, layer in (*self._own.values(), *self._added.values())]
        at_end = self.slider.value() == self.slider.maximum()
        beside = layers if self._beside is None else [layer for _, layer in self._other]
        self.times = tuple(sorted({time for layer in (*layers, *beside) for time in layer.times}))
        self.player.show(layers, beside)
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, max(len(self.times) - 1, 0))
            self.slider.setPageStep(max(len(self.times) // 10, 1))
        if not self.times:
            self._stop()
        else:
            self.seek(self.times[-1] if at_end else self.seconds)
            self._show(self.times[self.slider.value()])
        self.setVisible(bool(self.times))
        self.stood.emit(HEIGHT if self.times else 0)
        self._look()

    def _look(self) -> None:
        if self.times:
            self.player.look(self._map.view, self._map.devicePixelRatioF())
            self._map.update()


def _spans(project: ProjectFile, entries: tuple[LayerEntry, ...], progress: Progress) -> _Spans:
    """What the files say of their time."""
    found = {}
    for number, entry in enumerate(entries):
        progress(number / len(entries))
        path = project.raster_path(entry.name)
        if time_of(entry) == "arrival":
            unit = SECONDS.get(entry.unit, 3600.0)
            span = _Span(latest=max(value_range(path)[1], 0.0) * unit, unit=unit)
        else:
            span = _Span(frame_times(path) or (0.0,))
        found[entry.name, entry.sha256] = span
    return found


def time_words(seconds: float, say: Callable[..., str]) -> str:
    """A time from the beginning as one says it: 第 3 小时, 3 h 20 min."""
    hours, rest = divmod(round(seconds), 3600)
    minutes, rest = divmod(rest, 60)
    if rest:
        return say("time.seconds", hours=hours, minutes=minutes, seconds=rest)
    return say("time.minutes", hours=hours, minutes=minutes) if minutes else say("time.hours", hours=hours)
