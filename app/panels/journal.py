"""What was done to the project, the newest first; a click goes back or forward to that point."""

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QBrush, QShowEvent
from PySide6.QtWidgets import QStackedLayout, QTreeWidgetItem, QWidget

from app.desk import Desk
from app.panels.parts import hint, row, table
from app.theme import font
from app.words import Words
from layers.storage.headings import Heading, headings

NUMBER = Qt.ItemDataRole.UserRole
MOST = 200
"""Edits that are listed at first; each "earlier" lists so many more."""
EARLIER = -1


class JournalPanel(QWidget):
    """Signal: `wanted(number)` the edit that shall be the last that stands; 0: none."""

    wanted = Signal(int)

    def __init__(self, desk: Desk, words: Words) -> None:
        super().__init__()
        self._desk, self._words = desk, words
        self._most = MOST
        self._shown: object = None
        self.list = table(2)
        self.list.setHeaderHidden(True)
        self.empty = hint(words, "journal.empty")
        self.empty.setContentsMargins(16, 16, 16, 16)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.list)
        self.list.itemClicked.connect(self._go)
        self.list.itemActivated.connect(self._go)
        desk.changed.connect(self._follow)
        words.changed.connect(self._follow)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._follow()

    def _follow(self, tables: frozenset[str] = frozenset()) -> None:
        if "project" in tables:
            self._most = MOST
        if self.isVisible():
            self.fill()

    def fill(self) -> None:
        """List what stands and what can be done again."""
        session, project = self._desk.session, self._desk.project
        done, undone = (session.done, session.undone) if session else ((), ())
        shown = (project.path if project else None, done, undone, self._most, self._words.language)
        if shown == self._shown:
            return
        self._shown = shown
        self.list.clear()
        self._pages.setCurrentWidget(self.list if done or undone else self.empty)
        if project is None:
            return
        for heading in reversed(headings(project, undone[: self._most])):
            self._add(heading, "undone")
        kept = done[-self._most :]
        for heading in reversed(headings(project, kept)):
            self._add(heading, "last" if heading.number == done[-1] else "")
        if len(kept) < len(done):
            more = self._words.say("journal.earlier", number=len(done) - len(kept))
            self._mark(row([more, ""]), EARLIER, "")
        else:
            self._mark(row([self._words.say("journal.beginning"), ""]), 0, "" if done else "last")

    def _add(self, heading: Heading, state: str) -> None:
        short, whole = _written(heading.time)
        item = row([heading.name, short], numbers=[1])
        facts = {"name": heading.name, "time": whole, "who": heading.who}
        item.setToolTip(0, self._words.say("journal.tip", **facts))
        self._mark(item, heading.number, state)

    def _mark(self, item: QTreeWidgetItem, number: int, state: str) -> None:
        item.setData(0, NUMBER, number)
        faint = QBrush(self.palette().placeholderText().color())
        item.setForeground(1, faint)
        if state == "undone":
            item.setForeground(0, faint)
        if state == "last":
            item.setFont(0, font(13, strong=True))
        self.list.addTopLevelItem(item)
        if state == "last":
            self.list.setCurrentItem(item)

    def _go(self, item: QTreeWidgetItem) -> None:
        number = int(item.data(0, NUMBER))
        if number == EARLIER:
            self._most += MOST
            self.fill()
            return
        session = self._desk.session
        if session is not None and number != (session.done[-1] if session.done else 0):
            self.wanted.emit(number)


def _written(time: str) -> tuple[str, str]:
    """A time as it is listed, and whole; of a damaged journal what stands there."""
    try:
        when = datetime.fromisoformat(time).astimezone()
    except (ValueError, TypeError):
        return "", str(time)
    today = when.date() == datetime.now().astimezone().date()
    return when.strftime("%H:%M" if today else "%m-%d %H:%M"), when.strftime("%Y-%m-%d %H:%M:%S")
