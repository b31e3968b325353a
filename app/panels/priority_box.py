"""The priority groups of a shelter plan: which count more, how many they are, how fast they walk."""

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QDoubleSpinBox, QGridLayout, QLabel, QWidget

from app.panels.parts import column
from app.theme import named
from app.words import Words, capital
from layers.siting.priority import PriorityGroup, priority_groups

NUMBERS = {"share": (0.0, 100.0, 1, 100.0), "weight": (1.0, 100.0, 1, 1.0), "speed": (0.1, 2.5, 1, 1.0)}
"""Fields of a group: least, most, decimals, and the factor by which they are shown."""
WIDE = 48


class PriorityBox(QWidget):
    """One line a group; nobody is ticked at first."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self.boxes: dict[str, QCheckBox] = {}
        self.numbers: dict[tuple[str, str], QDoubleSpinBox] = {}
        grid, body = QGridLayout(), column(self, 0, 4)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        for place, (name, unit) in enumerate((("share", " %"), ("weight", ""), ("speed", " m/s")), 1):
            head = named(QLabel(alignment=Qt.AlignmentFlag.AlignRight), "faint")
            words.bind(partial(_with_unit, head, unit), f"shelter.priority.{name}")
            grid.addWidget(head, 0, place)
        for line, group in enumerate(priority_groups(), 1):
            self._add(grid, line, group)
        self.note = named(QLabel(wordWrap=True), "faint")
        words.bind(self.note.setText, "shelter.priority.note")
        body.addLayout(grid)
        body.addWidget(self.note)
        words.changed.connect(self._speak)
        self._speak()

    def groups(self) -> tuple[PriorityGroup, ...]:
        """The groups that are ticked, with the numbers that stand there."""
        return tuple(
            self._filled(group) for group in priority_groups() if self.boxes[group.group].isChecked()
        )

    def _filled(self, group: PriorityGroup) -> PriorityGroup:
        given = {name: self.numbers[group.group, name].value() / factor
                 for name, (_, _, _, factor) in NUMBERS.items()}  # fmt: skip
        own = {name: value for name, value in given.items() if abs(value - getattr(group, name)) > 1e-9}
        return replace(group, **own, status="assumed")  # type: ignore[arg-type]

    def _add(self, grid: QGridLayout, line: int, group: PriorityGroup) -> None:
        box = self.boxes[group.group] = QCheckBox()
        grid.addWidget(box, line, 0)
        for place, (name, (low, high, decimals, factor)) in enumerate(NUMBERS.items(), 1):
            spin = named(QDoubleSpinBox(decimals=decimals), "bare")
            spin.setRange(low, high)
            spin.setValue(getattr(group, name) * factor)
            spin.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
            spin.setFixedWidth(WIDE)
            spin.setEnabled(False)
            box.toggled.connect(spin.setEnabled)
            box.toggled.connect(self._show_note)
            grid.addWidget(spin, line, place)
            self.numbers[group.group, name] = spin

    def _show_note(self) -> None:
        """What the numbers mean, once a group is ticked."""
        self.note.setVisible(any(box.isChecked() for box in self.boxes.values()))

    def _speak(self) -> None:
        say, zh = self._words.say, self._words.language == "zh_CN"
        for group in priority_groups():
            name = group.zh if zh else capital(group.en.removeprefix("the "))
            self.boxes[group.group].setText(name)
            tip = f"{say(f'status.{group.status}')} · {self._words.told(group.source)}"
            self.boxes[group.group].setToolTip(f"{say('shelter.priority.tip')}\n{tip}")
            for field in NUMBERS:
                spin = self.numbers[group.group, field]
                spin.setToolTip(tip)
                spin.setAccessibleName(f"{name} {say(f'shelter.priority.{field}')}")
        self._show_note()


def _with_unit(label: QLabel, unit: str, words: str) -> None:
    label.setText(words + unit)
