"""A button that shows a colour and asks for another."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QColorDialog, QToolButton

from app.canvas.picture import image_of


class ColourButton(QToolButton):
    """A colour to be chosen. Signal: `chosen`."""

    chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setIconSize(QSize(40, 14))
        self.color = "#808080"
        self.clicked.connect(self._ask)

    def show_color(self, color: str) -> None:
        """This is the colour now."""
        self.color = color
        image = np.empty((14, 40, 4), np.uint8)
        image[:] = (*(int(color[i : i + 2], 16) for i in (1, 3, 5)), 255)
        self.setIcon(QIcon(pixmap_of(image)))

    def _ask(self) -> None:
        found = QColorDialog.getColor(QColor(self.color), self)
        if found.isValid():
            self.show_color(found.name())
            self.chosen.emit()


def pixmap_of(pixels: NDArray[np.uint8]) -> QPixmap:
    """Pixels, rows × columns × RGBA, as Qt shows them."""
    return QPixmap.fromImage(image_of(np.ascontiguousarray(pixels)).copy())
