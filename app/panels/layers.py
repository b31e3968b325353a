"""The layers of the project, the topmost first, each with its legend."""

from collections import deque
from collections.abc import Callable, Iterable

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QBrush, QDropEvent, QIcon, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QMenu, QStackedLayout, QTreeWidget, QTreeWidgetItem, QWidget

from app.panels.parts import children, hint
from app.panels.patches import PATCH, icon_at_hand, is_drawn, legend_icon
from app.stack import GROUPS, Stack, group_of, style_of, title_of
from app.theme import font, pixmap
from app.turns import Later
from app.words import Words
from layers.cartography.legend import LegendEntry
from layers.cartography.legend import entries as legend_entries
from layers.cartography.raster import kernels_loaded
from layers.storage.geopackage import LayerEntry

NAME = Qt.ItemDataRole.UserRole
LEGEND_MOST = 12


class Tree(QTreeWidget):
    """A tree whose layers can be dragged to another place in their own group.

    Signal: `moved(name, before)`: put layer `name` above `before`; ``""``: at the end of its group.
    """

    moved = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("layers")
        self.setHeaderHidden(True)
        self.setIndentation(12)
        self.setIconSize(PATCH)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def dropEvent(self, event: QDropEvent) -> None:
        """Nothing moves here: the order is the project's, and comes back from it."""
        dragged = self.currentItem()
        over = self.itemAt(event.position().toPoint())
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        if dragged is None or over is None or dragged.parent() is None:
            return
        if over.data(0, NAME) is None and over.parent() is not None:
            over = over.parent()
        if over.parent() is dragged.parent() and over is not dragged:
            below = event.position().y() > self.visualItemRect(over).center().y()
            self.moved.emit(dragged.data(0, NAME), self._next(over) if below else over.data(0, NAME))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """With Alt, up and down move the layer itself within its group."""
        steps, item = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 2}, self.currentItem()
        moves = event.modifiers() & Qt.KeyboardModifier.AltModifier and event.key() in steps
        if not moves or item is None or item.parent() is None or item.data(0, NAME) is None:
            super().keyPressEvent(event)
            return
        group = item.parent()
        at = group.indexOfChild(item)
        to = at + steps[Qt.Key(event.key())]
        if 0 <= to <= group.childCount():
            above = group.child(to) if to < group.childCount() else None
            self.moved.emit(item.data(0, NAME), above.data(0, NAME) if above is not None else "")

    def _next(self, item: QTreeWidgetItem) -> str:
        group = item.parent()
        after = group.child(group.indexOfChild(item) + 1)
        return str(after.data(0, NAME)) if after is not None else ""


class LayersPanel(QWidget):
    """Signals: `wanted(name)` zoom to it; `unwanted`, `exported`, `styled(name)`; `moved(name, before)`."""

    wanted = Signal(str)
    unwanted = Signal(str)
    exported = Signal(str)
    styled = Signal(str)
    moved = Signal(str, str)

    def __init__(self, stack: Stack, words: Words, can_edit: Callable[[], bool]) -> None:
        super().__init__()
        self._stack, self._words, self._can_edit = stack, words, can_edit
        self._filling = False
        self._closed: set[str] = {"surface"}
        self._opened: set[str] = set()
        self._shown: tuple[object, ...] = ()
        self._undrawn = deque[tuple[QTreeWidgetItem, LegendEntry]]()
        self._wanted = ""
        self._late = Later(self._fill, self)
        self._drawing = QTimer(self, interval=0)
        self._drawing.timeout.connect(self._draw_next)
        self.tree = Tree()
        self.empty = hint(words, "layers.empty")
        self.empty.setContentsMargins(16, 16, 16, 16)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.tree)
        self.tree.itemChanged.connect(self._check)
        self.tree.itemExpanded.connect(lambda item: self._fold(item, opened=True))
        self.tree.itemCollapsed.connect(lambda item: self._fold(item, opened=False))
        self.tree.customContextMenuRequested.connect(self._menu)
        self.tree.itemActivated.connect(self._go)
        self.tree.moved.connect(self.moved)
        stack.changed.connect(self._follow)
        self._follow()

    @property
    def chosen(self) -> str:
        """The layer that is marked in the tree; ``""``: none."""
        item = self.tree.currentItem()
        return str(item.data(0, NAME) or "") if item is not None else ""

    def choose(self, name: str) -> None:
        """Mark a layer in the tree, or as soon as it is there."""
        self._wanted = name
        for item in self._items():
            if name and item.data(0, NAME) == name:
                self.tree.setCurrentItem(item)

    @property
    def folds(self) -> tuple[frozenset[str], frozenset[str]]:
        """What the hand has opened and closed in the tree."""
        return frozenset(self._opened), frozenset(self._closed)

    def fold(self, opened: Iterable[str], closed: Iterable[str]) -> None:
        """Open and close these."""
        self._opened, self._closed = set(opened), set(closed)
        if not self._late.is_waiting:
            self._fill()

    def draw_samples(self) -> None:
        """The kernels are there: draw the samples of the legend with them, one after the other."""
        self._drawing.start()

    def _draw_next(self) -> None:
        if not self._undrawn:
            self._drawing.stop()
            return
        item, line = self._undrawn.popleft()
        item.setIcon(0, legend_icon(line))

    def _follow(self) -> None:
        """Fill anew if the layers or the language are others; visibility is ticked in place.

        Other layers come in a turn of their own: all panels look at them in this one.
        """
        shown = (self._stack.entries, self._stack.language)
        if shown != self._shown:
            self._shown = shown
            self._late.start()
        elif not self._late.is_waiting:
            self._tick()
        self._pages.setCurrentWidget(self.tree if self._stack.entries else self.empty)

    def _fill(self) -> None:
        self._filling = True
        chosen, self._wanted = self.chosen or self._wanted, ""
        self.tree.clear()
        self._undrawn.clear()
        for group in GROUPS:
            members = [entry for entry in self._stack.entries if group_of(entry) == group]
            if members:
                self._add_group(group, members)
        for item in self._items():
            if item.data(0, NAME) == chosen:
                self.tree.setCurrentItem(item)
        self._filling = False
        self._tick()
        if kernels_loaded():
            self.draw_samples()

    def _add_group(self, group: str, members: list[LayerEntry]) -> None:
        head = QTreeWidgetItem([self._words.say(f"group.{group}")])
        head.setData(0, NAME + 1, group)
        head.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsDropEnabled)
        head.setFont(0, font(12, strong=True))
        head.setForeground(0, QBrush(self.palette().placeholderText().color()))
        self.tree.addTopLevelItem(head)
        for entry in members:
            head.addChild(self._layer_item(entry))
        head.setExpanded(group not in self._closed)
        for number in range(head.childCount()):
            child = head.child(number)
            child.setExpanded(_key(child) in self._opened or self._shows_legend(group, child))

    def _shows_legend(self, group: str, item: QTreeWidgetItem) -> bool:
        """Grades explain themselves at once; what a road's colours mean is asked for."""
        wanted = group in {"hazard", "other"} and item.childCount() <= LEGEND_MOST
        return wanted and _key(item) not in self._closed

    def _fold(self, item: QTreeWidgetItem, *, opened: bool) -> None:
        """Remember what the user opened and closed."""
        if not self._filling:
            now, before = (self._opened, self._closed) if opened else (self._closed, self._opened)
            now.add(_key(item))
            before.discard(_key(item))

    def _layer_item(self, entry: LayerEntry) -> QTreeWidgetItem:
        style = style_of(entry, self._words.language)
        item = QTreeWidgetItem([title_of(entry, self._words.language)])
        item.setData(0, NAME, entry.name)
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
        item.setFlags(flags if entry.geometry == "table" else flags | Qt.ItemFlag.ItemIsUserCheckable)
        item.setToolTip(0, self._tip(entry))
        if entry.geometry == "table":
            item.setIcon(0, self._faint_icon("table"))
            return item
        missing = self._stack.missing(entry)
        if missing is not None:
            item.setIcon(0, self._faint_icon("triangle-alert"))
            item.setToolTip(0, f"{missing.say(self._words.language)}\n{self._tip(entry)}")
            return item
        legend = legend_entries(style, self._words.language)
        if len(legend) == 1:
            self._add_sample(item, legend[0])
            return item
        for line in legend:
            child = QTreeWidgetItem([line.title])
            self._add_sample(child, line)
            child.setFlags(Qt.ItemFlag.ItemIsEnabled)
            child.setForeground(0, QBrush(self.palette().placeholderText().color()))
            item.addChild(child)
        return item

    def _faint_icon(self, name: str) -> QIcon:
        return QIcon(pixmap(name, self.palette().placeholderText().color().name(), 16))

    def _add_sample(self, item: QTreeWidgetItem, line: LegendEntry) -> None:
        item.setIcon(0, icon_at_hand(line))
        if not is_drawn(line):
            self._undrawn.append((item, line))

    def _tip(self, entry: LayerEntry) -> str:
        """Where the layer comes from: plain text, so nothing in it can be markup."""
        say, origin = self._words.say, entry.provenance
        lines = [title_of(entry, self._words.language), say(f"geometry.{entry.geometry}")]
        if entry.geometry != "raster":
            lines[1] += f" · {say('feature.count', number=f'{entry.rows:,}')}"
        lines += [text for text in (origin.source, origin.date, origin.licence, origin.note) if text]
        lines.append(say("status.synthetic" if origin.synthetic else "status.real"))
        return "\n".join(lines)

    def _items(self) -> list[QTreeWidgetItem]:
        return [layer for group in children(self.tree.invisibleRootItem()) for layer in children(group)]

    def _tick(self) -> None:
        self._filling = True
        for item in self._items():
            if not item.flags() & Qt.ItemFlag.ItemIsUserCheckable:
                continue  # a table lies on no map
            seen = self._stack.is_seen(item.data(0, NAME))
            item.setCheckState(0, Qt.CheckState.Checked if seen else Qt.CheckState.Unchecked)
        self._filling = False

    def _check(self, item: QTreeWidgetItem) -> None:
        name = item.data(0, NAME)
        if not self._filling and name:
            self._stack.see(name, item.checkState(0) == Qt.CheckState.Checked)

    def _go(self, item: QTreeWidgetItem) -> None:
        if item.data(0, NAME):
            self.wanted.emit(item.data(0, NAME))

    def _menu(self, at: QPoint) -> None:
        item = self.tree.itemAt(at)
        if item is None or not item.data(0, NAME):
            return
        self.context_menu(item.data(0, NAME)).popup(self.tree.viewport().mapToGlobal(at))

    def context_menu(self, name: str) -> QMenu:
        """What can be done with one layer."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self._words.say("layers.zoom"), lambda: self.wanted.emit(name))
        menu.addAction(self._words.say("command.style_layer"), lambda: self.styled.emit(name))
        menu.addAction(self._words.say("layers.export"), lambda: self.exported.emit(name))
        menu.addSeparator()
        remove = menu.addAction(self._words.say("layers.remove"), lambda: self.unwanted.emit(name))
        remove.setEnabled(self._can_edit())
        return menu


def _key(item: QTreeWidgetItem) -> str:
    return item.data(0, NAME) or item.data(0, NAME + 1) or ""
