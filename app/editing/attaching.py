"""Photos and notes of a feature: shown, and added."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.panels.parts import column, hint
from app.words import Words
from layers.storage.attachments import Attachment

WIDEST = 420


class AttachmentsPage(QDialog):
    """What is attached to a feature, and a line to add a note or a photo. Signal: `added(note, path)`."""

    added = Signal(str, object)

    def __init__(
        self, shown: tuple[Attachment, ...], words: Words, parent: QWidget, *, can_edit: bool
    ) -> None:
        super().__init__(parent)
        self._words = words
        self.setWindowTitle(words.say("command.attachments"))
        self.resize(480, 420)
        layout = column(self, 16, 8)
        inner = QWidget()
        self.list = QVBoxLayout(inner)
        for each in shown:
            self._show(each)
        if not shown:
            self.list.addWidget(hint(words, "attachment.none"))
        self.list.addStretch(1)
        area = QScrollArea(widgetResizable=True)
        area.setWidget(inner)
        layout.addWidget(area, 1)
        self.note = QLineEdit()
        self.note.setPlaceholderText(words.say("attachment.note"))
        self.photo, self.keep = (
            QPushButton(words.say("attachment.photo")),
            QPushButton(words.say("attachment.add")),
        )
        self.photo.clicked.connect(self._ask)
        self.keep.clicked.connect(lambda: self._add(None))
        line = QHBoxLayout()
        for widget in (self.note, self.keep, self.photo):
            widget.setEnabled(can_edit)
            line.addWidget(widget)
        layout.addLayout(line)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)

    def _show(self, each: Attachment) -> None:
        if each.note:
            self.list.addWidget(QLabel(each.note, wordWrap=True))
        if each.path is None:
            return
        label = QLabel(
            self._words.say("attachment.missing", title=each.title) if each.is_missing else each.title
        )
        picture = QPixmap(str(each.path)) if not each.is_missing else QPixmap()
        if not picture.isNull():
            mode = Qt.TransformationMode.SmoothTransformation
            label.setPixmap(picture.scaledToWidth(min(WIDEST, picture.width()), mode))
            label.setToolTip(each.title)
        self.list.addWidget(label)

    def _ask(self) -> None:
        title, kinds = self._words.say("attachment.photo"), "*.jpg *.jpeg *.png *.pdf *.tif"
        chosen, _ = QFileDialog.getOpenFileName(self, title, "", kinds)
        if chosen:
            self._add(Path(chosen))

    def _add(self, path: Path | None) -> None:
        if path is not None or self.note.text().strip():
            self.added.emit(self.note.text().strip(), path)
            self.accept()
