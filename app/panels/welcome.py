"""The page one meets before a project is open: the sample project is one click away."""

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.actions import Actions
from app.settings import Settings
from app.theme import Tokens, font, named, pixmap
from app.words import Words

_CARDS = (("open_sample", "map-pinned"), ("open", "folder-open"), ("new", "file-plus"))


class Welcome(QWidget):
    """Word mark, three ways to begin, and the projects of late. Signal: `chosen(Path)`."""

    chosen = Signal(object)

    def __init__(self, words: Words, actions: Actions, settings: Settings, tokens: Tokens) -> None:
        super().__init__()
        self.setObjectName("welcome")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._words, self._settings = words, settings
        self._mark = QLabel()
        self._buttons: list[tuple[QLabel, str]] = []
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        sheet = named(QFrame(), "welcomeSheet")
        sheet.setFixedWidth(760)
        inner = QVBoxLayout(sheet)
        inner.setContentsMargins(40, 36, 40, 28)
        inner.setSpacing(24)
        inner.addLayout(self._head())
        inner.addLayout(self._cards(actions))
        inner.addLayout(self._recent)
        inner.addWidget(self._foot())
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addWidget(sheet, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(3)
        words.changed.connect(self.refresh)
        self.paint(tokens)
        self.refresh()

    def paint(self, tokens: Tokens) -> None:
        """The mark and the icons in the theme's colours."""
        self._mark.setPixmap(pixmap("riskatlas", tokens.accent, 56))
        for label, name in self._buttons:
            label.setPixmap(pixmap(name, tokens.accent, 26))

    def refresh(self) -> None:
        """Show the projects of late that are still there."""
        while self._recent.count():
            item = self._recent.takeAt(0)
            if item.widget() is not None:
                item.widget().hide()
                item.widget().deleteLater()
        recent = [path for path in self._settings.recent if path.exists()]
        if recent:
            self._recent.addWidget(named(QLabel(self._words.say("welcome.recent")), "heading"))
        for path in recent[:4]:
            self._recent.addWidget(self._recent_row(path))

    def _recent_row(self, path: Path) -> QPushButton:
        button = named(QPushButton(f"{path.stem}"), "recent")
        button.setToolTip(str(path))
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        row = QHBoxLayout(button)
        row.setContentsMargins(12, 0, 12, 0)
        row.addStretch(1)
        place = QLabel(button.fontMetrics().elidedText(str(path.parent), Qt.TextElideMode.ElideMiddle, 420))
        place.setObjectName("faint")
        place.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row.addWidget(place)
        button.clicked.connect(lambda: self.chosen.emit(path))
        return button

    def _head(self) -> QHBoxLayout:
        name = QLabel()
        name.setFont(font(30, strong=True))
        self._words.bind(name.setText, "window.name")
        line = named(QLabel(), "soft")
        self._words.bind(line.setText, "welcome.line")
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(name)
        texts.addWidget(line)
        row = QHBoxLayout()
        row.setSpacing(20)
        row.addWidget(self._mark)
        row.addLayout(texts, 1)
        return row

    def _cards(self, actions: Actions) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(16)
        for number, (name, drawing) in enumerate(_CARDS):
            row.addWidget(self._card(name, drawing, actions, primary=number == 0))
        return row

    def _card(self, name: str, drawing: str, actions: Actions, *, primary: bool) -> QPushButton:
        card = named(QPushButton(), "card")
        card.setProperty("primary", primary)
        card.setCursor(Qt.CursorShape.PointingHandCursor)
        card.setMinimumSize(QSize(200, 152))
        card.clicked.connect(actions[name].trigger)
        mark, head = QLabel(), QLabel()
        head.setFont(font(15, strong=True))
        body = named(QLabel(wordWrap=True), "soft")
        self._buttons.append((mark, drawing))
        self._words.bind(head.setText, f"welcome.{name}")
        self._words.bind(card.setAccessibleName, f"welcome.{name}")
        self._words.bind(body.setText, f"welcome.{name}.line")
        column = QVBoxLayout(card)
        column.setContentsMargins(16, 16, 16, 14)
        column.setSpacing(6)
        for label in (mark, head, body):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(label)
        column.addStretch(1)
        return card

    def _foot(self) -> QLabel:
        foot = named(QLabel(wordWrap=True), "faint")
        self._words.bind(foot.setText, "welcome.drop")
        return foot
