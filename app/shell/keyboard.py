"""The window without a mouse, and for those who hear it: from part to part, and a name for every control."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QDockWidget,
    QFormLayout,
    QLabel,
    QLineEdit,
    QScrollBar,
    QTabWidget,
    QWidget,
)
from shiboken6 import isValid

from app.theme import the_application
from app.turns import Later, Making, bundled

if TYPE_CHECKING:
    from app.main_window import MainWindow

CONTROLS = (QAbstractButton, QComboBox, QAbstractSlider, QAbstractSpinBox, QLineEdit, QAbstractItemView)
OURS = "isNamedByTheWindow"


class Keyboard(QObject):
    """Goes from part to part of the window, and names what has no name of its own."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._late = Later(self._name_all, self)
        self._naming: Making | None = None
        the_application().focusChanged.connect(self._name_focused)
        window.words.changed.connect(self._late.start)
        window.workspaces.side.turned.connect(self._late.start)
        window.workspaces.side.changed.connect(self._late.start)
        self._late.start()

    def go_on(self) -> None:
        """The focus goes to the next part that is open: map, right side, foot, layers, search."""
        window, focused = self._window, the_application().focusWidget()
        foot = [dock.widget() for name, dock in window.docks.items() if name not in {"left", "right"}]
        shown = window.workbench.tools.overlay or window.stage.map
        parts = [shown, window.workspaces.side, *foot, window.layers, window.header.search]
        parts = [part for part in parts if part.isVisible() and not part.visibleRegion().isEmpty()]
        is_here = [focused is not None and (p is focused or p.isAncestorOf(focused)) for p in parts]
        after = is_here.index(True) + 1 if any(is_here) else 0
        for part in [*parts[after:], *parts[:after]]:
            target = _first(part)
            if target is not None:
                target.setFocus(Qt.FocusReason.TabFocusReason)
                return

    def _name_focused(self, before: QWidget | None, now: QWidget | None) -> None:
        if isinstance(now, CONTROLS):
            name(now)

    def _name_all(self) -> None:
        """A few controls in a turn; those of a window that changed meanwhile from the beginning."""
        if self._naming is not None:
            self._naming.give_up()
        self._naming = Making(bundled(self._named()), self, 0)
        self._naming.begin()

    def _named(self) -> Iterator[None]:
        for widget in self._window.findChildren(QWidget):
            if isValid(widget) and isinstance(widget, CONTROLS) and not isinstance(widget, QScrollBar):
                name(widget)
                yield


def name(widget: QWidget) -> None:
    """Give a control the name of its label, its tip or the panel it fills, if it says none itself."""
    if widget.property(OURS):
        widget.setAccessibleName("")
    spoken = QAccessible.queryAccessibleInterface(widget)
    if spoken is None or spoken.text(QAccessible.Text.Name) or widget.objectName().startswith("qt_"):
        return
    found = _label(widget) or _plain(widget.toolTip()) or _prompt(widget) or _panel(widget)
    if found:
        widget.setAccessibleName(found)
        widget.setProperty(OURS, True)


def _label(widget: QWidget) -> str:
    """The label of the line of a form in which the control stands."""
    inner, above = widget, widget.parentWidget()
    while above is not None:
        layout = above.layout()
        if isinstance(layout, QFormLayout):
            label = layout.labelForField(inner)
            return label.text() if isinstance(label, QLabel) else ""
        inner, above = above, above.parentWidget()
    return ""


def _prompt(widget: QWidget) -> str:
    return widget.placeholderText() if isinstance(widget, QLineEdit) else ""


def _panel(widget: QWidget) -> str:
    """The title of the tab or dock around the control."""
    inner: QWidget | None = widget
    while inner is not None:
        above = inner.parentWidget()
        tabs = above.parentWidget() if above is not None else None
        if isinstance(tabs, QTabWidget) and tabs.indexOf(inner) >= 0:
            return tabs.tabText(tabs.indexOf(inner))
        if isinstance(inner, QDockWidget):
            return inner.windowTitle()
        inner = above
    return ""


def _plain(tip: str) -> str:
    return tip.splitlines()[0] if tip else ""


def _first(part: QWidget) -> QWidget | None:
    """What takes the focus of a part."""
    inside = [part, *part.findChildren(QWidget)]
    able = (w for w in inside if w.focusPolicy() & Qt.FocusPolicy.TabFocus and w.focusProxy() is None)
    return next((w for w in able if w.isVisible() and w.isEnabled()), None)
