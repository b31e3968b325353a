"""The panels beside the map: docks with a heading of their own, and the right side with its workspaces."""

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QScrollArea,
    QStackedWidget,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.theme import named
from app.words import Words

NARROWEST, SIDE = 200, 284
"""Pixels of a panel; on the right side five tabs and the forms need theirs."""


class Grip(QWidget):
    """What a panel without a heading is taken by: a thin line at its upper edge."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self.setObjectName("grip")
        self.setFixedHeight(9)
        self.setCursor(Qt.CursorShape.SizeAllCursor)
        words.bind(self.setToolTip, "panel.grip.tip")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().base())
        painter.setPen(self.palette().mid().color())
        middle = self.width() // 2
        for y in (4, 6):
            painter.drawLine(middle - 14, y, middle + 14, y)
        painter.end()


class Dock(QDockWidget):
    """A dock whose heading is a word, and which is closed by its key or menu."""

    def __init__(self, name: str, key: str, content: QWidget, words: Words, window: QMainWindow) -> None:
        super().__init__(window)
        self.setObjectName(f"dock_{name}")
        features = QDockWidget.DockWidgetFeature
        self.setFeatures(features.DockWidgetMovable | features.DockWidgetFloatable)
        self.setTitleBarWidget(self._head(key, words) if key else Grip(words))
        content.setMinimumWidth(max(NARROWEST, content.minimumWidth()))
        content.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        content.setProperty("panel", True)
        self.setWidget(content)

    def toggle(self) -> None:
        """Open or close it; one that lies behind another comes to the front."""
        is_behind = not self.isHidden() and self.isVisible() and self.visibleRegion().isEmpty()
        self.setVisible(self.isHidden() or is_behind)
        self.raise_()

    def _head(self, key: str, words: Words) -> QWidget:
        head = named(QWidget(), "dockHead")
        head.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        head.setFixedHeight(34)
        label = named(QLabel(), "heading")
        words.bind(label.setText, key)
        words.bind(self.setWindowTitle, key)
        self.cross = named(QToolButton(), "flat")
        self.cross.setText("×")
        self.cross.setIconSize(QSize(14, 14))
        words.bind(self.cross.setToolTip, "panel.close")
        self.cross.clicked.connect(self.close)
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 0, 6, 0)
        row.addWidget(label, 1)
        row.addWidget(self.cross)
        return head


class Page(QScrollArea):
    """A panel: as high as there is room; in a low window it scrolls instead of losing its buttons."""

    def __init__(self, panel: QWidget) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(panel)
        for ground in (panel, self.viewport()):
            ground.setAutoFillBackground(False)  # the side's colour is behind it
        panel.installEventFilter(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        """Qt's own fitting would ask for the height at which no table scrolls; the least height is enough."""
        panel, room = self.widget(), self.viewport().size()
        panel.resize(room.width(), max(room.height(), panel.minimumSizeHint().height()))


class Side(QWidget):
    """The right side: a page a workspace, its panels as tabs.

    Signals: `changed(workspace)`; `turned` when another panel of a workspace comes to the front.

    Parameters
    ----------
    words : Words
    panels : mapping
        The names of the panels of each workspace, the first of which lies in front at first.
    make : callable
        Called with the name of a workspace when it is wanted: it makes what is not made yet.
    """

    changed = Signal(str)
    turned = Signal()

    def __init__(
        self, words: Words, panels: Mapping[str, tuple[str, ...]], make: Callable[[str], object]
    ) -> None:
        super().__init__()
        self._words, self._make = words, make
        self._pages = QStackedWidget()
        self._tabs: dict[str, QTabWidget] = {}
        self._widgets: dict[str, QWidget] = {}
        self._home = {panel: workspace for workspace, names in panels.items() for panel in names}
        self.workspace = next(iter(panels))
        self.setMinimumWidth(SIDE)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._pages)

    def fill(self, workspace: str, panels: Mapping[str, QWidget]) -> None:
        """The panels of a workspace, by name, have been made."""
        self.open(workspace)
        for panel, widget in panels.items():
            self.add(workspace, panel, widget)

    def open(self, workspace: str) -> None:
        """A page for the panels of a workspace."""
        tabs = self._tabs[workspace] = QTabWidget(documentMode=True)
        tabs.tabBar().setExpanding(list(self._home.values()).count(workspace) > 1)
        tabs.tabBar().setDrawBase(False)
        tabs.currentChanged.connect(lambda _: self.turned.emit())
        self._pages.addWidget(tabs)

    def add(self, workspace: str, panel: str, widget: QWidget) -> None:
        """A panel of a workspace has been made."""
        page = self._widgets[panel] = Page(widget)
        tabs = self._tabs[workspace]
        self._words.bind(partial(tabs.setTabText, tabs.addTab(page, "")), f"panel.{panel}")

    def show_workspace(self, name: str) -> None:
        """Show the panels of a workspace."""
        self._make(name)
        self.workspace = name
        self._pages.setCurrentWidget(self._tabs[name])
        self.changed.emit(name)

    def show_panel(self, panel: str) -> None:
        """Show one panel, in its workspace."""
        workspace = self._home[panel]
        self._make(workspace)
        self._tabs[workspace].setCurrentWidget(self._widgets[panel])
        self.show_workspace(workspace)

    def has(self, panel: str) -> bool:
        """Whether there is such a panel."""
        return panel in self._home

    @property
    def panel(self) -> str:
        """The panel that is in front."""
        shown = self._tabs[self.workspace].currentWidget()
        return next((name for name, widget in self._widgets.items() if widget is shown), "")

    def panels(self) -> tuple[str, ...]:
        """The names of all panels."""
        return tuple(self._home)

    def fronts(self) -> dict[str, str]:
        """The first panel of each workspace."""
        return {workspace: panel for panel, workspace in reversed(self._home.items())}
