"""What leaves the house: map book, village cards, evacuation plan, ground needed; into a folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
)

from app.panels.parts import column
from app.sheltering.shelters import Shelters
from app.theme import named
from app.whole import whole_folder
from layers.progress import Progress
from layers.reports.shelter_outputs import KINDS, OutputWish, write_outputs
from layers.siting.shelter_plan import ShelterPlan
from layers.storage.geopackage import ProjectFile

if TYPE_CHECKING:
    from app.main_window import MainWindow


class OutputPage(QDialog):
    """Ask what is to be written."""

    def __init__(self, window: MainWindow, shelters: Shelters) -> None:
        super().__init__(window)
        self._window, self._shelters, tell = window, shelters, window.words.say
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tell("output.title", plan=shelters.chosen))
        self.resize(460, 320)
        self.kinds = {kind: QCheckBox(tell(f"output.{kind}")) for kind in KINDS}
        self.region = QComboBox()
        self._fill_regions()
        self.folder = QLineEdit(window.settings.folder or str(Path.home()))
        self.maker = QLineEdit(window.settings.maker)
        self.start = named(QPushButton(tell("output.write")), "primary")
        layout = column(self, 16, 8)
        for kind, box in self.kinds.items():
            box.setChecked(kind != "cards")
            box.toggled.connect(self._allow)
            layout.addWidget(box)
            layout.addWidget(named(QLabel(tell(f"output.{kind}.tip"), wordWrap=True), "faint"))
        layout.addLayout(self._form())
        layout.addWidget(self.start)
        self.start.clicked.connect(self.write)
        self._allow()

    def wish(self) -> OutputWish:
        """What the page says."""
        kinds = tuple(kind for kind, box in self.kinds.items() if box.isChecked())
        folder = Path(self.folder.text()).expanduser()
        return OutputWish(kinds, self.region.currentData() or "all", folder, self.maker.text())

    def write(self) -> None:
        """Write it, as a task."""
        wish, name, window = self.wish(), self._shelters.chosen, self._window
        window.settings.folder, window.settings.maker = self.folder.text(), self.maker.text()
        self._shelters.with_plans((name,), lambda plans: write_for(window, plans[name], wish))
        self.accept()

    def _allow(self) -> None:
        """Something must be wished; a region is asked for village cards only."""
        self.start.setEnabled(any(box.isChecked() for box in self.kinds.values()))
        self.region.setEnabled(self.kinds["cards"].isChecked())

    def _form(self) -> QFormLayout:
        tell, form, row = self._window.words.say, QFormLayout(), QHBoxLayout()
        browse = named(QPushButton(tell("sheets.browse")), "small")
        browse.clicked.connect(self._browse)
        row.addWidget(self.folder, 1)
        row.addWidget(browse)
        form.addRow(tell("output.region"), self.region)
        form.addRow(tell("sheets.maker"), self.maker)
        form.addRow(tell("sheets.folder_row"), row)
        return form

    def _fill_regions(self) -> None:
        """The city, its counties and townships; the one that is looked at is chosen."""
        window = self._window
        self.region.addItem(window.words.say("region.city"), "all")
        for region in window.gazetteer.regions:
            self.region.addItem(region.name, region.code)
        self.region.setCurrentIndex(max(self.region.findData(window.choice.region), 0))

    def _browse(self) -> None:
        tell = self._window.words.say
        folder = QFileDialog.getExistingDirectory(self, tell("sheets.folder"), self.folder.text())
        if folder:
            self.folder.setText(folder)


def write_for(window: MainWindow, plan: ShelterPlan, wish: OutputWish) -> None:
    """Write in a task, all or nothing, over what lies there, and say where it lies."""
    tell, language = window.words.say, window.words.language

    def work(own: ProjectFile, progress: Progress) -> tuple[Path, ...]:
        with whole_folder(wish.folder) as draft:
            written = write_outputs(own, plan, replace(wish, folder=draft), language, progress)
            return tuple(wish.folder / path.name for path in written)

    reading = window.desk.reading(work, outlives=True)

    def told(paths: tuple[Path, ...]) -> None:
        window.notices.say(tell("notice.sheets", number=len(paths), folder=wish.folder))

    window.tasks.start(tell("task.output", plan=plan.name), reading, told)
