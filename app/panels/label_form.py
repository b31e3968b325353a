"""The names at the features of a layer: from which field, how large, in which colour, from which scale on."""

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox

from app.panels.colour import ColourButton
from app.words import Words
from layers.cartography.symbols import Label

SCALES = (0.0, 1_000_000.0, 500_000.0, 200_000.0, 100_000.0, 50_000.0, 25_000.0, 10_000.0, 5_000.0)
"""Scale denominators beyond which names may be left out; 0: never."""


class LabelForm(QObject):
    """The widgets, to be laid out in a form. Signal: `changed`, by the hand only."""

    changed = Signal()

    def __init__(self, words: Words, parent: QObject) -> None:
        super().__init__(parent)
        self._words = words
        self._before = Label()
        self.field, self.scale, self.color = QComboBox(), QComboBox(), ColourButton()
        self.size = QDoubleSpinBox(minimum=1, maximum=200, singleStep=0.5, decimals=1, suffix=" pt")
        self.field.activated.connect(self.changed)
        self.scale.activated.connect(self.changed)
        self.color.chosen.connect(self.changed)
        self.size.valueChanged.connect(self.changed)

    def show(self, label: Label | None, fields: Mapping[str, str]) -> None:
        """Show names as they are, or that there are none; `fields` are the titles of all fields by name."""
        self._before = label or Label()
        self.field.clear()
        self.field.addItem(self._words.say("stylepanel.label.none"), "")
        for name, title in fields.items():
            self.field.addItem(title, name)
        self.field.setCurrentIndex(max(self.field.findData(label.field if label else ""), 0))
        self.size.setValue(self._before.size_pt)
        self.color.show_color(self._before.color)
        self._show_scale(self._before.smallest_scale)

    def _show_scale(self, wanted: float) -> None:
        self.scale.clear()
        for scale in sorted({*SCALES, wanted}, key=lambda scale: -scale or -1e12):
            key = "stylepanel.label.from" if scale else "stylepanel.label.always"
            said = self._words.say(key, scale=f"{scale:,.0f}")
            self.scale.addItem(said, scale)
        self.scale.setCurrentIndex(self.scale.findData(wanted))

    @property
    def is_on(self) -> bool:
        """Whether there are names."""
        return bool(self.field.currentData())

    def label(self) -> Label | None:
        """The names that are asked for; what is not asked stays as it was."""
        if not self.is_on:
            return None
        return replace(
            self._before,
            field=str(self.field.currentData()),
            size_pt=self.size.value(),
            color=self.color.color,
            smallest_scale=float(self.scale.currentData()),
        )
