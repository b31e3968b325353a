"""Sentences that the program says without standing in the way: at the foot of the map, gone by themselves."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.theme import Tokens, icon, named, pixmap
from app.words import Words

PASSING = 7000
"""Milliseconds that a good word stays; a warning stays until it is closed."""
WIDEST, NARROWEST = 560, 320
EDGE, GAP = 32, 12
"""Pixels: of a sentence, and around it."""
SCALE_BAR = 134
"""Pixels at the left of the map's lower edge that the scale bar takes."""
MOST = 3
"""Sentences that stand at a time."""
Action = tuple[str, Callable[[], object]]
"""A word and what it does when it is clicked."""
_MOVED = {QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide}
_ICONS = {"good": "circle-check", "warning": "triangle-alert", "error": "circle-alert"}


class Notice(QWidget):
    """One sentence with an icon and a cross."""

    def __init__(
        self, text: str, kind: str, action: Action | None, tokens: Tokens, words: Words, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.kind = kind
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
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(8)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.text, 1)
        if action is not None:
            row.addWidget(self._button(*action), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(cross, 0, Qt.AlignmentFlag.AlignVCenter)
        if kind == "good":
            QTimer.singleShot(PASSING, self, self.deleteLater)

    def settle(self, width: int) -> int:
        """As high as the words need at this width; returns the height."""
        for child in self.findChildren(QWidget):
            child.ensurePolished()
        row = self._row
        items = [row.itemAt(place) for place in range(row.count())]
        beside = sum(item.sizeHint().width() for item in items if item.widget() is not self.text)
        room = width - beside - row.spacing() * (len(items) - 1) - 24
        height = max(self.text.heightForWidth(room), 24) + 16
        self.setFixedHeight(height)
        return height

    def _button(self, label: str, does: Callable[[], object]) -> QToolButton:
        """What can be done about it; then the sentence goes."""
        button = named(QToolButton(), "link")
        button.setText(label)
        button.clicked.connect(lambda: does())
        button.clicked.connect(self.deleteLater)
        return button


class Notices(QWidget):
    """The pile of sentences over the map's lower edge."""

    def __init__(self, words: Words, tokens: Tokens, over: QWidget) -> None:
        super().__init__(over)
        self.tokens = tokens
        self._words = words
        self._over = over
        self._clear = 0
        self._beside: list[QWidget] = []
        self._pile = QVBoxLayout(self)
        self._pile.setContentsMargins(0, 0, 0, 0)
        self._pile.setSpacing(8)
        over.installEventFilter(self)
        self.hide()

    def say(self, text: str, kind: str = "good", action: Action | None = None) -> None:
        """Add a sentence: good, warning or error, and what can be done about it.

        At most three stand at a time; a passing word makes room before a warning. What stands is not said
        twice.
        """
        standing = [self._pile.itemAt(place).widget() for place in range(self._pile.count())]
        notices = [notice for notice in standing if isinstance(notice, Notice)]
        for notice in [each for each in notices if each.text.text() == text]:
            notices.remove(notice)
            self._take_out(notice)
        if len(notices) >= MOST:
            self._take_out(next((each for each in notices if each.kind == "good"), notices[0]))
        fresh = Notice(text, kind, action, self.tokens, self._words, self)
        fresh.destroyed.connect(self._place, Qt.ConnectionType.QueuedConnection)
        self._pile.addWidget(fresh)
        self.show()
        self._place()

    def _take_out(self, notice: Notice) -> None:
        self._pile.removeWidget(notice)
        notice.hide()
        notice.deleteLater()

    def stand_beside(self, card: QWidget) -> None:
        """Do not cover this, which stands at the lower edge too."""
        self._beside.append(card)
        card.installEventFilter(self)

    def keep_clear(self, pixels: int) -> None:
        """Stand so far above the lower edge: something lies there."""
        self._clear = pixels
        self._place()

    def texts(self) -> list[str]:
        """What is said now."""
        return [label.text() for label in self.findChildren(QLabel) if label.text()]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVED:
            self._place()
        return False

    def _place(self) -> None:
        if not self._pile.count():
            self.hide()
            return
        left, right = self._room()
        width = min(WIDEST, right - left)
        self.setFixedWidth(width)
        standing = [self._pile.itemAt(place).widget() for place in range(self._pile.count())]
        heights = [notice.settle(width) for notice in standing if isinstance(notice, Notice)]
        height = sum(heights) + self._pile.spacing() * (len(heights) - 1)
        self.setFixedHeight(height)
        middle = min(max((self._over.width() - width) // 2, left), right - width)
        self.move(middle, self._over.height() - height - 24 - self._clear)
        self.raise_()

    def _room(self) -> tuple[int, int]:
        """From where to where sentences may stand: beside the cards, if all find room."""
        left, right = SCALE_BAR + GAP, self._over.width() - EDGE
        for card in (each for each in self._beside if each.isVisible()):
            begin = card.mapTo(self._over, QPoint(0, 0)).x()
            if begin > self._over.width() // 2:
                right = min(right, begin - GAP)
            else:
                left = max(left, begin + card.width() + GAP)
        return (left, right) if right - left >= NARROWEST else (EDGE, self._over.width() - EDGE)
