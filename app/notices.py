"""Sentences that the program says without standing in the way: at the foot of the map, gone by themselves."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.theme import Tokens, icon, named, pixmap
from app.words import Words

PASSING = 7000
"""Milliseconds that a good word stays; a warning stays until it is closed."""
_ICONS = {"good": "circle-check", "warning": "triangle-alert", "error": "circle-alert"}


class Notice(QWidget):
    """One sentence with an icon and a cross."""

    def __init__(self, text: str, kind: str, tokens: Tokens, words: Words, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.setProperty("kind", kind)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        colour = {"good": tokens.accent, "warning": tokens.warning, "error": tokens.error}[kind]
        mark = QLabel()
        mark.setPixmap(pixmap(_ICONS[kind], colour, 18))
        self.text = QLabel(text, wordWrap=True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        cross = named(QToolButton(), "flat")
        cross.setIcon(icon("x", tokens))
        cross.setIconSize(QSize(14, 14))
        cross.setToolTip(words.say("notice.close"))
        cross.clicked.connect(self.deleteLater)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(8)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.text, 1)
        row.addWidget(cross, 0, Qt.AlignmentFlag.AlignTop)
        if kind == "good":
            QTimer.singleShot(PASSING, self, self.deleteLater)


class Notices(QWidget):
    """The pile of sentences over the map's lower edge."""

    def __init__(self, words: Words, tokens: Tokens, over: QWidget) -> None:
        super().__init__(over)
        self.tokens = tokens
        self._words = words
        self._over = over
        self._clear = 0
        self._pile = QVBoxLayout(self)
        self._pile.setContentsMargins(0, 0, 0, 0)
        self._pile.setSpacing(8)
        over.installEventFilter(self)
        self.hide()

    def say(self, text: str, kind: str = "good") -> None:
        """Add a sentence: good, warning or error. At most three stand at a time."""
        while self._pile.count() >= 3:
            oldest = self._pile.takeAt(0).widget()
            oldest.deleteLater()
        notice = Notice(text, kind, self.tokens, self._words, self)
        notice.destroyed.connect(self._place, Qt.ConnectionType.QueuedConnection)
        self._pile.addWidget(notice)
        self.show()
        self._place()

    def keep_clear(self, pixels: int) -> None:
        """Stand so far above the lower edge: something lies there."""
        self._clear = pixels
        self._place()

    def texts(self) -> list[str]:
        """What is said now."""
        return [label.text() for label in self.findChildren(QLabel) if label.text()]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _place(self) -> None:
        if not self._pile.count():
            self.hide()
            return
        width = min(560, self._over.width() - 64)
        self.setFixedWidth(width)
        height = max(self._pile.totalHeightForWidth(width), self._pile.minimumSize().height())
        self.setFixedHeight(height)
        self.move((self._over.width() - width) // 2, self._over.height() - height - 24 - self._clear)
        self.raise_()
