"""The form of a point symbol: shape, icon and size, on paper or on the ground."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
from PySide6.QtCore import QEvent, QObject, QSignalBlocker, QSize, QTimer, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QFileDialog, QHBoxLayout, QWidget

from app.canvas.picture import image_of
from app.words import Words
from layers.cartography.icons import icon_from_file, icon_names, icon_rings
from layers.cartography.legend import patch
from layers.cartography.raster import kernels_loaded
from layers.cartography.style import Fill, Marker, Stroke, Symbol
from layers.cartography.symbols import Glyph, MarkerShape
from layers.errors import KnownError

SIDE = 20
"""Pixels of a picture in the list of icons."""
INK = "#78828d"
"""Of those pictures: seen on the ground of either theme, 3.9 : 1."""
UNITS = ("mm", "m")
_GLYPHS: dict[str, Glyph] = {f"glyph:{glyph}": glyph for glyph in get_args(Glyph)[1:]}
FILE, OWN = "file", "own"


class MarkerForm(QObject):
    """Three widgets that stand in another form. Signals: `changed`; `told(KnownError)` of an icon's file."""

    changed = Signal()
    told = Signal(object)

    def __init__(self, words: Words, parent: QWidget) -> None:
        super().__init__(parent)
        self._words, self._parent = words, parent
        self._before = Marker()
        self._undrawn: list[tuple[str, Marker]] = []
        self._reading = threading.Thread(target=_read_icons, name="icons", daemon=True)
        self._drawing = QTimer(self, interval=5)
        self._drawing.timeout.connect(self._draw_next)
        self.shape, self.icon, self.unit = QComboBox(), QComboBox(), QComboBox()
        self.icon.setIconSize(QSize(SIDE, SIDE))
        self.icon.installEventFilter(self)
        self.number = QDoubleSpinBox(minimum=0.5, maximum=30, singleStep=0.5, decimals=1)
        self.size = QWidget()
        row = QHBoxLayout(self.size)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.number, 1)
        row.addWidget(self.unit)
        self.shape.activated.connect(self.changed)
        self.icon.activated.connect(self._choose_icon)
        self.unit.activated.connect(self._change_unit)
        self.number.valueChanged.connect(self.changed)
        words.changed.connect(self.speak)
        self.speak()

    def speak(self) -> None:
        """The lists in the language."""
        self._undrawn.clear()
        with QSignalBlocker(self.shape), QSignalBlocker(self.icon), QSignalBlocker(self.unit):
            for box in (self.shape, self.icon, self.unit):
                box.clear()
            for name in get_args(MarkerShape):
                self.shape.addItem(self._words.say(f"shape.{name}"), name)
            for unit in UNITS:
                self.unit.addItem(self._words.say(f"unit.{unit}"), unit)
            self.icon.addItem(self._words.say("icon.none"), "")
            for name in icon_names():
                self._add_icon(self._words.say(f"icon.{name}"), name, Marker(shape="none", icon=name))
            for name, glyph in _GLYPHS.items():
                words = self._words.say("icon.plain", name=self._words.say(f"glyph.{glyph}"))
                self._add_icon(words, name, Marker(shape="none", glyph=glyph))
            self.icon.addItem(self._words.say("icon.file"), FILE)
        self.unit.setToolTip(self._words.say("stylepanel.unit.tip"))
        self.show(self._before)

    def show(self, marker: Marker | None) -> None:
        """Put a marker into the fields."""
        self._before = marker = marker or Marker()
        self._draw_icons()
        with QSignalBlocker(self.number):
            self.shape.setCurrentIndex(max(self.shape.findData(marker.shape), 0))
            self.unit.setCurrentIndex(UNITS.index("m" if marker.size_m else "mm"))
            self._set_range()
            self.number.setValue(marker.size_m or marker.size_mm)
        self._show_icon(marker)

    def marker(self, fill: Fill, edge: Stroke | None) -> Marker:
        """The marker that the fields say, in these colours."""
        chosen, size = self.icon.currentData() or "", self.number.value()
        own = self._before.icon if chosen == OWN else chosen
        in_metres = self.unit.currentData() == "m"
        return replace(
            self._before,
            shape=self.shape.currentData(),
            glyph=_GLYPHS.get(chosen, ""),
            icon="" if chosen in _GLYPHS or chosen == FILE else own,
            fill=fill,
            stroke=edge,
            size_mm=self._before.size_mm if in_metres else size,
            size_m=size if in_metres else 0.0,
            ink=self._before.ink if fill.color == self._before.fill.color else contrast(fill.color),
        )

    def _add_icon(self, words: str, name: str, marker: Marker) -> None:
        self.icon.addItem(words, name)
        self._undrawn.append((name, marker))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The pictures are drawn when the list of icons is first seen."""
        if event.type() == QEvent.Type.Show:
            self._draw_icons()
        return False

    def _draw_icons(self) -> None:
        if self._undrawn and self.icon.isVisible() and kernels_loaded():
            if self._reading.ident is None:
                self._reading.start()
            self._drawing.start()

    def _draw_next(self) -> None:
        """One picture at a time: all of them would take longer than a window may stand still."""
        if self._reading.is_alive():
            return
        if not self._undrawn:
            self._drawing.stop()
            return
        name, marker = self._undrawn.pop(0)
        self.icon.setItemIcon(self.icon.findData(name), _picture(marker))

    def _show_icon(self, marker: Marker) -> None:
        with QSignalBlocker(self.icon):
            self.icon.removeItem(self.icon.findData(OWN))
            name = f"glyph:{marker.glyph}" if marker.glyph and not marker.icon else marker.icon
            if marker.icon and self.icon.findData(name) < 0:
                self._add_icon(self._words.say("icon.own"), OWN, Marker(shape="none", icon=marker.icon))
                self._drawing.start()
                name = OWN
            self.icon.setCurrentIndex(max(self.icon.findData(name), 0))

    def _choose_icon(self) -> None:
        if self.icon.currentData() != FILE:
            self.changed.emit()
            return
        title = self._words.say("icon.file")
        path, _ = QFileDialog.getOpenFileName(self._parent, title, "", "SVG (*.svg)")
        before = self._before
        if path:
            try:
                self._before = replace(before, icon=icon_from_file(Path(path)), glyph="")
            except KnownError as error:
                self.told.emit(error)
        self._show_icon(self._before)
        if self._before is not before:
            self.changed.emit()

    def _change_unit(self) -> None:
        """The size stays about what it was: a millimetre for ten metres."""
        number, in_metres = self.number.value(), self.unit.currentData() == "m"
        with QSignalBlocker(self.number):
            self._set_range()
            self.number.setValue(number * 10 if in_metres else number / 10)
        self.changed.emit()

    def _set_range(self) -> None:
        in_metres = self.unit.currentData() == "m"
        self.number.setRange(*((1, 10_000) if in_metres else (0.5, 30)))
        self.number.setSingleStep(5 if in_metres else 0.5)
        self.number.setDecimals(0 if in_metres else 1)


def _read_icons() -> None:
    """Take the drawings apart, which are kept; the window would stand still for it."""
    for name in icon_names():
        icon_rings(name)


def contrast(color: str) -> str:
    """Black or white ink, whichever is read better on a colour (its luminance, roughly: ITU-R BT.601)."""
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return "#202020" if 0.299 * red + 0.587 * green + 0.114 * blue > 160 else "#ffffff"


def _picture(marker: Marker) -> QIcon:
    ink = replace(marker, size_mm=SIDE * 25.4 / 96, fill=Fill(INK), stroke=None)
    pixels = patch(Symbol(marker=ink), SIDE * 2, SIDE * 2, 192.0)
    picture = QPixmap.fromImage(image_of(np.ascontiguousarray(pixels)).copy())
    picture.setDevicePixelRatio(2)
    return QIcon(picture)
