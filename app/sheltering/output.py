"""What leaves the house: map book, village cards, evacuation plan, ground needed; into a folder."""

from __future__ import annotations

from dataclasses import dataclass
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
from layers.progress import Progress, part
from layers.siting.shelter_plan import ShelterPlan
from layers.storage.geopackage import ProjectFile
from layers.words import Language, say

if TYPE_CHECKING:
    from app.main_window import MainWindow

KINDS = ("book", "cards", "table", "need")


@dataclass(frozen=True)
class OutputWish:
    """What is to be written, for which region, where to."""

    kinds: tuple[str, ...]
    region: str
    folder: Path
    maker: str


def write_outputs(
    project: ProjectFile, plan: ShelterPlan, wish: OutputWish, language: Language, progress: Progress
) -> tuple[Path, ...]:
    """Write what is wished; the files."""
    from layers.reports.evacuation import write_evacuation, write_need
    from layers.reports.shelter_book import write_shelter_book
    from layers.reports.village_cards import write_village_cards

    wish.folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for number, kind in enumerate(wish.kinds):
        step = part(progress, number / len(wish.kinds), (number + 1) / len(wish.kinds))
        stem = f"{plan.name}_{say(f'output.file.{kind}', language)}".replace(" ", "_")
        if kind == "book":
            path = wish.folder / f"{stem}.pdf"
            write_shelter_book(project, plan, path, language, wish.maker, step)
        elif kind == "cards":
            path = wish.folder / f"{stem}_{wish.region}.pdf"
            write_village_cards(project, plan, path, language, wish.region, step)
        elif kind == "table":
            path = wish.folder / f"{stem}.xlsx"
            write_evacuation(plan, path, language, progress=step)
        else:
            written += write_need(plan, wish.folder, language)
            continue
        written.append(path)
    progress(1.0)
    return tuple(written)


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
            layout.addWidget(box)
            layout.addWidget(named(QLabel(tell(f"output.{kind}.tip"), wordWrap=True), "faint"))
        layout.addLayout(self._form())
        layout.addWidget(self.start)
        self.start.clicked.connect(self.write)

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
    """Write in a task, and say where it lies."""
    tell, language = window.words.say, window.words.language
    reading = window.desk.reading(lambda own, progress: write_outputs(own, plan, wish, language, progress))

    def told(paths: tuple[Path, ...]) -> None:
        window.notices.say(tell("notice.sheets", number=len(paths), folder=wish.folder))

    window.tasks.start(tell("task.output", plan=plan.name), reading, told)
