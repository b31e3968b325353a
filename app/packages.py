"""Work packages at the window: handed out for the chosen region, brought home with every conflict shown."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import shapely
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QWidget,
)

from app.choice import CITY
from app.panels.parts import column, row, table
from app.words import Words
from layers.changes import Edit
from layers.editing.merging import ROW, Choice, Choices, Disagreement
from layers.errors import KnownError
from layers.grid import Extent
from layers.progress import Progress
from layers.storage import package
from layers.storage.attachments import bring_files
from layers.storage.geopackage import ProjectFile

if TYPE_CHECKING:
    from app.main_window import MainWindow

CHOICES: tuple[Choice, ...] = get_args(Choice)
AROUND = 200.0
"""Metres about a conflict that is shown on the map."""


class Packages(QObject):
    """Out and back."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._say = window.words.say
        self.page: ConflictsPage | None = None

    def ask_where(self) -> None:
        """Hand out the package of the region that is looked at."""
        region = self._window.choice.region
        if region in {"", CITY}:
            self._window.notices.say(self._say("notice.choose_region"), "warning")
            return
        name = self._say("package.file", region=region)
        chosen, _ = QFileDialog.getSaveFileName(self._window, self._say("command.checkout"), name, "*.gpkg")
        if chosen:
            self.lend(region, Path(chosen).with_suffix(".gpkg"))

    def lend(self, region: str, path: Path) -> None:
        """Write a region's package; the project remembers it."""
        work = self._window.desk.reading(
            lambda own, progress: package.checkout(own, region, path, progress=progress)
        )

        def done(made: tuple[package.Card, Edit]) -> None:
            self._window.store(made[1], lambda: self._window.files.wrote(path))

        self._window.tasks.start(self._say("task.checkout"), work, done)

    def ask_which(self) -> None:
        """Choose a returned package."""
        chosen, _ = QFileDialog.getOpenFileName(self._window, self._say("command.bring_home"), "", "*.gpkg")
        if chosen:
            self.bring_home(Path(chosen))

    def bring_home(self, path: Path, choices: Choices | None = None) -> None:
        """Compare a returned package with the project; ask about what both changed; store it as one edit."""
        chosen = dict(choices or {})
        work = self._window.desk.reading(lambda own, progress: _compared(own, path, chosen, progress))
        self._window.tasks.start(self._say("task.merge"), work, lambda found: self._take(found, path, chosen))

    def _take(self, found: package.Return, path: Path, chosen: dict[tuple[str, str, str], Choice]) -> None:
        if found.merged.undecided:
            page = self.page = ConflictsPage(found.merged.undecided, self._window.words, self._window)
            page.looked.connect(self._look)
            page.accepted.connect(lambda: self.bring_home(path, {**chosen, **page.choices}))
            page.open()
            return
        if found.outside:
            names = "、".join(each.name for each in found.outside[:10])
            said = self._say("notice.outside", count=len(found.outside), names=names)
            self._window.notices.say(said, "warning")
        project = self._window.desk.project
        assert project is not None
        name = self._say("edit.merge", name=found.card.name, date=found.card.date[:10])
        edit = package.edit_of(found, project, chosen, name)
        count = len(found.merged.changes)
        sentence = self._say("notice.merged", name=found.card.name, count=count)
        if edit is None:
            self._window.notices.say(sentence)
        else:
            self._carry(path, edit)
            self._window.store(edit, lambda: self._window.notices.say(sentence))

    def _carry(self, path: Path, edit: Edit) -> None:
        """The photos that came with the package; without them the notes still come home."""
        project = self._window.desk.project
        assert project is not None
        try:
            bring_files(path, project, edit.changes)
        except KnownError as error:
            self._window.notices.say(error.say(self._window.words.language), "error")

    def _look(self, each: Disagreement) -> None:
        """Show the feature of a conflict on the map: theirs outlined."""
        geometry = next(
            (g for g in map(_geometry, (each.theirs, each.mine, each.base)) if g is not None), None
        )
        project = self._window.desk.project
        if geometry is None and project is not None:
            held = project.table(each.table).get(each.key)
            geometry = _geometry(held)
        if geometry is not None:
            self._window.stage.map.outline = geometry
            self._window.stage.map.show_extent(Extent(*geometry.bounds).grown(AROUND))


def _compared(own: ProjectFile, path: Path, chosen: Choices, progress: Progress) -> package.Return:
    with ProjectFile.open(path, read_only=True) as returned:
        return package.bring_home(own, returned, chosen, progress)


def _geometry(value: Any) -> Any | None:
    cell = value.get("geom") if hasattr(value, "get") else value
    return shapely.from_wkb(cell, on_invalid="ignore") if isinstance(cell, bytes) else None


class ConflictsPage(QDialog):
    """What both sides changed, a line a field, with a choice. Signal: `looked(Disagreement)`."""

    looked = Signal(object)

    def __init__(self, conflicts: tuple[Disagreement, ...], words: Words, parent: QWidget) -> None:
        super().__init__(parent)
        self._conflicts, self._words = conflicts, words
        self.setWindowTitle(words.say("conflicts.title"))
        self.resize(860, 420)
        self.boxes: list[QComboBox] = []
        self.list = table(6)
        names = ("feature", "field", "base", "mine", "theirs", "choose")
        self.list.setHeaderLabels([words.say(f"conflicts.{name}") for name in names])
        for each in conflicts:
            self._add(each)
        self.list.currentItemChanged.connect(self._look)
        layout = column(self, 16, 8)
        layout.addWidget(QLabel(words.say("conflicts.hint", count=len(conflicts)), wordWrap=True))
        layout.addWidget(self.list, 1)
        line = QHBoxLayout()
        for choice in ("mine", "theirs"):
            button = QPushButton(words.say(f"conflicts.all_{choice}"))
            button.clicked.connect(partial(self.choose_all, choice))
            line.addWidget(button)
        line.addStretch(1)
        layout.addLayout(line)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._fine = buttons.button(QDialogButtonBox.StandardButton.Ok)
        layout.addWidget(buttons)
        self._refresh()

    def _add(self, each: Disagreement) -> None:
        told = package.told_of(each)
        field = self._words.say("conflicts.row") if each.field == ROW else each.field
        cells = [_short(told[side], self._words) for side in ("base", "mine", "theirs")]
        item = row([f"{each.table} {each.key[:8]}", field, *cells, ""])
        self.list.addTopLevelItem(item)
        box = QComboBox()
        box.addItem("", "")
        for choice in CHOICES:
            box.addItem(self._words.say(f"conflicts.{choice}"), choice)
        box.currentIndexChanged.connect(self._refresh)
        self.boxes.append(box)
        self.list.setItemWidget(item, 5, box)

    def choose_all(self, choice: str) -> None:
        """The same side for every field."""
        for box in self.boxes:
            box.setCurrentIndex(box.findData(choice))

    def _refresh(self) -> None:
        self._fine.setEnabled(all(box.currentData() for box in self.boxes))

    def _look(self, item: Any) -> None:
        number = self.list.indexOfTopLevelItem(item)
        if number >= 0:
            self.looked.emit(self._conflicts[number])

    @property
    def choices(self) -> dict[tuple[str, str, str], Choice]:
        """What was chosen, by place."""
        pairs = zip(self._conflicts, self.boxes, strict=True)
        return {each.place: box.currentData() for each, box in pairs}


def _short(value: Any, words: Words) -> str:
    if value is None:
        return "—"
    if isinstance(value, dict):
        return words.say("conflicts.changed")
    text = str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
