"""Maps on paper: of the chosen region, of each county, or the whole series, into a folder."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from app.choice import CITY, Choice
from app.desk import Desk
from app.orientation.places import Gazetteer
from app.panels.page_view import PageView, fitted
from app.panels.parts import HazardBox, column, heading
from app.settings import Settings
from app.theme import LIGHT, named
from app.turns import Later
from app.words import Words

PAGES = ("A3", "A4", "A2", "A1", "A0")
SCOPES = ("region", "counties", "city")


@dataclass(frozen=True)
class SheetWish:
    """What is to be printed. `regions`: codes, or ``all`` for the city."""

    hazard: str
    regions: tuple[str, ...]
    page: str
    formats: tuple[str, ...]
    folder: Path
    maker: str
    review_number: str
    hatched: bool = False


class Preview(QWidget):
    """A sheet, small. Signal: `wanted` larger, by a click or Enter."""

    wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.picture: QImage | None = None
        self._small = QImage()
        self.hint, self.tip = "", ""
        self.setFixedHeight(186)

    def say(self, hint: str) -> None:
        """What an empty page says."""
        self.hint = hint
        self.update()

    def tell(self, tip: str) -> None:
        """What can be done with a page that is there."""
        self.tip = tip
        self.setToolTip(tip if self.picture is not None else "")

    def show_picture(self, picture: QImage | None) -> None:
        """Show this; ``None``: an empty page."""
        self.picture, self._small = picture, QImage()
        is_there = picture is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if is_there else Qt.CursorShape.ArrowCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if is_there else Qt.FocusPolicy.NoFocus)
        self.tell(self.tip)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._want()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._want()
        else:
            super().keyPressEvent(event)

    def _want(self) -> None:
        if self.picture is not None:
            self.wanted.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        ratio = 420 / 297 if self.picture is None else self.picture.width() / self.picture.height()
        width = min(self.width() - 2.0, (self.height() - 2) * ratio)
        page = QRectF((self.width() - width) / 2, 1, width, width / ratio)
        painter.setPen(self.palette().accent().color() if self.hasFocus() else self.palette().dark().color())
        painter.setBrush(Qt.GlobalColor.white)
        painter.drawRect(page)
        if self.picture is not None:
            if self._small.isNull():
                self._small = fitted(self.picture, page.size().toSize(), self.devicePixelRatioF())
            painter.drawImage(page.topLeft(), self._small)
        else:
            painter.setPen(QColor(LIGHT.soft_ink))  # the page is white in either theme
            painter.drawText(page, Qt.AlignmentFlag.AlignCenter, self.hint)
        painter.end()


class SheetsPanel(QWidget):
    """Signals: `made(SheetWish)` print it; `previewed(SheetWish)` show how it will look."""

    made = Signal(object)
    previewed = Signal(object)

    def __init__(self, desk: Desk, choice: Choice, settings: Settings, words: Words) -> None:
        super().__init__()
        self._desk, self._choice, self._settings, self._words = desk, choice, settings, words
        self._gazetteer = Gazetteer()
        self.hazard = HazardBox(choice, words)
        self.scope, self.page = QComboBox(), QComboBox()
        self.page.addItems(list(PAGES))
        self.formats = {"pdf": QCheckBox("PDF"), "png": QCheckBox("PNG")}
        self.formats["pdf"].setChecked(True)
        self.hatched = QCheckBox()
        words.bind(self.hatched.setText, "sheets.hatched")
        words.bind(self.hatched.setToolTip, "sheets.hatched.tip")
        self.maker, self.review = QLineEdit(settings.maker), QLineEdit()
        self.folder = QLineEdit(settings.folder or str(Path.home()))
        self.preview = Preview()
        self.look, self.make = QPushButton(), named(QPushButton(), "primary")
        self._lay_out()
        self._late = Later(self._follow, self)
        self._connect()
        self._speak()

    def show_regions(self, gazetteer: Gazetteer) -> None:
        """These regions are in the project."""
        self._gazetteer = gazetteer
        self._late.start()

    def wish(self) -> SheetWish:
        """What the form says."""
        return SheetWish(
            hazard=self._choice.hazard,
            regions=self._regions(),
            page=self.page.currentText(),
            formats=tuple(name for name, box in self.formats.items() if box.isChecked()),
            folder=Path(self.folder.text()).expanduser(),
            maker=self.maker.text(),
            review_number=self.review.text(),
            hatched=self.hatched.isChecked(),
        )

    def _regions(self) -> tuple[str, ...]:
        scope = self.scope.currentData()
        if scope == "counties":
            return tuple(r.code for r in self._gazetteer.regions if r.kind == "county") or (CITY,)
        return (CITY,) if scope == "city" or not self._choice.region else (self._choice.region,)

    def _lay_out(self) -> None:
        words, layout, form = self._words, column(self), QFormLayout()
        form.setVerticalSpacing(8)
        rows = {
            "sheets.hazard": self.hazard,
            "sheets.scope": self.scope,
            "sheets.page": self.page,
            "sheets.maker": self.maker,
            "sheets.review": self.review,
        }
        for key, field in rows.items():
            label = QLabel()
            words.bind(label.setText, key)
            form.addRow(label, field)
        for key, files in (("sheets.formats", self._formats()), ("sheets.folder_row", self._place())):
            label = QLabel()
            words.bind(label.setText, key)
            form.addRow(label, files)
        layout.addLayout(form)
        layout.addSpacing(4)
        layout.addWidget(heading(words, "sheets.preview"))
        layout.addWidget(self.preview)
        layout.addStretch(1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.look, 1)
        buttons.addWidget(self.make, 1)
        layout.addLayout(buttons)
        words.bind(self.preview.say, "sheets.preview_empty")
        words.bind(self.preview.tell, "sheets.enlarge")
        words.bind(self.look.setText, "sheets.look")
        words.bind(self.make.setText, "sheets.make")
        words.bind(self.review.setPlaceholderText, "sheets.internal")

    def _formats(self) -> QHBoxLayout:
        row = QHBoxLayout()
        for box in (*self.formats.values(), self.hatched):
            row.addWidget(box)
        row.addStretch(1)
        return row

    def _place(self) -> QHBoxLayout:
        row = QHBoxLayout()
        browse = named(QPushButton(), "small")
        self._words.bind(browse.setText, "sheets.browse")
        browse.clicked.connect(self._browse)
        row.addWidget(self.folder, 1)
        row.addWidget(browse)
        return row

    def _connect(self) -> None:
        self.look.clicked.connect(lambda: self.previewed.emit(self.wish()))
        self.make.clicked.connect(self._make)
        self.preview.wanted.connect(self._show_page)
        self.scope.activated.connect(self._late.start)
        for box in self.formats.values():
            box.toggled.connect(self._late.start)
        self._choice.changed.connect(self._late.start)
        self._words.changed.connect(self._speak)
        self._desk.changed.connect(lambda _: self._late.start())

    def _speak(self) -> None:
        chosen = max(self.scope.currentIndex(), 0)
        self.scope.clear()
        for scope in SCOPES:
            self.scope.addItem(self._words.say(f"sheets.scope.{scope}"), scope)
        self.scope.setCurrentIndex(chosen)
        self._late.start()

    def _follow(self) -> None:
        is_open = self._desk.project is not None
        self.look.setEnabled(is_open)
        self.make.setEnabled(is_open and any(box.isChecked() for box in self.formats.values()))

    def _make(self) -> None:
        self._settings.maker = self.maker.text()
        self._settings.folder = self.folder.text()
        self.made.emit(self.wish())

    def _show_page(self) -> None:
        """The sheet, large."""
        if self.preview.picture is not None:
            PageView(self.preview.picture, self._words, self.window()).open()

    def _browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self._words.say("sheets.folder"), self.folder.text())
        if folder:
            self.folder.setText(folder)
